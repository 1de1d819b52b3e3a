#include "services/rookery-train/evaluation.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>

#include "common/records/json_writer.hpp"

namespace rookery::train {
namespace {

constexpr std::size_t kClasses = sentiment_scoring::kLabelCount;
constexpr std::size_t kDraws = 1000;
constexpr std::size_t kBins = 15;  // Guo et al. 2017, "On Calibration of Modern Neural Networks"

/// One class against the rest: the chance that a member has the higher
/// probability; ties count half.
double auc_of(std::vector<std::pair<float, bool>> scored) {
  std::sort(scored.begin(), scored.end());
  double rank_sum = 0;
  double members = 0;
  for (std::size_t i = 0; i < scored.size();) {
    std::size_t end = i;
    double own = 0;
    for (; end < scored.size() && scored[end].first == scored[i].first; ++end) {
      own += scored[end].second ? 1 : 0;
    }
    rank_sum += own * (static_cast<double>(i + end + 1) / 2);
    members += own;
    i = end;
  }
  const double others = static_cast<double>(scored.size()) - members;
  if (members == 0 || others == 0) return 0.5;
  return (rank_sum - members * (members + 1) / 2) / (members * others);
}

PerLabel even(std::size_t classes) {
  return classes == 2 ? PerLabel{0.5F, 0, 0.5F} : PerLabel{1.0F / 3, 1.0F / 3, 1.0F / 3};
}

using Confusion = std::array<std::array<double, kClasses>, kClasses>;  ///< [truth][said]

/// The measures that the confusion alone gives; classes that do not occur do not
/// count.
struct Measures {
  double accuracy = 0, macro_recall = 0, macro_f1 = 0;
  std::array<double, kClasses> recall{};
};

Measures measure(const Confusion& confusion) {
  Measures measures;
  double classes = 0;
  double n = 0;
  for (std::size_t c = 0; c < kClasses; ++c) {
    double truths = 0;
    double said = 0;
    for (std::size_t other = 0; other < kClasses; ++other) {
      truths += confusion[c][other];
      said += confusion[other][c];
    }
    n += truths;
    if (truths == 0) continue;
    ++classes;
    const double right = confusion[c][c];
    measures.accuracy += right;
    measures.recall[c] = right / truths;
    measures.macro_recall += measures.recall[c];
    measures.macro_f1 += 2 * right / (truths + said);
  }
  if (n == 0) return measures;
  measures.accuracy /= n;
  measures.macro_recall /= classes;
  measures.macro_f1 /= classes;
  return measures;
}

Evaluation::Interval interval(std::vector<double>& draws) {
  std::sort(draws.begin(), draws.end());
  return {draws[draws.size() / 40], draws[draws.size() - 1 - draws.size() / 40]};
}

/// Draws the answers again with repetition (percentile bootstrap, Efron 1979).
void add_intervals(const std::vector<std::uint8_t>& answers, Evaluation& evaluation) {
  std::mt19937_64 random(1);
  std::array<std::vector<double>, 3> draws;
  for (std::size_t draw = 0; draw < kDraws; ++draw) {
    Confusion confusion{};
    for (std::size_t i = 0; i < answers.size(); ++i) {
      const std::uint8_t answer = answers[random() % answers.size()];
      confusion[answer / kClasses][answer % kClasses] += 1;
    }
    const Measures measures = measure(confusion);
    draws[0].push_back(measures.accuracy);
    draws[1].push_back(measures.macro_recall);
    draws[2].push_back(measures.macro_f1);
  }
  evaluation.accuracy_interval = interval(draws[0]);
  evaluation.macro_recall_interval = interval(draws[1]);
  evaluation.macro_f1_interval = interval(draws[2]);
}

struct Bin {
  double confidence = 0, right = 0;
};

/// What was said of posts, and what is true of them.
class Answers {
 public:
  void add(Label label, const PerLabel& probabilities, std::size_t classes) {
    take(label, probabilities, sentiment_scoring::to_score(probabilities, classes).label);
  }
  void add_unknown(Label label, std::size_t classes) {
    take(label, even(classes), no_evidence(classes).label);
    ++unknown_;
  }
  [[nodiscard]] Evaluation evaluation() const;

