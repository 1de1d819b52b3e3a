#include "services/rookery-train/sentiment_trainer.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>

#include "services/rookery-train/gram_index.hpp"
#include "services/sentiment-scoring/scorer.hpp"

namespace rookery::train {
namespace {

using sentiment_scoring::FeatureExtractor;
using sentiment_scoring::Features;
using sentiment_scoring::kDenseCount;
using sentiment_scoring::kLabelCount;
using sentiment_scoring::ModelParts;

/// The weights of one feature for the three classes, and AdaGrad's sum of
/// squared gradients, which they share: one quarter of a cache line.
struct Weight {
  PerLabel to{};
  float squares = 1e-8F;

  void learn(const PerLabel& gradient, float rate) {
    float square = 0;
    for (const float g : gradient) square += g * g;
    squares += square;
    const float step = rate / std::sqrt(squares);
    for (std::size_t c = 0; c < kLabelCount; ++c) to[c] -= step * gradient[c];
  }
};

/// One kind of n-gram: which ones there are, and what they weigh.
struct Block {
  GramIndex index;
  std::vector<Weight> weights;
  std::vector<std::uint32_t> texts;    ///< In how many texts each occurs.
  std::vector<std::uint32_t> seen_in;  ///< The last text that had it, from 1.
  std::vector<std::uint32_t> present;  ///< Distinct ids of the text at hand.
  std::vector<float> factors;          ///< What the presence of each counts; 1 but by_ratio.

  void reset() {
    weights.assign(index.size(), {});
    texts.assign(index.size(), 0);
    seen_in.assign(index.size(), 0);
    factors.assign(index.size(), 1);
  }
  /// Lets the factors go into the weights, which then hold for plain presence.
  void apply_factors() {
    for (std::size_t id = 0; id < weights.size(); ++id) {
      for (float& weight : weights[id].to) weight *= factors[id];
    }
    factors.assign(factors.size(), 1);
  }
  void collect(const std::vector<std::uint32_t>& keys, std::uint32_t text) {
    present.clear();
    for (const std::uint32_t key : keys) {
      const std::uint32_t id = index.find(key);
      if (id == GramIndex::kNone || seen_in[id] == text) continue;
      seen_in[id] = text;
      present.push_back(id);
    }
  }
};

/// Counts in how many texts a key occurs, up to 255; keys that share all but
/// their last five bits share a count.
class TextCounts {
 public:
  void add(std::vector<std::uint32_t> keys) {
    std::sort(keys.begin(), keys.end());
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
    for (const std::uint32_t key : keys) {
      auto& count = counts_[key >> 5U];
      count = static_cast<std::uint8_t>(std::min(255, count + 1));
    }
  }
  [[nodiscard]] unsigned of(std::uint32_t key) const { return counts_[key >> 5U]; }

 private:
  std::vector<std::uint8_t> counts_ = std::vector<std::uint8_t>(std::size_t{1} << 27U);
};

class Trainer {
 public:
  Trainer(const std::vector<Example>& examples, const TrainerSettings& settings,
          const std::function<void(const std::string&)>& report)
      : examples_(examples),
        settings_(settings),
        report_(report),
        extractor_(settings.text_bytes_max) {}

  ModelParts run() {
    choose_frequent();
    learn(settings_.seed);
    prune();
    learn_mean();
    return round_weights();
  }

 private:
  void choose_frequent();
  void learn(std::uint64_t seed);
  void learn_mean();
  template <typename Do>
  void each_weight(const Do& act);
  void weigh_by_ratio();
  void learn_one(const Example& example, std::uint32_t text, float rate);
  void prune();
  [[nodiscard]] ModelParts round_weights() const;
  void round_block(const Block& block, std::vector<ModelParts::Gram>& grams, float& unit) const;

