#pragma once

#include <optional>
#include <string_view>

#include "services/geo-enrich/geodesy.hpp"

namespace rookery::geo_enrich {

/// The first pair of coordinates in a text, latitude first: "40.7128, -74.0060",
/// "ÜT: 40.7128,-74.0060", "40°42'46\"N 74°0'22\"W", "40.7128N 74.006W". Decimal
/// degrees without N, S, E or W need three decimals, so that "4.5, 3.0" is none.
/// Absent: there is no pair, or it is out of range.
[[nodiscard]] std::optional<Point> find_coordinates(std::string_view text);

}  // namespace rookery::geo_enrich
