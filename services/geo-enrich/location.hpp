#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "common/records/post_reader.hpp"
#include "services/geo-enrich/gazetteer/gazetteer.hpp"
#include "services/geo-enrich/geodesy.hpp"
#include "services/geo-enrich/place_names.hpp"
#include "services/geo-enrich/quality/cleansing.hpp"

namespace rookery::geo_enrich {

/// A larger area names no city, division or time zone: it may hold several.
inline constexpr double kCityAreaRadiusKmMax = 25;

/// The circle around a bounding box.
struct Area {
  Point centre;
  double radius_km;  ///< No point of the box is farther from the centre.
};

/// Absent: the box has its south above its north. west > east crosses the
/// antimeridian.
[[nodiscard]] std::optional<Area> area_of(const BoundingBoxView& box);

enum class LocationSource : std::uint8_t { kCoordinates, kPlace, kText, kProfile };

/// As it stands in the record.
[[nodiscard]] std::string_view name_of(LocationSource source);

/// Where a post belongs: the record Geo of enriched_tweets.
struct Location {
  LocationSource source;
  Area area;
  std::uint16_t country;  ///< kNone: the high seas.
  std::int64_t confidence_thousandths;
  std::optional<Cities::Match> city;
  std::uint16_t division = format::kNone;  ///< Of the city, or what was named itself.
};

/// Geo and Quality of one post.
struct Finding {
  std::optional<Location> location;
  std::string_view reason;               ///< Why there is no location.
  bool coordinates_null_island = false;  ///< The doubts.
  bool coordinates_default = false;
  bool coordinates_swapped = false;
  bool country_disagrees = false;

  [[nodiscard]] bool has_doubts() const {
    return coordinates_null_island || coordinates_default || coordinates_swapped ||
           country_disagrees;
  }
};

/// All of a country: what a point says that only stands for it. Absent for format::kNone.
[[nodiscard]] std::optional<Location> locate_country(const Gazetteer& gazetteer,
                                                     std::uint16_t country, LocationSource source);

/// The post's own point, else the box of its place. Pure.
[[nodiscard]] Finding locate(const Gazetteer& gazetteer, const PostView& post);

/// A point that stands in a profile: as the post's own one, but less certain.
[[nodiscard]] Location locate_written_point(const Gazetteer& gazetteer, Point point);

/// The place that a name means, as the location of a post.
[[nodiscard]] Location locate_named(const Gazetteer& gazetteer, const NamedPlace& place,
                                    LocationSource source);

/// What the gate noted of a post besides; views hold while it is written.
struct Notes {
  bool edited = false;          ///< The id came before with another text.
  bool near_duplicate = false;  ///< Another post had nearly this text.
  Changes changes;
  std::string_view text;              ///< The cleansed text, where it is another one.
  std::span<const std::string> urls;  ///< Without tracking; empty: none tracks.
};

/// Appends the object `geo` of the record.
void append_geo(std::string& out, const Gazetteer& gazetteer, const Location& location);

/// Appends `"geo":{...},"quality":{...}`; `geo` is what append_geo() wrote, empty where there is
/// no location.
void append_finding(std::string& out, std::string_view geo, const Finding& finding,
                    const Notes& notes = {});

}  // namespace rookery::geo_enrich
