#include "services/geo-enrich/gazetteer/cities.hpp"

#include <array>

namespace rookery::geo_enrich {

struct Cities::Search {
  std::array<float, 3> at;
  std::uint16_t country;
  float best;  ///< Square of the chord to the best city so far, or to the radius.
  std::size_t index;
};

std::optional<Cities::Match> Cities::nearest(Point point, double radius_km,
                                             std::uint16_t country) const {
  const auto at = unit_vector(point);
  // The tree's coordinates are rounded: look a metre further, decide exactly below.
  const double reach = chord(radius_km + 0.001);
  const std::size_t nothing = tree_.size();
  Search search{
      .at = {static_cast<float>(at[0]), static_cast<float>(at[1]), static_cast<float>(at[2])},
      .country = country,
      .best = static_cast<float>(reach * reach),
      .index = nothing};
  descend(search, 0, tree_.size());
  if (search.index == nothing) return std::nullopt;
  const double km = distance_km(point, position(cities_[search.index]));
  if (km > radius_km) return std::nullopt;
  return Match{search.index, km};
}

void Cities::consider(Search& search, std::size_t index) const {
  const format::TreePoint& node = tree_[index];
  if (search.country != format::kNone && search.country != node.country) return;
  float square = 0;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const float step = search.at[axis] - node.at[axis];
    square += step * step;
  }
  if (square < search.best) {
    search.best = square;
    search.index = index;
  }
}

void Cities::descend(Search& search, std::size_t begin, std::size_t end) const {
  // A handful is asked faster one by one than by branching.
  constexpr std::size_t kHandful = 12;
  while (end - begin > kHandful) {
    const std::size_t middle = begin + (end - begin) / 2;
    const format::TreePoint& node = tree_[middle];
    const float side = search.at[node.axis] - node.at[node.axis];
    const bool low = side < 0;
    // The near half first: what it finds may spare the far one.
    descend(search, low ? begin : middle + 1, low ? middle : end);
    if (side * side >= search.best) return;
    consider(search, middle);
    if (low) {
      begin = middle + 1;
    } else {
      end = middle;
    }
  }
  for (; begin < end; ++begin) consider(search, begin);
}

}  // namespace rookery::geo_enrich
