#include "services/hashtag-window/hotspots.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "services/hashtag-window/s2_cell.hpp"

namespace rookery::hashtag_window {
namespace {

std::string token(double lat, double lon, int level) {
  return token_of(parent_of(cell_at(lat, lon), level));
}

/// All cells of a level.
std::vector<CellId> cells_of(int level) {
  std::vector<CellId> all;
  const std::uint64_t step = std::uint64_t{1} << (2 * (kCellLevelMax - level) + 1);
  const std::uint64_t count = std::uint64_t{6} << (2 * level);
  for (std::uint64_t i = 0; i < count; ++i) all.push_back({i * step + step / 2});
  return all;
}

int common_corners(CellId a, CellId b) {
  int common = 0;
  for (const Point3& p : vertices_of(a)) {
    for (const Point3& q : vertices_of(b)) {
      common += std::hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]) < 1e-9 ? 1 : 0;
    }
  }
  return common;
}

TEST_CASE("each cell has four neighbours, each with two corners in common, on all faces",
          "[cells]") {
  const int level = GENERATE(0, 1, 2, 4);
  for (const CellId cell : cells_of(level)) {
    INFO(token_of(cell));
    REQUIRE(level_of(cell) == level);
    const auto neighbours = edge_neighbours(cell);
    CHECK(std::set<CellId>(neighbours.begin(), neighbours.end()).size() == 4);
    for (const CellId other : neighbours) {
      INFO(token_of(other));
      CHECK(level_of(other) == level);
      CHECK(common_corners(cell, other) == 2);
      const auto back = edge_neighbours(other);
      CHECK(std::find(back.begin(), back.end(), cell) != back.end());
    }
  }
}

TEST_CASE("the middle of a cell lies in it", "[cells]") {
  for (const CellId cell : cells_of(3)) {
    const Point3 p = centre_of(cell);
    const double degree = std::acos(-1.0) / 180;
    const CellId at = cell_at(std::asin(p[2]) / degree, std::atan2(p[1], p[0]) / degree);
    CHECK(token_of(parent_of(at, 3)) == token_of(cell));
  }
}

using Cells = std::vector<std::pair<std::string_view, std::int64_t>>;

TEST_CASE("neighbouring dense cells are one hotspot, others are their own", "[hotspots]") {
  const std::string vienna = token(48.2082, 16.3738, 10);
  const CellId cell = *cell_of_token(vienna);
  const std::string beside = token_of(edge_neighbours(cell)[0]);
  const std::string sparse = token_of(edge_neighbours(*cell_of_token(beside))[1]);
  const std::string linz = token(48.3064, 14.2858, 10);
  const auto hotspots =
      find_hotspots({{linz, 9}, {vienna, 6}, {beside, 4}, {sparse, 2}, {"no token", 50}}, 300);
  REQUIRE(hotspots.size() == 2);
  CHECK(hotspots[0].count == 10);
  CHECK(hotspots[0].cells.size() == 2);
  CHECK(std::is_sorted(hotspots[0].cells.begin(), hotspots[0].cells.end()));
  CHECK(std::abs(hotspots[0].lat - 48'208) < 100);
  CHECK(std::abs(hotspots[0].lon - 16'374) < 150);
  CHECK(hotspots[0].radius_km >= 7'000);
  CHECK(hotspots[0].radius_km <= 20'000);
  CHECK(hotspots[0].radius_km % 100 == 0);
  CHECK(hotspots[1].count == 9);
  CHECK(find_hotspots({{linz, 9}}, 901).empty());  // Less than a hundredth.
  CHECK(find_hotspots({{linz, 2}}, 2).empty());
}

TEST_CASE("a hotspot goes on over the antimeridian", "[hotspots]") {
  const std::string west = token(-17.8, 179.95, 8);
  const std::string east = token(-17.8, -179.95, 8);
  REQUIRE(west != east);
  const auto hotspots = find_hotspots({{west, 5}, {east, 5}}, 10);
  REQUIRE(hotspots.size() == 1);
  CHECK(std::abs(hotspots[0].lon) > 179'700);  // And not nought, their mean.
  CHECK(hotspots[0].radius_km < 60'000);
}

TEST_CASE("a hotspot lies around a pole", "[hotspots]") {
  const double pole = GENERATE(89.9, -89.9);
  std::set<std::string> tokens;
  for (const double lon : {45.0, 135.0, -45.0, -135.0}) tokens.insert(token(pole, lon, 6));
  REQUIRE(tokens.size() == 4);
  Cells cells;
  for (const std::string& t : tokens) cells.emplace_back(t, 5);
  const auto hotspots = find_hotspots(cells, 20);
  REQUIRE(hotspots.size() == 1);
  CHECK(std::abs(hotspots[0].lat) == 90'000);
  CHECK(hotspots[0].count == 20);
  CHECK(hotspots[0].radius_km < 400'000);
}

TEST_CASE("a hotspot that goes around the globe holds all of its cells", "[hotspots]") {
  Cells faces;
  std::vector<std::string> tokens;
  for (const CellId cell : cells_of(0)) tokens.push_back(token_of(cell));
  for (const std::string& t : tokens) faces.emplace_back(t, 5);
  const auto all = find_hotspots(faces, 30);
  REQUIRE(all.size() == 1);
  CHECK(std::abs(all[0].radius_km - 20'015'100) <= 100);  // Half of the circumference.
  faces.back().second = 0;
  const auto most = find_hotspots(faces, 25);
  REQUIRE(most.size() == 1);
  CHECK(most[0].cells.size() == 5);
  CHECK(std::abs(most[0].radius_km - 20'015'100) <= 100);
}

TEST_CASE("a hotspot goes on over the border of two faces", "[hotspots]") {
  // The faces 0 and 1 of the cube meet at 45 degrees east.
  const auto hotspots = find_hotspots({{token(10, 44.9, 9), 3}, {token(10, 45.1, 9), 9}}, 12);
  REQUIRE(hotspots.size() == 1);
  CHECK(hotspots[0].lon > 45'000);  // Weighted.
  CHECK(hotspots[0].lon < 45'200);
}

TEST_CASE("hashtags of a hotspot are summed over its cells and over partitions", "[hotspots]") {
  std::vector<Hotspot> hotspots(2);
  hotspots[0].cells = {"476d07", "476d1b"};
  hotspots[1].cells = {"1234"};
  const std::vector<PairCounts> all = {
      {.pairs = {{"476d07 wien", 4}, {"476d1b graz", 3}, {"ffff wien", 9}}, .missing_max = 0},
      {.pairs = {{"476d1b wien", 1}, {"476d07 linz", 3}, {"1234 wien", 2}}, .missing_max = 0}};
  using Counts = std::vector<std::pair<std::string, std::int64_t>>;
  name_hashtags(hotspots, all, 2);
  CHECK(hotspots[0].hashtags == Counts{{"wien", 5}, {"graz", 3}});  // Of equals the first by bytes.
  CHECK(hotspots[1].hashtags == Counts{{"wien", 2}});
  CHECK(hotspots[0].missing_max == 0);
}

TEST_CASE("a hotspot says how much its hashtags may lack", "[hotspots]") {
  std::vector<Hotspot> hotspots(1);
  hotspots[0].cells = {"a", "b", "c"};
  name_hashtags(hotspots,
                {{.pairs = {{"a x", 7}}, .missing_max = 2}, {.pairs = {}, .missing_max = 4}}, 5);
  // The pair of a cell and a hashtag lies in one partition alone, so the worst of them counts.
  CHECK(hotspots[0].missing_max == 12);
}

}  // namespace
}  // namespace rookery::hashtag_window
