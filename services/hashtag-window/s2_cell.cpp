#include "services/hashtag-window/s2_cell.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <limits>
#include <numbers>
#include <utility>

namespace rookery::hashtag_window {
namespace {

constexpr int kFaces = 6;
constexpr unsigned kPositionBits = 2 * kCellLevelMax + 1;
constexpr double kLeaves = 1 << kCellLevelMax;  // Along an edge of a face.

/// S2's Hilbert curve: for each orientation, the place along the curve of the quarter
/// (i, j), and how its own curve is turned (s2coords.h, kIJtoPos and kPosToOrientation).
constexpr std::array<std::array<unsigned, 4>, 4> kPlace = {
    {{0, 1, 3, 2}, {0, 3, 1, 2}, {2, 3, 1, 0}, {2, 1, 3, 0}}};
constexpr std::array<unsigned, 4> kTurn = {1, 0, 0, 3};

/// The quadratic projection (s2coords.h, S2_QUADRATIC_PROJECTION).
double st_of(double uv) {
  return uv >= 0 ? 0.5 * std::sqrt(1 + 3 * uv) : 1 - 0.5 * std::sqrt(1 - 3 * uv);
}

/// The other way.
double uv_of(double st) {
  return st >= 0.5 ? (4 * st * st - 1) / 3 : (1 - 4 * (1 - st) * (1 - st)) / 3;
}

/// A cell by its face, and its place in the grid of its level there.
struct Square {
  unsigned face;
  std::uint32_t i;
  std::uint32_t j;
  unsigned level;
};

struct OnFace {
  unsigned face;
  double u;
  double v;
};

CellId encode(const Square& square) {
  std::uint64_t position = square.face;
  unsigned orientation = square.face & 1U;
  for (unsigned k = square.level; k-- > 0;) {
    const unsigned quarter = (square.i >> k & 1U) * 2 + (square.j >> k & 1U);
    const unsigned place = kPlace[orientation][quarter];
    position = position << 2U | place;
    orientation ^= kTurn[place];
  }
  return {(position << 1U | 1U) << 2 * (kCellLevelMax - square.level)};
}

Square decode(CellId cell) {
  Square square{static_cast<unsigned>(cell.bits >> kPositionBits), 0, 0,
                static_cast<unsigned>(level_of(cell))};
  unsigned orientation = square.face & 1U;
  for (unsigned k = 0; k < square.level; ++k) {
    const auto place = static_cast<unsigned>(cell.bits >> (kPositionBits - 2 * (k + 1)) & 3U);
    const auto& places = kPlace[orientation];
    const auto quarter =
        static_cast<unsigned>(std::find(places.begin(), places.end(), place) - places.begin());
    square.i = square.i << 1U | quarter >> 1U;
    square.j = square.j << 1U | (quarter & 1U);
    orientation ^= kTurn[place];
  }
  return square;
}

/// s2coords.h, XYZtoFaceUV.
OnFace face_of(const Point3& p) {
  unsigned axis = 0;
  for (unsigned i = 1; i < 3; ++i) {
    if (std::fabs(p[i]) > std::fabs(p[axis])) axis = i;
  }
  switch (p[axis] < 0 ? axis + 3 : axis) {
    case 0:
      return {0, p[1] / p[0], p[2] / p[0]};
    case 1:
      return {1, -p[0] / p[1], p[2] / p[1]};
    case 2:
      return {2, -p[0] / p[2], -p[1] / p[2]};
    case 3:
      return {3, p[2] / p[0], p[1] / p[0]};
    case 4:
      return {4, p[2] / p[1], -p[0] / p[1]};
    default:
      return {5, -p[1] / p[2], -p[0] / p[2]};
  }
}

/// s2coords.h, FaceUVtoXYZ.
Point3 point_of(const OnFace& at) {
  const auto [face, u, v] = at;
  switch (face) {
    case 0:
      return {1, u, v};
    case 1:
      return {-u, 1, v};
    case 2:
      return {-u, -v, 1};
    case 3:
      return {-1, -v, -u};
    case 4:
      return {v, -1, -u};
    default:
      return {v, u, -1};
  }
}

/// The point at (i, j), also between whole numbers, of the square's grid.
Point3 corner(const Square& square, double i, double j) {
  const double size = std::ldexp(1.0, static_cast<int>(square.level));
  Point3 p = point_of({square.face, uv_of(i / size), uv_of(j / size)});
  const double length = std::sqrt(p[0] * p[0] + p[1] * p[1] + p[2] * p[2]);
  for (double& x : p) x /= length;
  return p;
}

/// The square at (i, j), which may lie one step beyond the face's border: there on the other
/// face. As s2cell_id.cc, FromFaceIJWrap, with linear coordinates, which along a border are
/// those of the other face up to their sign.
Square wrap(const Square& square, std::int64_t i, std::int64_t j) {
  const auto size = std::int64_t{1} << square.level;
  if (i >= 0 && i < size && j >= 0 && j < size) {
    return {square.face, static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(j),
            square.level};
  }
  constexpr double kBeyond = 1 + std::numeric_limits<double>::epsilon();
  const auto linear = [&](std::int64_t x) {
    const double middle = static_cast<double>(2 * x + 1) / static_cast<double>(size) - 1;
    return std::clamp(middle, -kBeyond, kBeyond);
  };
  const OnFace at = face_of(point_of({square.face, linear(i), linear(j)}));
  const auto place = [&](double uv) {
    const double x = std::floor(0.5 * (uv + 1) * static_cast<double>(size));
    return static_cast<std::uint32_t>(std::clamp(x, 0.0, static_cast<double>(size - 1)));
  };
  return {at.face, place(at.u), place(at.v), square.level};
}

std::uint32_t leaf_of(double st) {
  return static_cast<std::uint32_t>(std::clamp(std::floor(st * kLeaves), 0.0, kLeaves - 1));
}

}  // namespace

std::optional<CellId> cell_of_token(std::string_view token) {
  if (token.empty() || token.size() > 16) return std::nullopt;
  std::uint64_t bits = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), bits, 16);
  if (error != std::errc() || end != token.data() + token.size()) return std::nullopt;
  bits <<= 4 * (16 - token.size());
  const bool valid = bits >> kPositionBits < kFaces && std::countr_zero(bits) % 2 == 0 &&
                     std::countr_zero(bits) < static_cast<int>(kPositionBits);
  return valid ? std::optional(CellId{bits}) : std::nullopt;
}

