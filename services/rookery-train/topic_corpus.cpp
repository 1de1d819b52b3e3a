#include "services/rookery-train/topic_corpus.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <unordered_map>
#include <unordered_set>

#include "services/rookery-train/lines.hpp"
#include "services/rookery-train/stop_words.hpp"

namespace rookery::train {
namespace {

using sentiment_scoring::Token;
using sentiment_scoring::TokenKind;
using sentiment_scoring::Tokens;
using sentiment_scoring::TopicVocabulary;

constexpr std::size_t kTextBytesMax = 1'000'000;
constexpr std::size_t kWordBytesMax = 100;
/// Stands in a text's hashes where something that is no word parts two words.
constexpr std::uint64_t kGap = 0;

void append_utf8(std::string& out, char32_t c) {
  const auto put = [&out](char32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (c < 0x80) return put(c);
  if (c < 0x800) {
    put(0xC0U | (c >> 6U));
  } else {
    if (c < 0x10000) {
      put(0xE0U | (c >> 12U));
    } else {
      put(0xF0U | (c >> 18U));
      put(0x80U | ((c >> 12U) & 0x3FU));
    }
    put(0x80U | ((c >> 6U) & 0x3FU));
  }
  put(0x80U | (c & 0x3FU));
}

std::string text_of(const Tokens& tokens, const Token& token) {
  std::string text;
  for (std::size_t i = 0; i < token.length; ++i) {
    append_utf8(text, tokens.characters()[token.begin + i]);
  }
  return text;
}

/// Calls `take` with every text of the input.
Result<void> for_each_text(const InputSettings& settings, Clock& clock,
                           const std::function<void(std::string_view)>& take) {
  auto input = InputFiles::open(settings, clock);
  ROOKERY_RETURN_IF_ERROR(input);
  const auto files = input->find();
  ROOKERY_RETURN_IF_ERROR(files);
  for (const InputFile& file : *files) ROOKERY_RETURN_IF_ERROR(input->read(file, take));
  return {};
}

/// What is counted of a word or pair while the texts are read.
struct Count {
  std::uint32_t documents = 0;
  std::uint32_t last = 0;  ///< The last text that had it, from 1.
  std::uint64_t tokens = 0;
};

class CorpusReader {
 public:
  explicit CorpusReader(const CorpusSettings& settings) : settings_(settings), needed_(all_) {}

  Result<Corpus> read(Clock& clock);

 private:
  void take(std::string_view text);
  Result<std::unordered_set<std::uint64_t>> stop_words(Corpus& corpus);
  std::vector<std::string> choose_words(const std::unordered_set<std::uint64_t>& left_out) const;
  void add_phrases(std::vector<std::string>& vocabulary) const;

  struct Word : Count {
    std::string text;
  };

  const CorpusSettings& settings_;
  StopWords all_;
  StopWordsNeeded needed_;
  Tokens tokens_;
  std::unordered_map<std::uint64_t, Word> words_;
  std::vector<std::uint64_t> hashes_;  ///< All texts; kGap parts what does not touch.
  std::vector<std::size_t> ends_;
};

void CorpusReader::take(std::string_view text) {
  tokens_.read(text, kTextBytesMax);
  needed_.add(tokens_.tokens());
  const auto number = static_cast<std::uint32_t>(ends_.size() + 1);
  for (const Token& token : tokens_.tokens()) {
    if (!TopicVocabulary::is_word(token)) {
      if (token.kind != TokenKind::kHashtag) hashes_.push_back(kGap);
      continue;
    }
    Word& word = words_[token.hash];
    if (word.tokens++ == 0) word.text = text_of(tokens_, token);
    if (word.last != number) ++word.documents;
    word.last = number;
    hashes_.push_back(token.hash);
  }
  hashes_.push_back(kGap);
  ends_.push_back(hashes_.size());
}

Result<std::unordered_set<std::uint64_t>> CorpusReader::stop_words(Corpus& corpus) {
  corpus.stop_words = settings_.stop_words;
  if (corpus.stop_words == std::vector<std::string>{"auto"})
    corpus.stop_words = needed_.languages();
  if (corpus.stop_words == std::vector<std::string>{"none"}) corpus.stop_words.clear();
  auto words = all_.of(corpus.stop_words);
  if (!words || settings_.stop_words_file.empty()) return words;
  auto lines = Lines::open(settings_.stop_words_file);
  ROOKERY_RETURN_IF_ERROR(lines);
  std::string line;
  while (lines->next(line)) {
    tokens_.read(line, line.size());
    for (const Token& token : tokens_.tokens()) words->insert(token.hash);
  }
  ROOKERY_RETURN_IF_ERROR(lines->check_end(settings_.stop_words_file));
  return words;
}

/// The most frequent words that may stay, in that order.
std::vector<std::string> CorpusReader::choose_words(
    const std::unordered_set<std::uint64_t>& left_out) const {
  const double most = settings_.documents_share_max * static_cast<double>(ends_.size());
  std::vector<const Word*> kept;
  for (const auto& [hash, word] : words_) {
    if (word.documents < settings_.documents_min || word.text.size() > kWordBytesMax) continue;
    if (static_cast<double>(word.documents) > most && word.documents > 1) continue;
    if (!left_out.contains(hash)) kept.push_back(&word);
  }
  std::sort(kept.begin(), kept.end(), [](const Word* a, const Word* b) {
    return a->tokens != b->tokens ? a->tokens > b->tokens : a->text < b->text;
  });
  if (kept.size() > settings_.words_max) kept.resize(settings_.words_max);
  std::vector<std::string> words;
  words.reserve(kept.size());
  for (const Word* word : kept) words.push_back(word->text);
  return words;
}

/// Adds the pairs of kept words that stand together far more often than chance
/// would have it (normalised pointwise mutual information above 0.5; Bouma 2009).
void CorpusReader::add_phrases(std::vector<std::string>& vocabulary) const {
  if (settings_.phrases_max == 0) return;
  const TopicVocabulary known(vocabulary);
  struct Pair : Count {
    std::uint64_t first = 0, second = 0;
  };
  std::unordered_map<std::uint64_t, Pair> pairs;
  for (std::size_t i = 0; i + 1 < hashes_.size(); ++i) {
    if (hashes_[i] == kGap || hashes_[i + 1] == kGap || hashes_[i] == hashes_[i + 1]) continue;
    if (known.find(hashes_[i]) == TopicVocabulary::kNone) continue;
    if (known.find(hashes_[i + 1]) == TopicVocabulary::kNone) continue;
    Pair& pair = pairs[TopicVocabulary::phrase_hash(hashes_[i], hashes_[i + 1])];
    pair.first = hashes_[i];
    pair.second = hashes_[i + 1];
    ++pair.tokens;
  }
  constexpr std::uint64_t kTokensMin = 10;
  constexpr double kInformationMin = 0.5;
  const auto all = static_cast<double>(hashes_.size());
  std::vector<std::pair<std::uint64_t, std::string>> phrases;
  for (const auto& [hash, pair] : pairs) {
    if (pair.tokens < std::max<std::uint64_t>(kTokensMin, settings_.documents_min)) continue;
    const Word& first = words_.at(pair.first);
    const Word& second = words_.at(pair.second);
    const double share = static_cast<double>(pair.tokens) / all;
    const double chance =
        static_cast<double>(first.tokens) / all * (static_cast<double>(second.tokens) / all);
    if (std::log(share / chance) / -std::log(share) < kInformationMin) continue;
    phrases.emplace_back(pair.tokens, first.text + " " + second.text);
  }
  std::sort(phrases.begin(), phrases.end(), [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  });
  if (phrases.size() > settings_.phrases_max) phrases.resize(settings_.phrases_max);
  for (auto& [tokens, text] : phrases) vocabulary.push_back(std::move(text));
}

Result<Corpus> CorpusReader::read(Clock& clock) {
  ROOKERY_RETURN_IF_ERROR(
      for_each_text(settings_.input, clock, [this](std::string_view text) { take(text); }));
  Corpus corpus;
  corpus.texts = ends_.size();
  const auto left_out = stop_words(corpus);
  ROOKERY_RETURN_IF_ERROR(left_out);
  corpus.vocabulary = choose_words(*left_out);
  add_phrases(corpus.vocabulary);
  const TopicVocabulary vocabulary(corpus.vocabulary);
  std::vector<Token> tokens;
  std::vector<std::uint32_t> words;
  std::size_t at = 0;
  for (const std::size_t end : ends_) {
    tokens.clear();
    for (; at < end; ++at) {
      const TokenKind kind = hashes_[at] == kGap ? TokenKind::kPunctuation : TokenKind::kWord;
      tokens.push_back({hashes_[at], 0, U' ', kind, false, false});
    }
    vocabulary.read(tokens, words);
    if (!words.empty()) corpus.documents.add(words);
  }
  if (corpus.documents.size() == 0) {
    return misconfigured("corpus_empty", "expected texts that share words, got " +
                                             std::to_string(corpus.texts) + " texts with none");
  }
  return corpus;
}

}  // namespace

Result<Corpus> read_corpus(const CorpusSettings& settings, Clock& clock) {
  return CorpusReader(settings).read(clock);
}

Result<Documents> read_documents(const InputSettings& settings, Clock& clock,
                                 const TopicVocabulary& vocabulary) {
  Documents documents;
  Tokens tokens;
  std::vector<std::uint32_t> words;
  ROOKERY_RETURN_IF_ERROR(for_each_text(settings, clock, [&](std::string_view text) {
    tokens.read(text, kTextBytesMax);
    vocabulary.read(tokens.tokens(), words);
    documents.add(words);
  }));
  return documents;
}

}  // namespace rookery::train
