#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "services/geo-enrich/compile/source.hpp"
#include "services/geo-enrich/gazetteer/format.hpp"

namespace rookery::geo_enrich {

/// What the names lead to: the tables as they stand in the file.
struct NamedTables {
  const std::map<std::string, std::uint16_t>& countries;           ///< By code.
  const std::map<std::string, std::uint16_t>& divisions;           ///< By code.
  const std::unordered_map<std::uint32_t, std::uint32_t>& cities;  ///< By GeoNames id.
  std::span<const format::CountryMore> country_table;
  std::span<const format::Division> division_table;
  std::span<const format::City> city_table;
};

struct NameIndex {
  std::vector<format::NameSlot> slots;
  std::vector<std::uint32_t> refs;
};

/// All names of `source`, folded, with their meanings in order of prominence.
[[nodiscard]] NameIndex make_names(const Source& source, const NamedTables& tables);

/// Where the countries and divisions lie, as the middle of their ground or of
/// their cities.
[[nodiscard]] std::vector<format::CountryMore> make_countries(
    const Source& source, const std::map<std::string, std::uint16_t>& countries);
[[nodiscard]] std::vector<format::Division> make_divisions(
    const Source& source, const std::map<std::string, std::uint16_t>& countries,
    const std::map<std::string, std::uint16_t>& divisions);

}  // namespace rookery::geo_enrich
