#include <algorithm>
#include <cmath>

#include "services/geo-enrich/compile/names.hpp"
#include "services/geo-enrich/geodesy.hpp"

namespace rookery::geo_enrich {
namespace {

std::int32_t units(double degrees) {
  return static_cast<std::int32_t>(
      std::lround(degrees * static_cast<double>(format::kUnitsPerDegree)));
}

std::uint16_t whole_km(double km) {
  return static_cast<std::uint16_t>(std::clamp(std::ceil(km), 1.0, 20'000.0));
}

/// The middle of a ring and its size, in degrees with the meridians drawn together
/// as at its own latitude.
struct Middle {
  Point point{0, 0};
  double area = 0;
};

Middle middle_of(const Source::Ring& ring) {
  double twice = 0;
  double x = 0;
  double y = 0;
  for (std::size_t i = 0; i < ring.vertices.size(); ++i) {
    const auto& a = ring.vertices[i];
    const auto& b = ring.vertices[(i + 1) % ring.vertices.size()];
    const auto cross = static_cast<double>(a.x * b.y - b.x * a.y);
    twice += cross;
    x += static_cast<double>(a.x + b.x) * cross;
    y += static_cast<double>(a.y + b.y) * cross;
  }
  if (twice == 0) return {};
  const Point point{y / (3 * twice) / 1000, x / (3 * twice) / 1000};
  return {point, std::fabs(twice) / 2e6 * std::cos(radians(point.lat))};
}

/// A point in the middle of cities, and the circle around them.
class Cluster {
 public:
  void add(const Source::City& city) {
    const auto at = unit_vector({city.lat, city.lon});
    for (std::size_t axis = 0; axis < 3; ++axis) sum_[axis] += at[axis];
    points_.push_back({city.lat, city.lon});
    population_ += city.population;
  }
  [[nodiscard]] bool empty() const { return points_.empty(); }
  [[nodiscard]] std::uint32_t population() const {
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(population_, 0xffff'ffff));
  }
  [[nodiscard]] Point middle() const {
    return {std::atan2(sum_[2], std::hypot(sum_[0], sum_[1])) / radians(1),
            std::atan2(sum_[1], sum_[0]) / radians(1)};
  }
  [[nodiscard]] double radius_km(Point from) const {
    double radius = 0;
    for (const Point point : points_) radius = std::max(radius, distance_km(from, point));
    return radius;
  }

 private:
  std::array<double, 3> sum_{};
  std::vector<Point> points_;
  std::uint64_t population_ = 0;
};

/// Half-way from the middle of the ground to that of the cities, where the two are
/// near: who names a country is among its people. Far apart, as in Canada, they say
/// that the people live at an edge, and neither stands for the other.
Point drawn_to_cities(Point ground, Point cities) {
  constexpr double kNearKm = 400;
  if (distance_km(ground, cities) > kNearKm || std::fabs(ground.lon - cities.lon) > 90) {
    return ground;
  }
  return {(ground.lat + cities.lat) / 2, (ground.lon + cities.lon) / 2};
}

/// The middle of a country's ground. What lies far from the largest piece does not
/// count: neither Alaska nor the overseas parts move the middle.
void set_grounds(const Source& source, const std::map<std::string, std::uint16_t>& countries,
                 std::vector<format::CountryMore>& result) {
  constexpr double kFarKm = 1500;
  std::vector<std::vector<std::pair<Middle, const Source::Ring*>>> pieces(countries.size());
  for (const auto& ring : source.rings) {
    const auto found = countries.find(ring.country);
    const Middle middle = middle_of(ring);
    if (found != countries.end() && middle.area > 0) {
      pieces[found->second].emplace_back(middle, &ring);
    }
  }
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (pieces[i].empty()) continue;
    const auto largest =
        std::max_element(pieces[i].begin(), pieces[i].end(),
                         [](const auto& a, const auto& b) { return a.first.area < b.first.area; });
    const Point main = largest->first.point;
    std::erase_if(pieces[i],
                  [&](const auto& piece) { return distance_km(main, piece.first.point) > kFarKm; });
    std::array<double, 3> sum{};
    for (const auto& [middle, ring] : pieces[i]) {
      const auto at = unit_vector(middle.point);
      for (std::size_t axis = 0; axis < 3; ++axis) sum[axis] += middle.area * at[axis];
    }
    Point point{std::atan2(sum[2], std::hypot(sum[0], sum[1])) / radians(1),
                std::atan2(sum[1], sum[0]) / radians(1)};
    point = drawn_to_cities(point, {result[i].lat_e5 / 1e5, result[i].lon_e5 / 1e5});
    double radius = 0;
    for (const auto& [middle, ring] : pieces[i]) {
      for (const auto& vertex : ring->vertices) {
        radius = std::max(radius, distance_km(point, {static_cast<double>(vertex.y) / 1000,
                                                      static_cast<double>(vertex.x) / 1000}));
      }
    }
    result[i].lat_e5 = units(point.lat);
    result[i].lon_e5 = units(point.lon);
    result[i].radius_km = whole_km(radius);
  }
}

}  // namespace

std::vector<format::CountryMore> make_countries(
    const Source& source, const std::map<std::string, std::uint16_t>& countries) {
  std::vector<format::CountryMore> result(countries.size());
  std::vector<Cluster> clusters(countries.size());
  for (const auto& city : source.cities) {
    const auto found = countries.find(city.country);
    if (found != countries.end()) clusters[found->second].add(city);
  }
  for (std::size_t i = 0; i < result.size(); ++i) {
    if (clusters[i].empty()) continue;
    const Point middle = clusters[i].middle();
    result[i].lat_e5 = units(middle.lat);
    result[i].lon_e5 = units(middle.lon);
    result[i].population = clusters[i].population();
    result[i].radius_km = whole_km(clusters[i].radius_km(middle) + 20);
  }
  set_grounds(source, countries, result);
  for (const auto& more : source.country_names) {
    const auto found = countries.find(more.code);
    if (found == countries.end()) continue;
    auto& country = result[found->second];
    country.population = std::max(country.population, more.population);
    if (more.language.size() == 2) {
      country.language = static_cast<std::uint16_t>(more.language[0] * 256 + more.language[1]);
    }
  }
  return result;
}

std::vector<format::Division> make_divisions(
    const Source& source, const std::map<std::string, std::uint16_t>& countries,
    const std::map<std::string, std::uint16_t>& divisions) {
  std::vector<format::Division> result(divisions.size());
  std::vector<Cluster> clusters(divisions.size());
  for (const auto& city : source.cities) {
    const auto found = divisions.find(city.country + "." + city.admin1);
    if (found != divisions.end()) clusters[found->second].add(city);
  }
  for (const auto& [code, index] : divisions) {
    const auto country = countries.find(code.substr(0, 2));
    auto& division = result[index];
    division.country = country == countries.end() ? format::kNone : country->second;
    if (clusters[index].empty()) continue;
    const Point middle = clusters[index].middle();
    division.lat_e5 = units(middle.lat);
    division.lon_e5 = units(middle.lon);
    division.population = clusters[index].population();
    // Most of its ground lies around its cities.
    division.radius_km = whole_km(clusters[index].radius_km(middle) + 30);
  }
  for (const auto& drawn : source.divisions) {
    const auto found = divisions.find(drawn.code);
    if (found == divisions.end()) continue;
    auto& division = result[found->second];
    division.lat_e5 = units(drawn.lat);
    division.lon_e5 = units(drawn.lon);
    const double reach = clusters[found->second].radius_km({drawn.lat, drawn.lon});
    division.radius_km = std::max(drawn.radius_km, whole_km(reach));
  }
  return result;
}

}  // namespace rookery::geo_enrich
