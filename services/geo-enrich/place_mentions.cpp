// The part of PlaceNames that finds the names in a text.
#include <algorithm>
#include <array>

#include "services/geo-enrich/place_names.hpp"

namespace rookery::geo_enrich {
namespace {

/// Words around a name that leave its meaning as it is.
constexpr std::array<std::string_view, 62> kNeutral = {
    "a",       "all",     "am",        "and",      "area",         "around",   "at",
    "based",   "born",    "by",        "central",  "city",         "close",    "county",
    "de",      "del",     "district",  "downtown", "east",         "eastern",  "en",
    "from",    "greater", "i",         "in",       "inner",        "just",     "live",
    "lives",   "living",  "location",  "metro",    "metropolitan", "mid",      "middle",
    "my",      "near",    "nearby",    "north",    "northeast",    "northern", "northwest",
    "now",     "of",      "off",       "outside",  "proud",        "province", "raised",
    "region",  "south",   "southeast", "southern", "southwest",    "state",    "suburb",
    "suburbs", "the",     "town",      "via",      "west",         "western"};
static_assert(std::is_sorted(kNeutral.begin(), kNeutral.end()));

/// Whether the byte goes on with a character of UTF-8.
bool is_continuation(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

}  // namespace

bool PlaceNames::is_neutral(std::string_view word) {
  return std::binary_search(kNeutral.begin(), kNeutral.end(), word);
}

void PlaceNames::gather() {
  mentions_.clear();
  unknown_ = 0;
  flag_.reset();
  for (const auto& flag : text_.flags()) {
    const auto country = gazetteer_.country_of({flag.data(), flag.size()});
    if (country != format::kNone && !flag_) flag_ = country;
  }
  for (std::size_t at = 0; at < text_.words().size();) gather_word(at);
}

/// Takes the longest name that begins at the word, or passes over the word.
void PlaceNames::gather_word(std::size_t& at) {
  const auto& words = text_.words();
  NameHash hash;
  // All are on their way from memory before the first is looked at.
  std::array<std::uint64_t, Names::kWordsMax> hashes{};
  std::size_t count = 0;
  for (; count < Names::kWordsMax && at + count < words.size(); ++count) {
    if (count > 0 && words[at + count].gap != Gap::kSpace) break;
    hash.add_word(text_.word(at + count));
    hashes[count] = hash.value();
    gazetteer_.names().fetch(hashes[count]);
  }
  Mention found{.first = at, .last = at, .meanings = {}};
  for (; count > 0 && found.last == at; --count) {
    found.meanings = gazetteer_.names().find(hashes[count - 1]);
    if (!found.meanings.empty()) found.last = at + count;
  }
  if (found.last == at) {
    if (words[at].unspaced && gather_unspaced(at)) return;
    if (words.size() == 1 && gather_joined(at)) {
      ++at;
      return;
    }
    if (!words[at].digits && !is_neutral(text_.word(at))) ++unknown_;
    ++at;
    return;
  }
  const NameRef first(found.meanings.front());
  // "LA" and "US" are no common words, "la" and "us" are.
  found.word = first.has(NameRef::kWord) && !words[at].all_upper;
  found.code = std::all_of(found.meanings.begin(), found.meanings.end(),
                           [](std::uint32_t bits) { return NameRef(bits).has(NameRef::kCode); });
  const bool neutral = found.last == at + 1 && is_neutral(text_.word(at)) && words.size() > 1;
  if (!neutral) mentions_.push_back(found);
  at = found.last;
}

/// The names in a word that has no spaces to part them, the longest first.
bool PlaceNames::gather_unspaced(std::size_t& at) {
  const std::string_view word = text_.word(at);
  const std::size_t before = mentions_.size();
  for (std::size_t begin = 0; begin < std::min<std::size_t>(word.size(), 60);) {
    const std::size_t length = unspaced_name(word.substr(begin), at);
    begin += std::max<std::size_t>(length, 1);
    while (begin < word.size() && is_continuation(word[begin])) ++begin;
  }
  if (mentions_.size() == before) return false;
  ++at;
  return true;
}

/// Takes the longest name with which `word` begins, of two characters or more;
/// returns its bytes.
std::size_t PlaceNames::unspaced_name(std::string_view word, std::size_t at) {
  for (std::size_t size = std::min<std::size_t>(word.size(), 36); size >= 6; --size) {
    if (size < word.size() && is_continuation(word[size])) continue;
    NameHash hash;
    hash.add_word(word.substr(0, size));
    const auto meanings = gazetteer_.names().find(hash.value());
    if (meanings.empty()) continue;
    mentions_.push_back({.first = at, .last = at + 1, .meanings = meanings});
    return size;
  }
  return 0;
}

/// Two names written as one word, as in a tag: "HoustonTX". The second must contain
/// the first.
bool PlaceNames::gather_joined(std::size_t at) {
  const std::string_view word = text_.word(at);
  constexpr std::size_t kShort = 4;
  constexpr std::size_t kLong = 40;
  if (word.size() > kLong) return false;
  for (std::size_t cut = kShort; cut + 2 <= word.size(); ++cut) {
    NameHash inner;
    inner.add_word(word.substr(0, cut));
    const auto meanings = gazetteer_.names().find(inner.value());
    if (meanings.empty()) continue;
    NameHash outer;
    outer.add_word(word.substr(cut));
    const auto containers = gazetteer_.names().find(outer.value());
    const bool fits = std::any_of(meanings.begin(), meanings.end(), [&](std::uint32_t bits) {
      return backed(NameRef(bits), {.first = at, .last = at + 1, .meanings = containers});
    });
    if (!fits) continue;
    mentions_.push_back({.first = at, .last = at + 1, .meanings = meanings});
    mentions_.push_back({.first = at, .last = at + 1, .meanings = containers});
    return true;
  }
  return false;
}

/// An abbreviation counts where it is the whole text, or stands behind something
/// and looks like one: "or" and "in" must follow a comma or be in capitals.
void PlaceNames::drop_weak_codes() {
  const auto weak = [&](const Mention& mention) {
    if (!mention.code || text_.words().size() == 1) return false;
    const auto& word = text_.words()[mention.first];
    if (word.gap == Gap::kComma || word.all_upper) return false;
    const bool last = mention.last == text_.words().size();
    if (!mention.word && last && mention.first > 0) return false;
    return !std::any_of(mention.meanings.begin(), mention.meanings.end(), [&](std::uint32_t bits) {
      return std::any_of(mentions_.begin(), mentions_.end(), [&](const Mention& other) {
        return other.last == mention.first &&
               std::any_of(other.meanings.begin(), other.meanings.end(), [&](std::uint32_t inner) {
                 return contains(NameRef(bits), NameRef(inner));
               });
      });
    });
  };
  unknown_ += static_cast<std::size_t>(std::count_if(mentions_.begin(), mentions_.end(), weak));
  std::erase_if(mentions_, weak);
}

}  // namespace rookery::geo_enrich
