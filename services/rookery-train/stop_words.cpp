#include "services/rookery-train/stop_words.hpp"

#include <algorithm>

namespace rookery::train {
namespace {

using sentiment_scoring::Token;
using sentiment_scoring::TokenKind;
using sentiment_scoring::Tokens;

constexpr std::size_t kShortLetters = 3;
constexpr std::size_t kMatchesIn = 8;        ///< One word in so many, for running text.
constexpr std::size_t kTextsIn = 50;         ///< One text in so many, for a language to count.
constexpr std::size_t kWordsOfATextMin = 4;  ///< Shorter texts tell nothing.

/// Takes the next word off `line`.
std::string_view take_word(std::string_view& line) {
  const std::string_view word = line.substr(0, line.find(' '));
  line.remove_prefix(std::min(line.size(), word.size() + 1));
  return word;
}

}  // namespace

StopWords::StopWords() {
  Tokens tokens;
  std::string_view data = stop_words_data();
  while (!data.empty()) {
    std::string_view line = data.substr(0, data.find('\n'));
    data.remove_prefix(std::min(data.size(), line.size() + 1));
    List list{std::string(take_word(line)), {}};
    const auto number = static_cast<std::uint32_t>(lists_.size());
    while (!line.empty()) {
      const std::string_view word = take_word(line);
      tokens.read(word, word.size());
      // "l'eau" and the like are several tokens: each is a stop word.
      for (const Token& token : tokens.tokens()) {
        if (token.kind != TokenKind::kWord || !list.words.insert(token.hash).second) continue;
        if (token.length <= kShortLetters) short_words_[token.hash].push_back(number);
      }
    }
    lists_.push_back(std::move(list));
  }
}

Result<std::unordered_set<std::uint64_t>> StopWords::of(
    const std::vector<std::string>& languages) const {
  std::unordered_set<std::uint64_t> words;
  for (const std::string& language : languages) {
    bool found = false;
    for (const List& list : lists_) {
      if (language != "all" && list.language != language) continue;
      words.insert(list.words.begin(), list.words.end());
      found = true;
    }
    if (!found) {
      return misconfigured(
          "option_invalid",
          "stop-words: expected auto, none, all, or a code such as \"en\", got \"" + language +
              "\"");
    }
  }
  return words;
}

StopWords::Match StopWords::match(const std::vector<Token>& tokens) const {
  std::vector<std::size_t> counts(lists_.size());
  for (const Token& token : tokens) {
    if (token.kind != TokenKind::kWord || token.length > kShortLetters) continue;
    const auto found = short_words_.find(token.hash);
    if (found == short_words_.end()) continue;
    for (const std::uint32_t list : found->second) ++counts[list];
  }
  Match match;
  for (std::size_t i = 0; i < lists_.size(); ++i) {
    if (counts[i] == 0 || counts[i] < match.words) continue;
    if (counts[i] > match.words) match.languages.clear();
    match.words = counts[i];
    match.languages.emplace_back(lists_[i].language);
  }
  return match;
}

void StopWordsNeeded::add(const std::vector<Token>& tokens) {
  const auto words = static_cast<std::size_t>(std::count_if(
      tokens.begin(), tokens.end(), [](const Token& t) { return t.kind == TokenKind::kWord; }));
  if (words < kWordsOfATextMin) return;
  ++texts_;
  const StopWords::Match match = all_.match(tokens);
  if (match.words == 0) return;
  // Where a text leaves it open, it is in the language of most texts before it.
  Tally* most = &tallies_[match.languages.front()];
  for (const std::string_view language : match.languages) {
    Tally& tally = tallies_[language];
    if (tally.texts > most->texts) most = &tally;
  }
  Tally& tally = *most;
  ++tally.texts;
  tally.words += words;
  tally.matches += match.words;
}

std::vector<std::string> StopWordsNeeded::languages() const {
  std::vector<std::string> needed;
  for (const auto& [language, tally] : tallies_) {
    if (tally.texts * kTextsIn >= texts_ && tally.matches * kMatchesIn >= tally.words) {
      needed.emplace_back(language);
    }
  }
  std::sort(needed.begin(), needed.end());
  return needed;
}

}  // namespace rookery::train
