#include "services/geo-enrich/gazetteer/borders.hpp"

#include <random>

#include <catch2/catch.hpp>

#include "tests/unit/services/geo-enrich/sample.hpp"

namespace rookery::geo_enrich {
namespace {

/// Even-odd over whole rings, as slow as it is plain.
std::string country_by_rings(const Source& source, Point point) {
  std::string found = "-";
  for (const auto& country : source.countries) {
    bool odd = false;
    for (const auto& ring : source.rings) {
      if (ring.country != country.code) continue;
      for (std::size_t i = 0; i < ring.vertices.size(); ++i) {
        const auto& a = ring.vertices[i];
        const auto& b = ring.vertices[(i + 1) % ring.vertices.size()];
        const double ay = static_cast<double>(a.y) / 1000;
        const double by = static_cast<double>(b.y) / 1000;
        const double ax = static_cast<double>(a.x) / 1000;
        const double bx = static_cast<double>(b.x) / 1000;
        if ((ay <= point.lat) == (by <= point.lat)) continue;
        if (point.lon < ax + (point.lat - ay) * (bx - ax) / (by - ay)) odd = !odd;
      }
    }
    if (odd) found = country.code;
  }
  return found;
}

TEST_CASE("a point belongs to the ring around it, and holes do not", "[borders]") {
  const auto bytes = compile(small_world());
  REQUIRE(bytes);
  const TemporaryFile file(*bytes);
  const auto gazetteer = Gazetteer::open(file.path());
  REQUIRE(gazetteer);
  struct Case {
    Point point;
    std::string country;
  };
  const auto c = GENERATE(Case{{0.5, 0.5}, "AA"}, Case{{1.0, 1.0}, "CC"}, Case{{1.0, 0.89}, "AA"},
                          Case{{1.0, 1.11}, "AA"}, Case{{1.0, 1.999}, "AA"},
                          Case{{1.0, 2.001}, "BB"}, Case{{1.999, 3.999}, "BB"},
                          Case{{2.001, 3}, "-"}, Case{{-0.001, 1}, "-"}, Case{{1, -0.001}, "-"},
                          Case{{1, 4.001}, "-"}, Case{{-90, 0}, "-"}, Case{{90, 0}, "-"},
                          Case{{0, 179.999}, "-"}, Case{{0, -180}, "-"}, Case{{0.0, 1.0}, "AA"});
  const std::uint16_t country = gazetteer->borders().country_at(c.point);
  INFO(c.point.lat << ", " << c.point.lon);
  CHECK((country == format::kNone ? "-" : gazetteer->country_code(country)) == c.country);
}

TEST_CASE("the distance to a border is that to the true one, not to the cells' cuts", "[borders]") {
  const auto bytes = compile(small_world());
  REQUIRE(bytes);
  const TemporaryFile file(*bytes);
  const auto gazetteer = Gazetteer::open(file.path());
  REQUIRE(gazetteer);
  const Borders& borders = gazetteer->borders();
  const std::uint16_t bb = gazetteer->country_of("BB");
  CHECK(borders.nearest({1, 4.1}, 20)->km == Approx(0.1 * kKmPerDegree).epsilon(0.001));
  CHECK(borders.nearest({1, 4.1}, 20)->country == bb);
  CHECK(borders.nearest({1, 1.9}, 20, bb)->km == Approx(0.1 * kKmPerDegree).epsilon(0.001));
  // Beyond the corner both axes count.
  CHECK(borders.nearest({-0.1, 4.1}, 20)->km == Approx(0.1414 * kKmPerDegree).epsilon(0.001));
  CHECK_FALSE(borders.nearest({1, 4.2}, 20));
  CHECK_FALSE(borders.nearest({0.3, 0.5}, 5, bb));
}

TEST_CASE("a border is near across the antimeridian, too", "[borders]") {
  Source source = small_world();
  source.rings = {{"AA", {{179'000, 0}, {179'950, 0}, {179'950, 1000}, {179'000, 1000}}}};
  const auto bytes = compile(source);
  REQUIRE(bytes);
  const TemporaryFile file(*bytes);
  const auto gazetteer = Gazetteer::open(file.path());
  REQUIRE(gazetteer);
  const auto match = gazetteer->borders().nearest({0.5, -179.95}, 20);
  REQUIRE(match);
  CHECK(match->km == Approx(0.1 * kKmPerDegree).epsilon(0.001));
}

TEST_CASE("the cells say of random points what the whole rings say", "[borders]") {
  const auto source = read_source("services/geo-enrich/data");
  REQUIRE(source);
  const Gazetteer gazetteer = world();
  std::mt19937 random(20261121);
  std::uniform_real_distribution<double> lat(-90, 90);
  std::uniform_real_distribution<double> lon(-180, 180);
  for (int i = 0; i < 300; ++i) {
    const Point point{lat(random), lon(random)};
    const std::uint16_t country = gazetteer.borders().country_at(point);
    INFO(point.lat << ", " << point.lon);
    CHECK((country == format::kNone ? "-" : gazetteer.country_code(country)) ==
          country_by_rings(*source, point));
  }
}

}  // namespace
}  // namespace rookery::geo_enrich
