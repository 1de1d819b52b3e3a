#include "services/sentiment-scoring/model_file.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <concepts>
#include <cstring>

#include "common/core/check.hpp"
#include "services/sentiment-scoring/checksum.hpp"
#include "services/sentiment-scoring/lexicon.hpp"

namespace rookery::sentiment_scoring {
namespace {

constexpr std::string_view kMagic = "ROOKSENT";
constexpr std::uint32_t kFormatVersion = 1;
constexpr std::size_t kChecksumAt = 16;
constexpr std::size_t kBodyAt = 24;
constexpr std::size_t kLanguageBytes = 16;
constexpr std::size_t kNameBytes = 32;
constexpr std::size_t kBuckets = 65536;
constexpr std::size_t kGramBytes = 4;

template <std::unsigned_integral T>
void put(std::string& out, T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    out.push_back(static_cast<char>(static_cast<unsigned char>(value >> (8 * i))));
  }
}
void put(std::string& out, float value) {
  put(out, std::bit_cast<std::uint32_t>(value));
}

void put_text(std::string& out, std::string_view text, std::size_t bytes) {
  ROOKERY_CHECK(!text.empty() && text.size() < bytes, "the trainer checks names");
  out.append(text);
  out.append(bytes - text.size(), '\0');
}

void put_block(std::string& out, const std::vector<ModelParts::Gram>& grams, float unit) {
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
    out.push_back(static_cast<char>(gram.negative));
    out.push_back(static_cast<char>(gram.positive));
  }
}

/// Takes numbers off the front; past the end it gives zeros and remembers.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  std::string_view bytes(std::size_t count) {
    if (count > rest_.size()) {
      short_ = true;
      return {};
    }
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }
  template <std::unsigned_integral T>
  T number() {
    T value = 0;
    const std::string_view taken = bytes(sizeof(T));
    for (std::size_t i = 0; i < taken.size(); ++i) {
      value = static_cast<T>(value |
                             static_cast<T>(T{static_cast<unsigned char>(taken[i])} << (8 * i)));
    }
    return value;
  }
  float real() { return std::bit_cast<float>(number<std::uint32_t>()); }
  std::string text(std::size_t count) {
    const std::string_view taken = bytes(count);
    return std::string(taken.substr(0, taken.find('\0')));
  }
  [[nodiscard]] bool ran_short() const { return short_; }
  [[nodiscard]] std::size_t left() const { return rest_.size(); }

 private:
  std::string_view rest_;
  bool short_ = false;
};

Failure broken(std::string message) {
  return misconfigured("model_broken", std::move(message));
}

Result<std::vector<ModelParts::Gram>> read_block(Reader& reader, float& unit) {
  const std::size_t count = reader.number<std::uint32_t>();
  unit = reader.real();
  const std::string_view counts = reader.bytes(kBuckets);
  if (reader.ran_short() || count > reader.left() / kGramBytes) {
    return broken("expected " + std::to_string(count) + " n-grams, the file ends before");
  }
  std::vector<ModelParts::Gram> grams;
  grams.reserve(count);
  for (std::size_t bucket = 0; bucket < kBuckets; ++bucket) {
    for (unsigned left = static_cast<unsigned char>(counts[bucket]); left > 0; --left) {
      if (grams.size() == count) return broken("the buckets hold more n-grams than announced");
      const auto high = static_cast<std::uint32_t>(bucket << 16U);
      grams.push_back({high | reader.number<std::uint16_t>(), 0, 0});
    }
  }
  if (grams.size() != count) return broken("the buckets hold fewer n-grams than announced");
  for (auto& gram : grams) {
    const std::string_view weights = reader.bytes(2);
    gram.negative = static_cast<std::int8_t>(weights[0]);
    gram.positive = static_cast<std::int8_t>(weights[1]);
  }
  return grams;
}

/// What must be true before the rest of the file means anything.
Result<void> check_header(std::string_view bytes) {
  if (!bytes.starts_with(kMagic) || bytes.size() < kBodyAt) {
    return broken("expected a file that starts with \"ROOKSENT\"");
  }
  Reader header(bytes.substr(kMagic.size()));
  if (const auto version = header.number<std::uint32_t>(); version != kFormatVersion) {
    return misconfigured("model_version", "expected format " + std::to_string(kFormatVersion) +
                                              ", got " + std::to_string(version));
  }
  Reader checksum(bytes.substr(kChecksumAt));
  if (checksum.number<std::uint64_t>() != fnv1a(bytes.substr(kBodyAt))) {
    return broken("its checksum does not match: cut short or changed");
  }
  return {};
}

Result<void> check_made_for_us(Reader& reader) {
  const auto features = reader.number<std::uint32_t>();
  const auto classes = reader.number<std::uint32_t>();
  const auto lexicon = reader.number<std::uint64_t>();
  if (features != kFeaturesVersion || classes != kLabelCount) {
    return misconfigured("model_version", "expected features " + std::to_string(kFeaturesVersion) +
                                              " and " + std::to_string(kLabelCount) +
                                              " classes, got " + std::to_string(features) +
                                              " and " + std::to_string(classes));
  }
  if (lexicon != Lexicon::instance().checksum()) {
    return misconfigured("model_version", "it was trained with another lexicon: train it anew");
  }
  return {};
}

}  // namespace

std::string encode_parts(const ModelParts& parts) {
  std::string body;
  put(body, kFeaturesVersion);
  put(body, static_cast<std::uint32_t>(kLabelCount));
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
  put_block(body, parts.word_grams, parts.word_unit);
  put_block(body, parts.character_grams, parts.character_unit);
  std::string out(kMagic);
  put(out, kFormatVersion);
  put(out, std::uint32_t{0});
  put(out, fnv1a(body));
  out.append(body);
  return out;
}

Result<ModelParts> decode_parts(std::string_view bytes) {
  ROOKERY_RETURN_IF_ERROR(check_header(bytes));
  Reader reader(bytes.substr(kBodyAt));
  ROOKERY_RETURN_IF_ERROR(check_made_for_us(reader));
  ModelParts parts;
  parts.language = reader.text(kLanguageBytes);
  parts.name = reader.text(kNameBytes);
  parts.temperature = reader.real();
  for (float& bias : parts.bias) bias = reader.real();
  if (reader.number<std::uint32_t>() != kDenseCount) return broken("another number of features");
  for (auto& weights : parts.dense) weights = {reader.real(), reader.real()};
  auto words = read_block(reader, parts.word_unit);
  ROOKERY_RETURN_IF_ERROR(words);
  auto characters = read_block(reader, parts.character_unit);
  ROOKERY_RETURN_IF_ERROR(characters);
  if (reader.left() != 0) return broken(std::to_string(reader.left()) + " bytes too many");
  if (parts.language.empty() || parts.name.empty() || !(parts.temperature > 0)) {
    return broken("expected a language, a name and a temperature above 0");
  }
  parts.word_grams = std::move(*words);
  parts.character_grams = std::move(*characters);
  return parts;
}

std::string checksum_text(std::string_view bytes) {
  constexpr std::string_view kHex = "0123456789abcdef";
  const auto checksum = Reader(bytes.substr(kChecksumAt)).number<std::uint64_t>();
  std::string text;
  for (unsigned shift = 60; shift >= 32; shift -= 4) text.push_back(kHex[checksum >> shift & 15U]);
  return text;
}

}  // namespace rookery::sentiment_scoring
