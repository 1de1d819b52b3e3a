#include "services/geo-enrich/locator.hpp"

#include <algorithm>
#include <cstdint>

#include "services/geo-enrich/fake_points.hpp"
#include "services/geo-enrich/text_coordinates.hpp"

namespace rookery::geo_enrich {
namespace {

/// A longer text is no place, and its words are not looked up.
constexpr std::size_t kProfileBytesMax = 400;

/// A box lies where the source drew it, a name may have a namesake that is meant.
constexpr std::int64_t kPlaceNameThousandthsMax = 900;

}  // namespace

Finding Locator::locate(const PostView& post) {
  Finding finding = geo_enrich::locate(gazetteer_, post);
  if (finding.location) return finding;
  if (post.has_place) {
    if (auto place = locate_place_name(post)) {
      finding.coordinates_null_island = finding.reason == "null_island";
      finding.reason = {};
      finding.location = *place;
      return finding;
    }
  }
  if (mentions_ == Mentions::kTaken) {
    if (const auto found = names_.find_mention(post.text); found.place) {
      finding.location = locate_named(gazetteer_, *found.place, LocationSource::kText);
      return finding;
    }
  }
  if (post.author_location.empty()) return finding;
  Finding profile = locate_text(post.author_location,
                                {.language = post.lang, .time_zone = post.author_time_zone});
  // A fake point stays worth telling; that there was no place does not.
  profile.coordinates_null_island = finding.reason == "null_island" && profile.location;
  if (!profile.location && finding.reason != "no_place") profile.reason = finding.reason;
  return profile;
}

std::optional<Location> Locator::locate_place_name(const PostView& post) {
  std::string_view name = post.place_full_name.empty() ? post.place_name : post.place_full_name;
  name = name.substr(0, kProfileBytesMax);
  const std::uint16_t country = gazetteer_.country_of(post.place_country_code);
  auto found = country == format::kNone ? names_.find(name) : names_.find_within(name, country);
  // The source knows the country, whatever the name means.
  if (!found.place && country != format::kNone) {
    found.place = NamedPlace{NameKind::kCountry, country, NameClass::kSupported, 3};
  }
  if (!found.place) return std::nullopt;
  Location location = locate_named(gazetteer_, *found.place, LocationSource::kPlace);
  location.confidence_thousandths =
      std::min(location.confidence_thousandths, kPlaceNameThousandthsMax);
  return location;
}

Finding Locator::locate_text(std::string_view text, const Hints& hints) {
  Finding finding;
  text = text.substr(0, kProfileBytesMax);
  if (const auto point = find_coordinates(text)) {
    const auto country = gazetteer_.country_of(country_of_default_point(*point));
    if (is_null_island(*point)) {
      finding.reason = "null_island";
    } else {
      finding.location = locate_country(gazetteer_, country, LocationSource::kProfile);
      if (!finding.location) finding.location = locate_written_point(gazetteer_, *point);
    }
    return finding;
  }
  const NameFinding found = names_.find(text, hints);
  if (found.place) {
    finding.location = locate_named(gazetteer_, *found.place, LocationSource::kProfile);
  } else {
    finding.reason = found.reason;
  }
  return finding;
}

}  // namespace rookery::geo_enrich
