#include "services/geo-enrich/cells.hpp"

#include <cmath>
#include <random>
#include <string>

#include <catch2/catch.hpp>

namespace rookery::geo_enrich {
namespace {

TEST_CASE("a point lies in the S2 cell that the reference names") {
  struct Reference {
    std::uint64_t id;
    Point point;
  };
  // The test values of the S2 library itself (cellid tests): all six faces.
  const Reference references[] = {
      {0x47a1cbd595522b39, {49.703498679, 11.770681595}},
      {0x46525318b63be0f9, {55.685376759, 12.588490937}},
      {0x52b30b71698e729d, {45.486546517, -93.449700022}},
      {0x46ed8886cfadda85, {58.299984854, 23.049300056}},
      {0x3663f18a24cbe857, {34.364439040, 108.330699969}},
      {0x10a06c0a948cf5d, {-30.694551352, -30.048758753}},
      {0x2b2bfd076787c5df, {-25.285264027, 133.823116966}},
      {0xb09dff882a7809e1, {-75.000000031, 0.000000133}},
      {0x94daa3d000000001, {-24.694439215, -47.537363213}},
      {0x87a1000000000001, {38.899730392, -99.901813021}},
      {0x4fc76d5000000001, {81.647200334, -55.631712940}},
      {0x3b00955555555555, {10.050986518, 78.293170610}},
      {0x1dcc469991555555, {-34.055420593, 18.551140038}},
      {0xb112966aaaaaaaab, {-69.219262171, 49.670072392}},
  };
  for (const auto& [id, point] : references) {
    INFO(point.lat << " " << point.lon);
    // Their decimals end at the middle of a cell of 1 cm: the neighbour will do.
    CHECK(s2_parent(s2_leaf(point), 28) == s2_parent(id, 28));
  }
}

TEST_CASE("a token is the cell's id without the zeros at its end") {
  CHECK(s2_token(s2_parent(0x47a1cbd595522b39, 10)).view() == "47a1cb");
  CHECK(s2_token(s2_parent(0x47a1cbd595522b39, 0)).view() == "5");
  CHECK(s2_token(0x47a1cbd595522b39).view() == "47a1cbd595522b39");
  CHECK(s2_token(0x10a06c0a948cf5d).view() == "010a06c0a948cf5d");
  CHECK(s2_token(0).view() == "X");
}

TEST_CASE("the edges of the map have a cell like any other point") {
  for (const Point point : {Point{90, 0}, Point{-90, 0}, Point{0, 180}, Point{0, -180}}) {
    CHECK(s2_leaf(point) % 2 == 1);
  }
}

TEST_CASE("the middle of a cell lies in it, and its corners within the radius") {
  for (double lat = -88; lat <= 88; lat += 11) {
    for (double lon = -179; lon <= 179; lon += 13) {
      const Point point{lat, lon};
      for (const int level : {0, 1, 5, 10, 20}) {
        const auto id = s2_parent(s2_leaf(point), level);
        const Point centre = s2_centre(id);
        CHECK(s2_parent(s2_leaf(centre), level) == id);
        CHECK(distance_km(point, centre) <= s2_radius_km(level));
      }
    }
  }
  // The library's own middle of a leaf cell.
  const Point middle = s2_centre(0x47a1cbd595522b39);
  CHECK(middle.lat == Approx(49.703498679).margin(1e-8));
  CHECK(middle.lon == Approx(11.770681595).margin(1e-8));
}

TEST_CASE("a larger area has a coarser cell and a shorter geohash") {
  CHECK(s2_level(0) == 13);
  CHECK(s2_level(1.1) == 13);
  CHECK(s2_level(2) == 12);
  CHECK(s2_level(5000) == 0);
  CHECK(s2_level(20'000) == 0);
  CHECK(s2_level(0, 7) == 7);
  CHECK(geohash_length(0) == 7);
  CHECK(geohash_length(10) == 4);
  CHECK(geohash_length(20'000) == 1);
}

TEST_CASE("a geohash names the point") {
  // The example of the system's first description (geohash.org, 2008).
  CHECK(geohash({57.64911, 10.40744}, 11).view() == "u4pruydqqvj");
  CHECK(geohash({42.6, -5.6}, 5).view() == "ezs42");
  CHECK(geohash({-90, -180}, 3).view() == "000");
  CHECK(geohash({90, 180}, 3).view() == "zzz");
}

/// As the description has it: halve the range again and again.
std::string halved(Point point, int characters) {
  constexpr std::string_view kAlphabet = "0123456789bcdefghjkmnpqrstuvwxyz";
  double low[2] = {-180, -90};
  double high[2] = {180, 90};
  const double at[2] = {point.lon, point.lat};
  std::string name;
  std::size_t axis = 0;
  for (int i = 0; i < characters; ++i) {
    unsigned digit = 0;
    for (int bit = 0; bit < 5; ++bit, axis = 1 - axis) {
      const double middle = (low[axis] + high[axis]) / 2;
      const bool upper = at[axis] >= middle;
      (upper ? low : high)[axis] = middle;
      digit = digit * 2 + (upper ? 1 : 0);
    }
    name.push_back(kAlphabet[digit]);
  }
  return name;
}

TEST_CASE("a geohash is that of halved ranges, on the edges of its cells too") {
  std::mt19937 random(7);
  std::uniform_real_distribution<double> share(-1, 1);
  std::uniform_int_distribution<int> halves(0, 16);
  for (int i = 0; i < 20'000; ++i) {
    Point point{90 * share(random), 180 * share(random)};
    if (i % 2 == 0) {  // On an edge, or the last number below one.
      const double steps = std::ldexp(1.0, halves(random));
      point = {std::round(point.lat / 90 * steps) / steps * 90,
               std::round(point.lon / 180 * steps) / steps * 180};
      if (i % 4 == 0) point = {std::nextafter(point.lat, -90), std::nextafter(point.lon, -180)};
    }
    const int characters = 1 + i % 12;
    INFO(point.lat << ", " << point.lon);
    CHECK(geohash(point, characters).view() == halved(point, characters));
  }
}

}  // namespace
}  // namespace rookery::geo_enrich
