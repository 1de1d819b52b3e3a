#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "services/geo-enrich/gazetteer/gazetteer.hpp"
#include "services/geo-enrich/location.hpp"

namespace rookery::geo_enrich {

/// How exactly a record may say where somebody is.
enum class Precision : std::uint8_t {
  kExact,    ///< As it is known.
  kCell,     ///< The middle of an S2 cell.
  kCity,     ///< The city; without one, the country.
  kCountry,  ///< The country alone.
};

struct Privacy {
  Precision precision = Precision::kExact;
  int cell_level = 7;  ///< With kCell: 0 to 13.

  /// Whether the author's own point and place must go from the record, too.
  [[nodiscard]] bool hides_source() const { return precision != Precision::kExact; }
};

/// Makes the location as coarse as asked; what is coarser already stays. False: on
/// the high seas there is nothing coarser to tell, so nothing may be told.
[[nodiscard]] bool coarsen(const Gazetteer& gazetteer, const Privacy& privacy, Location& location);

/// Appends `json`, a whole object, without its members "coordinates" and "place",
/// and in author without "location". All other bytes stay.
void append_without_places(std::string& out, std::string_view json);

}  // namespace rookery::geo_enrich
