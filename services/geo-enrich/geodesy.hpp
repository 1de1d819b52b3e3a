#pragma once

#include <array>
#include <cmath>
#include <numbers>

namespace rookery::geo_enrich {

/// A place on the globe in degrees, WGS 84: lat -90 to 90, lon -180 to 180.
struct Point {
  double lat;
  double lon;
};

/// The mean radius of the Earth (IUGG, R1), in kilometres.
inline constexpr double kEarthRadiusKm = 6371.0088;
inline constexpr double kKmPerDegree = kEarthRadiusKm * std::numbers::pi / 180;

[[nodiscard]] inline double radians(double degrees) {
  return degrees * std::numbers::pi / 180;
}

/// The great-circle distance on the sphere (haversine), which is within 0.6 % of
/// the distance on the ellipsoid. Right at the poles and across the antimeridian.
[[nodiscard]] inline double distance_km(Point a, Point b) {
  const double lat = std::sin(radians(b.lat - a.lat) / 2);
  const double lon = std::sin(radians(b.lon - a.lon) / 2);
  const double h = lat * lat + std::cos(radians(a.lat)) * std::cos(radians(b.lat)) * lon * lon;
  return 2 * kEarthRadiusKm * std::asin(std::sqrt(std::fmin(1, h)));
}

/// The point on the unit sphere: no seams, so that a search has no special cases.
[[nodiscard]] inline std::array<double, 3> unit_vector(Point point) {
  const double lat = radians(point.lat);
  const double lon = radians(point.lon);
  return {std::cos(lat) * std::cos(lon), std::cos(lat) * std::sin(lon), std::sin(lat)};
}

/// The straight line through the unit sphere between points `km` apart on it.
[[nodiscard]] inline double chord(double km) {
  return 2 * std::sin(km / kEarthRadiusKm / 2);
}

}  // namespace rookery::geo_enrich
