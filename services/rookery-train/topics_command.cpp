#include "services/rookery-train/topics_command.hpp"

#include <charconv>
#include <chrono>
#include <cmath>
#include <istream>
#include <ostream>
#include <random>
#include <sstream>

#include "common/records/json_writer.hpp"
#include "services/rookery-train/lines.hpp"
#include "services/rookery-train/topic_measures.hpp"
#include "services/rookery-train/topic_start.hpp"
#include "services/sentiment-scoring/topic_scorer.hpp"

namespace rookery::train {
namespace {

using sentiment_scoring::TopicModel;
using sentiment_scoring::TopicParts;
using sentiment_scoring::TopicVocabulary;

constexpr std::size_t kLabelWords = 3;
constexpr std::size_t kShownWords = 10;  ///< The coherence is that of these, too.
constexpr std::size_t kShortTextWords = 20;
constexpr std::size_t kShortTextStarts = 8;
constexpr int kFitEvery = 10;
constexpr int kSampleEvery = 5;
constexpr int kMeasureEvery = 10;

struct Split {
  Documents learnt, held_out;
};

Split split(const Documents& documents, double share, std::uint64_t seed) {
  Split split;
  std::mt19937_64 random(seed);
  const auto limit = static_cast<std::uint64_t>(share * 0x1p53);
  for (std::size_t i = 0; i < documents.size(); ++i) {
    (random() >> 11U < limit ? split.held_out : split.learnt).add(documents.at(i));
  }
  return split;
}

enum class Priors : std::uint8_t { kFitted, kFixed };

/// How the sampler works.
struct Plan {
  SamplerSettings settings;
  Priors priors = Priors::kFitted;
  std::size_t starts = 1;
};

/// Sets what the command leaves open by the length of the texts.
Plan plan_for(const TopicsCommand& command, const Documents& documents) {
  const bool are_short = documents.words.size() < documents.size() * kShortTextWords;
  Plan plan;
  SamplerSettings& settings = plan.settings;
  settings = command.sampler;
  const auto topics = static_cast<float>(settings.topics);
  settings.prior_sum = command.prior_sum > 0 ? command.prior_sum : are_short ? 0.05F * topics : 5;
  settings.word_prior = command.word_prior > 0 ? command.word_prior : are_short ? 0.05F : 0.01F;
  const bool fixed = command.priors == "fixed" || (command.priors == "auto" && are_short);
  plan.priors = fixed ? Priors::kFixed : Priors::kFitted;
  plan.starts = command.starts > 0 ? command.starts : are_short ? kShortTextStarts : 1;
  return plan;
}

/// Sweeps, and what is to be known of them.
class Training {
 public:
  Training(TopicSampler start, Priors priors, TrainingProgress& progress)
      : priors_(priors), progress_(progress), sampler_(std::move(start)) {}

  [[nodiscard]] TopicSampler& sampler() { return sampler_; }
  [[nodiscard]] const std::vector<std::pair<double, double>>& curve() const { return curve_; }
  [[nodiscard]] double tokens_per_second() const {
    return seconds_ > 0 ? static_cast<double>(drawn_) / seconds_ : 0;
  }

  /// The last fifth of the sweeps is sampled.
  void run(int sweeps) {
    for (int i = 1; i <= sweeps; ++i) {
      const std::clock_t started = std::clock();
      sampler_.sweep();
      seconds_ += static_cast<double>(std::clock() - started) / CLOCKS_PER_SEC;
      drawn_ += sampler_.tokens();
      ++done_;
      if (priors_ == Priors::kFitted && i % kFitEvery == 0 && i < sweeps * 4 / 5)
        sampler_.fit_priors();
      if (i > sweeps * 4 / 5 && (sweeps - i) % kSampleEvery == 0) sampler_.sample();
      progress_.step();
      if (i % kMeasureEvery == 0 || i == 1 || i == sweeps) report();
    }
  }

 private:
  void report() {
    const double fit = sampler_.log_likelihood();
    curve_.emplace_back(done_, fit);
    std::ostringstream line;
    line << "sweep " << done_ << ": log likelihood a token " << fit;
    progress_.line(line.str());
  }

