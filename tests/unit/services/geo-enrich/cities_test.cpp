#include "services/geo-enrich/gazetteer/cities.hpp"

#include <algorithm>
#include <limits>
#include <random>

#include <catch2/catch.hpp>

#include "tests/unit/services/geo-enrich/sample.hpp"

namespace rookery::geo_enrich {
namespace {

constexpr double kAnywhere = 20'016;

/// The distance to the nearest city of `country`, by asking every one.
double nearest_by_asking_all(const Gazetteer& gazetteer, Point point, std::uint16_t country) {
  double best = std::numeric_limits<double>::infinity();
  for (const format::City& city : gazetteer.city_table()) {
    if (country != format::kNone && country != city.country) continue;
    best = std::min(best, distance_km(point, position(city)));
  }
  return best;
}

TEST_CASE("the nearest city is the one that asking all of them gives", "[cities]") {
  const Gazetteer gazetteer = world();
  std::mt19937 random(20261121);
  std::uniform_real_distribution<double> lat(-90, 90);
  std::uniform_real_distribution<double> lon(-180, 180);
  std::uniform_int_distribution<std::size_t> any(0, gazetteer.city_table().size() - 1);
  std::normal_distribution<double> step(0, 0.3);
  for (int i = 0; i < 150; ++i) {
    Point point{lat(random), lon(random)};
    if (i % 2 == 0) {
      point = position(gazetteer.city(any(random)));
      point.lat = std::clamp(point.lat + step(random), -90.0, 90.0);
      point.lon = std::clamp(point.lon + step(random), -180.0, 180.0);
    }
    const std::uint16_t country = i % 3 == 0 ? gazetteer.city(any(random)).country : format::kNone;
    INFO(point.lat << ", " << point.lon << " country " << country);
    const auto found = gazetteer.cities().nearest(point, kAnywhere, country);
    REQUIRE(found);
    // Half a metre: two cities may be as good as equally far.
    CHECK(found->km == Approx(nearest_by_asking_all(gazetteer, point, country)).margin(0.0005));
  }
}

TEST_CASE("the search has no seam at the poles and the antimeridian", "[cities]") {
  const Gazetteer gazetteer = world();
  for (const Point point : {Point{90, 0}, Point{-90, 0}, Point{-17.8, 179.999}, Point{66, -179.999},
                            Point{0, 180}, Point{0, -180}}) {
    INFO(point.lat << ", " << point.lon);
    const auto found = gazetteer.cities().nearest(point, kAnywhere);
    REQUIRE(found);
    CHECK(found->km ==
          Approx(nearest_by_asking_all(gazetteer, point, format::kNone)).margin(0.0005));
  }
}

TEST_CASE("a city at the radius is found and one behind it is not", "[cities]") {
  const auto bytes = compile(small_world());
  REQUIRE(bytes);
  const TemporaryFile file(*bytes);
  const auto gazetteer = Gazetteer::open(file.path());
  REQUIRE(gazetteer);
  const Point point{1.9, 1.5};
  const double km = distance_km(point, {1.9, 1.9});
  CHECK(gazetteer->cities().nearest(point, km));
  CHECK_FALSE(gazetteer->cities().nearest(point, km - 0.0001));
  CHECK_FALSE(gazetteer->cities().nearest(point, 50, gazetteer->country_of("BB")));
  CHECK_FALSE(gazetteer->cities().nearest(point, 1000, gazetteer->country_of("CC")));
  CHECK(gazetteer->cities().nearest({1.9, 1.9}, 0)->km == 0);
}

TEST_CASE("distances are those of the sphere", "[geodesy]") {
  CHECK(distance_km({0, 0}, {0, 180}) == Approx(kEarthRadiusKm * 3.14159265358979));
  CHECK(distance_km({90, 0}, {90, 123}) == Approx(0).margin(1e-9));
  CHECK(distance_km({0, 179.5}, {0, -179.5}) == Approx(kKmPerDegree));
  // Vienna to Bratislava.
  CHECK(distance_km({48.2082, 16.3738}, {48.1482, 17.1067}) == Approx(54.7).margin(0.2));
}

}  // namespace
}  // namespace rookery::geo_enrich