  const std::vector<Example>& examples_;
  const TrainerSettings& settings_;
  const std::function<void(const std::string&)>& report_;
  FeatureExtractor extractor_;
  Block words_;
  Block characters_;
  std::array<Weight, kDenseCount> dense_{};
  Weight bias_;
  double loss_ = 0;
};

void Trainer::choose_frequent() {
  TextCounts words;
  TextCounts characters;
  for (const Example& example : examples_) {
    if (example.variant) continue;
    const Features& features = extractor_.extract(example.text);
    words.add(features.word_grams);
    characters.add(features.character_grams);
  }
  for (const Example& example : examples_) {
    if (example.variant) continue;
    const Features& features = extractor_.extract(example.text);
    for (const std::uint32_t key : features.word_grams) {
      if (words.of(key) >= settings_.word_texts_min) words_.index.add(key);
    }
    for (const std::uint32_t key : features.character_grams) {
      if (characters.of(key) >= settings_.character_texts_min) characters_.index.add(key);
    }
  }
  report_(std::to_string(words_.index.size()) + " word and " +
          std::to_string(characters_.index.size()) + " character n-grams");
}

void Trainer::learn(std::uint64_t seed) {
  words_.reset();
  characters_.reset();
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
    }
    report_("epoch " + std::to_string(epoch + 1) + ": cross entropy " +
            std::to_string(loss_ / static_cast<double>(order.size())));
  }
  words_.apply_factors();
  characters_.apply_factors();
}

