#include "services/rookery-train/sentiment_trainer.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>
#include <utility>

#include "services/rookery-train/gram_block.hpp"
#include "services/sentiment-scoring/scorer.hpp"

namespace rookery::train {
namespace {

using sentiment_scoring::FeatureExtractor;
using sentiment_scoring::Features;
using sentiment_scoring::kDenseCount;
using sentiment_scoring::kLabelCount;
using sentiment_scoring::ModelParts;

constexpr std::size_t kKinds = 3;  ///< Of n-grams: words, characters, wide ones.
/// Each kind's scale, of TrainerSettings::scale. There are so many wide n-grams, most
/// of them rare, that they would drown the others (rookery-train/README.md).
constexpr std::array<float, kKinds> kScales{1, 1, 2.0F / 3};

/// The n-grams of a text by kind.
std::array<const std::vector<std::uint32_t>*, kKinds> keys_of(const Features& features) {
  return {&features.word_grams, &features.character_grams, &features.wide_grams};
}

class Trainer {
 public:
  Trainer(const std::vector<Example>& examples, const TrainerSettings& settings,
          const std::function<void(const std::string&)>& report,
          const std::function<void()>& each_text)
      : examples_(examples),
        settings_(settings),
        report_(report),
        each_text_(each_text),
        extractor_(settings.text_bytes_max) {}

  ModelParts run() {
    choose_frequent();
    if (settings_.relearn) {
      learn(settings_.seed);
      prune();
      learn_mean();
    } else {
      learn_mean();
      prune();
    }
    return parts();
  }

 private:
  const Features& features_of(const Example& example);
  void choose_frequent();
  void learn(std::uint64_t seed);
  void learn_mean();
  template <typename Do>
  void each_weight(const Do& act);
  void weigh_by_ratio();
  void learn_one(const Example& example, std::uint32_t text, float rate);
  void prune();
  [[nodiscard]] std::string sizes() const;
  [[nodiscard]] ModelParts parts() const;

  const std::vector<Example>& examples_;
  const TrainerSettings& settings_;
  const std::function<void(const std::string&)>& report_;
  const std::function<void()>& each_text_;
  FeatureExtractor extractor_;
  std::array<GramBlock, kKinds> blocks_;
  std::array<Weight, kDenseCount> dense_{};
  Weight bias_;
  double loss_ = 0;
};

const Features& Trainer::features_of(const Example& example) {
  const Features& features = extractor_.extract(example.text);
  return settings_.wide_texts_min > 0 ? extractor_.add_wide() : features;
}

void Trainer::choose_frequent() {
  const std::array<unsigned, kKinds> least{settings_.word_texts_min, settings_.character_texts_min,
                                           settings_.wide_texts_min};
  std::array<TextCounts, kKinds> counts;
  for (const Example& example : examples_) {
    if (example.variant) continue;
    const auto keys = keys_of(features_of(example));
    for (std::size_t kind = 0; kind < kKinds; ++kind) counts[kind].add(*keys[kind]);
  }
  for (const Example& example : examples_) {
    if (example.variant) continue;
    const auto keys = keys_of(features_of(example));
    for (std::size_t kind = 0; kind < kKinds; ++kind) {
      for (const std::uint32_t key : *keys[kind]) {
        if (counts[kind].of(key) >= least[kind]) blocks_[kind].index.add(key);
      }
    }
  }
  report_(sizes());
}

void Trainer::learn(std::uint64_t seed) {
  for (GramBlock& block : blocks_) block.reset(settings_.caution);
  dense_.fill({});
  bias_ = {};
  if (settings_.by_ratio) weigh_by_ratio();
  std::vector<std::uint32_t> order(examples_.size());
  std::iota(order.begin(), order.end(), 0U);
  std::mt19937_64 random(seed);
  const auto steps = static_cast<float>(settings_.epochs) * static_cast<float>(order.size());
  std::uint32_t text = 0;
  for (int epoch = 0; epoch < settings_.epochs; ++epoch) {
    // Fisher-Yates by hand: std::shuffle's result is the library's affair.
    for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random() % i]);
    loss_ = 0;
    for (const std::uint32_t i : order) {
      const float rate = settings_.rate * (1 - static_cast<float>(text) / steps);
      learn_one(examples_[i], ++text, rate);
      if (each_text_) each_text_();
    }
    report_("epoch " + std::to_string(epoch + 1) + ": cross entropy " +
            std::to_string(loss_ / static_cast<double>(order.size())));
  }
  for (GramBlock& block : blocks_) block.apply_factors();
}

