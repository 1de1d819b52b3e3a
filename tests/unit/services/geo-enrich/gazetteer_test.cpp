#include "services/geo-enrich/gazetteer/gazetteer.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/services/geo-enrich/sample.hpp"

namespace rookery::geo_enrich {
namespace {

std::string code(const Gazetteer& gazetteer, std::uint16_t country) {
  return country == format::kNone ? "-" : std::string(gazetteer.country_code(country));
}

TEST_CASE("points of the world lie in their countries", "[gazetteer]") {
  struct Case {
    const char* what;
    Point point;
    const char* country;
    Evidence evidence;
    const char* city;  ///< "-": none within reach.
  };
  const auto c = GENERATE(
      Case{"Vienna", {48.2082, 16.3738}, "AT", Evidence::kGround, "Vienna"},
      Case{"New York", {40.7128, -74.006}, "US", Evidence::kCoast, "New York City"},
      Case{"Vatican, in Rome", {41.9023, 12.4533}, "VA", Evidence::kBorder, "Vatican City"},
      Case{"Rome around it", {41.8903, 12.4923}, "IT", Evidence::kGround, "Rome"},
      Case{"Lesotho, in South Africa", {-29.5, 28.2}, "LS", Evidence::kGround, "Thaba-Tseka"},
      Case{"San Marino, in Italy", {43.9424, 12.4578}, "SM", Evidence::kGround, "San Marino"},
      Case{"Kaliningrad, apart", {54.71, 20.51}, "RU", Evidence::kGround, "Kaliningrad"},
      Case{"Fiji, before 180", {-16.93, 179.96}, "FJ", Evidence::kGround, "-"},
      Case{"Fiji, beyond 180", {-16.8, -179.9}, "FJ", Evidence::kGround, "-"},
      Case{"Fiji, on 180", {-16.9, 180}, "FJ", Evidence::kGround, "-"},
      Case{"Chukotka, east of 180", {66.5, -175}, "RU", Evidence::kGround, "-"},
      Case{"Chukotka, on 180", {68, 180}, "RU", Evidence::kGround, "-"},
      Case{"Chukotka, on -180", {68, -180}, "RU", Evidence::kGround, "-"},
      Case{"Alaska", {61.2181, -149.9003}, "US", Evidence::kGround, "Anchorage"},
      Case{"the South Pole", {-90, 0}, "AQ", Evidence::kGround, "-"},
      Case{"near the South Pole", {-89.9999, -180}, "AQ", Evidence::kGround, "-"},
      Case{"the North Pole", {90, 0}, "-", Evidence::kOpenSea, "-"},
      Case{"the North Pole again", {90, 180}, "-", Evidence::kOpenSea, "-"},
      Case{"off Barcelona", {41.35, 2.25}, "ES", Evidence::kCoast, "Barcelona"},
      Case{"middle of the Atlantic", {30, -40}, "-", Evidence::kOpenSea, "-"},
      Case{"off the Azores, too far", {38, -30}, "-", Evidence::kOpenSea, "-"},
      Case{"off Iceland, 30 km", {63.1, -19.2}, "-", Evidence::kOpenSea, "-"},
      Case{"Gibraltar, not drawn", {36.1408, -5.3536}, "GI", Evidence::kBorder, "Gibraltar"},
      Case{"Tuvalu, not drawn", {-8.5242, 179.1942}, "TV", Evidence::kCity, "Funafuti"},
      Case{"French Guiana", {4.9224, -52.3135}, "GF", Evidence::kGround, "Cayenne"},
      Case{"Reunion", {-21.1, 55.5}, "RE", Evidence::kGround, "Le Tampon"},
      Case{"Svalbard", {79, 16}, "SJ", Evidence::kGround, "-"},
      Case{"Simferopol", {44.9572, 34.1108}, "UA", Evidence::kGround, "Simferopol"},
      Case{"Hong Kong", {22.38, 114.11}, "HK", Evidence::kGround, "Discovery Park"},
      Case{"49th parallel, north", {49.08, -110}, "CA", Evidence::kGround, "-"},
      Case{"49th parallel, south", {48.92, -110}, "US", Evidence::kGround, "-"});
  const Gazetteer gazetteer = world();
  const Spot spot = gazetteer.find(c.point);
  INFO(c.what << ": evidence " << static_cast<int>(spot.evidence));
  CHECK(code(gazetteer, spot.country) == c.country);
  CHECK(spot.evidence == c.evidence);
  CHECK((spot.city ? gazetteer.city_name(gazetteer.city(spot.city->index)) : "-") == c.city);
}

TEST_CASE("beside a border the hint decides, and far from it it does not", "[gazetteer]") {
  const Gazetteer gazetteer = world();
  const std::uint16_t de = gazetteer.country_of("DE");
  const std::uint16_t fr = gazetteer.country_of("FR");
  // The Rhine between Strasbourg and Kehl.
  const Point bridge{48.574, 7.80};
  CHECK(gazetteer.find(bridge, de).country == de);
  CHECK(gazetteer.find(bridge, fr).country == fr);
  const Point berlin{52.52, 13.405};
  CHECK(gazetteer.find(berlin, fr).country == de);
  CHECK(gazetteer.find(berlin, de).evidence == Evidence::kGround);
}

TEST_CASE("at sea the hint decides between the coasts in reach", "[gazetteer]") {
  const Gazetteer gazetteer = world();
  const std::uint16_t gb = gazetteer.country_of("GB");
  const std::uint16_t fr = gazetteer.country_of("FR");
  // The Strait of Dover, nearer to England; 17 km to France.
  const Point strait{51.03, 1.5};
  CHECK(gazetteer.find(strait).country == gb);
  CHECK(gazetteer.find(strait, fr).country == fr);
  CHECK(gazetteer.find(strait, gazetteer.country_of("NL")).country == gb);
  // No hint reaches the open sea.
  CHECK(gazetteer.find({30, -40}, fr).country == format::kNone);
}

TEST_CASE("every degree of the globe has an answer that fits together", "[gazetteer]") {
  const Gazetteer gazetteer = world();
  for (int lat = -90; lat <= 90; ++lat) {
    for (int lon = -180; lon <= 180; ++lon) {
      const Spot spot = gazetteer.find({static_cast<double>(lat), static_cast<double>(lon)});
      const bool known = spot.country != format::kNone;
      const bool fits = known == (spot.evidence != Evidence::kOpenSea) &&
                        (!spot.city || (spot.city->km <= kCityRadiusKm &&
                                        gazetteer.city(spot.city->index).country == spot.country));
      if (!fits) FAIL_CHECK(lat << ", " << lon);
    }
  }
  const Spot west = gazetteer.find({66.5, -180});
  const Spot east = gazetteer.find({66.5, 180});
  CHECK(west.country == east.country);
  CHECK(west.evidence == east.evidence);
}

TEST_CASE("the city is one of the country, also where a foreign one is nearer", "[gazetteer]") {
  const Gazetteer gazetteer = world();
  // In Germany, 6 km from Strasbourg's centre and across the river.
  const Spot spot = gazetteer.find({48.59, 7.85});
  CHECK(code(gazetteer, spot.country) == "DE");
  REQUIRE(spot.city);
  CHECK(gazetteer.city_name(gazetteer.city(spot.city->index)) == "Kehl");
}

TEST_CASE("the cities of GeoNames lie in the countries that GeoNames names", "[gazetteer]") {
  const Gazetteer gazetteer = world();
  std::size_t agreed = 0;
  for (const auto& city : gazetteer.city_table()) {
    if (gazetteer.find(position(city)).country == city.country) ++agreed;
  }
  CHECK(gazetteer.city_table().size() == 30'762);
  CHECK(gazetteer.city_table().size() - agreed <= 9);
}

}  // namespace
}  // namespace rookery::geo_enrich
