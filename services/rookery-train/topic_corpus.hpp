#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "common/core/result.hpp"
#include "services/rookery-train/input_files.hpp"
#include "services/sentiment-scoring/topic_model.hpp"

namespace rookery::train {

/// Where texts come from and which of their words count.
struct CorpusSettings {
  InputSettings input;
  /// "auto", "none", "all", or languages' codes.
  std::vector<std::string> stop_words{"auto"};
  std::string stop_words_file;       ///< One word a line; empty: none.
  std::size_t documents_min = 2;     ///< Texts that a word must occur in.
  double documents_share_max = 0.5;  ///< Words in a larger share of the texts are left out.
  std::size_t words_max = 50'000;    ///< The most frequent ones are kept.
  std::size_t phrases_max = 0;       ///< Pairs of neighbours that count as one word.
};

/// Texts as the numbers of their words, one text after the other.
struct Documents {
  std::vector<std::uint32_t> words;
  std::vector<std::size_t> begins{0};  ///< Of each text, and the end of the last.

  [[nodiscard]] std::size_t size() const { return begins.size() - 1; }
  [[nodiscard]] std::vector<std::uint32_t> at(std::size_t document) const {
    return {words.begin() + static_cast<std::ptrdiff_t>(begins[document]),
            words.begin() + static_cast<std::ptrdiff_t>(begins[document + 1])};
  }
  void add(const std::vector<std::uint32_t>& document) {
    words.insert(words.end(), document.begin(), document.end());
    begins.push_back(words.size());
  }
};

/// What was read.
struct Corpus {
  std::vector<std::string> vocabulary;  ///< As TopicParts::words.
  Documents documents;                  ///< Only those with a known word.
  std::size_t texts = 0;                ///< All that were read.
  std::vector<std::string> stop_words;  ///< Whose lists were taken.
};

/// Reads texts and finds their vocabulary. Keeps 8 bytes a token while it reads.
/// Errors: those of InputFiles; option_invalid, corpus_empty (kMisconfigured).
Result<Corpus> read_corpus(const CorpusSettings& settings, Clock& clock);

/// Reads texts with a vocabulary that is known; documents may be empty here.
Result<Documents> read_documents(const InputSettings& settings, Clock& clock,
                                 const sentiment_scoring::TopicVocabulary& vocabulary);

}  // namespace rookery::train
