#include "services/hashtag-window/s2_cell.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <numbers>

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
  unsigned axis = 0;
  for (unsigned i = 1; i < 3; ++i) {
    if (std::fabs(p[i]) > std::fabs(p[axis])) axis = i;
  }
  const unsigned face = p[axis] < 0 ? axis + 3 : axis;
  // s2coords.h, ValidFaceXYZtoUV.
  const std::array<double, 2> uv = face == 0   ? std::array{p[1] / p[0], p[2] / p[0]}
                                   : face == 1 ? std::array{-p[0] / p[1], p[2] / p[1]}
                                   : face == 2 ? std::array{-p[0] / p[2], -p[1] / p[2]}
                                   : face == 3 ? std::array{p[2] / p[0], p[1] / p[0]}
                                   : face == 4 ? std::array{p[2] / p[1], -p[0] / p[1]}
                                               : std::array{-p[1] / p[2], -p[0] / p[2]};
  const std::uint32_t i = leaf_of(st_of(uv[0]));
  const std::uint32_t j = leaf_of(st_of(uv[1]));
  std::uint64_t position = face;
  unsigned orientation = face & 1U;
  for (unsigned k = kCellLevelMax; k-- > 0;) {
    const unsigned quarter = (i >> k & 1U) * 2 + (j >> k & 1U);
    const unsigned place = kPlace[orientation][quarter];
    position = position << 2U | place;
    orientation ^= kTurn[place];
  }
  return {position << 1U | 1U};
}

}  // namespace rookery::hashtag_window
