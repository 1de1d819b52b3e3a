#include "services/geo-enrich/location.hpp"

#include <array>
#include <cmath>
#include <random>
#include <utility>

#include <catch2/catch.hpp>

#include "tests/unit/services/geo-enrich/sample.hpp"

namespace rookery::geo_enrich {
namespace {

TEST_CASE("a box becomes the circle around it", "[location]") {
  struct Case {
    BoundingBoxView box;
    Point centre;
    double radius_km;
  };
  const auto c = GENERATE(
      Case{{48, 16, 48, 16}, {48, 16}, 0}, Case{{-1, -1, 1, 1}, {0, 0}, 157.24},
      Case{{-20, 177, -16, -178}, {-18, 179.5}, 346.58},
      Case{{-10, 179, 10, -177}, {0, -179}, 1133.6}, Case{{80, -180, 90, 180}, {85, 0}, 1667.9},
      Case{{-90, -180, 90, 180}, {0, 0}, 20015.1}, Case{{-60, -180, 60, 180}, {0, 0}, 20015.1},
      Case{{-90, 0, -90, 0}, {-90, 0}, 0});
  const auto area = area_of(c.box);
  REQUIRE(area);
  CHECK(area->centre.lat == Approx(c.centre.lat).margin(1e-9));
  CHECK(area->centre.lon == Approx(c.centre.lon).margin(1e-9));
  CHECK(area->radius_km == Approx(c.radius_km).epsilon(0.001).margin(1e-9));
}

TEST_CASE("no point of a box is farther from the centre than the radius", "[location]") {
  const auto box =
      GENERATE(BoundingBoxView{24.5, -124.7, 49.4, -66.9}, BoundingBoxView{51, 172, 71.5, -129.9},
               BoundingBoxView{41, 19.6, 82, -169}, BoundingBoxView{-10, -100, 30, 100},
               BoundingBoxView{-55, -150, -5, 150}, BoundingBoxView{60, -170, 89, 170},
               BoundingBoxView{-85, 10, 80, -10});
  const auto area = area_of(box);
  REQUIRE(area);
  const double width = box.west <= box.east ? box.east - box.west : box.east - box.west + 360;
  for (int i = 0; i <= 40; ++i) {
    for (int j = 0; j <= 40; ++j) {
      const Point point{box.south + (box.north - box.south) * i / 40, box.west + width * j / 40};
      INFO(point.lat << ", " << point.lon);
      CHECK(distance_km(area->centre, point) <= area->radius_km + 1e-6);
    }
  }
}

PostView at(double lat, double lon) {
  PostView post;
  post.lat = lat;
  post.lon = lon;
  return post;
}

PostView in(BoundingBoxView box, std::string_view code = {}) {
  PostView post;
  post.has_place = true;
  post.place_box = box;
  post.place_country_code = code;
  return post;
}

/// Boxes of all kinds: points and lines, to the poles, over the antimeridian, around the globe.
BoundingBoxView any_box(std::mt19937& random) {
  const auto among = [&](double bound) {
    constexpr std::array<double, 3> kShares = {-1, 0, 1};
    if (random() % 3 == 0) return bound * kShares[random() % kShares.size()];
    return std::uniform_real_distribution<double>(-bound, bound)(random);
  };
  BoundingBoxView box{among(90), among(180), among(90), among(180)};
  if (box.south > box.north) std::swap(box.south, box.north);
  if (random() % 4 == 0) box.north = box.south;
  if (random() % 4 == 0) box.east = box.west;
  return box;
}

double turned(double lon, double by) {
  lon += by;
  return lon > 180 ? lon - 360 : lon;
}

TEST_CASE("whatever the box, its circle holds it and its place makes sense", "[location]") {
  const Gazetteer gazetteer = world();
  std::mt19937 random(3);
  std::uniform_real_distribution<double> share(0, 1);
  for (int i = 0; i < 3000; ++i) {
    const BoundingBoxView box = any_box(random);
    INFO(box.south << " " << box.west << " " << box.north << " " << box.east);
    const auto area = area_of(box);
    REQUIRE(area);
    REQUIRE(std::fabs(area->centre.lat) <= 90);
    REQUIRE(std::fabs(area->centre.lon) <= 180);
    const double width = box.west <= box.east ? box.east - box.west : box.east - box.west + 360;
    for (int j = 0; j < 20; ++j) {
      const Point inside{box.south + (box.north - box.south) * share(random),
                         box.west + width * share(random)};
      REQUIRE(distance_km(area->centre, inside) <= area->radius_km + 1e-6);
    }
    const Finding finding = locate(gazetteer, in(box));
    if (!finding.location) {
      REQUIRE(finding.reason == "null_island");
      continue;
    }
    REQUIRE(finding.location->confidence_thousandths > 0);
    REQUIRE(finding.location->confidence_thousandths < 1000);
    REQUIRE((!finding.location->city || area->radius_km <= kCityAreaRadiusKmMax));
  }
}

TEST_CASE("where a box lies around the globe does not change its size", "[location]") {
  std::mt19937 random(5);
  for (int i = 0; i < 1000; ++i) {
    const BoundingBoxView box = any_box(random);
    // All the way around is written in one way only, and a line on 180 in two.
    if (std::fabs(box.west) == 180 || std::fabs(box.east) == 180) continue;
    const double by = std::uniform_real_distribution<double>(0, 360)(random);
    const BoundingBoxView other{box.south, turned(box.west, by), box.north, turned(box.east, by)};
    INFO(box.south << " " << box.west << " " << box.north << " " << box.east << " by " << by);
    CHECK(area_of(other)->radius_km == Approx(area_of(box)->radius_km).margin(1e-6));
  }
}

TEST_CASE("a box upside down is no box", "[location]") {
  CHECK_FALSE(area_of({49, 16, 48, 17}));
}

TEST_CASE("a post without a usable place says why", "[location]") {
  const Gazetteer gazetteer = world();
  PostView place;
  place.has_place = true;
  CHECK(locate(gazetteer, PostView{}).reason == "no_place");
  CHECK(locate(gazetteer, place).reason == "place_without_box");
  CHECK(locate(gazetteer, in({2, 1, 1, 2})).reason == "place_without_box");
  CHECK(locate(gazetteer, at(0, 0)).reason == "null_island");
  CHECK(locate(gazetteer, at(0.01, -0.01)).reason == "null_island");
  CHECK(locate(gazetteer, in({0, 0, 0, 0})).reason == "null_island");
  CHECK(locate(gazetteer, at(0.0101, 0)).location);
  CHECK(locate(gazetteer, at(0, 0.0101)).location);
  // As large as Africa, and its middle in the sea by chance.
  CHECK(locate(gazetteer, in({-35, -20, 35, 20})).location);
}

TEST_CASE("a point at 0,0 gives way to the place, with a doubt", "[location]") {
  const Gazetteer gazetteer = world();
  PostView post = in({48.1, 16.2, 48.3, 16.6}, "AT");
  post.lat = 0;
  post.lon = 0;
  const Finding finding = locate(gazetteer, post);
  REQUIRE(finding.location);
  CHECK(finding.location->source == LocationSource::kPlace);
  CHECK(finding.coordinates_null_island);
  CHECK(finding.reason == "null_island");
}

TEST_CASE("a large area names no city and is less sure", "[location]") {
  const Gazetteer gazetteer = world();
  const auto city = locate(gazetteer, in({48.1, 16.2, 48.3, 16.6}));
  const auto state = locate(gazetteer, in({47.4, 14.4, 49, 17.1}));
  const auto country = locate(gazetteer, in({46.3, 9.5, 49, 17.2}));
  const auto named = locate(gazetteer, in({46.3, 9.5, 49, 17.2}, "AT"));
  CHECK(city.location->city);
  CHECK_FALSE(state.location->city);
  CHECK_FALSE(country.location->city);
  CHECK(city.location->confidence_thousandths > state.location->confidence_thousandths);
  CHECK(state.location->confidence_thousandths > country.location->confidence_thousandths);
  CHECK(named.location->confidence_thousandths > country.location->confidence_thousandths);
  CHECK(gazetteer.country_code(named.location->country) == "AT");
}

TEST_CASE("the place's country is believed for the place and doubted for the point", "[location]") {
  const Gazetteer gazetteer = world();
  // A box in Vienna that claims to be in France.
  const auto box = locate(gazetteer, in({48.1, 16.2, 48.3, 16.6}, "FR"));
  CHECK(gazetteer.country_code(box.location->country) == "FR");
  CHECK(box.country_disagrees);
  CHECK_FALSE(box.location->city);
  PostView post = in({48.8, 2.2, 48.9, 2.4}, "FR");
  post.lat = 48.2;
  post.lon = 16.4;
  const auto point = locate(gazetteer, post);
  CHECK(gazetteer.country_code(point.location->country) == "AT");
  CHECK(point.country_disagrees);
  // Codes that ISO 3166-1 does not know say nothing.
  for (const char* code : {"ZZ", "at", "AUT", ""}) {
    CHECK(gazetteer.country_code(
              locate(gazetteer, in({48.1, 16.2, 48.3, 16.6}, code)).location->country) == "AT");
  }
}

TEST_CASE("the point that stands for a whole country says no more than the country", "[location]") {
  const Gazetteer gazetteer = world();
  // What Google's list of countries gives for Austria, and the same to four digits.
  for (const Point point : {Point{47.516231, 14.550072}, Point{47.5162, 14.5501}}) {
    const Finding finding = locate(gazetteer, at(point.lat, point.lon));
    REQUIRE(finding.location);
    CHECK(finding.coordinates_default);
    CHECK(gazetteer.country_code(finding.location->country) == "AT");
    CHECK(finding.location->area.radius_km > 100);
    CHECK_FALSE(finding.location->city);
  }
  // A box says more than that.
  PostView post = in({48.1, 16.2, 48.3, 16.6}, "AT");
  post.lat = 47.516231;
  post.lon = 14.550072;
  const Finding in_vienna = locate(gazetteer, post);
  CHECK(in_vienna.coordinates_default);
  CHECK(in_vienna.location->source == LocationSource::kPlace);
  CHECK(in_vienna.location->area.radius_km < 30);
  // Some twenty metres beside it somebody may stand.
  const Finding beside = locate(gazetteer, at(47.5164, 14.550072));
  CHECK_FALSE(beside.coordinates_default);
  CHECK(beside.location->area.radius_km == 0);
}

TEST_CASE("a point whose numbers changed places is put right, and told", "[location]") {
  const Gazetteer gazetteer = world();
  PostView boxed = in({48.1, 16.2, 48.3, 16.6}, "AT");
  PostView named;
  named.has_place = true;
  named.place_country_code = "AT";
  for (PostView post : {boxed, named}) {
    post.lat = 16.4;
    post.lon = 48.2;
    const Finding finding = locate(gazetteer, post);
    REQUIRE(finding.location);
    CHECK(finding.coordinates_swapped);
    CHECK_FALSE(finding.country_disagrees);
    CHECK(finding.location->area.centre.lat == 48.2);
    CHECK(finding.location->area.centre.lon == 16.4);
    CHECK(finding.location->confidence_thousandths == 900);
  }
  // Nothing to tell by, neither way fits, or both do.
  CHECK_FALSE(locate(gazetteer, at(16.4, 48.2)).coordinates_swapped);
  boxed.lat = 48.9;
  boxed.lon = 2.4;
  CHECK_FALSE(locate(gazetteer, boxed).coordinates_swapped);
  PostView both = in({10, 10, 50, 50});
  both.lat = 16.4;
  both.lon = 48.2;
  CHECK_FALSE(locate(gazetteer, both).coordinates_swapped);
  // Not to be swapped: no latitude is beyond 90.
  PostView far = in({-50, 100, 50, 170}, "FR");
  far.lat = 60;
  far.lon = 120;
  CHECK_FALSE(locate(gazetteer, far).coordinates_swapped);
}

TEST_CASE("a finding is written with six decimals of degrees and three of kilometres",
          "[location]") {
  const Gazetteer gazetteer = world();
  const auto written = [&](const PostView& post) {
    const Finding finding = locate(gazetteer, post);
    std::string geo;
    if (finding.location) append_geo(geo, gazetteer, *finding.location);
    std::string out;
    append_finding(out, geo, finding);
    return out;
  };
  CHECK(written(PostView{}) == R"("quality":{"geo_reason":"no_place"})");
  CHECK(written(at(30.1234567, -40)) ==
        R"("geo":{"lat":30.123457,"lon":-40,"source":"coordinates","confidence":0.9,)"
        R"("radius_km":0,"s2_cell":"0a8d52bc","s2_level":13,"geohash":"ej7e3gb"},"quality":{})");
  CHECK(written(at(-0.0000001, -40.5)) ==
        R"("geo":{"lat":0,"lon":-40.5,"source":"coordinates","confidence":0.9,)"
        R"("radius_km":0,"s2_cell":"07e02824","s2_level":13,"geohash":"7pgpyru"},"quality":{})");
  CHECK(written(at(48.20849, 16.37208)) ==
        R"("geo":{"lat":48.20849,"lon":16.37208,"source":"coordinates","confidence":0.99,)"
        R"("radius_km":0,"country_code":"AT","country":"Austria","s2_cell":"476d079c",)"
        R"("s2_level":13,"geohash":"u2edk81","admin1":"Vienna","city":"Vienna",)"
        R"("geonames_id":"2761369","population":1691468,"city_distance_km":0.002,)"
        R"("time_zone":"Europe/Vienna"},"quality":{})");
}

}  // namespace
}  // namespace rookery::geo_enrich
