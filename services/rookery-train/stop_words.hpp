#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "common/core/result.hpp"
#include "services/sentiment-scoring/tokens.hpp"

namespace rookery::train {

/// data/stop_words.txt: a line is a language's code and its words, parted by spaces.
[[nodiscard]] std::string_view stop_words_data();

/// The words that say nothing about a topic, by language. Words are known by
/// their token's hash, in the form that the tokenizer gives them.
class StopWords {
 public:
  StopWords();

  /// The words of `languages` together; "all" is every language. Error
  /// (kMisconfigured): option_invalid, for a code without a list.
  Result<std::unordered_set<std::uint64_t>> of(const std::vector<std::string>& languages) const;

  /// What a text's words say about its language: which list has most of them
  /// among its short words (up to three letters), and how many.
  struct Match {
    std::vector<std::string_view> languages;  ///< Several where they have as many.
    std::size_t words = 0;
  };
  [[nodiscard]] Match match(const std::vector<sentiment_scoring::Token>& tokens) const;

 private:
  struct List {
    std::string language;
    std::unordered_set<std::uint64_t> words;
  };
  std::vector<List> lists_;
  /// Which lists have a short word: their numbers.
  std::unordered_map<std::uint64_t, std::vector<std::uint32_t>> short_words_;
};

/// Finds out whose stop words a corpus needs. A corpus that was cleaned before
/// keeps all its words: a language counts where its texts hold its short stop
/// words as running text does, one word in eight, and are 2 % of the corpus.
class StopWordsNeeded {
 public:
  explicit StopWordsNeeded(const StopWords& all) : all_(all) {}

  void add(const std::vector<sentiment_scoring::Token>& tokens);
  /// Codes in alphabetical order.
  [[nodiscard]] std::vector<std::string> languages() const;

 private:
  struct Tally {
    std::size_t texts = 0, words = 0, matches = 0;
  };
  const StopWords& all_;
  std::size_t texts_ = 0;
  std::unordered_map<std::string_view, Tally> tallies_;
};

}  // namespace rookery::train
