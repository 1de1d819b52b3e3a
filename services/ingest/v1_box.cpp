#include <algorithm>
#include <cmath>

#include "services/ingest/json_fields.hpp"
#include "services/ingest/v1_post.hpp"

namespace rookery::ingest {
namespace {

constexpr Path kPath{"place", "bounding_box"};

struct Ring {
  double lon_first = 0;
  double lat_first = 0;
  double west = 360;
  double east = -360;
  double south = 90;
  double north = -90;
  int corners = 0;
};

double around_globe(double lon) {
  return lon > 180 ? lon - 360 : lon < -180 ? lon + 360 : lon;
}

Result<void> add_corner(simdjson::dom::element element, Ring& ring) {
  auto corner = as_array(element, kPath);
  ROOKERY_RETURN_IF_ERROR(corner);
  if (corner->size() < 2) return wrong_type(kPath, "corners of longitude and latitude", element);
  auto lon = as_degrees(corner->at(0), kPath, 360);
  ROOKERY_RETURN_IF_ERROR(lon);
  auto lat = as_degrees(corner->at(1), kPath, 90);
  ROOKERY_RETURN_IF_ERROR(lat);
  if (ring.corners++ == 0) {
    ring.lon_first = *lon;
    ring.lat_first = *lat;
  }
  ring.west = std::min(ring.west, *lon);
  ring.east = std::max(ring.east, *lon);
  ring.south = std::min(ring.south, *lat);
  ring.north = std::max(ring.north, *lat);
  return {};
}

}  // namespace

Result<std::optional<BoxFields>> read_v1_box(simdjson::dom::element bounding_box) {
  auto object = as_object(bounding_box, kPath);
  ROOKERY_RETURN_IF_ERROR(object);
  const Field coordinates = member(*object, "coordinates");
  if (!coordinates) return std::optional<BoxFields>{};
  auto rings = as_array(*coordinates, kPath);
  ROOKERY_RETURN_IF_ERROR(rings);
  Ring ring;
  for (const auto outer : *rings) {
    auto corners = as_array(outer, kPath);
    ROOKERY_RETURN_IF_ERROR(corners);
    for (const auto corner : *corners) ROOKERY_RETURN_IF_ERROR(add_corner(corner, ring));
    break;  // What follows the first ring would be holes (RFC 7946, section 3.1.6).
  }
  if (ring.corners == 0) return std::optional<BoxFields>{};
  // X writes the south-west corner first. If that is the greatest longitude of
  // a box as wide as half the globe, the box goes the short way, over 180.
  const bool crosses =
      ring.east - ring.west > 180 && ring.lon_first == ring.east && ring.lat_first == ring.south;
  if (crosses) std::swap(ring.west, ring.east);
  // A box round the whole globe stays one.
  if (ring.east - ring.west >= 360) return BoxFields{ring.south, -180, ring.north, 180};
  return BoxFields{ring.south, around_globe(ring.west), ring.north, around_globe(ring.east)};
}

}  // namespace rookery::ingest
