#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rookery::hashtag_window {

/// Neighbouring dense cells of one level.
struct Hotspot {
  std::int64_t lat = 0;        ///< Of the middle, weighted by posts; thousandths of a degree.
  std::int64_t lon = 0;        ///< Above -180,000.
  std::int64_t radius_km = 0;  ///< All cells lie within; thousandths, rounded up to 0.1 km.
  std::int64_t count = 0;
  std::vector<std::string> cells;  ///< Tokens, ascending.
};

/// The hotspots among `cells` (tokens with their posts): a cell is dense with at least three
/// posts and a hundredth of `total`, and dense cells that share an edge, also over the border
/// of a face of the cube, the antimeridian or a pole, are one hotspot. By count, then by the
/// first token. What is no token is left out. Coordinates are rounded so far that the last
/// bits of sines do not show.
[[nodiscard]] std::vector<Hotspot> find_hotspots(
    const std::vector<std::pair<std::string_view, std::int64_t>>& cells, std::int64_t total);

}  // namespace rookery::hashtag_window
