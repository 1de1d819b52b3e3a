#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "services/geo-enrich/gazetteer/format.hpp"
#include "services/geo-enrich/geodesy.hpp"

namespace rookery::geo_enrich {

/// The ground of the countries: a grid of half-degree cells, each of which is a
/// little map of its own. Most cells are one country or sea and need no geometry.
/// Borrows its sections.
class Borders {
 public:
  struct Match {
    std::uint16_t country;
    double km;  ///< To the nearest point of its border.
  };

  Borders() = default;
  Borders(std::span<const std::uint32_t> grid, std::span<const std::uint16_t> cells)
      : grid_(grid), cells_(cells) {}

  /// The country on whose ground `point` lies; kNone: on none.
  [[nodiscard]] std::uint16_t country_at(Point point) const;

  /// The border nearest to `point`, at most `radius_km` (up to 50) away: of
  /// `country` alone unless that is kNone. Measured in a plane that touches the
  /// globe at the point; not meant for the poles themselves.
  [[nodiscard]] std::optional<Match> nearest(Point point, double radius_km,
                                             std::uint16_t country = format::kNone) const;

  /// Whether every cell leads to edges within `cells` and to one of `countries`.
  [[nodiscard]] bool well_formed(std::size_t countries) const;

 private:
  std::span<const std::uint32_t> grid_;
  std::span<const std::uint16_t> cells_;
};

}  // namespace rookery::geo_enrich
