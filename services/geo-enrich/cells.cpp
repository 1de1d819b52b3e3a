#include "services/geo-enrich/cells.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace rookery::geo_enrich {
namespace {

constexpr int kLevels = 30;
constexpr std::int64_t kCells = std::int64_t{1} << kLevels;  ///< Along one side of a face.

/// Where a point falls on the cube: a face, and coordinates on it from -1 to 1.
struct OnFace {
  unsigned face;
  double u;
  double v;
};

OnFace on_face(const std::array<double, 3>& at) {
  std::size_t axis = 0;
  for (std::size_t i = 1; i < 3; ++i) {
    if (std::fabs(at[i]) > std::fabs(at[axis])) axis = i;
  }
  const double x = at[0];
  const double y = at[1];
  const double z = at[2];
  if (at[axis] >= 0) {
    if (axis == 0) return {0, y / x, z / x};
    if (axis == 1) return {1, -x / y, z / y};
    return {2, -x / z, -y / z};
  }
  if (axis == 0) return {3, z / x, y / x};
  if (axis == 1) return {4, z / y, -x / y};
  return {5, -y / z, -x / z};
}

/// S2's quadratic projection: it makes the cells of a level alike in size.
double evened(double u) {
  return u >= 0 ? 0.5 * std::sqrt(1 + 3 * u) : 1 - 0.5 * std::sqrt(1 - 3 * u);
}

/// The inverse of evened().
double uneven(double s) {
  return s >= 0.5 ? (4 * s * s - 1) / 3 : (1 - 4 * (1 - s) * (1 - s)) / 3;
}

std::int64_t column(double u) {
  const auto cell = static_cast<std::int64_t>(std::floor(static_cast<double>(kCells) * evened(u)));
  return std::clamp<std::int64_t>(cell, 0, kCells - 1);
}

constexpr unsigned kSwap = 1;
constexpr unsigned kInvert = 2;

/// By orientation of the curve and quadrant (2 * i + j): which child along it.
constexpr std::array<std::array<std::uint8_t, 4>, 4> kPosition = {{
    {0, 1, 3, 2},
    {0, 3, 1, 2},
    {2, 3, 1, 0},
    {2, 1, 3, 0},
}};
/// By child: what changes in the orientation below it.
constexpr std::array<std::uint8_t, 4> kTurn = {kSwap, 0, 0, kInvert + kSwap};

/// Four levels of the curve at once: by orientation and 4 + 4 bits of i and j,
/// the eight bits along the curve and the orientation below them.
struct Step {
  std::uint8_t position;
  std::uint8_t orientation;
};

constexpr auto kSteps = [] {
  std::array<Step, 4 * 256> steps{};
  for (unsigned start = 0; start < 4; ++start) {
    for (unsigned ij = 0; ij < 256; ++ij) {
      unsigned orientation = start;
      unsigned position = 0;
      for (int bit = 3; bit >= 0; --bit) {
        const unsigned quadrant = ((ij >> (4 + bit)) & 1) * 2 + ((ij >> bit) & 1);
        const unsigned child = kPosition[orientation][quadrant];
        position = position * 4 + child;
        orientation ^= kTurn[child];
      }
      steps[start * 256 + ij] = {static_cast<std::uint8_t>(position),
                                 static_cast<std::uint8_t>(orientation)};
    }
  }
  return steps;
}();

/// Of the 2^bits equal parts of -reach to +reach degrees the one with `degrees`; an edge
/// belongs to the part above it. Exact: the edges are numbers of few bits, and a part that
/// rounding missed is put right by them.
std::uint64_t part_of(double degrees, double reach, int bits) {
  const auto count = static_cast<std::int64_t>(std::uint64_t{1} << static_cast<unsigned>(bits));
  const double width = 2 * reach / static_cast<double>(count);
  const auto edge = [&](std::int64_t part) { return static_cast<double>(part) * width - reach; };
  auto part = static_cast<std::int64_t>((degrees + reach) / width);
  if (degrees < edge(part)) --part;
  if (degrees >= edge(part + 1)) ++part;
  return static_cast<std::uint64_t>(std::clamp<std::int64_t>(part, 0, count - 1));
}

/// The lower 32 bits, each with a 0 above it.
std::uint64_t spread(std::uint64_t bits) {
  bits = (bits | bits << 16U) & 0x0000'FFFF'0000'FFFF;
  bits = (bits | bits << 8U) & 0x00FF'00FF'00FF'00FF;
  bits = (bits | bits << 4U) & 0x0F0F'0F0F'0F0F'0F0F;
  bits = (bits | bits << 2U) & 0x3333'3333'3333'3333;
  return (bits | bits << 1U) & 0x5555'5555'5555'5555;
}

}  // namespace