std::string token_of(CellId cell) {
  std::string token;
  for (std::uint64_t rest = cell.bits; rest != 0; rest <<= 4U) {
    token.push_back("0123456789abcdef"[rest >> 60U]);
  }
  return token;
}

int level_of(CellId cell) {
  return kCellLevelMax - std::countr_zero(cell.bits) / 2;
}

CellId parent_of(CellId cell, int level) {
  const std::uint64_t mark = std::uint64_t{1} << static_cast<unsigned>(2 * (kCellLevelMax - level));
  return {(cell.bits & (~mark + 1)) | mark};
}

CellId cell_at(double lat, double lon) {
  constexpr double kDegree = std::numbers::pi / 180;
  const double phi = lat * kDegree;
  const double theta = lon * kDegree;
  const std::array<double, 3> p = {std::cos(phi) * std::cos(theta), std::cos(phi) * std::sin(theta),
                                   std::sin(phi)};
  const OnFace at = face_of(p);
  const std::uint32_t i = leaf_of(st_of(at.u));
  const std::uint32_t j = leaf_of(st_of(at.v));
  return encode({at.face, i, j, kCellLevelMax});
}

std::array<CellId, 4> edge_neighbours(CellId cell) {
  const Square square = decode(cell);
  std::array<CellId, 4> found;
  std::size_t next = 0;
  for (const auto& [di, dj] : {std::pair{0, -1}, {1, 0}, {0, 1}, {-1, 0}}) {
    found[next++] = encode(wrap(square, std::int64_t{square.i} + di, std::int64_t{square.j} + dj));
  }
  return found;
}

Point3 centre_of(CellId cell) {
  const Square square = decode(cell);
  return corner(square, square.i + 0.5, square.j + 0.5);
}

std::array<Point3, 4> vertices_of(CellId cell) {
  const Square square = decode(cell);
  const double i = square.i;
  const double j = square.j;
  return {corner(square, i, j), corner(square, i + 1, j), corner(square, i + 1, j + 1),
          corner(square, i, j + 1)};
}

}  // namespace rookery::hashtag_window
