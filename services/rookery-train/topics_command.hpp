#pragma once

#include <iosfwd>
#include <string>

#include "common/core/result.hpp"
#include "services/rookery-train/topic_corpus.hpp"
#include "services/rookery-train/topic_sampler.hpp"
#include "services/rookery-train/training_progress.hpp"

namespace rookery::train {

/// What `rookery-train topics` was asked for.
struct TopicsCommand {
  CorpusSettings corpus;
  SamplerSettings sampler;  ///< Its priors are set by the next three.
  float prior_sum = 0;      ///< 0: 5 in all, or 0.05 a topic for short texts.
  float word_prior = 0;     ///< 0: 0.01, or 0.05 for short texts.
  /// "fitted" to the texts as sampling goes on, "fixed", or "auto": fixed for
  /// short texts (below 20 known words on average). A short text is about one
  /// thing, and fitted priors would let a few topics swallow the others.
  std::string priors = "auto";
  int sweeps = 300;
  std::size_t starts = 0;       ///< Of best_start(); 0: 1, or 8 for short texts.
  double held_out_share = 0.1;  ///< Of the texts, where held_out is empty.
  std::string held_out;         ///< A file of the corpus' format to measure perplexity on.
  std::string model, name = "topics", names, plot;
  ProgressShape progress = ProgressShape::kLines;
};

/// Trains, prints what the topics are and how good to `log`, and the measures as
/// one JSON line to `out`; writes the model. Texts held out for the perplexity
/// are learnt from too once it has been measured.
Result<void> run_topics(const TopicsCommand& command, Clock& clock, std::ostream& out,
                        std::ostream& log);

/// What `rookery-train assign` was asked for.
struct AssignCommand {
  std::string model;
  int least = 50;        ///< Thousandths: smaller shares are not written.
  std::size_t most = 5;  ///< Topics a text.
  std::size_t text_bytes_max = 10'000;
};

/// One JSON object a line of `in`: {"topics":[{"id","label","probability"}]}; a
/// text without a known word has none, and "reason":"no_known_word".
Result<void> run_assign(const AssignCommand& command, std::istream& in, std::ostream& out);

}  // namespace rookery::train
