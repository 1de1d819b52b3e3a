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
  /// The most frequent hashtags of its posts, by count, then by bytes. Counts may be too low by
  /// `missing_max`, and so many posts may a hashtag have that is missing.
  std::vector<std::pair<std::string, std::int64_t>> hashtags = {};
  std::int64_t missing_max = 0;
};

/// The pairs of cell and hashtag of one partition of window_partials.
struct PairCounts {
  std::vector<std::pair<std::string_view, std::int64_t>> pairs;  ///< "476d07 wien".
  std::int64_t missing_max = 0;  ///< What is not listed has at most so many posts.
};

/// Names the `limit` most frequent hashtags of each hotspot. A pair is in one of `all`.
void name_hashtags(std::vector<Hotspot>& hotspots, const std::vector<PairCounts>& all,
                   std::size_t limit);

/// The hotspots among `cells` (tokens with their posts): a cell is dense with at least three
/// posts and a hundredth of `total`, and dense cells that share an edge, also over the border
/// of a face of the cube, the antimeridian or a pole, are one hotspot. By count, then by the
/// first token. What is no token is left out. Coordinates are rounded so far that the last
/// bits of sines do not show.
[[nodiscard]] std::vector<Hotspot> find_hotspots(
    const std::vector<std::pair<std::string_view, std::int64_t>>& cells, std::int64_t total);

}  // namespace rookery::hashtag_window
