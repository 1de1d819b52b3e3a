#include "services/sentiment-scoring/model.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <utility>

#include "services/sentiment-scoring/binary.hpp"
#include "services/sentiment-scoring/model_file.hpp"

namespace rookery::sentiment_scoring {
namespace {

constexpr unsigned kKeyBits = 32;
/// How far ahead slots are fetched: the table is larger than the second-level
/// cache, and it knows four in five n-grams of a text in the model's language.
constexpr std::size_t kAhead = 12;

unsigned bits_for(std::size_t count) {
  // At least 16: with the 16 bits of a slot's mark, the whole key is compared.
  return std::max(16U, static_cast<unsigned>(std::bit_width(count)));
}

}  // namespace

std::string_view name_of(Label label) {
  switch (label) {
    case Label::kNegative:
      return "negative";
    case Label::kNeutral:
      return "neutral";
    case Label::kPositive:
      return "positive";
  }
  return "";
}

Result<Model> Model::decode(std::string_view bytes) {
  auto parts = decode_parts(bytes);
  ROOKERY_RETURN_IF_ERROR(parts);
  Model model;
  model.language_ = parts->language;
  model.id_ = parts->name + "-" + checksum_text(bytes);
  model.classes_ = parts->classes;
  model.words_ = make_block(parts->word_grams, parts->word_unit);
  model.characters_ = make_block(parts->character_grams, parts->character_unit);
  if (!parts->wide_grams.empty()) {
    model.wide_ = make_block(parts->wide_grams, parts->wide_unit);
  }
  model.dense_ = parts->dense;
  model.bias_ = parts->bias;
  model.temperature_ = parts->temperature;
  return model;
}

Result<Model> Model::load(const std::string& path) {
  return load_model(path, decode);
}

std::string Model::encode(const ModelParts& parts) {
  return encode_parts(parts);
}

Model::Block Model::make_block(const std::vector<ModelParts::Gram>& grams, float unit) {
  Block block;
  block.unit = unit;
  const unsigned bits = bits_for(grams.size() * 3 / 2);  // at most two thirds full
  block.shift = kKeyBits - bits;
  block.slots.resize(std::size_t{1} << bits);
  const std::size_t mask = block.slots.size() - 1;
  for (const ModelParts::Gram& gram : grams) {
    if (gram.negative == 0 && gram.positive == 0) continue;
    std::size_t slot = gram.key >> block.shift;
    while (block.slots[slot].negative != 0 || block.slots[slot].positive != 0) {
      slot = (slot + 1) & mask;
    }
    block.slots[slot] = {static_cast<std::uint16_t>(gram.key), gram.negative, gram.positive};
  }
  return block;
}

void Model::add(const Block& block, const std::vector<std::uint32_t>& keys, Seen& seen,
                PerLabel& logits) {
  const std::size_t mask = block.slots.size() - 1;
  if (seen.bits_.size() < block.slots.size() / 64) seen.bits_.resize(block.slots.size() / 64);
  seen.slots_.resize(keys.size() + 1);
  std::uint32_t* next = seen.slots_.data();
  std::int32_t negative = 0;
  std::int32_t positive = 0;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (i + kAhead < keys.size()) {
      __builtin_prefetch(&block.slots[keys[i + kAhead] >> block.shift]);
    }
    const std::uint32_t key = keys[i];
    std::size_t index = key >> block.shift;
    const auto mark = static_cast<std::uint16_t>(key);
    for (;; index = (index + 1) & mask) {
      const Slot& slot = block.slots[index];
      if (slot.negative == 0 && slot.positive == 0) break;
      if (slot.mark != mark) continue;
      // An n-gram counts once, however often it stands. Without a branch: one in five comes
      // again, and nobody can guess which.
      std::uint64_t& word = seen.bits_[index / 64];
      const std::int32_t is_new = 1 - static_cast<std::int32_t>((word >> (index % 64)) & 1U);
      word |= std::uint64_t{1} << (index % 64);
      *next = static_cast<std::uint32_t>(index);
      next += is_new;
      negative += slot.negative & -is_new;
      positive += slot.positive & -is_new;
      break;
    }
  }
  seen.slots_.resize(static_cast<std::size_t>(next - seen.slots_.data()));
  for (const std::uint32_t index : seen.slots_) seen.bits_[index / 64] = 0;
  if (seen.slots_.empty()) return;
  const float scale = block.unit / std::sqrt(static_cast<float>(seen.slots_.size()));
  logits[0] += scale * static_cast<float>(negative);
  logits[2] += scale * static_cast<float>(positive);
}

PerLabel Model::logits(const Features& features, Seen& seen) const {
  PerLabel result = bias_;
  add(words_, features.word_grams, seen, result);
  add(characters_, features.character_grams, seen, result);
  if (has_wide()) add(wide_, features.wide_grams, seen, result);
  for (std::size_t i = 0; i < kDenseCount; ++i) {
    result[0] += dense_[i][0] * features.dense[i];
    result[2] += dense_[i][1] * features.dense[i];
  }
  return result;
}

PerLabel Model::probabilities(const Features& features, Seen& seen) const {
  PerLabel result = logits(features, seen);
  if (classes_ == 2) result[1] = -std::numeric_limits<float>::infinity();
  const float top = *std::max_element(result.begin(), result.end());
  float sum = 0;
  for (float& value : result) {
    value = std::exp((value - top) / temperature_);
    sum += value;
  }
  for (float& value : result) value /= sum;
  return result;
}

}  // namespace rookery::sentiment_scoring
