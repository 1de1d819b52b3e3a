#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/result.hpp"
#include "services/sentiment-scoring/tokens.hpp"

namespace rookery::sentiment_scoring {

constexpr std::size_t kTopicsMax = 4096;

/// Raised with every change that gives a text other words: a topic model holds
/// for one version only.
constexpr std::uint32_t kTopicWordsVersion = 1;

/// What a topic model (latent Dirichlet allocation, Blei et al. 2003) consists of.
struct TopicParts {
  std::string name;                 ///< Free, as "news"; 1 to 31 bytes.
  std::vector<std::string> labels;  ///< One for each topic.
  std::vector<float> prior;         ///< Dirichlet parameter of each topic in a text; above 0.
  /// As the tokenizer gives them, UTF-8; a phrase is two words parted by a space.
  std::vector<std::string> words;
  /// P(word | topic): for each word, one for each topic. A file holds the upper
  /// 16 bits of a float (8 of them mantissa).
  std::vector<float> weights;
};

/// The form of a file, inside the common envelope (binary.hpp), magic "ROOKTOPC":
///
///     u32 kTopicWordsVersion, name (32 bytes),
///     u32 number of topics, for each f32 prior, u16 length and label,
///     u32 number of words, for each u8 length and word,
///     u16 weights, word by word.
[[nodiscard]] std::string encode_topics(const TopicParts& parts);
/// Errors (kMisconfigured): model_broken, model_version.
[[nodiscard]] Result<TopicParts> decode_topics(std::string_view bytes);

/// The words that topics are made of, known by their hashes: words of texts
/// that are no numbers, users or links, hashtags split. Two neighbours that are
/// a phrase of the vocabulary count as that phrase alone.
class TopicVocabulary {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  TopicVocabulary() = default;
  explicit TopicVocabulary(const std::vector<std::string>& words);

  /// Stores the numbers of the known words of a text, in its order.
  void read(const std::vector<Token>& tokens, std::vector<std::uint32_t>& words) const;

  /// Whether a token may be a word of a topic at all.
  [[nodiscard]] static bool is_word(const Token& token) {
    return token.kind == TokenKind::kWord && (token.length > 1 || token.character >= 0x3000);
  }
  [[nodiscard]] static std::uint64_t phrase_hash(std::uint64_t first, std::uint64_t second) {
    return ((first ^ (first >> 29U)) * 0xA0761D6478BD642F + second) | 1U;
  }
  [[nodiscard]] std::uint32_t find(std::uint64_t hash) const;

 private:
  struct Entry {
    std::uint64_t hash = 0;
    std::uint32_t word = kNone;
  };
  void insert(std::uint64_t hash, std::uint32_t word);

  std::vector<Entry> entries_ = std::vector<Entry>(2);  ///< A power of two, at most half full.
  bool phrases_ = false;
};

/// A topic model as it scores: read-only, any number of threads may use it.
/// Four bytes a word and topic.
class TopicModel {
 public:
  /// So many topics are worked on at once.
  static constexpr std::size_t kLanes = 8;

  /// Errors as decode_topics().
  static Result<TopicModel> decode(std::string_view bytes);
  /// As decode(); an unreadable file is model_unreadable. Messages name `path`.
  static Result<TopicModel> load(const std::string& path);

  /// Name and checksum, as "news-1f0c2d3e".
  [[nodiscard]] const std::string& id() const { return id_; }
  [[nodiscard]] std::size_t topics() const { return prior_.size(); }
  [[nodiscard]] const std::string& label(std::size_t topic) const { return labels_[topic]; }
  [[nodiscard]] const std::vector<float>& prior() const { return prior_; }
  [[nodiscard]] const TopicVocabulary& vocabulary() const { return vocabulary_; }
  /// stride() numbers, those beyond topics() are 0.
  [[nodiscard]] const float* weights(std::uint32_t word) const {
    return weights_.data() + std::size_t{word} * stride_;
  }
  /// topics(), rounded up to a multiple of kLanes.
  [[nodiscard]] std::size_t stride() const { return stride_; }

 private:
  std::string id_;
  std::vector<std::string> labels_;
  std::vector<float> prior_;
  TopicVocabulary vocabulary_;
  std::vector<float> weights_;
  std::size_t stride_ = 0;
};

}  // namespace rookery::sentiment_scoring
