#include "services/rookery-train/gram_block.hpp"

#include <functional>
#include <utility>

namespace rookery::train {

void GramBlock::reset(float caution) {
  weights.assign(index.size(), {{}, caution});
  texts.assign(index.size(), 0);
  seen_in.assign(index.size(), 0);
  factors.assign(index.size(), 1);
}

void GramBlock::apply_factors() {
  for (std::size_t id = 0; id < weights.size(); ++id) {
    for (float& weight : weights[id].to) weight *= factors[id];
  }
  factors.assign(factors.size(), 1);
}

void GramBlock::collect(const std::vector<std::uint32_t>& keys, std::uint32_t text) {
  present.clear();
  for (const std::uint32_t key : keys) {
    const std::uint32_t id = index.find(key);
    if (id == GramIndex::kNone || seen_in[id] == text) continue;
    seen_in[id] = text;
    present.push_back(id);
  }
}

void GramBlock::weigh_by_ratio(const std::vector<std::array<float, 2>>& counts) {
  std::array<double, 2> sums{};
  for (const auto& count : counts) {
    for (std::size_t i = 0; i < 2; ++i) sums[i] += static_cast<double>(count[i]);
  }
  double mean = 0;
  for (std::size_t id = 0; id < counts.size(); ++id) {
    factors[id] = std::abs(std::log(counts[id][1] / counts[id][0]) -
                           static_cast<float>(std::log(sums[1] / sums[0])));
    mean += static_cast<double>(factors[id]) / static_cast<double>(counts.size());
  }
  for (float& factor : factors) factor /= static_cast<float>(std::max(mean, 1e-6));
  seen_in.assign(index.size(), 0);
}

float GramBlock::importance(std::size_t id) const {
  const PerLabel& to = weights[id].to;
  const float mean = (to[0] + to[1] + to[2]) / 3;
  float most = 0;
  for (const float weight : to) most = std::max(most, std::abs(weight - mean));
  return most * std::sqrt(static_cast<float>(texts[id]));
}

void GramBlock::keep_above(float least) {
  GramIndex kept;
  std::vector<Weight> kept_weights;
  std::vector<std::uint32_t> kept_texts;
  for (std::size_t id = 0; id < index.size(); ++id) {
    if (!(importance(id) > least)) continue;
    kept.add(index.key(id));
    kept_weights.push_back(weights[id]);
    kept_texts.push_back(texts[id]);
  }
  index = std::move(kept);
  weights = std::move(kept_weights);
  texts = std::move(kept_texts);
  factors.assign(index.size(), 1);
  seen_in.assign(index.size(), 0);
}

RoundedGrams round_weights(const GramBlock& block, std::size_t classes) {
  RoundedGrams rounded;
  const std::size_t origin = classes == 2 ? 0 : 1;
  const auto relative = [&](const Weight& weight, std::size_t c) {
    return weight.to[c] - weight.to[origin];
  };
  std::vector<float> sizes;
  for (const Weight& weight : block.weights) {
    if (classes != 2) sizes.push_back(std::abs(relative(weight, 0)));
    sizes.push_back(std::abs(relative(weight, 2)));
  }
  if (sizes.empty()) return rounded;
  const auto cut = sizes.end() - 1 - static_cast<std::ptrdiff_t>(sizes.size() / 1000);
  std::nth_element(sizes.begin(), cut, sizes.end());
  rounded.step = *cut / 127;
  if (!(rounded.step > 0)) return rounded;
  const auto round = [&](float value) {
    return static_cast<std::int8_t>(std::clamp(std::round(value / rounded.step), -127.0F, 127.0F));
  };
  for (std::size_t id = 0; id < block.index.size(); ++id) {
    const Weight& weight = block.weights[id];
    const std::int8_t negative = round(relative(weight, 0));  // 0 with two classes
    const std::int8_t positive = round(relative(weight, 2));
    if (negative != 0 || positive != 0) {
      rounded.grams.push_back({block.index.key(id), negative, positive});
    }
  }
  std::sort(rounded.grams.begin(), rounded.grams.end(),
            [](const auto& a, const auto& b) { return a.key < b.key; });
  return rounded;
}

}  // namespace rookery::train
