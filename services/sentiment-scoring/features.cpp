#include "services/sentiment-scoring/features.hpp"

#include <algorithm>
#include <cmath>

namespace rookery::sentiment_scoring {
namespace {

constexpr std::uint64_t kWordFactor = 0xA0761D6478BD642F;
constexpr std::uint64_t kCharacterFactor = 0xE7037ED1A0B428DB;
constexpr std::uint64_t kCharacterSeed = 0x8EBC6AF09C88C6E3;
constexpr std::uint64_t kWideFactor = 0xD1B54A32D192ED03;
constexpr std::uint64_t kNegation = 0x589965CC75374CC3;
constexpr int kNegatedWordsMax = 4;
constexpr std::size_t kCharactersMax = 6;
constexpr std::size_t kWideDistanceMax = 9;
constexpr std::size_t kLastTokens = 3;
constexpr std::size_t kClauseTokensMax = 12;
constexpr std::size_t kFacedPlaces = 2;

std::uint32_t key_of(std::uint64_t hash) {
  return static_cast<std::uint32_t>(hash >> 32U);
}

/// What a wide n-gram is made of; its key begins with it. Places are added to it.
enum class Wide : std::uint64_t {
  kPair = 1,
  kFirst,
  kLast,
  kFaced = 10,
  kFacedAt = 20,
  kFacedPair = 30,
};

std::uint32_t wide_key(Wide kind, std::uint64_t first, std::uint64_t second) {
  const std::uint64_t hash = (first + static_cast<std::uint64_t>(kind)) * kWideFactor;
  return key_of(((hash ^ (hash >> 29U)) + second) * kWideFactor);
}

bool ends_clause(const Token& token) {
  if (token.kind != TokenKind::kPunctuation) return token.kind == TokenKind::kEmoji;
  constexpr std::u32string_view kEnds = U".,;:!?()\"";
  return kEnds.find(token.character) != std::u32string_view::npos;
}

bool is_face(const Token& token) {
  return token.kind == TokenKind::kEmoticon || token.kind == TokenKind::kEmoji;
}

/// Whether a face or a gap follows the token at `i`.
bool is_faced(const std::vector<Token>& tokens, std::size_t i) {
  return i + 1 < tokens.size() && !is_face(tokens[i]) && (tokens[i].gap || is_face(tokens[i + 1]));
}

constexpr std::array<std::uint64_t, 3> kButs{token_hash(U"but"), token_hash(U"however"),
                                             token_hash(U"though")};
/// Words that make the next one stronger or weaker; VADER's most frequent ones.
constexpr std::array<std::uint64_t, 14> kMore{
    token_hash(U"very"),       token_hash(U"so"),      token_hash(U"really"),
    token_hash(U"too"),        token_hash(U"totally"), token_hash(U"super"),
    token_hash(U"fucking"),    token_hash(U"such"),    token_hash(U"extremely"),
    token_hash(U"most"),       token_hash(U"more"),    token_hash(U"absolutely"),
    token_hash(U"completely"), token_hash(U"soo")};
constexpr std::array<std::uint64_t, 6> kLess{token_hash(U"slightly"), token_hash(U"somewhat"),
                                             token_hash(U"kinda"),    token_hash(U"little"),
                                             token_hash(U"almost"),   token_hash(U"less")};
constexpr WordFilter kButFilter(kButs);
constexpr WordFilter kMoreFilter(kMore);
constexpr WordFilter kLessFilter(kLess);

template <std::size_t kCount>
bool is_one(const std::array<std::uint64_t, kCount>& words, const WordFilter& filter,
            const Token& token) {
  return filter.may_hold(token.hash) &&
         std::find(words.begin(), words.end(), token.hash) != words.end();
}

bool is_but(const Token& token) {
  return is_one(kButs, kButFilter, token);
}

/// +1 for words that make the next one stronger, -1 for weaker.
float strength(const Token& token) {
  if (is_one(kMore, kMoreFilter, token)) return 1;
  return is_one(kLess, kLessFilter, token) ? -1.0F : 0.0F;
}

/// To -1..1, without a call into the mathematics library: the same everywhere.
float squash(float value, float half) {
  return value / (std::abs(value) + half);
}
float compound(float sum) {
  return sum / std::sqrt(sum * sum + 15.0F);
}  // as VADER's

/// What the tokens' valences add up to.
struct Tally {
  float positive = 0, negative = 0;    ///< Sums of valences, 0 to 6 each.
  float positives = 0, negatives = 0;  ///< Counts.
  float strong_positives = 0, strong_negatives = 0;
  float max = 0, min = 0, first = 0, last = 0;
  float emoji_positive = 0, emoji_negative = 0;
  float negated_positive = 0, negated_negative = 0;
  float second_half = 0, after_but = 0;
  float exclamations = 0, questions = 0, shouted = 0, stretched = 0, hashtags = 0, users = 0,
        urls = 0, negators = 0, words = 0;
  bool but = false;

