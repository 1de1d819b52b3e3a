#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "services/geo-enrich/geodesy.hpp"

namespace rookery::geo_enrich {

/// The finest level of cell that a record names: cells of about 1.2 km².
inline constexpr int kCellLevelMax = 13;

/// A short text in place, at most 16 characters.
struct CellName {
  std::array<char, 16> bytes{};
  std::uint8_t size = 0;
  [[nodiscard]] std::string_view view() const { return {bytes.data(), size}; }
};

/// The 64-bit id of the S2 leaf cell (level 30) that holds `point`: a face of the
/// cube around the globe, then the place along the Hilbert curve on that face.
/// The numbering is that of https://s2geometry.io/devguide/s2cell_hierarchy.
[[nodiscard]] std::uint64_t s2_leaf(Point point);

/// The id's ancestor at `level`, 0 to 30.
[[nodiscard]] std::uint64_t s2_parent(std::uint64_t id, int level);

/// The id in hexadecimal without the zeros at its end: S2's token.
[[nodiscard]] CellName s2_token(std::uint64_t id);

/// The middle of the cell `id`.
[[nodiscard]] Point s2_centre(std::uint64_t id);

/// From the middle of a cell of `level` to its farthest corner at most, in kilometres.
[[nodiscard]] double s2_radius_km(int level);

/// The level to name for an area: the finest up to `level_max` whose cells are,
/// on average, as wide as `radius_km`.
[[nodiscard]] int s2_level(double radius_km, int level_max = kCellLevelMax);

/// The geohash (http://geohash.org) of `point`: 1 to 12 characters.
[[nodiscard]] CellName geohash(Point point, int characters);

/// How many characters of a geohash say as much as a radius: the longest (up to
/// 7, cells of 150 m) whose cells are as high as `radius_km`.
[[nodiscard]] int geohash_length(double radius_km);

}  // namespace rookery::geo_enrich
