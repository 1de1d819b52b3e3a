#include "services/geo-enrich/compile/grid.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <utility>

#include "common/core/check.hpp"
#include "services/geo-enrich/gazetteer/format.hpp"

namespace rookery::geo_enrich {
namespace {

using format::kCellUnits;

/// A position in the grid in units of 1e-5 degrees: [0] east, [1] north.
using Position = std::array<std::int64_t, 2>;
using Polygon = std::vector<Position>;
using Edge = std::array<std::uint16_t, 4>;

enum class Keep : std::uint8_t { kBelow, kAbove };

/// Where the edge meets the line. Both neighbours of an edge must get the same
/// point, so the edge is taken in one direction whoever asks.
Position meet(Position a, Position b, std::size_t axis, std::int64_t line) {
  if (b < a) std::swap(a, b);
  const std::size_t other = 1 - axis;
  const double t = static_cast<double>(line - a[axis]) / static_cast<double>(b[axis] - a[axis]);
  Position point{};
  point[axis] = line;
  point[other] = a[other] + std::llround(t * static_cast<double>(b[other] - a[other]));
  return point;
}

/// The part of the polygon on one side of a line.
Polygon cut(const Polygon& polygon, std::size_t axis, std::int64_t line, Keep keep) {
  const auto kept = [&](const Position& point) {
    return keep == Keep::kBelow ? point[axis] <= line : point[axis] >= line;
  };
  Polygon result;
  for (std::size_t i = 0; i < polygon.size(); ++i) {
    const Position& from = polygon[i == 0 ? polygon.size() - 1 : i - 1];
    const Position& to = polygon[i];
    if (kept(from) != kept(to)) result.push_back(meet(from, to, axis, line));
    if (kept(to)) result.push_back(to);
  }
  return result;
}

std::pair<std::int64_t, std::int64_t> extent(const Polygon& polygon, std::size_t axis) {
  const auto [low, high] =
      std::minmax_element(polygon.begin(), polygon.end(),
                          [&](const auto& a, const auto& b) { return a[axis] < b[axis]; });
  return {(*low)[axis], (*high)[axis]};
}

/// The edges of the countries in one cell, its own corner as origin.
using CellMap = std::map<std::uint16_t, std::vector<Edge>>;

/// Adds what the format keeps of a polygon that was cut to its cell: the east side
/// to close it, and of the other sides nothing.
void add_edges(const Polygon& polygon, Position corner, std::vector<Edge>& edges) {
  for (std::size_t i = 0; i < polygon.size(); ++i) {
    Edge edge{};
    for (std::size_t axis = 0; axis < 2; ++axis) {
      const Position& from = polygon[i == 0 ? polygon.size() - 1 : i - 1];
      edge[axis] = static_cast<std::uint16_t>(from[axis] - corner[axis]);
      edge[axis + 2] = static_cast<std::uint16_t>(polygon[i][axis] - corner[axis]);
    }
    const bool point = edge[0] == edge[2] && edge[1] == edge[3];
    const bool west = edge[0] == 0 && edge[2] == 0;
    const bool south = edge[1] == 0 && edge[3] == 0;
    const bool north = edge[1] == kCellUnits && edge[3] == kCellUnits;
    if (!point && !west && !south && !north) edges.push_back(edge);
  }
}

class Cutter {
 public:
  void add(const IndexedRing& ring) {
    Polygon polygon;
    for (const auto& vertex : ring.vertices) {
      polygon.push_back({(vertex.x + 180'000) * 100 + format::kGridShift,
                         (vertex.y + 90'000) * 100 + format::kGridShift});
    }
    const auto [south, north] = extent(polygon, 1);
    for (std::int64_t row = south / kCellUnits; row <= north / kCellUnits; ++row) {
      const Polygon strip = cut(cut(polygon, 1, row * kCellUnits, Keep::kAbove), 1,
                                (row + 1) * kCellUnits, Keep::kBelow);
      if (!strip.empty()) add_strip(ring.country, strip, row);
    }
  }

  [[nodiscard]] const std::map<std::size_t, CellMap>& maps() const { return maps_; }

 private:
  void add_strip(std::uint16_t country, Polygon strip, std::int64_t row) {
    const auto [west, east] = extent(strip, 0);
    for (std::int64_t column = west / kCellUnits; column <= east / kCellUnits; ++column) {
      // What lies to the west was dealt with.
      strip = cut(strip, 0, column * kCellUnits, Keep::kAbove);
      const Polygon cell = cut(strip, 0, (column + 1) * kCellUnits, Keep::kBelow);
      if (cell.empty()) continue;
      const auto index = static_cast<std::size_t>(row * format::kGridColumns + column);
      add_edges(cell, {column * kCellUnits, row * kCellUnits}, maps_[index][country]);
    }
  }

  std::map<std::size_t, CellMap> maps_;
};

bool closing(const Edge& edge) {
  return edge[0] == kCellUnits && edge[2] == kCellUnits;
}

bool is_uniform(const CellMap& map) {
  return std::all_of(map.begin(), map.end(), [](const auto& ground) {
    return std::all_of(ground.second.begin(), ground.second.end(), closing);
  });
}

/// In a cell without borders: whether the closing edges put the ground around its
/// middle.
bool covers(const std::vector<Edge>& edges) {
  constexpr auto kMiddle = static_cast<std::uint16_t>(kCellUnits / 2);
  return std::count_if(
             edges.begin(), edges.end(),
             [](const Edge& edge) { return (edge[1] <= kMiddle) != (edge[3] <= kMiddle); }) %
             2 ==
         1;
}

}  // namespace

Grid make_grid(std::span<const IndexedRing> rings) {
  Cutter cutter;
  for (const IndexedRing& ring : rings) cutter.add(ring);
  Grid grid;
  grid.cells.assign(static_cast<std::size_t>(format::kGridRows * format::kGridColumns),
                    format::kSea);
  for (const auto& [index, map] : cutter.maps()) {
    if (is_uniform(map)) {
      for (const auto& [country, edges] : map) {
        if (covers(edges)) grid.cells[index] = country;
      }
      continue;
    }
    grid.cells[index] = format::kMixed | static_cast<std::uint32_t>(grid.maps.size());
    grid.maps.push_back(static_cast<std::uint16_t>(map.size()));
    for (const auto& [country, edges] : map) {
      ROOKERY_CHECK(edges.size() <= 0xffff, "half a degree holds a few hundred edges");
      grid.maps.push_back(country);
      grid.maps.push_back(static_cast<std::uint16_t>(edges.size()));
      for (const Edge& edge : edges) grid.maps.insert(grid.maps.end(), edge.begin(), edge.end());
    }
  }
  return grid;
}

}  // namespace rookery::geo_enrich
