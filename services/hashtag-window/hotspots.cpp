#include "services/hashtag-window/hotspots.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numbers>

#include "services/hashtag-window/s2_cell.hpp"

namespace rookery::hashtag_window {
namespace {

constexpr std::int64_t kPostsMin = 3;
constexpr std::int64_t kShare = 100;
constexpr double kEarthRadiusKm = 6371.01;  // s2earth.h, the mean radius.

Point3 cross(const Point3& a, const Point3& b) {
  return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}

double dot(const Point3& a, const Point3& b) {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

double angle(const Point3& a, const Point3& b) {
  const Point3 c = cross(a, b);
  return std::atan2(std::sqrt(dot(c, c)), dot(a, b));
}

using Dense = std::map<CellId, std::int64_t>;

/// Takes the cells that hang together with `first` out of `dense`.
Dense take_connected(Dense& dense, CellId first) {
  Dense found;
  std::vector<CellId> next = {first};
  while (!next.empty()) {
    const auto at = dense.find(next.back());
    next.pop_back();
    if (at == dense.end()) continue;
    const auto neighbours = edge_neighbours(at->first);
    next.insert(next.end(), neighbours.begin(), neighbours.end());
    found.insert(*at);
    dense.erase(at);
  }
  return found;
}

Hotspot describe(const Dense& cells) {
  Hotspot hotspot;
  Point3 middle{};
  for (const auto& [cell, count] : cells) {
    const Point3 centre = centre_of(cell);
    for (std::size_t i = 0; i < 3; ++i) middle[i] += static_cast<double>(count) * centre[i];
    hotspot.count += count;
    hotspot.cells.push_back(token_of(cell));
  }
  // All around the globe no point is nearer to them than another.
  const auto posts = static_cast<double>(hotspot.count);
  if (dot(middle, middle) < 1e-18 * posts * posts) middle = {1, 0, 0};
  double radius = 0;
  for (const auto& [cell, count] : cells) {
    for (const Point3& vertex : vertices_of(cell)) radius = std::max(radius, angle(middle, vertex));
  }
  // Beyond a quarter of the circumference what is furthest of a cell need not be a vertex.
  if (radius > std::numbers::pi / 2) radius = std::numbers::pi;
  constexpr double kDegree = std::numbers::pi / 180;
  const double flat = std::sqrt(middle[0] * middle[0] + middle[1] * middle[1]);
  hotspot.lat = std::llround(std::atan2(middle[2], flat) / kDegree * 1000);
  hotspot.lon = std::llround(std::atan2(middle[1], middle[0]) / kDegree * 1000);
  if (hotspot.lon == -180'000) hotspot.lon = 180'000;
  hotspot.radius_km = std::llround(std::ceil(radius * kEarthRadiusKm * 10)) * 100;
  return hotspot;
}

}  // namespace

void name_hashtags(std::vector<Hotspot>& hotspots, const std::vector<PairCounts>& all,
                   std::size_t limit) {
  std::map<std::string_view, std::size_t> hotspot_of;
  for (std::size_t i = 0; i < hotspots.size(); ++i) {
    for (const std::string& cell : hotspots[i].cells) hotspot_of.emplace(cell, i);
  }
  std::vector<std::map<std::string_view, std::int64_t>> counts(hotspots.size());
  std::int64_t missing_max = 0;
  for (const PairCounts& part : all) {
    missing_max = std::max(missing_max, part.missing_max);
    for (const auto& [pair, count] : part.pairs) {
      const auto blank = pair.find(' ');
      const auto found = hotspot_of.find(pair.substr(0, blank));
      if (found != hotspot_of.end()) counts[found->second][pair.substr(blank + 1)] += count;
    }
  }
  for (std::size_t i = 0; i < hotspots.size(); ++i) {
    auto& hashtags = hotspots[i].hashtags;
    hashtags.assign(counts[i].begin(), counts[i].end());
    std::stable_sort(hashtags.begin(), hashtags.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
    hashtags.resize(std::min(hashtags.size(), limit));
    hotspots[i].missing_max = missing_max * static_cast<std::int64_t>(hotspots[i].cells.size());
  }
}

std::vector<Hotspot> find_hotspots(
    const std::vector<std::pair<std::string_view, std::int64_t>>& cells, std::int64_t total) {
  Dense dense;
  for (const auto& [token, count] : cells) {
    const auto cell = cell_of_token(token);
    if (cell && count >= kPostsMin && count * kShare >= total) dense.emplace(*cell, count);
  }
  std::vector<Hotspot> hotspots;
  while (!dense.empty()) {
    hotspots.push_back(describe(take_connected(dense, dense.begin()->first)));
  }
  // They come by their first cells, whose order is that of their tokens.
  std::stable_sort(hotspots.begin(), hotspots.end(),
                   [](const Hotspot& a, const Hotspot& b) { return a.count > b.count; });
  return hotspots;
}

}  // namespace rookery::hashtag_window
