#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "services/geo-enrich/compile/source.hpp"

namespace rookery::geo_enrich {

/// The sections `grid` and `cells` of the gazetteer.
struct Grid {
  std::vector<std::uint32_t> cells;
  std::vector<std::uint16_t> maps;
};

/// A ring of the borders, its country as an index.
struct IndexedRing {
  std::uint16_t country;
  std::span<const Source::Vertex> vertices;
};

/// Cuts the rings into cells (Sutherland and Hodgman, 1974, once for each side).
Grid make_grid(std::span<const IndexedRing> rings);

}  // namespace rookery::geo_enrich
