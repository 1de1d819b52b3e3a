#include "services/geo-enrich/place_names.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace rookery::geo_enrich {
namespace {

/// Territories that people name beside the state they belong to (ISO 3166-1 has
/// codes for both): "San Juan, Puerto Rico, USA".
struct Territory {
  std::string_view part;
  std::string_view whole;
};
constexpr std::array<Territory, 22> kTerritories = {
    {{"PR", "US"}, {"VI", "US"}, {"GU", "US"}, {"AS", "US"}, {"MP", "US"}, {"HK", "CN"},
     {"MO", "CN"}, {"TW", "CN"}, {"GP", "FR"}, {"MQ", "FR"}, {"RE", "FR"}, {"GF", "FR"},
     {"YT", "FR"}, {"NC", "FR"}, {"PF", "FR"}, {"GI", "GB"}, {"JE", "GB"}, {"GG", "GB"},
     {"IM", "GB"}, {"BM", "GB"}, {"AW", "NL"}, {"CW", "NL"}}};

}  // namespace

PlaceNames::PlaceNames(const Gazetteer& gazetteer)
    : gazetteer_(gazetteer), wholes_(gazetteer.country_count(), format::kNone) {
  for (const Territory& territory : kTerritories) {
    const std::uint16_t part = gazetteer.country_of(territory.part);
    if (part != format::kNone) wholes_[part] = gazetteer.country_of(territory.whole);
  }
}

NameFinding PlaceNames::find(std::string_view text, const Hints& hints) {
  text_.assign(text);
  gather();
  drop_weak_codes();
  weigh();
  break_ties(hints);
  NameClass name_class = NameClass::kWithin;
  if (const Mention* chosen = choose(name_class)) return {named(*chosen, name_class), {}};
  const bool notion = std::any_of(mentions_.begin(), mentions_.end(), [&](const Mention& mention) {
    return NameRef(mention.meanings.front()).kind() == NameKind::kNotion;
  });
  if (flag_ && !notion) {
    return {NamedPlace{NameKind::kCountry, *flag_, NameClass::kFlag, 3}, {}};
  }
  return nothing();
}

NameFinding PlaceNames::find_within(std::string_view text, std::uint16_t country) {
  text_.assign(text);
  gather();
  drop_weak_codes();
  std::erase_if(mentions_, [&](const Mention& mention) {
    return !text_.words()[mention.first].unspaced && !fills_part(mention);
  });
  flag_ = country;  // Supports what lies in the country, and nothing else.
  weigh();
  const NameRef whole((static_cast<std::uint32_t>(NameKind::kCountry) << NameRef::kKindShift) |
                      country);
  const Mention* best = nullptr;
  for (const Mention& mention : mentions_) {
    const NameRef place = meaning(mention);
    if (country_of(place) != country && !contains(whole, place)) continue;
    if (mention.support < (mention.word ? 2U : 1U)) continue;
    if (best == nullptr || mention.support > best->support) best = &mention;
  }
  if (best == nullptr) return {std::nullopt, "location_unknown"};
  return {named(*best, NameClass::kSupported), {}};
}

NameFinding PlaceNames::find_mention(std::string_view text) {
  text_.assign(text);
  gather();
  weigh();
  const Mention* best = nullptr;
  for (const Mention& mention : mentions_) {
    const NameRef place = meaning(mention);
    const auto& word = text_.words()[mention.first];
    if (place.kind() == NameKind::kNotion || mention.word || mention.code) continue;
    if (!word.upper && !word.unspaced) continue;
    // A word at random is often the name of some town: a large one is meant, or
    // one whose country is named as well.
    const bool clear =
        place.kind() == NameKind::kCountry || mention.support > 0 || prominence(place) >= 5.5;
    if (!clear || (best != nullptr && best->support >= mention.support)) continue;
    best = &mention;
  }
  if (best == nullptr) return {std::nullopt, "no_mention"};
  return {named(*best, best->support > 0 ? NameClass::kSupported : NameClass::kWithin), {}};
}

NamedPlace PlaceNames::named(const Mention& mention, NameClass name_class) const {
  const NameRef place = meaning(mention);
  return {place.kind(), place.index(), name_class, lead_of(mention)};
}

