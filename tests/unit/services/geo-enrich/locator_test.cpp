#include "services/geo-enrich/locator.hpp"

#include <catch2/catch.hpp>

#include "services/geo-enrich/location_json.hpp"
#include "tests/unit/services/geo-enrich/sample.hpp"

namespace rookery::geo_enrich {
namespace {

TEST_CASE("what a post tells of its place is taken in order of trust") {
  const Gazetteer gazetteer = world();
  Locator locator(gazetteer, Mentions::kTaken);
  const auto source = [&](const PostView& post) {
    const Finding finding = locator.locate(post);
    return finding.location ? name_of(finding.location->source) : finding.reason;
  };
  PostView post;
  post.text = "nothing to see";
  CHECK(source(post) == "no_place");
  post.author_location = "Vienna, Austria";
  CHECK(source(post) == "profile");
  post.text = "Snow in Toronto";
  CHECK(source(post) == "text");
  post.has_place = true;
  post.place_box = BoundingBoxView{41, 2, 41.5, 2.5};
  CHECK(source(post) == "place");
  post.lat = 48.2;
  post.lon = 16.37;
  CHECK(source(post) == "coordinates");
  Locator careful(gazetteer);
  PostView plain;
  plain.text = "Snow in Toronto";
  plain.author_location = "Vienna";
  CHECK(name_of(careful.locate(plain).location->source) == "profile");
}

TEST_CASE("a place without a box is where its name lies in its country") {
  struct Named {
    const char* name;
    const char* code;
    const char* where;  ///< Country, city, or the reason.
  };
  const auto [name, code, where] = GENERATE(values<Named>({
      {"Paris, Texas", "US", "US Paris"},
      {"Paris", "US", "US Paris"},
      {"Cambridge", "US", "US Cambridge"},
      {"Cambridge", "GB", "GB Cambridge"},
      {"Manhattan, NY", "US", "US Manhattan"},
      {"Nice, France", "FR", "FR Nice"},
      {"東京 千代田区", "JP", "JP Tokyo"},
      {"San Juan, Puerto Rico", "US", "PR San Juan"},
      {"Texas, USA", "US", "US"},
      // What is no name of the country, or more than a name, says its country alone.
      {"Paris", "BR", "BR"},
      {"Vienna Café", "US", "US"},
      {"Nice", "FR", "FR"},
      {"", "IS", "IS"},
      {"Vienna", "", "AT Vienna"},
      {"Vienna", "ZZ", "AT Vienna"},
      {"the upper room", "", "place_without_box"},
      {"", "", "place_without_box"},
  }));
  const Gazetteer gazetteer = world();
  Locator locator(gazetteer);
  PostView post;
  post.has_place = true;
  post.place_full_name = name;
  post.place_country_code = code;
  const Finding finding = locator.locate(post);
  INFO(name << ", " << code);
  if (!finding.location) {
    CHECK(finding.reason == where);
    return;
  }
  std::string found(gazetteer.country_code(finding.location->country));
  if (finding.location->city) {
    found += " ";
    found += gazetteer.city_name(gazetteer.city(finding.location->city->index));
  }
  CHECK(found == where);
  CHECK(name_of(finding.location->source) == "place");
  CHECK(finding.location->confidence_thousandths <= 900);
  CHECK(finding.location->area.radius_km > 0);
}

TEST_CASE("a place's name comes behind its box and before the profile") {
  const Gazetteer gazetteer = world();
  Locator locator(gazetteer, Mentions::kTaken);
  PostView post;
  post.text = "Snow in Toronto";
  post.author_location = "Vienna, Austria";
  post.has_place = true;
  post.place_name = "Reykjavík";
  post.place_country_code = "IS";
  post.lat = 0;
  post.lon = 0;
  const Finding named = locator.locate(post);
  REQUIRE(named.location);
  CHECK(gazetteer.country_code(named.location->country) == "IS");
  CHECK(named.coordinates_null_island);
  CHECK(named.reason.empty());
  // The full name says more than the short one.
  post.place_full_name = "Akureyri, Iceland";
  CHECK(locator.locate(post).location->area.centre.lat > 65);
  post.place_box = BoundingBoxView{64.08, -21.98, 64.18, -21.73};
  const Finding box = locator.locate(post);
  CHECK(box.location->area.centre.lat < 65);
  CHECK(box.location->confidence_thousandths > named.location->confidence_thousandths);
}

TEST_CASE("the language of a post is a hint for its author's profile") {
  const Gazetteer gazetteer = world();
  Locator locator(gazetteer);
  PostView post;
  post.lang = "es";
  CHECK(locator.locate(post).reason == "no_place");
  post.author_location = "Santa Ana";
  const Finding finding = locator.locate(post);
  REQUIRE(finding.location);
  CHECK(gazetteer.country_code(finding.location->country) == "SV");
  // Of several likely ones: not to be relied on.
  CHECK(finding.location->confidence_thousandths < 700);
  post.lang = "en";
  CHECK(gazetteer.country_code(locator.locate(post).location->country) == "US");
}

TEST_CASE("the author's time zone is a hint for the profile") {
  const Gazetteer gazetteer = world();
  Locator locator(gazetteer);
  PostView post;
  post.author_time_zone = "Central America";
  CHECK(locator.locate(post).reason == "no_place");
  post.author_location = "Santa Ana";
  const Finding finding = locator.locate(post);
  REQUIRE(finding.location);
  CHECK(gazetteer.country_code(finding.location->country) == "SV");
  CHECK(finding.location->confidence_thousandths < 700);
}

TEST_CASE("a fake point does not hide the profile") {
  const Gazetteer gazetteer = world();
  Locator locator(gazetteer);
  PostView post;
  post.lat = 0;
  post.lon = 0;
  CHECK(locator.locate(post).reason == "null_island");
  post.author_location = "the clouds";
  CHECK(locator.locate(post).reason == "null_island");
  post.author_location = "Vienna";
  const Finding finding = locator.locate(post);
  REQUIRE(finding.location);
  CHECK(finding.coordinates_null_island);
  CHECK(locator.locate_text("0.000000, 0.000000").reason == "null_island");
  // A point that stands for a country says no more than its name.
  const auto austria = locator.locate_text("47.516231, 14.550072");
  REQUIRE(austria.location);
  CHECK_FALSE(austria.location->city);
  CHECK(austria.location->area.radius_km > 100);
}

TEST_CASE("a located text is one line of JSON") {
  const Gazetteer gazetteer = world();
  Locator locator(gazetteer);
  const auto line = [&](std::string_view text) {
    std::string out;
    append_located_text(out, gazetteer, text, locator.locate_text(text));
    return out;
  };
  CHECK(line("Paris, TX") ==
        R"({"text":"Paris, TX","lat":33.6609,"lon":-95.5555,"country":"US","admin1":"Texas",)"
        R"("city":"Paris","geonames_id":"4717560","confidence":0.97,"radius_km":5,)"
        R"("source":"profile"})");
  CHECK(line("nowhere") == R"({"text":"nowhere","reason":"location_not_a_place"})");
  CHECK(line("a\"\xFF") == "{\"text\":\"a\\\"\xEF\xBF\xBD\",\"reason\":\"location_unknown\"}");
  CHECK(line("48.2082, 16.3738").find(R"("city":"Vienna")") != std::string::npos);
  // A part of a city is where it is; the city is the whole.
  CHECK(line("Manhattan").find(R"("admin1":"New York")") != std::string::npos);
}

TEST_CASE("an area is as large as what is named") {
  const Gazetteer gazetteer = world();
  Locator locator(gazetteer);
  const auto radius = [&](std::string_view text) {
    return locator.locate_text(text).location->area.radius_km;
  };
  CHECK(radius("Vienna") < 25);
  CHECK(radius("Bergen County, NJ") >= 20);
  CHECK(locator.locate_text("Bergen County, NJ").location->city);
  CHECK(radius("Texas") > 300);
  CHECK(radius("Brazil") > 1500);
  CHECK(radius("Brazil") < 3500);
  CHECK(locator.locate_text("Texas").location->city == std::nullopt);
}

}  // namespace
}  // namespace rookery::geo_enrich
