#include "services/rookery-train/evaluation.hpp"

#include <algorithm>
#include <cmath>

#include "common/records/json_writer.hpp"

namespace rookery::train {
namespace {

constexpr std::size_t kClasses = sentiment_scoring::kLabelCount;
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

struct Bin {
  double confidence = 0, right = 0;
};

}  // namespace

Evaluation evaluate(const sentiment_scoring::Model& model, const std::vector<LabelledText>& posts,
                    std::size_t text_bytes_max) {
  sentiment_scoring::Scorer scorer(text_bytes_max);
  std::array<std::array<double, kClasses>, kClasses> confusion{};  // [truth][said]
  std::array<double, kClasses> truths{};
  std::array<std::vector<std::pair<float, bool>>, kClasses> scored;
  std::array<Bin, kBins> bins{};
  Evaluation result;
  result.n = posts.size();
  for (const LabelledText& post : posts) {
    const auto truth = static_cast<std::size_t>(post.label);
    ++truths[truth];
    PerLabel probabilities{1.0F / 3, 1.0F / 3, 1.0F / 3};
    if (scorer.read(post.text)) {
      probabilities = scorer.probabilities(model);
      const auto said = static_cast<std::size_t>(sentiment_scoring::to_score(probabilities).label);
      ++confusion[truth][said];
      const double confidence = static_cast<double>(probabilities[said]);
      Bin& bin = bins[std::min(kBins - 1, static_cast<std::size_t>(confidence * kBins))];
      bin.confidence += confidence;
      bin.right += truth == said ? 1 : 0;
    } else {
      ++result.unknown;
    }
    for (std::size_t c = 0; c < kClasses; ++c) scored[c].emplace_back(probabilities[c], c == truth);
  }
  if (posts.empty()) return result;
  double classes = 0;
  for (std::size_t c = 0; c < kClasses; ++c) {
    if (truths[c] == 0) continue;
    ++classes;
    double said = 0;
    for (std::size_t t = 0; t < kClasses; ++t) said += confusion[t][c];
    const double right = confusion[c][c];
    result.accuracy += right;
    result.recall[c] = right / truths[c];
    result.macro_recall += result.recall[c];
    result.macro_f1 += 2 * right / (truths[c] + said);
    result.auc += auc_of(std::move(scored[c]));
  }
  const auto n = static_cast<double>(posts.size());
  result.accuracy /= n;
  result.macro_recall /= classes;
  result.macro_f1 /= classes;
  result.auc /= classes;
  for (const Bin& bin : bins) result.ece += std::abs(bin.confidence - bin.right) / n;
  return result;
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
