#include "services/sentiment-scoring/model_file.hpp"

#include <algorithm>
#include <array>

#include "common/core/check.hpp"
#include "services/sentiment-scoring/binary.hpp"
#include "services/sentiment-scoring/lexicon.hpp"

namespace rookery::sentiment_scoring {
namespace {

constexpr std::string_view kMagic = "ROOKSENT";
/// Versions of the format: two weights an n-gram, or one, where there is no
/// neutral; each also with wide n-grams as a third kind.
constexpr std::uint32_t kTwoWeights = 1;
constexpr std::uint32_t kOneWeight = 2;
constexpr std::uint32_t kTwoWeightsAndWide = 3;
constexpr std::uint32_t kOneWeightAndWide = 4;
constexpr std::size_t kLanguageBytes = 16;
constexpr std::size_t kNameBytes = 32;
constexpr std::size_t kBuckets = 65536;
constexpr std::size_t kKeyBytes = 2;

/// Bytes of weights an n-gram.
std::size_t weights_of(std::uint32_t format) {
  return format == kOneWeight || format == kOneWeightAndWide ? 1 : 2;
}

bool has_wide(std::uint32_t format) {
  return format == kTwoWeightsAndWide || format == kOneWeightAndWide;
}

std::uint32_t format_of(bool one_way, bool wide) {
  if (wide) return one_way ? kOneWeightAndWide : kTwoWeightsAndWide;
  return one_way ? kOneWeight : kTwoWeights;
}

bool pull_one_way(const std::vector<ModelParts::Gram>& grams) {
  return std::all_of(grams.begin(), grams.end(),
                     [](const ModelParts::Gram& gram) { return gram.negative == 0; });
}

void put_block(std::string& out, const std::vector<ModelParts::Gram>& grams, float unit,
               std::uint32_t format) {
  put(out, static_cast<std::uint32_t>(grams.size()));
  put(out, unit);
  std::array<unsigned, kBuckets> counts{};
  for (const auto& gram : grams) ++counts[gram.key >> 16U];
  for (const unsigned count : counts) {
    ROOKERY_CHECK(count < 256, "hashes spread evenly: some four keys a bucket");
    out.push_back(static_cast<char>(count));
  }
  for (std::size_t i = 0; i < grams.size(); ++i) {
    ROOKERY_CHECK(i == 0 || grams[i - 1].key < grams[i].key, "keys ascend");
    put(out, static_cast<std::uint16_t>(grams[i].key));
  }
  for (const auto& gram : grams) {
    if (weights_of(format) == 2) out.push_back(static_cast<char>(gram.negative));
    out.push_back(static_cast<char>(gram.positive));
  }
}

Result<std::vector<ModelParts::Gram>> read_block(BinaryReader& reader, float& unit,
                                                 std::uint32_t format) {
  const std::size_t count = reader.number<std::uint32_t>();
  unit = reader.real();
  const std::string_view counts = reader.bytes(kBuckets);
  if (reader.ran_short() || count > reader.left() / (kKeyBytes + weights_of(format))) {
    return model_broken("expected " + std::to_string(count) + " n-grams, the file ends before");
  }
  std::vector<ModelParts::Gram> grams;
  grams.reserve(count);
  for (std::size_t bucket = 0; bucket < kBuckets; ++bucket) {
    for (unsigned left = static_cast<unsigned char>(counts[bucket]); left > 0; --left) {
      if (grams.size() == count)
        return model_broken("the buckets hold more n-grams than announced");
      const auto high = static_cast<std::uint32_t>(bucket << 16U);
      grams.push_back({high | reader.number<std::uint16_t>(), 0, 0});
    }
  }
  if (grams.size() != count) return model_broken("the buckets hold fewer n-grams than announced");
  for (auto& gram : grams) {
    const std::string_view weights = reader.bytes(weights_of(format));
    if (weights_of(format) == 2) gram.negative = static_cast<std::int8_t>(weights.front());
    gram.positive = static_cast<std::int8_t>(weights.back());
  }
  return grams;
}

Result<void> check_made_for_us(BinaryReader& reader, std::size_t& classes) {
  const auto features = reader.number<std::uint32_t>();
  classes = reader.number<std::uint32_t>();
  const auto lexicon = reader.number<std::uint64_t>();
  if (features != kFeaturesVersion || (classes != 2 && classes != kLabelCount)) {
    return misconfigured("model_version", "expected features " + std::to_string(kFeaturesVersion) +
                                              " and 2 or 3 classes, got " +
                                              std::to_string(features) + " and " +
                                              std::to_string(classes));
  }
  if (lexicon != Lexicon::instance().checksum()) {
    return misconfigured("model_version", "it was trained with another lexicon: train it anew");
  }
  return {};
}

}  // namespace

std::string encode_parts(const ModelParts& parts) {
  const bool one_way = parts.classes == 2 && pull_one_way(parts.word_grams) &&
                       pull_one_way(parts.character_grams) && pull_one_way(parts.wide_grams);
  const std::uint32_t format = format_of(one_way, !parts.wide_grams.empty());
  std::string body;
  put(body, kFeaturesVersion);
  put(body, static_cast<std::uint32_t>(parts.classes));
  put(body, Lexicon::instance().checksum());
  put_text(body, parts.language, kLanguageBytes);
  put_text(body, parts.name, kNameBytes);
  put(body, parts.temperature);
  for (const float bias : parts.bias) put(body, bias);
  put(body, static_cast<std::uint32_t>(kDenseCount));
  for (const auto& weights : parts.dense) {
    put(body, weights[0]);
    put(body, weights[1]);
  }
  put_block(body, parts.word_grams, parts.word_unit, format);
  put_block(body, parts.character_grams, parts.character_unit, format);
  if (has_wide(format)) put_block(body, parts.wide_grams, parts.wide_unit, format);
  return wrap_file(kMagic, format, body);
}

Result<ModelParts> decode_parts(std::string_view bytes) {
  const std::uint32_t format = std::clamp(file_version(bytes), kTwoWeights, kOneWeightAndWide);
  const auto body = unwrap_file(kMagic, format, bytes);
  ROOKERY_RETURN_IF_ERROR(body);
  BinaryReader reader(*body);
  ModelParts parts;
  ROOKERY_RETURN_IF_ERROR(check_made_for_us(reader, parts.classes));
  parts.language = reader.text(kLanguageBytes);
  parts.name = reader.text(kNameBytes);
  parts.temperature = reader.real();
  for (float& bias : parts.bias) bias = reader.real();
  if (reader.number<std::uint32_t>() != kDenseCount)
    return model_broken("another number of features");
  for (auto& weights : parts.dense) weights = {reader.real(), reader.real()};
  auto words = read_block(reader, parts.word_unit, format);
  ROOKERY_RETURN_IF_ERROR(words);
  auto characters = read_block(reader, parts.character_unit, format);
  ROOKERY_RETURN_IF_ERROR(characters);
  if (has_wide(format)) {
    auto wide = read_block(reader, parts.wide_unit, format);
    ROOKERY_RETURN_IF_ERROR(wide);
    parts.wide_grams = std::move(*wide);
  }
  if (reader.left() != 0) return model_broken(std::to_string(reader.left()) + " bytes too many");
  if (parts.language.empty() || parts.name.empty() || !(parts.temperature > 0)) {
    return model_broken("expected a language, a name and a temperature above 0");
  }
  if (weights_of(format) == 1 && parts.classes != 2) {
    return model_broken("one weight an n-gram, but more than two classes");
  }
  parts.word_grams = std::move(*words);
  parts.character_grams = std::move(*characters);
  return parts;
}

}  // namespace rookery::sentiment_scoring
