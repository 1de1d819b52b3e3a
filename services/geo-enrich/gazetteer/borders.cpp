#include "services/geo-enrich/gazetteer/borders.hpp"

#include <algorithm>
#include <cmath>

namespace rookery::geo_enrich {
namespace {

constexpr std::size_t kNumbersPerEdge = 4;

/// Where a point lies in the grid, in units of 1e-5 degrees from its corner.
struct GridPoint {
  double x;
  double y;
};

GridPoint grid_point(Point point) {
  constexpr auto kUnits = static_cast<double>(format::kUnitsPerDegree);
  constexpr auto kShift = static_cast<double>(format::kGridShift);
  return {(point.lon + 180) * kUnits + kShift, (point.lat + 90) * kUnits + kShift};
}

std::int64_t cell_index(double units) {
  return static_cast<std::int64_t>(std::floor(units / static_cast<double>(format::kCellUnits)));
}

/// The ground of one country in one cell.
struct Ground {
  std::uint16_t country;
  std::span<const std::uint16_t> edges;
};

/// Walks over the countries of a mixed cell until `visit` returns true.
template <typename Visit>
void visit_grounds(std::span<const std::uint16_t> cells, std::uint32_t offset, Visit visit) {
  std::size_t at = offset;
  const std::size_t count = cells[at++];
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t numbers = cells[at + 1] * kNumbersPerEdge;
    if (visit(Ground{cells[at], cells.subspan(at + 2, numbers)})) return;
    at += 2 + numbers;
  }
}

/// Even-odd rule along a ray to the east. An edge owns its lower end and not its
/// upper one, so that a ray through a vertex counts once.
bool inside(std::span<const std::uint16_t> edges, double x, double y) {
  bool odd = false;
  for (std::size_t i = 0; i < edges.size(); i += kNumbersPerEdge) {
    const double x1 = edges[i];
    const double y1 = edges[i + 1];
    const double x2 = edges[i + 2];
    const double y2 = edges[i + 3];
    if ((y1 <= y) == (y2 <= y)) continue;
    if (x < x1 + (y - y1) * (x2 - x1) / (y2 - y1)) odd = !odd;
  }
  return odd;
}

/// Square of the distance from the origin to the segment.
double square_to_segment(double x1, double y1, double x2, double y2) {
  const double dx = x2 - x1;
  const double dy = y2 - y1;
  const double length = dx * dx + dy * dy;
  const double t = length == 0 ? 0 : std::clamp(-(x1 * dx + y1 * dy) / length, 0.0, 1.0);
  const double x = x1 + t * dx;
  const double y = y1 + t * dy;
  return x * x + y * y;
}

/// A plane that touches the globe: kilometres per unit, and the centre.
struct Plane {
  double km_per_x;
  double km_per_y;
};

/// Square of the distance in km from the cell's point (x, y) to the nearest true
/// border among `edges`; `best` when none is nearer.
double nearest_square(std::span<const std::uint16_t> edges, double x, double y, Plane plane,
                      double best) {
  for (std::size_t i = 0; i < edges.size(); i += kNumbersPerEdge) {
    const bool closing = edges[i] == format::kCellUnits && edges[i + 2] == format::kCellUnits;
    if (closing) continue;
    best = std::min(best, square_to_segment((edges[i] - x) * plane.km_per_x,
                                            (edges[i + 1] - y) * plane.km_per_y,
                                            (edges[i + 2] - x) * plane.km_per_x,
                                            (edges[i + 3] - y) * plane.km_per_y));
  }
  return best;
}

}  // namespace

std::uint16_t Borders::country_at(Point point) const {
  const auto [x, y] = grid_point(point);
  const std::int64_t column = cell_index(x);
  const std::int64_t row = cell_index(y);
  const std::uint32_t cell = grid_[static_cast<std::size_t>(row * format::kGridColumns + column)];
  if (cell == format::kSea) return format::kNone;
  if ((cell & format::kMixed) == 0) return static_cast<std::uint16_t>(cell);
  const double cell_x = x - static_cast<double>(column * format::kCellUnits);
  const double cell_y = y - static_cast<double>(row * format::kCellUnits);
  std::uint16_t found = format::kNone;
  visit_grounds(cells_, cell & ~format::kMixed, [&](const Ground& ground) {
    if (!inside(ground.edges, cell_x, cell_y)) return false;
    found = ground.country;
    return true;
  });
  return found;
}

std::optional<Borders::Match> Borders::nearest(Point point, double radius_km,
                                               std::uint16_t country) const {
  // Within a degree of a pole a plane says nothing about meridians.
  const double shrink = std::max(std::cos(radians(point.lat)), std::cos(radians(89)));
  constexpr double kKmPerUnit = kKmPerDegree / static_cast<double>(format::kUnitsPerDegree);
  const Plane plane{.km_per_x = kKmPerUnit * shrink, .km_per_y = kKmPerUnit};
  const auto [x, y] = grid_point(point);
  const double reach_x = radius_km / plane.km_per_x;
  const double reach_y = radius_km / plane.km_per_y;
  const std::int64_t row_end = std::min(cell_index(y + reach_y), format::kGridRows - 1);
  const std::int64_t column_end = cell_index(x + reach_x);
  // Around the globe: the column east of the last is the first, 360 degrees on.
  constexpr std::int64_t kAround = 360 * format::kUnitsPerDegree;
  double best = radius_km * radius_km;
  std::uint16_t found = format::kNone;
  for (std::int64_t row = std::max<std::int64_t>(cell_index(y - reach_y), 0); row <= row_end;
       ++row) {
    for (std::int64_t i = cell_index(x - reach_x); i <= column_end; ++i) {
      std::int64_t column = i;
      double turn = 0;
      if (i < 0) {
        column = i + kAround / format::kCellUnits;
        turn = -static_cast<double>(kAround);
      } else if (i >= kAround / format::kCellUnits) {
        column = i - kAround / format::kCellUnits;
        turn = static_cast<double>(kAround);
      }
      const std::uint32_t cell =
          grid_[static_cast<std::size_t>(row * format::kGridColumns + column)];
      if (cell == format::kSea || (cell & format::kMixed) == 0) continue;
      const double cell_x = x - turn - static_cast<double>(column * format::kCellUnits);
      const double cell_y = y - static_cast<double>(row * format::kCellUnits);
      visit_grounds(cells_, cell & ~format::kMixed, [&](const Ground& ground) {
        if (country != format::kNone && country != ground.country) return false;
        const double square = nearest_square(ground.edges, cell_x, cell_y, plane, best);
        if (square < best) {
          best = square;
          found = ground.country;
        }
        return false;
      });
    }
  }
  if (found == format::kNone) return std::nullopt;
  return Match{found, std::sqrt(best)};
}

bool Borders::well_formed(std::size_t countries) const {
  if (grid_.size() != static_cast<std::size_t>(format::kGridRows * format::kGridColumns))
    return false;
  for (const std::uint32_t cell : grid_) {
    if (cell == format::kSea) continue;
    if ((cell & format::kMixed) == 0) {
      if (cell >= countries) return false;
      continue;
    }
    std::size_t at = cell & ~format::kMixed;
    if (at >= cells_.size()) return false;
    const std::size_t count = cells_[at++];
    for (std::size_t i = 0; i < count; ++i) {
      if (at + 2 > cells_.size() || cells_[at] >= countries) return false;
      at += 2 + cells_[at + 1] * kNumbersPerEdge;
      if (at > cells_.size()) return false;
    }
  }
  return true;
}

}  // namespace rookery::geo_enrich