template <typename Do>
void Trainer::each_weight(const Do& act) {
  for (Weight& weight : words_.weights) act(weight);
  for (Weight& weight : characters_.weights) act(weight);
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

/// An n-gram's factor is |log of its share in good texts over that in bad ones|,
/// smoothed by one text, over the mean of all. It scales the presence, not the
/// gradient: AdaGrad's steps would cancel the latter.
void Trainer::weigh_by_ratio() {
  for (Block* block : {&words_, &characters_}) {
    std::vector<std::array<float, 2>> counts(block->index.size(), {1, 1});
    std::array<double, 2> sums{};
    std::uint32_t text = 0;
    for (const Example& example : examples_) {
      const Features& features = extractor_.extract(example.text);
      block->collect(block == &words_ ? features.word_grams : features.character_grams, ++text);
      for (const std::uint32_t id : block->present) {
        counts[id][0] += example.weight * example.target[0];
        counts[id][1] += example.weight * example.target[2];
      }
    }
    for (const auto& count : counts) {
      for (std::size_t i = 0; i < 2; ++i) sums[i] += static_cast<double>(count[i]);
    }
    double mean = 0;
    for (std::size_t id = 0; id < counts.size(); ++id) {
      block->factors[id] = std::abs(std::log(counts[id][1] / counts[id][0]) -
                                    static_cast<float>(std::log(sums[1] / sums[0])));
      mean += static_cast<double>(block->factors[id]) / static_cast<double>(counts.size());
    }
    for (float& factor : block->factors) factor /= static_cast<float>(std::max(mean, 1e-6));
    block->seen_in.assign(block->index.size(), 0);
  }
}

/// One step of gradient descent on one text.
void Trainer::learn_one(const Example& example, std::uint32_t text, float rate) {
  const Features& features = extractor_.extract(example.text);
  PerLabel logits = bias_.to;
  const std::array<Block*, 2> blocks{&words_, &characters_};
  std::array<const std::vector<std::uint32_t>*, 2> keys{&features.word_grams,
                                                        &features.character_grams};
  std::array<float, 2> values{};
  for (std::size_t b = 0; b < blocks.size(); ++b) {
    Block& block = *blocks[b];
    block.collect(*keys[b], text);
    if (block.present.empty()) continue;
    values[b] = settings_.scale / std::sqrt(static_cast<float>(block.present.size()));
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
  for (std::size_t b = 0; b < blocks.size(); ++b) {
    for (const std::uint32_t id : blocks[b]->present) {
      PerLabel scaled = gradient;
      for (float& g : scaled) g *= values[b] * blocks[b]->factors[id];
      blocks[b]->weights[id].learn(scaled, rate);
      ++blocks[b]->texts[id];
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

/// How much the n-gram moves the answers, over all texts.
float importance(const Block& block, std::size_t id) {
  const PerLabel& to = block.weights[id].to;
  const float mean = (to[0] + to[1] + to[2]) / 3;
  float most = 0;
  for (const float weight : to) most = std::max(most, std::abs(weight - mean));
  return most * std::sqrt(static_cast<float>(block.texts[id]));
}

void Trainer::prune() {
  std::vector<float> all;
  for (const Block* block : {&words_, &characters_}) {
    for (std::size_t id = 0; id < block->index.size(); ++id) all.push_back(importance(*block, id));
  }
  if (all.size() <= settings_.grams_max) return;
  const auto last = all.begin() + static_cast<std::ptrdiff_t>(settings_.grams_max);
  std::nth_element(all.begin(), last, all.end(), std::greater<>());
  const float least = *last;  // as many as may stay lie above it
  for (Block* block : {&words_, &characters_}) {
    GramIndex kept;
    for (std::size_t id = 0; id < block->index.size(); ++id) {
      if (importance(*block, id) > least) kept.add(block->index.key(id));
    }
    block->index = std::move(kept);
  }
  report_("kept " + std::to_string(words_.index.size()) + " word and " +
          std::to_string(characters_.index.size()) + " character n-grams");
}

ModelParts Trainer::round_weights() const {
  ModelParts parts;
  parts.language = settings_.language;
  parts.name = settings_.name;
  parts.classes = settings_.classes;
  round_block(words_, parts.word_grams, parts.word_unit);
  round_block(characters_, parts.character_grams, parts.character_unit);
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

/// To int8 relative to neutral. The largest one weight in a thousand is cut off,
/// so that it does not cost the others their precision.
void Trainer::round_block(const Block& block, std::vector<ModelParts::Gram>& grams,
                          float& unit) const {
  std::vector<float> sizes;
  for (const Weight& weight : block.weights) {
    sizes.push_back(std::abs(weight.to[0] - weight.to[1]));
    sizes.push_back(std::abs(weight.to[2] - weight.to[1]));
  }
  if (sizes.empty()) return;
  const auto cut = sizes.end() - 1 - static_cast<std::ptrdiff_t>(sizes.size() / 1000);
  std::nth_element(sizes.begin(), cut, sizes.end());
  const float step = *cut / 127;
  unit = step * settings_.scale;
  if (!(step > 0)) return;
  const auto round = [step](float value) {
    return static_cast<std::int8_t>(std::clamp(std::round(value / step), -127.0F, 127.0F));
  };
  for (std::size_t id = 0; id < block.index.size(); ++id) {
    const PerLabel& to = block.weights[id].to;
    const ModelParts::Gram gram{block.index.key(id), round(to[0] - to[1]), round(to[2] - to[1])};
    if (gram.negative != 0 || gram.positive != 0) grams.push_back(gram);
  }
  std::sort(grams.begin(), grams.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
}

}  // namespace

ModelParts train_sentiment(const std::vector<Example>& examples, const TrainerSettings& settings,
                           const std::function<void(const std::string&)>& report) {
  return Trainer(examples, settings, report).run();
}

float fit_temperature(const sentiment_scoring::Model& model, const std::vector<LabelledText>& posts,
                      std::size_t text_bytes_max) {
  FeatureExtractor extractor(text_bytes_max);
  sentiment_scoring::Model::Seen seen;
  std::vector<PerLabel> logits;
  std::array<double, kLabelCount> counts{};
  for (const LabelledText& post : posts) {
    logits.push_back(model.logits(extractor.extract(post.text), seen));
    ++counts[static_cast<std::size_t>(post.label)];
  }
  const auto loss = [&](double temperature) {
    double sum = 0;
    for (std::size_t i = 0; i < posts.size(); ++i) {
      double total = 0;
      for (std::size_t c = 0; c < kLabelCount; ++c) {
        if (model.classes() == 2 && c == 1) continue;
        total += std::exp(static_cast<double>(logits[i][c]) / temperature);
      }
      const auto truth = static_cast<std::size_t>(posts[i].label);
      sum +=
          (std::log(total) - static_cast<double>(logits[i][truth]) / temperature) / counts[truth];
    }
    return sum;
  };
  // The loss has one minimum in 1/T; a golden-section search finds it to 0.001.
  double low = 0.2;
  double high = 5;
  constexpr double kGolden = 0.6180339887498949;
  while (high - low > 0.001) {
    const double left = high - kGolden * (high - low);
    const double right = low + kGolden * (high - low);
    (loss(left) < loss(right) ? high : low) = loss(left) < loss(right) ? right : left;
  }
  return static_cast<float>((low + high) / 2);
}

}  // namespace rookery::train
