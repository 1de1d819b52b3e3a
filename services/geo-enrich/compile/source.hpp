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
};

/// Reads the tables of `folder`. Errors (kFatal): source_missing, source_malformed
/// with file and line.
Result<Source> read_source(const std::string& folder);

}  // namespace rookery::geo_enrich