 private:
  void take(Label label, const PerLabel& probabilities, Label answer);
  [[nodiscard]] double auc() const;

  Confusion confusion_{};
  std::vector<std::uint8_t> answers_;  // truth and what was said, as one number
  std::array<std::vector<std::pair<float, bool>>, kClasses> scored_;
  std::array<Bin, kBins> bins_{};
  std::size_t unknown_ = 0;
};

void Answers::take(Label label, const PerLabel& probabilities, Label answer) {
  const auto truth = static_cast<std::size_t>(label);
  const auto said = static_cast<std::size_t>(answer);
  confusion_[truth][said] += 1;
  answers_.push_back(static_cast<std::uint8_t>(truth * kClasses + said));
  const double confidence = static_cast<double>(probabilities[said]);
  Bin& bin = bins_[std::min(kBins - 1, static_cast<std::size_t>(confidence * kBins))];
  bin.confidence += confidence;
  bin.right += truth == said ? 1 : 0;
  for (std::size_t c = 0; c < kClasses; ++c) scored_[c].emplace_back(probabilities[c], c == truth);
}

double Answers::auc() const {
  double sum = 0;
  double classes = 0;
  for (const auto& scored : scored_) {
    if (std::none_of(scored.begin(), scored.end(), [](const auto& s) { return s.second; }))
      continue;
    ++classes;
    sum += auc_of(scored);
  }
  return sum / classes;
}

Evaluation Answers::evaluation() const {
  Evaluation result;
  result.n = answers_.size();
  result.unknown = unknown_;
  if (answers_.empty()) return result;
  const Measures measures = measure(confusion_);
  result.accuracy = measures.accuracy;
  result.macro_recall = measures.macro_recall;
  result.macro_f1 = measures.macro_f1;
  result.recall = measures.recall;
  result.auc = auc();
  add_intervals(answers_, result);
  const auto n = static_cast<double>(answers_.size());
  for (const Bin& bin : bins_) result.ece += std::abs(bin.confidence - bin.right) / n;
  return result;
}

}  // namespace

sentiment_scoring::Score no_evidence(std::size_t classes) {
  sentiment_scoring::Score score = sentiment_scoring::to_score(even(classes), classes);
  if (classes == kClasses) score = {Label::kNeutral, true, {333, 334, 333}};
  return score;
}

Evaluation evaluate(const sentiment_scoring::Model& model, const std::vector<LabelledText>& posts,
                    std::size_t text_bytes_max) {
  return evaluate({{model, posts}}, text_bytes_max);
}

Evaluation evaluate(const std::vector<Judgement>& judgements, std::size_t text_bytes_max) {
  sentiment_scoring::Scorer scorer(text_bytes_max);
  Answers answers;
  for (const auto& [model, posts] : judgements) {
    for (const LabelledText& post : posts) {
      if (scorer.read(post.text)) {
        answers.add(post.label, scorer.probabilities(model), model.classes());
      } else {
        answers.add_unknown(post.label, model.classes());
      }
    }
  }
  return answers.evaluation();
}

std::string to_json(const Evaluation& evaluation) {
  std::string out;
  json::ObjectWriter object(out);
  const auto number = [&](std::string_view name, double value) {
    object.number(name, std::round(value * 10000) / 10000);
  };
  number("accuracy", evaluation.accuracy);
  number("macro_recall", evaluation.macro_recall);
  number("macro_f1", evaluation.macro_f1);
  number("auc", evaluation.auc);
  number("ece", evaluation.ece);
  object.number("n", static_cast<std::int64_t>(evaluation.n));
  object.number("unknown", static_cast<std::int64_t>(evaluation.unknown));
  {
    json::ObjectWriter recall = object.object("recall");
    recall.number("negative", std::round(evaluation.recall[0] * 10000) / 10000);
    recall.number("neutral", std::round(evaluation.recall[1] * 10000) / 10000);
    recall.number("positive", std::round(evaluation.recall[2] * 10000) / 10000);
  }
  object.close();
  return out;
}

}  // namespace rookery::train
