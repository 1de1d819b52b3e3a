#include "services/rookery-train/topic_corpus.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>
#include <unordered_map>
#include <unordered_set>

#include <nlohmann/json.hpp>

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

bool has_ending(const std::filesystem::path& path, const std::string& format) {
  std::string name = path.filename().string();
  for (const std::string_view packed : {".gz", ".zst"}) {
    if (name.ends_with(packed)) name.resize(name.size() - packed.size());
  }
  return name.ends_with(format == "text" ? ".txt" : ".jsonl");
}

Result<std::vector<std::string>> files_of(const CorpusSettings& settings) {
  std::vector<std::string> files;
  for (const std::string& input : settings.inputs) {
    std::error_code error;
    if (!std::filesystem::is_directory(input, error)) {
      files.push_back(input);
      continue;
    }
    const std::size_t first = files.size();
    for (const auto& entry : std::filesystem::recursive_directory_iterator(input, error)) {
      if (entry.is_regular_file() && has_ending(entry.path(), settings.format)) {
        files.push_back(entry.path().string());
      }
    }
    if (error || files.size() == first) {
      return misconfigured("file_unreadable", "folder \"" + input + "\": expected files in " +
                                                  (settings.format == "text" ? ".txt" : ".jsonl"));
    }
    std::sort(files.begin() + static_cast<std::ptrdiff_t>(first), files.end());
  }
  return files;
}

/// Calls `take` with every text of the input.
Result<void> for_each_text(const CorpusSettings& settings,
                           const std::function<void(std::string_view)>& take) {
  const auto files = files_of(settings);
  ROOKERY_RETURN_IF_ERROR(files);
  const bool json = settings.format != "text";
  for (const std::string& file : *files) {
    auto lines = Lines::open(file);
    ROOKERY_RETURN_IF_ERROR(lines);
    std::string line;
    while (lines->next(line)) {
      if (!json) {
        take(line);
        continue;
      }
      const auto post = nlohmann::json::parse(line, nullptr, false);
      if (post.is_object() && post.value("deleted", false)) continue;
      if (!post.is_object() || !post.contains(settings.text_field) ||
          !post[settings.text_field].is_string()) {
        return misconfigured("file_malformed",
                             "file \"" + file + "\", line " + std::to_string(lines->number()) +
                                 ": expected an object with a text in \"" + settings.text_field +
                                 "\", got \"" + line.substr(0, 64) + "\"");
      }
      take(post[settings.text_field].get_ref<const std::string&>());
    }
    ROOKERY_RETURN_IF_ERROR(lines->check_end(file));
  }
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

  Result<Corpus> read();

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

Result<Corpus> CorpusReader::read() {
  ROOKERY_RETURN_IF_ERROR(for_each_text(settings_, [this](std::string_view text) { take(text); }));
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

Result<Corpus> read_corpus(const CorpusSettings& settings) {
  return CorpusReader(settings).read();
}

Result<std::size_t> count_lines(const CorpusSettings& settings) {
  const auto files = files_of(settings);
  ROOKERY_RETURN_IF_ERROR(files);
  std::size_t count = 0;
  std::string line;
  for (const std::string& file : *files) {
    auto lines = Lines::open(file);
    ROOKERY_RETURN_IF_ERROR(lines);
    while (lines->next(line)) ++count;
    ROOKERY_RETURN_IF_ERROR(lines->check_end(file));
  }
  return count;
}

Result<Documents> read_documents(const CorpusSettings& settings,
                                 const TopicVocabulary& vocabulary) {
  Documents documents;
  Tokens tokens;
  std::vector<std::uint32_t> words;
  ROOKERY_RETURN_IF_ERROR(for_each_text(settings, [&](std::string_view text) {
    tokens.read(text, kTextBytesMax);
    vocabulary.read(tokens.tokens(), words);
    documents.add(words);
  }));
  return documents;
}

}  // namespace rookery::train