  Priors priors_;
  TrainingProgress& progress_;
  TopicSampler sampler_;
  std::vector<std::pair<double, double>> curve_;
  double seconds_ = 0;
  std::size_t drawn_ = 0;
  int done_ = 0;
};

TopicParts parts_of(const TopicSampler& sampler, const std::vector<std::string>& vocabulary,
                    const std::string& name) {
  TopicParts parts;
  parts.name = name;
  parts.words = vocabulary;
  parts.prior = sampler.prior();
  parts.weights = sampler.estimate();
  for (const auto& words : top_words(parts.weights, parts.prior.size(), kLabelWords)) {
    std::string label;
    for (const std::uint32_t word : words) {
      label += (label.empty() ? "" : ", ") + vocabulary[word];
    }
    parts.labels.push_back(label);
  }
  return parts;
}

/// A topic's number and its name.
using Names = std::vector<std::pair<std::size_t, std::string>>;

/// The lines "NUMBER<tab>NAME" of a file; no path, no names.
Result<Names> read_names(const std::string& path, std::size_t topics) {
  Names names;
  if (path.empty()) return names;
  auto lines = Lines::open(path);
  ROOKERY_RETURN_IF_ERROR(lines);
  std::string line;
  while (lines->next(line)) {
    if (line.empty()) continue;
    const std::size_t tab = line.find('\t');
    std::size_t topic = topics;
    if (tab != std::string::npos) std::from_chars(line.data(), line.data() + tab, topic);
    if (topic >= topics) {
      return misconfigured("file_malformed", "file \"" + path + "\", line " +
                                                 std::to_string(lines->number()) +
                                                 ": expected a topic's number, a tab and a name, "
                                                 "got \"" +
                                                 line.substr(0, 64) + "\"");
    }
    names.emplace_back(topic, line.substr(tab + 1));
  }
  ROOKERY_RETURN_IF_ERROR(lines->check_end(path));
  return names;
}

void print_topics(const TopicParts& parts, const std::vector<std::vector<std::uint32_t>>& words,
                  const std::vector<std::int64_t>& totals, std::ostream& log) {
  for (std::size_t topic = 0; topic < words.size(); ++topic) {
    log << topic << '\t' << totals[topic] << '\t' << parts.labels[topic] << '\t';
    for (const std::uint32_t word : words[topic]) log << ' ' << parts.words[word];
    log << '\n';
  }
}

double decimals(double value, double scale) {
  return std::round(value * scale) / scale;
}

/// What is to be told of a model beside its topics.
struct Measures {
  double perplexity = 0;
  double coherence = 0;
  std::size_t held_out = 0;
};

std::string to_json(const TopicModel& model, const Corpus& corpus, const TopicSampler& sampler,
                    const Measures& measures) {
  double prior_sum = 0;
  for (const float prior : sampler.prior()) prior_sum += static_cast<double>(prior);
  std::string text;
  json::ObjectWriter object(text);
  const auto count = [&](std::string_view name, std::size_t value) {
    object.number(name, static_cast<std::int64_t>(value));
  };
  object.string("model", model.id());
  object.number("perplexity", decimals(measures.perplexity, 100));
  object.number("coherence_npmi", decimals(measures.coherence, 1e4));
  count("topics", model.topics());
  count("texts", corpus.texts);
  count("held_out", measures.held_out);
  count("words", corpus.vocabulary.size());
  count("tokens", sampler.tokens());
  object.number("prior_sum", decimals(prior_sum, 1e4));
  object.number("word_prior", decimals(static_cast<double>(sampler.word_prior()), 1e6));
  object.close();
  return text;
}

/// The texts of --held-out, or a share of the corpus.
Result<Split> hold_out(const TopicsCommand& command, const Corpus& corpus, Clock& clock) {
  if (command.held_out.empty()) {
    return split(corpus.documents, command.held_out_share, command.sampler.seed);
  }
  InputSettings settings = command.corpus.input;
  settings.inputs = {command.held_out};
  auto held_out = read_documents(settings, clock, TopicVocabulary(corpus.vocabulary));
  ROOKERY_RETURN_IF_ERROR(held_out);
  return Split{corpus.documents, std::move(*held_out)};
}

void print_corpus(const Corpus& corpus, std::ostream& log) {
  log << corpus.texts << " texts, " << corpus.documents.words.size() << " words of "
      << corpus.vocabulary.size() << "; stop words:";
  for (const std::string& language : corpus.stop_words) log << ' ' << language;
  log << (corpus.stop_words.empty() ? " none" : "") << std::endl;
}

}  // namespace

Result<void> run_topics(const TopicsCommand& command, Clock& clock, std::ostream& out,
                        std::ostream& log) {
  ROOKERY_RETURN_IF_ERROR(check_writable(command.model));
  ROOKERY_RETURN_IF_ERROR(check_writable(command.plot));
  const auto names = read_names(command.names, command.sampler.topics);
  ROOKERY_RETURN_IF_ERROR(names);
  const auto corpus = read_corpus(command.corpus, clock);
  ROOKERY_RETURN_IF_ERROR(corpus);
  const auto documents = hold_out(command, *corpus, clock);
  ROOKERY_RETURN_IF_ERROR(documents);
  print_corpus(*corpus, log);

  const Plan plan = plan_for(command, corpus->documents);
  TrainingProgress progress(log, command.progress);
  const int later = command.held_out.empty() ? command.sweeps / 4 : 0;
  progress.expect(start_sweeps(plan.starts) + static_cast<std::size_t>(command.sweeps + later));
  Training training(best_start(plan.settings, corpus->vocabulary.size(), documents->learnt,
                               plan.starts, progress),
                    plan.priors, progress);
  training.run(command.sweeps);
  TopicParts parts = parts_of(training.sampler(), corpus->vocabulary, command.name);
  const auto measured = TopicModel::decode(encode_topics(parts));
  ROOKERY_RETURN_IF_ERROR(measured);
  Measures measures;
  measures.perplexity = completion_perplexity(*measured, documents->held_out, command.sampler.seed);
  measures.held_out = documents->held_out.size();
  if (command.held_out.empty() && measures.held_out > 0) {
    training.sampler().add(documents->held_out);
    training.run(later);
    parts = parts_of(training.sampler(), corpus->vocabulary, command.name);
  }
  progress.expect(0);
  const auto words = top_words(parts.weights, parts.prior.size(), kShownWords);
  measures.coherence = coherence(words, corpus->documents);
  for (const auto& [topic, name] : *names) parts.labels[topic] = name;
  const std::string bytes = encode_topics(parts);
  const auto model = TopicModel::decode(bytes);
  ROOKERY_RETURN_IF_ERROR(model);
  ROOKERY_RETURN_IF_ERROR(write_file(command.model, bytes));
  if (!command.plot.empty()) {
    ROOKERY_RETURN_IF_ERROR(
        write_file(command.plot, svg_plot(training.curve(), "sweep", "log likelihood a token")));
  }
  print_topics(parts, words, training.sampler().totals(), log);
  log << terminal_plot(training.curve(), 60, 10) << "drew "
      << decimals(training.tokens_per_second() / 1e6, 10) << " million tokens a CPU second\n";
  out << to_json(*model, *corpus, training.sampler(), measures) << '\n';
  return {};
}

Result<void> run_assign(const AssignCommand& command, std::istream& in, std::ostream& out) {
  const auto model = TopicModel::load(command.model);
  ROOKERY_RETURN_IF_ERROR(model);
  sentiment_scoring::Tokens tokens;
  sentiment_scoring::TopicScorer scorer;
  std::string text;
  std::string json;
  while (out && next_line(in, text)) {
    tokens.read(text, command.text_bytes_max);
    const auto& topics = scorer.score(*model, tokens.tokens(), command.least, command.most);
    json.assign("{\"topics\":");
    append_topics(json, *model, topics);
    if (topics.empty()) json.append(R"(,"reason":"no_known_word")");
    out << json << "}\n";
  }
  return {};
}

}  // namespace rookery::train