  void add_form(const Token& token);
  void add_valence(const Token& token, float valence, bool negated);
};

void Tally::add_form(const Token& token) {
  switch (token.kind) {
    case TokenKind::kWord:
      ++words;
      shouted += token.shouted ? 1.0F : 0.0F;
      stretched += token.bare != 0 ? 1.0F : 0.0F;
      negators += token.negator ? 1.0F : 0.0F;
      break;
    case TokenKind::kPunctuation:
      exclamations += token.character == '!' ? 1.0F : 0.0F;
      questions += token.character == '?' ? 1.0F : 0.0F;
      break;
    case TokenKind::kHashtag:
      ++hashtags;
      break;
    case TokenKind::kUser:
      ++users;
      break;
    case TokenKind::kUrl:
      ++urls;
      break;
    case TokenKind::kNumber:
    case TokenKind::kEmoji:
    case TokenKind::kEmoticon:
      break;
  }
}

void Tally::add_valence(const Token& token, float valence, bool negated) {
  if (negated) {
    (valence > 0 ? negated_positive : negated_negative) += valence;
    valence *= -0.74F;  // VADER's factor for "not good"
  }
  if (positives + negatives == 0) first = valence;
  last = valence;
  max = std::max(max, valence);
  min = std::min(min, valence);
  if (valence > 0) {
    positive += valence;
    ++positives;
    strong_positives += valence > 2 ? 1.0F : 0.0F;
  } else {
    negative += valence;
    ++negatives;
    strong_negatives += valence < -2 ? 1.0F : 0.0F;
  }
  if (token.kind != TokenKind::kWord) (valence > 0 ? emoji_positive : emoji_negative) += valence;
  if (but) after_but += valence;
}

std::array<float, kDenseCount> dense_of(const Tally& t) {
  const float hits = t.positives + t.negatives;
  const float sum = t.positive + t.negative;
  const auto indicator = [](bool value) { return value ? 1.0F : 0.0F; };
  return {squash(t.positive, 4),
          squash(t.negative, 4),
          compound(sum),
          squash(t.positives, 2),
          squash(t.negatives, 2),
          t.max / 4,
          t.min / 4,
          t.last / 4,
          t.first / 4,
          squash(t.emoji_positive, 3),
          squash(t.emoji_negative, 3),
          squash(t.negated_positive, 2),
          squash(t.negated_negative, 2),
          compound(t.second_half),
          compound(t.after_but),
          indicator(t.but),
          squash(t.exclamations, 1),
          squash(t.questions, 1),
          t.words > 0 ? t.shouted / t.words : 0,
          squash(t.stretched, 1),
          squash(t.hashtags, 2),
          squash(t.users, 2),
          squash(t.urls, 1),
          squash(t.words, 10),
          squash(t.negators, 1),
          indicator(hits == 0),
          indicator(t.positives > 0 && t.negatives == 0),
          indicator(t.positives == 0 && t.negatives > 0),
          indicator(t.positives > 0 && t.negatives > 0),
          hits > 0 ? sum / hits / 4 : 0,
          squash(t.strong_positives, 1),
          squash(t.strong_negatives, 1)};
}

}  // namespace

FeatureExtractor::FeatureExtractor(std::size_t text_bytes_max)
    : text_bytes_max_(text_bytes_max), lexicon_(Lexicon::instance()) {}

const Features& FeatureExtractor::extract(std::string_view text) {
  tokens_.read(text, text_bytes_max_);
  features_.has_text = tokens_.has_text();
  features_.wide_grams.clear();
  mark_negation();
  add_word_grams();
  add_character_grams();
  add_dense();
  return features_;
}

/// A negator turns up to four words after it, to the end of the clause.
void FeatureExtractor::mark_negation() {
  negated_.clear();
  marked_.clear();
  int left = 0;
  for (const Token& token : tokens_.tokens()) {
    if (ends_clause(token) || is_but(token)) left = 0;
    const bool word = token.kind == TokenKind::kWord;
    const bool negated = left > 0 && word;
    negated_.push_back(negated);
    marked_.push_back(negated ? token.hash ^ kNegation : token.hash);
    if (token.negator) {
      left = kNegatedWordsMax;
    } else if (negated) {
      --left;
    }
  }
}

void FeatureExtractor::add_word_grams() {
  auto& grams = features_.word_grams;
  grams.clear();
  std::uint64_t before = 0;
  std::uint64_t before_that = 0;
  for (const std::uint64_t hash : marked_) {
    const std::uint64_t one = hash * kWordFactor;
    grams.push_back(key_of(one));
    if (before != 0) {
      const std::uint64_t two = ((before ^ (before >> 29U)) + one) * kWordFactor;
      grams.push_back(key_of(two));
    }
    if (before_that != 0) {
      const std::uint64_t pair = ((before_that ^ (before_that >> 29U)) + before) * kWordFactor;
      grams.push_back(key_of(((pair ^ (pair >> 31U)) + one) * kWordFactor));
    }
    before_that = before;
    before = one;
  }
}

void FeatureExtractor::add_character_grams() {
  const auto& characters = tokens_.characters();
  auto& grams = features_.character_grams;
  grams.resize(characters.size() * (kCharactersMax - 1));  // at most
  std::uint32_t* next = grams.data();
  for (std::size_t begin = 0; begin + 1 < characters.size(); ++begin) {
    const std::size_t end = std::min(begin + kCharactersMax, characters.size());
    std::uint64_t hash = (kCharacterSeed + characters[begin]) * kCharacterFactor;
    for (std::size_t i = begin + 1; i < end; ++i) {
      hash = (hash + characters[i]) * kCharacterFactor;
      *next++ = key_of(hash);
    }
  }
  grams.resize(static_cast<std::size_t>(next - grams.data()));
}

/// A face speaks of what stands before it. Where a collection had its faces cut out
/// (Sentiment140), each left a gap; where there is neither, a post's last clause is the
/// one that most faces would follow.
void FeatureExtractor::add_faced() {
  const auto& tokens = tokens_.tokens();
  bool found = false;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (!is_faced(tokens, i)) continue;
    add_clause_before(i + 1);
    found = true;
  }
  if (!found) add_clause_before(tokens.size());
}

