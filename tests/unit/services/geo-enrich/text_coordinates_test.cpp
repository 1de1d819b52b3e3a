#include "services/geo-enrich/text_coordinates.hpp"

#include <catch2/catch.hpp>

namespace rookery::geo_enrich {
namespace {

TEST_CASE("coordinates in a text are found in the usual forms") {
  struct Case {
    const char* text;
    double lat;
    double lon;
  };
  for (const auto& [text, lat, lon] : {Case{"40.7128,-74.0060", 40.7128, -74.006},
                                       {"ÜT: 40.7128,-74.0060", 40.7128, -74.006},
                                       {"iPhone: -33.868820, 151.209290", -33.86882, 151.20929},
                                       {"I am at 48.208 / 16.373 now", 48.208, 16.373},
                                       {"40.5N 74.25W", 40.5, -74.25},
                                       {"E 16.3", 0, 0},
                                       {"16.3°E, 48.2°N", 48.2, 16.3},
                                       {"40°42'46\"N 74°0'22\"W", 40.712778, -74.006111},
                                       {"40° 30′ S 170° 15′ E", -40.5, 170.25}}) {
    INFO(text);
    const auto point = find_coordinates(text);
    if (lat == 0) {
      CHECK_FALSE(point);
      continue;
    }
    REQUIRE(point);
    CHECK(point->lat == Approx(lat).margin(1e-5));
    CHECK(point->lon == Approx(lon).margin(1e-5));
  }
}

TEST_CASE("numbers that are no coordinates are none") {
  for (const char* text :
       {"", "4.5, 3.0 stars", "since 1999.12.24", "91.0000, 10.0000", "10.0000, 181.0000",
        "call 0123.4567", "40.7128", "40.7128 miles", "192.168.100.200", "40.5N 74.2N",
        "1234.5678, 10.1234", "-.-", "12:30"}) {
    INFO(text);
    CHECK_FALSE(find_coordinates(text));
  }
}

}  // namespace
}  // namespace rookery::geo_enrich