std::uint64_t s2_leaf(Point point) {
  const OnFace at = on_face(unit_vector(point));
  const std::int64_t i = column(at.u);
  const std::int64_t j = column(at.v);
  std::uint64_t id = at.face;
  unsigned orientation = at.face & kSwap;
  // 30 levels in groups of four. The first group has two levels only: the zeros
  // before them turn the curve twice, which is not at all.
  for (int shift = 28; shift >= 0; shift -= 4) {
    const auto ij = static_cast<unsigned>((((i >> shift) & 15) << 4) | ((j >> shift) & 15));
    const Step step = kSteps[orientation * 256 + ij];
    id = shift == 28 ? (id << 4) | (step.position & 15U) : (id << 8) | step.position;
    orientation = step.orientation;
  }
  return id << 1 | 1;
}

std::uint64_t s2_parent(std::uint64_t id, int level) {
  const std::uint64_t last = std::uint64_t{1} << (2 * (kLevels - level));
  return (id & (~last + 1)) | last;
}

CellName s2_token(std::uint64_t id) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  CellName token;
  if (id == 0) {
    token.bytes[token.size++] = 'X';
    return token;
  }
  for (int shift = 60; shift >= 0 && id << (60 - shift) != 0; shift -= 4) {
    token.bytes[token.size++] = kDigits[(id >> static_cast<unsigned>(shift)) & 15];
  }
  return token;
}

Point s2_centre(std::uint64_t id) {
  // The middle of a cell is a corner of the leaf in which its id lies, so follow the
  // curve down to half a leaf.
  int level = kLevels;
  while (level > 0 && (id & (std::uint64_t{1} << (2 * (kLevels - level)))) == 0) --level;
  const auto face = static_cast<unsigned>(id >> 61);
  unsigned orientation = face & kSwap;
  std::uint64_t i = 0;
  std::uint64_t j = 0;
  for (int at = 1; at <= level; ++at) {
    const auto child = static_cast<std::uint8_t>((id >> (2 * (kLevels - at) + 1)) & 3);
    const auto& positions = kPosition[orientation];
    const auto quadrant = static_cast<std::uint64_t>(
        std::find(positions.begin(), positions.end(), child) - positions.begin());
    i = i * 2 + (quadrant >> 1);
    j = j * 2 + (quadrant & 1);
    orientation ^= kTurn[child];
  }
  const double size = std::ldexp(1.0, -level);
  const double u = uneven((static_cast<double>(i) + 0.5) * size);
  const double v = uneven((static_cast<double>(j) + 0.5) * size);
  const std::array<std::array<double, 3>, 6> faces = {
      {{1, u, v}, {-u, 1, v}, {-u, -v, 1}, {-1, -v, -u}, {v, -1, -u}, {v, u, -1}}};
  const auto& [x, y, z] = faces[face % faces.size()];
  return {std::atan2(z, std::hypot(x, y)) / radians(1), std::atan2(y, x) / radians(1)};
}

double s2_radius_km(int level) {
  // Half the longest diagonal of any cell of level 0, halved by each level (S2's
  // kMaxDiag is 2.44 radians).
  return 2.438654594434021 / 2 * kEarthRadiusKm / static_cast<double>(std::int64_t{1} << level);
}

int s2_level(double radius_km, int level_max) {
  // The cells of level 0 are six on the globe; each level halves the edge.
  constexpr double kEdgeKm = 9220;  // sqrt(4 pi R^2 / 6)
  int level = level_max;
  while (level > 0 && kEdgeKm / static_cast<double>(std::int64_t{1} << level) < radius_km) --level;
  return level;
}

CellName geohash(Point point, int characters) {
  constexpr std::string_view kAlphabet = "0123456789bcdefghjkmnpqrstuvwxyz";
  const int bits = 5 * characters;
  const std::uint64_t lon = spread(part_of(point.lon, 180, (bits + 1) / 2));
  const std::uint64_t lat = spread(part_of(point.lat, 90, bits / 2));
  // Longitude has the first bit, so that which of the two has the last depends on their number.
  const std::uint64_t name_bits = bits % 2 == 0 ? lon << 1U | lat : lat << 1U | lon;
  CellName name;
  for (int shift = bits - 5; shift >= 0; shift -= 5) {
    name.bytes[name.size++] = kAlphabet[(name_bits >> static_cast<unsigned>(shift)) & 31U];
  }
  return name;
}

int geohash_length(double radius_km) {
  // Heights of the cells of 1 to 7 characters: 180 degrees halved 2, 5, 7, ... times.
  constexpr std::array<double, 7> kHeightsKm = {5004, 625, 156, 19.5, 4.9, 0.61, 0.153};
  int length = 7;
  while (length > 1 && kHeightsKm[static_cast<std::size_t>(length - 1)] < radius_km) --length;
  return length;
}

}  // namespace rookery::geo_enrich
