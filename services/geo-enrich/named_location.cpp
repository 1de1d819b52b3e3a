#include <algorithm>
#include <cmath>

#include "common/core/check.hpp"
#include "services/geo-enrich/location.hpp"

namespace rookery::geo_enrich {
namespace {

/// How likely the country is right, by how the name was found and how much it
/// stands out. The slopes are fitted to the seen half of the texts of geo-eval, those of
/// IDRISI-D and Carmen alike; the README has the table of reliability on the other half.
double confidence_of(const NamedPlace& place) {
  const double lead = std::clamp(place.lead, 0.0, 3.0);
  switch (place.name_class) {
    case NameClass::kSupported:
      return 0.97;
    case NameClass::kCountry:
      return 0.97;
    case NameClass::kDivision:
      return lead < 3 ? 0.84 + 0.03 * lead : 0.95;
    case NameClass::kCity:
      return std::min(0.48 + 0.18 * lead, 0.93);
    case NameClass::kFlag:
      return 0.8;
    case NameClass::kContainer:
      return 0.93;
    case NameClass::kSeveral:
      return 0.7;
    case NameClass::kPart:
      return 0.6 + 0.1 * lead;
    case NameClass::kWithin:
      return 0.46 + 0.1 * lead;
    case NameClass::kWord:
      return 0.6;
  }
  ROOKERY_CHECK(false, "all classes are listed");
}

/// A city's reach grows with the root of its people: 5 km at 15,000, 30 km at ten
/// million.
double city_radius_km(std::uint32_t population) {
  return std::clamp(std::sqrt(static_cast<double>(population)) / 100, 5.0, 40.0);
}

Point point_of(std::int32_t lat_e5, std::int32_t lon_e5) {
  constexpr auto kUnits = static_cast<double>(format::kUnitsPerDegree);
  return {lat_e5 / kUnits, lon_e5 / kUnits};
}

}  // namespace

Location locate_named(const Gazetteer& gazetteer, const NamedPlace& place, LocationSource source) {
  Location location{.source = source,
                    .area = {},
                    .country = format::kNone,
                    .confidence_thousandths = std::llround(confidence_of(place) * 1000),
                    .city = std::nullopt};
  switch (place.kind) {
    case NameKind::kCountry: {
      const auto& country = gazetteer.country(place.index);
      location.area = {point_of(country.lat_e5, country.lon_e5),
                       static_cast<double>(country.radius_km)};
      location.country = static_cast<std::uint16_t>(place.index);
      return location;
    }
    case NameKind::kDivision: {
      const auto& division = gazetteer.division(place.index);
      location.area = {point_of(division.lat_e5, division.lon_e5),
                       static_cast<double>(division.radius_km)};
      location.country = division.country;
      location.division = static_cast<std::uint16_t>(place.index);
      return location;
    }
    case NameKind::kCity: {
      const auto& city = gazetteer.city(place.index);
      location.area = {position(city),
                       city.part > 1 ? city.part - 1.0 : city_radius_km(city.population)};
      location.country = city.country;
      location.division = city.admin1;
      // A part of a city is where it is, but the city is the whole.
      if (city.part == 0) {
        location.city = Cities::Match{place.index, 0};
      } else {
        location.city = gazetteer.cities().nearest(position(city), kCityRadiusKm, city.country);
      }
      return location;
    }
    case NameKind::kNotion:
      break;
  }
  ROOKERY_CHECK(false, "a notion is not a place");
}

Location locate_written_point(const Gazetteer& gazetteer, Point point) {
  const Spot spot = gazetteer.find(point);
  // People move, and what a phone once wrote into a profile stays there.
  constexpr double kCertainty = 0.9;
  constexpr double kRadiusKm = 5;
  const double country = spot.evidence == Evidence::kGround ? 0.99 : 0.8;
  return {.source = LocationSource::kProfile,
          .area = {point, kRadiusKm},
          .country = spot.country,
          .confidence_thousandths = std::llround(kCertainty * country * 1000),
          .city = spot.city,
          .division = spot.city ? gazetteer.city(spot.city->index).admin1 : format::kNone};
}

std::string_view name_of(LocationSource source) {
  switch (source) {
    case LocationSource::kCoordinates:
      return "coordinates";
    case LocationSource::kPlace:
      return "place";
    case LocationSource::kText:
      return "text";
    case LocationSource::kProfile:
      return "profile";
  }
  ROOKERY_CHECK(false, "all sources are listed");
}

}  // namespace rookery::geo_enrich