/// The words of the clause that ends before the token at `end`, and its last two by their places.
void FeatureExtractor::add_clause_before(std::size_t end) {
  const auto& tokens = tokens_.tokens();
  auto& grams = features_.wide_grams;
  const std::size_t first = end - std::min(end, kClauseTokensMax);
  for (std::size_t i = end; i > first; --i) {
    if (i < end && ends_clause(tokens[i - 1])) break;
    const std::size_t place = end - i + 1;
    grams.push_back(wide_key(Wide::kFaced, 0, marked_[i - 1]));
    if (place <= kFacedPlaces) grams.push_back(wide_key(Wide::kFacedAt, place, marked_[i - 1]));
  }
  if (end >= 2) grams.push_back(wide_key(Wide::kFacedPair, marked_[end - 2], marked_[end - 1]));
}

/// How far apart two tokens stand is not told: "love ... much" is one n-gram.
/// Neighbours are word n-grams already.
const Features& FeatureExtractor::add_wide() {
  auto& grams = features_.wide_grams;
  grams.clear();
  const std::size_t count = marked_.size();
  for (std::size_t i = 2; i < count; ++i) {
    for (std::size_t first = i - std::min(i, kWideDistanceMax); first + 2 <= i; ++first) {
      grams.push_back(wide_key(Wide::kPair, marked_[first], marked_[i]));
    }
  }
  if (count == 0) return features_;
  add_faced();
  // How a post begins and ends says more than what stands in its middle.
  grams.push_back(wide_key(Wide::kFirst, 0, marked_[0]));
  for (std::size_t i = 1; i <= std::min(count, kLastTokens); ++i) {
    grams.push_back(wide_key(Wide::kLast, i, marked_[count - i]));
  }
  if (count == 1) return features_;
  grams.push_back(wide_key(Wide::kFirst, marked_[0], marked_[1]));
  grams.push_back(wide_key(Wide::kLast, marked_[count - 2], marked_[count - 1]));
  return features_;
}

void FeatureExtractor::add_dense() {
  const auto& tokens = tokens_.tokens();
  Tally tally;
  float boost = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const Token& token = tokens[i];
    tally.add_form(token);
    if (is_but(token)) tally.but = true;
    if (const int tenths = lexicon_.valence(token); tenths != 0) {
      // VADER's steps: .29 for a strengthening word, .73 for capitals.
      const float sign = tenths > 0 ? 1.0F : -1.0F;
      const float valence =
          static_cast<float>(tenths) / 10 + sign * (0.29F * boost + (token.shouted ? 0.73F : 0.0F));
      const bool negated = negated_[i];
      tally.add_valence(token, valence, negated);
      if (i * 2 >= tokens.size()) tally.second_half += negated ? -0.74F * valence : valence;
    }
    boost = strength(token);
  }
  features_.dense = dense_of(tally);
}

}  // namespace rookery::sentiment_scoring
