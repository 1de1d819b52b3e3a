#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// The cells of S2 (https://s2geometry.io): a sphere's six faces, each divided in quarters
/// up to 30 times along a Hilbert curve. Integers but for the way from degrees.
namespace rookery::hashtag_window {

inline constexpr int kCellLevelMax = 30;

/// 64 bits: face, two bits a level, a one, zeros.
struct CellId {
  std::uint64_t bits = 0;
  friend auto operator<=>(const CellId&, const CellId&) = default;
};

/// Absent where `token` (hexadecimal digits, trailing zeros left out) is no cell.
[[nodiscard]] std::optional<CellId> cell_of_token(std::string_view token);
[[nodiscard]] std::string token_of(CellId cell);
[[nodiscard]] int level_of(CellId cell);
/// The cell of `level` that holds `cell`, which is not coarser.
[[nodiscard]] CellId parent_of(CellId cell, int level);
/// A point on or near the unit sphere: x to 0 N 0 E, z to the North Pole.
using Point3 = std::array<double, 3>;

/// The four cells of the same level that share an edge with `cell`.
[[nodiscard]] std::array<CellId, 4> edge_neighbours(CellId cell);
/// On the unit sphere.
[[nodiscard]] Point3 centre_of(CellId cell);
[[nodiscard]] std::array<Point3, 4> vertices_of(CellId cell);

/// The cell of level 30 at the point; degrees, -90 to 90 and -180 to 180.
[[nodiscard]] CellId cell_at(double lat, double lon);

}  // namespace rookery::hashtag_window
