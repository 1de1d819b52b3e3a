#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "services/geo-enrich/gazetteer/format.hpp"
#include "services/geo-enrich/geodesy.hpp"

namespace rookery::geo_enrich {

/// The nearest city to a point: a k-d tree on the unit sphere, so the poles and
/// the antimeridian are places like any other. Borrows its sections.
class Cities {
 public:
  struct Match {
    std::size_t index;  ///< In the section `cities`.
    double km;
  };

  Cities() = default;
  Cities(std::span<const format::City> cities, std::span<const format::TreePoint> tree)
      : cities_(cities), tree_(tree) {}

  /// The city nearest to `point` and at most `radius_km` away, of `country` alone
  /// unless that is kNone. Absent: there is none.
  [[nodiscard]] std::optional<Match> nearest(Point point, double radius_km,
                                             std::uint16_t country = format::kNone) const;

  [[nodiscard]] std::size_t size() const { return tree_.size(); }

 private:
  struct Search;
  void consider(Search& search, std::size_t index) const;
  void descend(Search& search, std::size_t begin, std::size_t end) const;

  std::span<const format::City> cities_;
  std::span<const format::TreePoint> tree_;
};

[[nodiscard]] inline Point position(const format::City& city) {
  return {city.lat_e5 / static_cast<double>(format::kUnitsPerDegree),
          city.lon_e5 / static_cast<double>(format::kUnitsPerDegree)};
}

}  // namespace rookery::geo_enrich