NameFinding PlaceNames::nothing() const {
  for (const Mention& mention : mentions_) {
    const NameRef first(mention.meanings.front());
    if (first.kind() != NameKind::kNotion) continue;
    return {std::nullopt, first.index() == 1 ? "location_region" : "location_not_a_place"};
  }
  return {std::nullopt, "location_unknown"};
}

/// Chooses for each name the meaning that the others support most, and of equals
/// the most prominent.
void PlaceNames::weigh() {
  if (mentions_.size() < 2 && !flag_) return;
  constexpr std::size_t kOthersMax = 16;
  if (mentions_.size() > kOthersMax) mentions_.resize(kOthersMax);
  for (Mention& mention : mentions_) {
    for (std::size_t i = 0; i < mention.meanings.size(); ++i) {
      const std::size_t support = support_of(NameRef(mention.meanings[i]), mention);
      if (support <= mention.support) continue;
      mention.support = support;
      mention.best = i;
    }
  }
}

void PlaceNames::break_ties(const Hints& hints) {
  constexpr std::int32_t kNowhere = 24 * 60;
  const std::int32_t minutes = gazetteer_.zone_minutes(hints.time_zone).value_or(kNowhere);
  const auto fit = [&](NameRef place) {
    return (minutes != kNowhere && lies_in_zone(place, minutes) ? 2 : 0) +
           (speaks(place, hints.language) ? 1 : 0);
  };
  for (Mention& mention : mentions_) {
    if (mention.support > 0 || mention.meanings.size() == 1) continue;
    const NameRef first = meaning(mention);
    int best = fit(first);
    // The meanings are in order: of those that fit alike, the most prominent.
    for (std::size_t i = 0; i < mention.meanings.size(); ++i) {
      const NameRef other(mention.meanings[i]);
      if (fit(other) <= best || !as_likely(other, first)) continue;
      best = fit(other);
      mention.best = i;
    }
  }
}

bool PlaceNames::speaks(NameRef place, std::string_view language) const {
  // "pt", "pt-BR": countries are known by languages of two letters.
  if (language.size() < 2 || (language.size() > 2 && language[2] != '-')) return false;
  const auto code = static_cast<std::uint16_t>(static_cast<unsigned char>(language[0]) * 256 +
                                               static_cast<unsigned char>(language[1]));
  const std::uint16_t country = country_of(place);
  return country != format::kNone && gazetteer_.country(country).language == code;
}

/// Whether clocks show the same there, but for daylight saving. Profiles of the X API are set
/// to the first of a list that fits ("Amsterdam" in Madrid): its country says nothing.
bool PlaceNames::lies_in_zone(NameRef place, std::int32_t minutes) const {
  if (place.kind() != NameKind::kCity) return false;
  const format::City& city = gazetteer_.city(place.index());
  // A county has no time zone.
  return city.part <= 1 && gazetteer_.zone_minutes(gazetteer_.time_zone(city)) == minutes;
}

bool PlaceNames::as_likely(NameRef other, NameRef first) const {
  constexpr double kHalf = 0.30103;  // log10(2)
  const auto flags = [](NameRef place) {
    return std::array{place.has(NameRef::kMain), place.has(NameRef::kCode)};
  };
  return first.kind() != NameKind::kNotion && other.kind() == first.kind() &&
         !first.has(NameRef::kPreferred) && flags(other) == flags(first) &&
         prominence(other) >= prominence(first) - kHalf;
}

std::size_t PlaceNames::support_of(NameRef inner, const Mention& own) const {
  if (inner.kind() == NameKind::kNotion) return 0;
  std::size_t support = flag_ && country_of(inner) == *flag_ ? 1 : 0;
  for (const Mention& other : mentions_) {
    if (&other != &own && backed(inner, other)) ++support;
  }
  return support;
}

bool PlaceNames::backed(NameRef inner, const Mention& by) const {
  return std::any_of(by.meanings.begin(), by.meanings.end(),
                     [&](std::uint32_t bits) { return contains(NameRef(bits), inner); });
}

std::uint16_t PlaceNames::country_of(NameRef place) const {
  switch (place.kind()) {
    case NameKind::kCountry:
      return static_cast<std::uint16_t>(place.index());
    case NameKind::kDivision:
      return gazetteer_.division(place.index()).country;
    case NameKind::kCity:
      return gazetteer_.city(place.index()).country;
    case NameKind::kNotion:
      return format::kNone;
  }
  return format::kNone;
}

