#include "services/geo-enrich/placer.hpp"

#include <algorithm>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/unit/services/geo-enrich/sample.hpp"

namespace rookery::geo_enrich {
namespace {

std::string told(const Placer::Placed& placed) {
  return placed.geo + "|" + std::string(placed.finding.reason) +
         (placed.finding.country_disagrees ? "|disagrees" : "") +
         (placed.finding.coordinates_null_island ? "|island" : "");
}

/// Every combination of what a post may tell: many differ in one part alone.
std::vector<PostView> all_kinds() {
  std::vector<PostView> posts;
  const std::optional<BoundingBoxView> boxes[] = {std::nullopt, BoundingBoxView{41, 2, 41.5, 2.5},
                                                  BoundingBoxView{-0.001, -0.001, 0.001, 0.001},
                                                  BoundingBoxView{48.1, 16.2, 48.3, 16.6}};
  const std::string_view locations[] = {"",
                                        "Paris",
                                        "Springfield",
                                        "Santa Ana",
                                        "0,0",
                                        "she/her",
                                        "a line that is much too long to be kept, of somebody who "
                                        "lives between Vienna, Austria and Graz, and who tells all "
                                        "about it, day and night, in summer and in winter, and is "
                                        "not tired of it"};
  for (const auto& box : boxes) {
    for (const std::string_view location : locations) {
      for (const std::string_view language : {"", "es", "en"}) {
        for (const std::string_view zone : {"", "Central America", "America/Los_Angeles"}) {
          for (const std::string_view country : {"", "ES", "US"}) {
            for (const std::string_view name : {"", "Paris", "Barcelona"}) {
              PostView post;
              post.author_location = location;
              post.lang = language;
              post.author_time_zone = zone;
              post.has_place = box || !country.empty() || !name.empty();
              post.place_country_code = country;
              post.place_box = box;
              post.place_full_name = name;
              posts.push_back(post);
              std::swap(post.place_full_name, post.place_name);
              posts.push_back(post);
              post.has_place = true;
              posts.push_back(post);
            }
          }
        }
      }
    }
  }
  return posts;
}

TEST_CASE("a place that is kept is the one that is found") {
  const Gazetteer gazetteer = world();
  Placer placer(gazetteer, Mentions::kIgnored, {});
  Locator locator(gazetteer);
  auto posts = all_kinds();
  // Several times and in any order, so that answers are met again, and pushed out by others.
  std::mt19937 random(7);
  for (int round = 0; round < 3; ++round) {
    std::shuffle(posts.begin(), posts.end(), random);
    for (const PostView& post : posts) {
      Placer::Placed found{.finding = locator.locate(post), .geo = {}};
      if (found.finding.location) append_geo(found.geo, gazetteer, *found.finding.location);
      REQUIRE(told(placer.place(post)) == told(found));
    }
  }
}

TEST_CASE("points, mentions and what was scrubbed are not mistaken for what was kept") {
  const Gazetteer gazetteer = world();
  Placer placer(gazetteer, Mentions::kTaken, {});
  PostView post;
  post.author_location = "Vienna, Austria";
  post.text = "nothing to see";
  CHECK(placer.place(post).finding.location->source == LocationSource::kProfile);
  post.text = "Snow in Toronto";
  CHECK(placer.place(post).finding.location->source == LocationSource::kText);
  post.lat = 48.2;
  post.lon = 16.37;
  CHECK(placer.place(post).finding.location->source == LocationSource::kCoordinates);
  post.amendment = kScrubbed;
  CHECK(placer.place(post).geo.empty());
  CHECK(placer.place(post).finding.reason == "scrubbed");
}

TEST_CASE("what is kept is as coarse as asked") {
  const Gazetteer gazetteer = world();
  Placer placer(gazetteer, Mentions::kIgnored, {.precision = Precision::kCountry});
  PostView post;
  post.author_location = "Vienna, Austria";
  for (int i = 0; i < 2; ++i) {
    CHECK_THAT(placer.place(post).geo,
               Catch::Contains(R"("country_code":"AT")") && !Catch::Contains("Vienna"));
  }
}

}  // namespace
}  // namespace rookery::geo_enrich
