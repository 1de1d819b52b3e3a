#include "services/geo-enrich/locator.hpp"

#include <cmath>

#include "services/geo-enrich/text_coordinates.hpp"

namespace rookery::geo_enrich {
namespace {

/// A longer text is no place, and its words are not looked up.
constexpr std::size_t kProfileBytesMax = 400;

}  // namespace

Finding Locator::locate(const PostView& post) {
  Finding finding = geo_enrich::locate(gazetteer_, post);
  if (finding.location) return finding;
  if (mentions_ == Mentions::kTaken) {
    if (const auto found = names_.find_mention(post.text); found.place) {
      finding.location = locate_named(gazetteer_, *found.place, LocationSource::kText);
      return finding;
    }
  }
  if (post.author_location.empty()) return finding;
  Finding profile = locate_text(post.author_location);
  // A fake point stays worth telling; that there was no place does not.
  profile.coordinates_null_island = finding.reason == "null_island" && profile.location;
  if (!profile.location && finding.reason != "no_place") profile.reason = finding.reason;
  return profile;
}

Finding Locator::locate_text(std::string_view text) {
  Finding finding;
  text = text.substr(0, kProfileBytesMax);
  if (const auto point = find_coordinates(text)) {
    // 0,0 is what software writes that has no position.
    if (std::fabs(point->lat) > 0.01 || std::fabs(point->lon) > 0.01) {
      finding.location = locate_written_point(gazetteer_, *point);
      return finding;
    }
    finding.reason = "null_island";
    return finding;
  }
  const NameFinding found = names_.find(text);
  if (found.place) {
    finding.location = locate_named(gazetteer_, *found.place, LocationSource::kProfile);
  } else {
    finding.reason = found.reason;
  }
  return finding;
}

}  // namespace rookery::geo_enrich
