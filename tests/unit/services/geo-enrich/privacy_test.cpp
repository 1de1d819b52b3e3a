#include "services/geo-enrich/privacy.hpp"

#include <catch2/catch.hpp>

#include "services/geo-enrich/cells.hpp"
#include "services/geo-enrich/locator.hpp"
#include "tests/unit/services/geo-enrich/sample.hpp"

namespace rookery::geo_enrich {
namespace {

Location located(const Gazetteer& gazetteer, Point point) {
  PostView post;
  post.lat = point.lat;
  post.lon = point.lon;
  return *locate(gazetteer, post).location;
}

TEST_CASE("two points of a city, a cell or a country become one") {
  const Gazetteer gazetteer = world();
  const Point near{48.2101, 16.3701};
  const Point far{48.1902, 16.4003};
  const auto written = [&](Point point, const Privacy& privacy) {
    Finding finding;
    finding.location = located(gazetteer, point);
    REQUIRE(coarsen(gazetteer, privacy, *finding.location));
    std::string out;
    append_geo(out, gazetteer, *finding.location);
    return out;
  };
  CHECK(written(near, {}) != written(far, {}));
  for (const Precision precision : {Precision::kCell, Precision::kCity, Precision::kCountry}) {
    const Privacy privacy{.precision = precision, .cell_level = 7};
    CHECK(written(near, privacy) == written(far, privacy));
    CHECK_THAT(written(near, privacy), Catch::Contains(R"("country_code":"AT")"));
  }
  CHECK_THAT(written(near, {.precision = Precision::kCountry}),
             !Catch::Contains("Vienna") && !Catch::Contains("time_zone"));
}

TEST_CASE("the true point lies within the radius that is told") {
  const Gazetteer gazetteer = world();
  for (const Point point : {Point{48.2, 16.4}, Point{-33.9, 151.2}, Point{64.5, -18.0}}) {
    for (const Precision precision : {Precision::kCell, Precision::kCity, Precision::kCountry}) {
      for (const int level : {3, 7, 13}) {
        Location location = located(gazetteer, point);
        REQUIRE(coarsen(gazetteer, {.precision = precision, .cell_level = level}, location));
        CHECK(distance_km(point, location.area.centre) <= location.area.radius_km);
      }
    }
  }
}

TEST_CASE("what is coarse already stays, and the high seas have no country") {
  const Gazetteer gazetteer = world();
  Locator locator(gazetteer);
  Location brazil = *locator.locate_text("Brazil").location;
  const double radius = brazil.area.radius_km;
  CHECK(coarsen(gazetteer, {.precision = Precision::kCell, .cell_level = 7}, brazil));
  CHECK(brazil.area.radius_km == radius);
  Location sea = located(gazetteer, {30, -40});
  CHECK_FALSE(coarsen(gazetteer, {.precision = Precision::kCountry}, sea));
  CHECK_FALSE(coarsen(gazetteer, {.precision = Precision::kCity}, sea));
  CHECK(coarsen(gazetteer, {.precision = Precision::kCell}, sea));
}

TEST_CASE("the author's places go from the record, all else stays") {
  const auto without = [](std::string_view json) {
    std::string out;
    append_without_places(out, json);
    return out;
  };
  CHECK(without(R"({"id":"1","coordinates":{"lat":1,"lon":2},"text":"a"})") ==
        R"({"id":"1","text":"a"})");
  CHECK(without(R"( { "place" : {"name":"x","box":[1,{"y":"}\""}]} , "id" : "1" } )") ==
        R"({"id":"1"})");
  CHECK(
      without(
          R"({"author":{"id":"5","location":"here","time_zone":"Bern","x":[1]},"n":-1e5,"t":true})") ==
      R"({"author":{"id":"5","x":[1]},"n":-1e5,"t":true})");
  CHECK(without(R"({"author":null,"location":"mine","place":null})") ==
        R"({"author":null,"location":"mine"})");
  CHECK(without(R"({"text":"\"coordinates\":{","pl\u0061ce":7})") ==
        R"({"text":"\"coordinates\":{"})");
  CHECK(without("{}") == "{}");
}

}  // namespace
}  // namespace rookery::geo_enrich