template <typename Do>
void Trainer::each_weight(const Do& act) {
  for (GramBlock& block : blocks_) {
    for (Weight& weight : block.weights) act(weight);
  }
  for (Weight& weight : dense_) act(weight);
  act(bias_);
}

/// The mean of several runs, which differ in the order of the texts alone: what
/// the last texts of an order happened to teach evens out.
void Trainer::learn_mean() {
  std::vector<PerLabel> sum;
  for (std::size_t run = 0; run < settings_.runs; ++run) {
    learn(settings_.seed + run);
    std::size_t i = 0;
    each_weight([&](Weight& weight) {
      if (run == 0) sum.emplace_back();
      for (std::size_t c = 0; c < kLabelCount; ++c) sum[i][c] += weight.to[c];
      ++i;
    });
  }
  std::size_t i = 0;
  each_weight([&](Weight& weight) {
    weight.to = sum[i++];
    for (float& to : weight.to) to /= static_cast<float>(settings_.runs);
  });
}

/// Counts are smoothed by one text. A factor scales the presence, not the
/// gradient: AdaGrad's steps would cancel the latter.
void Trainer::weigh_by_ratio() {
  std::array<std::vector<std::array<float, 2>>, kKinds> counts;
  for (std::size_t kind = 0; kind < kKinds; ++kind) {
    counts[kind].assign(blocks_[kind].index.size(), {1, 1});
  }
  std::uint32_t text = 0;
  for (const Example& example : examples_) {
    const auto keys = keys_of(features_of(example));
    ++text;
    for (std::size_t kind = 0; kind < kKinds; ++kind) {
      blocks_[kind].collect(*keys[kind], text);
      for (const std::uint32_t id : blocks_[kind].present) {
        counts[kind][id][0] += example.weight * example.target[0];
        counts[kind][id][1] += example.weight * example.target[2];
      }
    }
  }
  for (std::size_t kind = 0; kind < kKinds; ++kind) blocks_[kind].weigh_by_ratio(counts[kind]);
}

/// One step of gradient descent on one text.
void Trainer::learn_one(const Example& example, std::uint32_t text, float rate) {
  const Features& features = features_of(example);
  PerLabel logits = bias_.to;
  const auto keys = keys_of(features);
  std::array<float, kKinds> values{};
  for (std::size_t b = 0; b < kKinds; ++b) {
    GramBlock& block = blocks_[b];
    block.collect(*keys[b], text);
    if (block.present.empty()) continue;
    values[b] = settings_.scale * kScales[b] / std::sqrt(static_cast<float>(block.present.size()));
    PerLabel sum{};
    for (const std::uint32_t id : block.present) {
      const Weight& weight = block.weights[id];
      for (std::size_t c = 0; c < kLabelCount; ++c) sum[c] += block.factors[id] * weight.to[c];
    }
    for (std::size_t c = 0; c < kLabelCount; ++c) logits[c] += values[b] * sum[c];
  }
  for (std::size_t i = 0; i < kDenseCount; ++i) {
    for (std::size_t c = 0; c < kLabelCount; ++c) {
      logits[c] += dense_[i].to[c] * features.dense[i];
    }
  }
  if (settings_.classes == 2) logits[1] = -std::numeric_limits<float>::infinity();
  const float top = *std::max_element(logits.begin(), logits.end());
  float sum = 0;
  for (float& logit : logits) sum += logit = std::exp(logit - top);
  PerLabel gradient{};
  for (std::size_t c = 0; c < kLabelCount; ++c) {
    const float probability = logits[c] / sum;
    gradient[c] = example.weight * (probability - example.target[c]);
    loss_ -= static_cast<double>(example.target[c] * std::log(std::max(probability, 1e-9F)));
  }
  for (std::size_t b = 0; b < kKinds; ++b) {
    GramBlock& block = blocks_[b];
    for (const std::uint32_t id : block.present) {
      PerLabel scaled = gradient;
      for (float& g : scaled) g *= values[b] * block.factors[id];
      block.weights[id].learn(scaled, rate);
      ++block.texts[id];
    }
  }
  for (std::size_t i = 0; i < kDenseCount; ++i) {
    if (features.dense[i] == 0) continue;
    PerLabel scaled = gradient;
    for (float& g : scaled) g *= features.dense[i];
    dense_[i].learn(scaled, rate);
  }
  bias_.learn(gradient, rate);
}

