#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/core/result.hpp"

namespace rookery::geo_enrich {

/// The derived data of services/geo-enrich/data, as its README describes it.
struct Source {
  struct Country {
    std::string code;
    std::string name;
  };
  struct Admin1 {
    std::string code;  ///< "AT.09"
    std::string name;
  };
  struct City {
    std::uint32_t geonames_id;
    std::string name;
    double lat;
    double lon;
    std::string kind;  ///< GeoNames' feature code, as PPLC.
    std::string country;
    std::string admin1;  ///< "09"; empty: none.
    std::uint32_t population;
    std::string time_zone;
  };
  /// What else a city is called.
  struct CityNames {
    std::uint32_t geonames_id;
    std::vector<std::string> names;
  };
  /// What else a country is called, and how many live there.
  struct CountryNames {
    std::string code;
    std::string iso3;
    std::uint32_t population;
    std::string language;  ///< Its first one, ISO 639-1; empty: none.
    std::vector<std::string> names;
  };
  /// Where a first-level division lies, and what else it is called.
  struct Division {
    std::string code;
    double lat;
    double lon;
    std::uint16_t radius_km;
    std::string postal;  ///< "TX"; empty: none.
    std::vector<std::string> names;
  };
  /// A place with a name that is too small for the list of cities.
  struct Town {
    City place;  ///< Without a kind; time zone empty: that of its country's cities.
    bool word;   ///< It is called like a common word.
  };
  /// A division of the second level.
  struct County {
    std::string name;
    double lat;
    double lon;
    std::string country;
    std::string admin1;
    std::uint16_t radius_km;
    std::uint32_t population;
  };
  /// What people call a place, as no gazetteer does.
  struct Nickname {
    std::string kind;  ///< "city", "admin1", "country"; "nowhere", "region".
    std::string id;    ///< GeoNames id, or code.
    std::vector<std::string> names;
  };
  /// What time it is at a place: minutes east of Greenwich, without daylight saving.
  struct ZoneOffset {
    std::string name;
    std::int16_t minutes;
  };
  /// What else a time zone is called.
  struct ZoneName {
    std::string name;
    std::string zone;
  };
  struct Vertex {
    std::int64_t x;  ///< Thousandths of a degree east.
    std::int64_t y;  ///< Thousandths of a degree north.
  };
  struct Ring {
    std::string country;
    std::vector<Vertex> vertices;  ///< At least three; the last one joins the first.
  };

  std::vector<Country> countries;
  std::vector<Admin1> admin1;
  std::vector<City> cities;
  std::vector<Ring> rings;
  std::vector<CityNames> city_names{};
  std::vector<CountryNames> country_names{};
  std::vector<Division> divisions{};
  std::vector<Nickname> nicknames{};
  std::vector<Town> towns{};
  std::vector<County> counties{};
  std::vector<std::string> words{};  ///< Common words that are names, too.
  std::vector<ZoneOffset> zone_offsets{};
  std::vector<ZoneName> zone_names{};
};

/// Reads the tables of `folder`. Errors (kFatal): source_missing, source_malformed
/// with file and line.
Result<Source> read_source(const std::string& folder);

}  // namespace rookery::geo_enrich