bool PlaceNames::contains(NameRef outer, NameRef inner) const {
  if (outer.kind() == NameKind::kDivision) {
    return inner.kind() == NameKind::kCity &&
           gazetteer_.city(inner.index()).admin1 == outer.index();
  }
  if (outer.kind() != NameKind::kCountry) return false;
  const std::uint16_t country = country_of(inner);
  if (inner.kind() != NameKind::kCountry) {
    if (country == outer.index()) return inner.kind() != NameKind::kNotion;
  }
  return country != format::kNone && wholes_[country] == outer.index();
}

double PlaceNames::prominence(NameRef place) const {
  std::uint32_t people = 0;
  if (place.kind() == NameKind::kCountry) people = gazetteer_.country(place.index()).population;
  if (place.kind() == NameKind::kDivision) people = gazetteer_.division(place.index()).population;
  if (place.kind() == NameKind::kCity) people = gazetteer_.city(place.index()).population;
  return std::log10(static_cast<double>(people) + 1);
}

double PlaceNames::lead_of(const Mention& mention) const {
  const NameRef own = meaning(mention);
  if (own.has(NameRef::kPreferred) || mention.support > 0) return 3;
  double lead = 3;
  for (const std::uint32_t bits : mention.meanings) {
    const NameRef other(bits);
    if (other.kind() == NameKind::kNotion || country_of(other) == country_of(own)) continue;
    double gap = prominence(own) - prominence(other);
    if (own.kind() == NameKind::kCountry) gap += 1;
    if (own.has(NameRef::kMain) && !other.has(NameRef::kMain)) gap += 1;
    lead = std::min(lead, std::max(gap, 0.0));
  }
  return lead;
}

/// Whether the name is all that stands between two commas, bars or the like.
bool PlaceNames::fills_part(const Mention& mention) const {
  const auto& words = text_.words();
  std::size_t first = mention.first;
  while (words[first].gap == Gap::kSpace && first > 0 && is_neutral(text_.word(first - 1))) {
    --first;
  }
  const bool begins = first == 0 || words[first].gap != Gap::kSpace;
  const bool ends = mention.last == words.size() || words[mention.last].gap != Gap::kSpace;
  return begins && ends;
}

const PlaceNames::Mention* PlaceNames::choose(NameClass& name_class) const {
  const Mention* best = nullptr;
  for (const Mention& mention : mentions_) {
    if (mention.support > 0 && (best == nullptr || mention.support > best->support)) {
      best = &mention;
    }
  }
  if (best != nullptr) {
    name_class = NameClass::kSupported;
    return best;
  }
  return choose_alone(name_class);
}

/// No name supports another: which is the one to trust?
const PlaceNames::Mention* PlaceNames::choose_alone(NameClass& name_class) const {
  const Mention* first = nullptr;
  const Mention* last = nullptr;
  std::size_t count = 0;
  for (const Mention& mention : mentions_) {
    if (meaning(mention).kind() == NameKind::kNotion) continue;
    // A common word in a longer text is that word.
    if (mention.word && text_.words().size() > 1 && !fills_part(mention)) continue;
    if (mention.word && unknown_ > 0) continue;
    if (first == nullptr) first = &mention;
    last = &mention;
    ++count;
  }
  if (first == nullptr) return nullptr;
  const NameKind last_kind = meaning(*last).kind();
  const bool ends = last->last == text_.words().size() && last->first > 0;
  const bool area = last_kind == NameKind::kCountry || last_kind == NameKind::kDivision;
  const bool apart = text_.words()[last->first].gap == Gap::kBreak;
  if (ends && area && !apart && (count > 1 || unknown_ > 0)) {
    name_class = NameClass::kContainer;
    return last;
  }
  if (count > 1) {
    name_class = NameClass::kSeveral;
  } else if (unknown_ == 0) {
    const NameKind kind = meaning(*first).kind();
    name_class = first->word                   ? NameClass::kWord
                 : kind == NameKind::kCountry  ? NameClass::kCountry
                 : kind == NameKind::kDivision ? NameClass::kDivision
                                               : NameClass::kCity;
  } else if (fills_part(*first)) {
    name_class = NameClass::kPart;
  } else {
    name_class = NameClass::kWithin;
    const auto& word = text_.words()[first->first];
    if (!word.upper && !word.unspaced && prominence(meaning(*first)) < 5) return nullptr;
  }
  return first;
}

}  // namespace rookery::geo_enrich