void Trainer::prune() {
  std::vector<float> all;
  for (const GramBlock& block : blocks_) {
    for (std::size_t id = 0; id < block.index.size(); ++id) all.push_back(block.importance(id));
  }
  if (all.size() <= settings_.grams_max) return;
  const auto last = all.begin() + static_cast<std::ptrdiff_t>(settings_.grams_max);
  std::nth_element(all.begin(), last, all.end(), std::greater<>());
  const float least = *last;  // as many as may stay lie above it
  for (GramBlock& block : blocks_) block.keep_above(least);
  report_("kept " + sizes());
}

std::string Trainer::sizes() const {
  std::string text = std::to_string(blocks_[0].index.size()) + " word and " +
                     std::to_string(blocks_[1].index.size()) + " character n-grams";
  if (settings_.wide_texts_min > 0) {
    text += ", " + std::to_string(blocks_[2].index.size()) + " wide ones";
  }
  return text;
}

ModelParts Trainer::parts() const {
  ModelParts parts;
  parts.language = settings_.language;
  parts.name = settings_.name;
  parts.classes = settings_.classes;
  std::array<RoundedGrams, kKinds> rounded;
  for (std::size_t b = 0; b < kKinds; ++b) {
    rounded[b] = round_weights(blocks_[b], settings_.classes);
  }
  parts.word_grams = std::move(rounded[0].grams);
  parts.word_unit = rounded[0].step * settings_.scale;
  parts.character_grams = std::move(rounded[1].grams);
  parts.character_unit = rounded[1].step * settings_.scale;
  parts.wide_grams = std::move(rounded[2].grams);
  parts.wide_unit = rounded[2].step * settings_.scale * kScales[2];
  for (std::size_t i = 0; i < kDenseCount; ++i) {
    parts.dense[i] = {dense_[i].to[0] - dense_[i].to[1], dense_[i].to[2] - dense_[i].to[1]};
  }
  std::array<double, kLabelCount> share{};
  double total = 0;
  for (const Example& example : examples_) {
    for (std::size_t c = 0; c < kLabelCount; ++c) {
      share[c] += static_cast<double>(example.weight * example.target[c]);
    }
    total += static_cast<double>(example.weight);
  }
  for (std::size_t c = 0; c < kLabelCount; ++c) {
    parts.bias[c] = bias_.to[c] - static_cast<float>(std::log(std::max(share[c] / total, 1e-6)));
  }
  return parts;
}

}  // namespace

ModelParts train_sentiment(const std::vector<Example>& examples, const TrainerSettings& settings,
                           const std::function<void(const std::string&)>& report,
                           const std::function<void()>& each_text) {
  return Trainer(examples, settings, report, each_text).run();
}

std::size_t passes_of(const TrainerSettings& settings) {
  const std::size_t orders = settings.runs + (settings.relearn ? 1 : 0);
  return orders * static_cast<std::size_t>(settings.epochs);
}

}  // namespace rookery::train
