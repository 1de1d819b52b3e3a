#include "services/sentiment-scoring/topic_model.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

#include "common/core/check.hpp"
#include "services/sentiment-scoring/binary.hpp"
#include "services/sentiment-scoring/characters.hpp"

namespace rookery::sentiment_scoring {
namespace {

constexpr std::string_view kMagic = "ROOKTOPC";
constexpr std::uint32_t kFormatVersion = 1;
constexpr std::size_t kNameBytes = 32;
constexpr std::size_t kLabelBytesMax = 65535;
constexpr std::size_t kWordBytesMax = 255;
/// How many tokens ahead the vocabulary is fetched, which is larger than a cache.
constexpr std::size_t kAhead = 6;

/// To the nearest float whose lower 16 bits are 0.
std::uint16_t upper_half(float value) {
  return static_cast<std::uint16_t>((std::bit_cast<std::uint32_t>(value) + 0x8000U) >> 16U);
}
float from_upper_half(std::uint16_t bits) {
  return std::bit_cast<float>(std::uint32_t{bits} << 16U);
}

std::uint64_t hash_of(std::string_view word) {
  std::vector<char32_t> characters;
  clean(word, word.size(), characters);
  return token_hash({characters.data(), characters.size()});
}

Result<void> check_parts(const TopicParts& parts) {
  if (parts.name.empty()) return model_broken("expected a name");
  for (const float prior : parts.prior) {
    if (!(prior > 0) || !std::isfinite(prior)) return model_broken("expected priors above 0");
  }
  for (const float weight : parts.weights) {
    if (!(weight >= 0) || weight > 1) return model_broken("expected weights from 0 to 1");
  }
  return {};
}

}  // namespace

std::string encode_topics(const TopicParts& parts) {
  const std::size_t topics = parts.prior.size();
  ROOKERY_CHECK(parts.labels.size() == topics, "each topic has a label");
  ROOKERY_CHECK(parts.weights.size() == topics * parts.words.size(), "each word has its weights");
  std::string body;
  put(body, kTopicWordsVersion);
  put_text(body, parts.name, kNameBytes);
  put(body, static_cast<std::uint32_t>(topics));
  for (std::size_t topic = 0; topic < topics; ++topic) {
    put(body, parts.prior[topic]);
    const std::string_view label = std::string_view(parts.labels[topic]).substr(0, kLabelBytesMax);
    put(body, static_cast<std::uint16_t>(label.size()));
    body.append(label);
  }
  put(body, static_cast<std::uint32_t>(parts.words.size()));
  for (const std::string& word : parts.words) {
    ROOKERY_CHECK(word.size() <= kWordBytesMax, "the trainer leaves longer ones out");
    put(body, static_cast<std::uint8_t>(word.size()));
    body.append(word);
  }
  for (const float weight : parts.weights) put(body, upper_half(weight));
  return wrap_file(kMagic, kFormatVersion, body);
}

Result<TopicParts> decode_topics(std::string_view bytes) {
  const auto body = unwrap_file(kMagic, kFormatVersion, bytes);
  ROOKERY_RETURN_IF_ERROR(body);
  BinaryReader reader(*body);
  if (const auto version = reader.number<std::uint32_t>(); version != kTopicWordsVersion) {
    return misconfigured("model_version", "expected words of version " +
                                              std::to_string(kTopicWordsVersion) + ", got " +
                                              std::to_string(version));
  }
  TopicParts parts;
  parts.name = reader.text(kNameBytes);
  const std::size_t topics = reader.number<std::uint32_t>();
  if (topics == 0 || topics > kTopicsMax) {
    return model_broken("expected 1 to " + std::to_string(kTopicsMax) + " topics, got " +
                        std::to_string(topics));
  }
  for (std::size_t topic = 0; topic < topics; ++topic) {
    parts.prior.push_back(reader.real());
    const std::size_t length = reader.number<std::uint16_t>();
    parts.labels.emplace_back(reader.bytes(length));
  }
  const std::size_t words = reader.number<std::uint32_t>();
  if (reader.ran_short() || words > reader.left()) return model_broken("it ends before its words");
  for (std::size_t word = 0; word < words; ++word) {
    const std::size_t length = reader.number<std::uint8_t>();
    parts.words.emplace_back(reader.bytes(length));
  }
  if (reader.ran_short() || reader.left() != words * topics * 2) {
    return model_broken("expected " + std::to_string(words) + " words with weights for " +
                        std::to_string(topics) + " topics");
  }
  parts.weights.reserve(words * topics);
  for (std::size_t i = 0; i < words * topics; ++i) {
    parts.weights.push_back(from_upper_half(reader.number<std::uint16_t>()));
  }
  ROOKERY_RETURN_IF_ERROR(check_parts(parts));
  return parts;
}

TopicVocabulary::TopicVocabulary(const std::vector<std::string>& words)
    : entries_(std::bit_ceil(std::max<std::size_t>(2, words.size() * 2))) {
  for (std::uint32_t i = 0; i < words.size(); ++i) {
    const std::string_view word = words[i];
    const std::size_t space = word.find(' ');
    if (space == std::string_view::npos) {
      insert(hash_of(word), i);
    } else {
      insert(phrase_hash(hash_of(word.substr(0, space)), hash_of(word.substr(space + 1))), i);
      phrases_ = true;
    }
  }
}

void TopicVocabulary::insert(std::uint64_t hash, std::uint32_t word) {
  const std::size_t mask = entries_.size() - 1;
  std::size_t slot = hash & mask;
  while (entries_[slot].word != kNone) {
    if (entries_[slot].hash == hash) return;  // the first one counts
    slot = (slot + 1) & mask;
  }
  entries_[slot] = {hash, word};
}

std::uint32_t TopicVocabulary::find(std::uint64_t hash) const {
  const std::size_t mask = entries_.size() - 1;
  for (std::size_t slot = hash & mask;; slot = (slot + 1) & mask) {
    const Entry& entry = entries_[slot];
    if (entry.word == kNone || entry.hash == hash) return entry.word;
  }
}

void TopicVocabulary::read(const std::vector<Token>& tokens,
                           std::vector<std::uint32_t>& words) const {
  words.clear();
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (i + kAhead < tokens.size()) {
      __builtin_prefetch(&entries_[tokens[i + kAhead].hash & (entries_.size() - 1)]);
    }
    if (tokens[i].kind != TokenKind::kWord) continue;
    if (phrases_ && i + 1 < tokens.size() && tokens[i + 1].kind == TokenKind::kWord) {
      const std::uint32_t phrase = find(phrase_hash(tokens[i].hash, tokens[i + 1].hash));
      if (phrase != kNone) {
        words.push_back(phrase);
        ++i;
        continue;
      }
    }
    if (const std::uint32_t word = find(tokens[i].hash); word != kNone) words.push_back(word);
  }
}

Result<TopicModel> TopicModel::decode(std::string_view bytes) {
  auto parts = decode_topics(bytes);
  ROOKERY_RETURN_IF_ERROR(parts);
  TopicModel model;
  model.id_ = parts->name + "-" + checksum_text(bytes);
  model.labels_ = std::move(parts->labels);
  model.prior_ = std::move(parts->prior);
  model.vocabulary_ = TopicVocabulary(parts->words);
  const std::size_t topics = model.prior_.size();
  model.stride_ = (topics + kLanes - 1) / kLanes * kLanes;
  model.weights_.resize(parts->words.size() * model.stride_);
  for (std::size_t word = 0; word < parts->words.size(); ++word) {
    std::copy_n(parts->weights.begin() + static_cast<std::ptrdiff_t>(word * topics), topics,
                model.weights_.begin() + static_cast<std::ptrdiff_t>(word * model.stride_));
  }
  return model;
}

Result<TopicModel> TopicModel::load(const std::string& path) {
  return load_model(path, decode);
}

}  // namespace rookery::sentiment_scoring
