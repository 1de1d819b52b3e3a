#include "services/sentiment-scoring/tokens.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "services/sentiment-scoring/characters.hpp"

namespace rookery::sentiment_scoring {
namespace {

constexpr std::uint64_t kSeed = kTokenSeed;

constexpr std::uint64_t step(std::uint64_t hash, char32_t character) {
  return token_hash_step(hash, character);
}
constexpr std::uint64_t finish(std::uint64_t hash) {
  return token_hash_end(hash);
}

/// Words after which the meaning turns; what ends in n't does so by its ending.
constexpr std::array<std::u32string_view, 30> kNegators{
    U"not",     U"no",       U"never",   U"none",   U"nobody", U"nothing", U"nowhere", U"neither",
    U"nor",     U"cannot",   U"cant",    U"wont",   U"dont",   U"doesnt",  U"didnt",   U"isnt",
    U"wasnt",   U"arent",    U"werent",  U"aint",   U"hasnt",  U"havent",  U"hadnt",   U"couldnt",
    U"wouldnt", U"shouldnt", U"without", U"hardly", U"barely", U"lack"};

/// Sorted, so that a look-up is a short search.
constexpr auto kNegatorHashes = [] {
  std::array<std::uint64_t, kNegators.size()> hashes{};
  std::transform(kNegators.begin(), kNegators.end(), hashes.begin(), token_hash);
  std::sort(hashes.begin(), hashes.end());
  return hashes;
}();
constexpr WordFilter kNegatorFilter(kNegatorHashes);

bool is_negator(std::uint64_t hash) {
  return kNegatorFilter.may_hold(hash) &&
         std::binary_search(kNegatorHashes.begin(), kNegatorHashes.end(), hash);
}

bool is_word(char32_t c) {
  const CharacterClass kind = class_of(c);
  return kind == CharacterClass::kWord || kind == CharacterClass::kDigit;
}
bool is_letter(char32_t c) {
  return class_of(c) == CharacterClass::kWord;
}
bool is_digit(char32_t c) {
  return class_of(c) == CharacterClass::kDigit;
}
bool is_upper(char32_t c) {
  return lower(c) != c;
}
bool is_handle(char32_t c) {
  return c == '_' || (c < 0x80 && is_word(c));
}

/// What the mouth of an emoticon says; absent: it is none.
std::optional<Emoticon> mouth(char32_t c, char32_t eyes) {
  switch (c) {
    case ')':
    case ']':
    case '}':
    case '>':
    case '3':
      return eyes == ';' ? Emoticon::kWink : Emoticon::kHappy;
    case 'D':
      return Emoticon::kLaugh;
    case 'P':
    case 'p':
    case 'b':
      return Emoticon::kTongue;
    case '*':
    case 'x':
    case 'X':
      return Emoticon::kKiss;
    case '(':
    case '[':
    case '{':
    case '<':
    case 'c':
    case 'C':
      return Emoticon::kSad;
    case '/':
    case '\\':
    case '|':
    case 's':
    case 'S':
      return Emoticon::kSceptical;
    case 'o':
    case 'O':
    case '0':
      return Emoticon::kSurprised;
    default:
      return std::nullopt;
  }
}

struct Face {
  std::u32string_view text;
  Emoticon emoticon;
};
constexpr std::array kFaces{Face{U"</3", Emoticon::kBrokenHeart}, Face{U"<3", Emoticon::kHeart},
                            Face{U"^_^", Emoticon::kHappy},       Face{U"^^", Emoticon::kHappy},
                            Face{U"-_-", Emoticon::kSceptical},   Face{U";_;", Emoticon::kSad},
                            Face{U"T_T", Emoticon::kSad},         Face{U"\\o/", Emoticon::kHappy},
                            Face{U"(:", Emoticon::kHappy},        Face{U"(-:", Emoticon::kHappy},
                            Face{U"(;", Emoticon::kWink},         Face{U"):", Emoticon::kSad},
                            Face{U")-:", Emoticon::kSad},         Face{U")':", Emoticon::kSad}};

/// Whether a face begins with it, or its eyes are this.
constexpr bool may_be_face(char32_t c) {
  return c == ':' || c == ';' || c == '=' ||
         std::any_of(kFaces.begin(), kFaces.end(),
                     [c](const Face& face) { return face.text.front() == c; });
}
constexpr auto kFaceStarts = [] {
  std::array<bool, 128> starts{};
  for (char32_t c = 0; c < starts.size(); ++c) starts[c] = may_be_face(c);
  return starts;
}();

}  // namespace

void Tokens::read(std::string_view text, std::size_t bytes_max) {
  clean_.clear();
  characters_.clear();
  tokens_.clear();
  has_text_ = false;
  clean(text, bytes_max, clean_);
  characters_.push_back(U' ');
  std::size_t position = 0;
  while (position < clean_.size()) {
    if (clean_[position] == U' ') {
      if (!tokens_.empty() && at(position + 1) == U' ') tokens_.back().gap = true;
      if (characters_.back() != U' ') characters_.push_back(U' ');
      ++position;
    } else {
      position = read_token(position);
    }
  }
  if (characters_.back() != U' ') characters_.push_back(U' ');
}

/// Reads what stands at `at`; returns the position behind it, which is later.
std::size_t Tokens::read_token(std::size_t begin) {
  const char32_t c = clean_[begin];
  const CharacterClass kind = class_of(c);
  const bool starts = begin == 0 || !is_word(clean_[begin - 1]);
  if (starts && c == '@') {
    if (const std::size_t end = user_end(begin); end != begin) {
      add_mark(kUserMark, TokenKind::kUser);
      return end;
    }
  }
  if (const char32_t low = c | 0x20U; starts && (low == 'h' || low == 'w')) {
    if (const std::size_t end = url_end(begin); end != begin) {
      add_mark(kUrlMark, TokenKind::kUrl);
      return end;
    }
  }
  if (c < kFaceStarts.size() && kFaceStarts[c] && (starts || c != 'T')) {
    Emoticon emoticon{};
    if (const std::size_t end = emoticon_end(begin, emoticon); end != begin) {
      add_mark(kEmoticonMark + static_cast<char32_t>(emoticon), TokenKind::kEmoticon);
      has_text_ = true;
      return end;
    }
  }
  if (starts && c == '#' && is_word(at(begin + 1))) return read_hashtag(begin);
  has_text_ = true;
  if (kind == CharacterClass::kEmoji) return read_repeated(begin, TokenKind::kEmoji);
  if (kind == CharacterClass::kPunctuation) return read_repeated(begin, TokenKind::kPunctuation);
  std::size_t end = begin + 1;
  while (end < clean_.size() &&
         (is_word(clean_[end]) || (clean_[end] == '\'' && is_letter(at(end + 1))))) {
    ++end;
  }
  return read_word(begin, end);
}

/// Adds the word [at, end); numbers lose their digits' values.
std::size_t Tokens::read_word(std::size_t begin, std::size_t end) {
  std::uint64_t hash = kSeed;
  std::uint64_t bare = kSeed;
  std::size_t letters = 0;
  std::size_t capitals = 0;
  std::size_t run = 0;
  bool stretched = false;
  char32_t previous = 0;
  const bool number = std::all_of(clean_.begin() + static_cast<std::ptrdiff_t>(begin),
                                  clean_.begin() + static_cast<std::ptrdiff_t>(end), is_digit);
  const std::size_t first = characters_.size();
  for (std::size_t i = begin; i < end; ++i) {
    const char32_t raw = clean_[i];
    const char32_t c = number ? U'0' : lower(raw);
    capitals += c != raw && !number ? 1 : 0;
    letters += is_letter(raw) ? 1U : 0U;
    run = c == previous ? run + 1 : 1;
    if (run == 1) bare = step(bare, c);
    previous = c;
    if (run > 2 && !number) {
      stretched = true;
      continue;
    }
    hash = step(hash, c);
    characters_.push_back(c);
  }
  const std::u32string_view word(characters_.data() + first, characters_.size() - first);
  Token token{finish(hash),
              stretched ? finish(bare) : 0,
              word.front(),
              number ? TokenKind::kNumber : TokenKind::kWord,
              letters >= 3 && capitals == letters,
              false,
              static_cast<std::uint32_t>(first),
              static_cast<std::uint32_t>(word.size())};
  token.negator = word.ends_with(U"n't") || (word.size() <= 8 && is_negator(token.hash));
  tokens_.push_back(token);
  return end;
}

/// "#NotMyDay" is the sign and the words "not my day"; "#2026" too is a hashtag.
std::size_t Tokens::read_hashtag(std::size_t begin) {
  has_text_ = true;
  tokens_.push_back(
      Token{token_hash(U"#"), 0, U'#', TokenKind::kHashtag, false, false, position()});
  characters_.push_back(U'#');
  std::size_t word = begin + 1;
  std::size_t end = word;
  while (end < clean_.size() && (is_word(clean_[end]) || clean_[end] == '_')) {
    const bool break_here =
        end > word && is_word(clean_[end]) &&
        ((is_upper(clean_[end]) &&
          (!is_upper(clean_[end - 1]) || (is_letter(at(end + 1)) && !is_upper(at(end + 1))))) ||
         is_digit(clean_[end]) != is_digit(clean_[end - 1]));
    if (break_here || clean_[end] == '_') {
      if (end > word) {
        read_word(word, end);
        characters_.push_back(U' ');
      }
      word = clean_[end] == '_' ? end + 1 : end;
    }
    ++end;
  }
  if (end > word) read_word(word, end);
  return end;
}

/// A run of one character counts as at most three of it.
std::size_t Tokens::read_repeated(std::size_t begin, TokenKind kind) {
  const char32_t c = clean_[begin];
  std::size_t end = begin + 1;
  while (end < clean_.size() && clean_[end] == c) ++end;
  const std::size_t length = std::min<std::size_t>(end - begin, 3);
  const std::uint32_t place = position();
  characters_.insert(characters_.end(), length, c);
  std::uint64_t hash = step(kSeed, c);
  // An emoji is one word however often it stands; "!!!" is not "!".
  if (kind == TokenKind::kPunctuation) {
    for (std::size_t i = 1; i < length; ++i) hash = step(hash, c);
  }
  tokens_.push_back(
      Token{finish(hash), 0, c, kind, false, false, place, static_cast<std::uint32_t>(length)});
  return end;
}

std::size_t Tokens::emoticon_end(std::size_t begin, Emoticon& emoticon) const {
  const std::u32string_view rest(clean_.data() + begin, clean_.size() - begin);
  for (const Face& face : kFaces) {
    if (!rest.starts_with(face.text)) continue;
    const std::size_t end = begin + face.text.size();
    if (is_word(at(end))) continue;
    const bool reversed = face.text.front() == '(' || face.text.front() == ')';
    if (reversed && (at(end) != ' ' || (begin > 0 && clean_[begin - 1] != ' '))) continue;
    emoticon = face.emoticon;
    return end;
  }
  const char32_t eyes = rest.front();
  if (eyes != ':' && eyes != ';' && eyes != '=') return begin;
  const bool after_word = begin > 0 && is_word(clean_[begin - 1]);
  const auto read_mouth = [&](std::size_t position) {
    const auto found = mouth(at(position), eyes);
    if (!found) return begin;
    std::size_t end = position + 1;
    while (end < clean_.size() && clean_[end] == clean_[position]) ++end;
    // "9:0", "foo:Double", "and/or:s" are none.
    if (is_word(clean_[position]) && (is_word(at(end)) || after_word)) return begin;
    emoticon = *found;
    return end;
  };
  if (const std::size_t end = read_mouth(begin + 1); end != begin) return end;
  constexpr std::u32string_view kNoses = U"-'^~,o*";
  if (kNoses.find(at(begin + 1)) == std::u32string_view::npos) return begin;
  return read_mouth(begin + 2);
}

/// A link, or the word "http" that stands for one in published collections.
std::size_t Tokens::url_end(std::size_t begin) const {
  const auto has = [&](std::u32string_view prefix) {
    for (std::size_t i = 0; i < prefix.size(); ++i) {
      if (lower(at(begin + i)) != prefix[i]) return false;
    }
    return true;
  };
  const bool masked = has(U"http") && !is_word(at(begin + 4)) && at(begin + 4) != ':';
  if (masked) return begin + 4;
  if (!has(U"http://") && !has(U"https://") && !has(U"www.")) return begin;
  return static_cast<std::size_t>(
      std::find(clean_.begin() + static_cast<std::ptrdiff_t>(begin), clean_.end(), U' ') -
      clean_.begin());
}

std::size_t Tokens::user_end(std::size_t begin) const {
  std::size_t end = begin + 1;
  while (end < clean_.size() && is_handle(clean_[end])) ++end;
  return end == begin + 1 ? begin : end;
}

void Tokens::add_mark(char32_t mark, TokenKind kind) {
  tokens_.push_back(Token{finish(step(kSeed, mark)), 0, mark, kind, false, false, position()});
  characters_.push_back(mark);
}

}  // namespace rookery::sentiment_scoring
