#include "services/rookery-train/calibration.hpp"

#include <array>
#include <cmath>

#include "services/sentiment-scoring/features.hpp"

namespace rookery::train {
namespace {

constexpr std::size_t kClasses = sentiment_scoring::kLabelCount;
constexpr double kPriorPosts = 3;

/// What is searched: 1 / temperature, then the biases of negative and positive.
using Point = std::array<double, 3>;

class Loss {
 public:
  Loss(const std::vector<JudgedPost>& posts, std::size_t classes)
      : posts_(posts), classes_(classes) {
    for (const JudgedPost& post : posts) ++counts_[static_cast<std::size_t>(post.label)];
  }

  /// Mean over the classes of their posts' mean cross entropy, and the prior.
  [[nodiscard]] double at(const Point& point) const {
    double sum = kPriorPosts / static_cast<double>(posts_.size()) *
                 (point[1] * point[1] + point[2] * point[2]);
    const std::array<double, kClasses> bias{point[1], 0, point[2]};
    for (const JudgedPost& post : posts_) {
      const auto truth = static_cast<std::size_t>(post.label);
      double total = 0;
      for (std::size_t c = 0; c < kClasses; ++c) {
        if (classes_ == 2 && c == 1) continue;
        total += std::exp((static_cast<double>(post.logits[c]) + bias[c]) * point[0]);
      }
      const double own = (static_cast<double>(post.logits[truth]) + bias[truth]) * point[0];
      sum += (std::log(total) - own) / counts_[truth];
    }
    return sum;
  }

 private:
  const std::vector<JudgedPost>& posts_;
  std::size_t classes_;
  std::array<double, kClasses> counts_{};
};

/// Where `at` is least between `low` and `high`, to 0.001: it has one minimum
/// there, which a golden-section search finds.
template <typename At>
double least(const At& at, double low, double high) {
  constexpr double kGolden = 0.6180339887498949;
  while (high - low > 0.001) {
    const double left = high - kGolden * (high - low);
    const double right = low + kGolden * (high - low);
    if (at(left) < at(right)) {
      high = right;
    } else {
      low = left;
    }
  }
  return (low + high) / 2;
}

/// Moves one coordinate to the least loss between `low` and `high`.
void search(const Loss& loss, Point& point, std::size_t i, double low, double high) {
  const auto at = [&](double value) {
    point[i] = value;
    return loss.at(point);
  };
  point[i] = least(at, low, high);
}

}  // namespace

std::vector<JudgedPost> judge(const sentiment_scoring::Model& model,
                              const std::vector<LabelledText>& posts, std::size_t text_bytes_max) {
  sentiment_scoring::FeatureExtractor extractor(text_bytes_max);
  sentiment_scoring::Model::Seen seen;
  std::vector<JudgedPost> judged;
  judged.reserve(posts.size());
  for (const LabelledText& post : posts) {
    const auto* features = &extractor.extract(post.text);
    if (model.has_wide()) features = &extractor.add_wide();
    judged.push_back({model.logits(*features, seen), post.label});
  }
  return judged;
}

Calibration fit_calibration(const std::vector<JudgedPost>& posts, std::size_t classes,
                            Fitted fitted) {
  if (posts.empty()) return {};
  const Loss loss(posts, classes);
  if (fitted == Fitted::kTemperature) {
    const auto at = [&](double temperature) { return loss.at({1 / temperature, 0, 0}); };
    return {static_cast<float>(least(at, 0.2, 5)), {}};
  }
  Point point{1, 0, 0};
  constexpr int kRounds = 8;
  for (int round = 0; round < kRounds; ++round) {
    search(loss, point, 0, 0.2, 5);
    search(loss, point, 2, -2, 2);
    if (classes != 2) search(loss, point, 1, -2, 2);
  }
  return {static_cast<float>(1 / point[0]),
          {static_cast<float>(point[1]), 0, static_cast<float>(point[2])}};
}

void apply(const Calibration& calibration, sentiment_scoring::ModelParts& parts) {
  parts.temperature = calibration.temperature;
  for (std::size_t c = 0; c < parts.bias.size(); ++c) parts.bias[c] += calibration.bias[c];
}

}  // namespace rookery::train
