#include "services/hashtag-window/authors.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "common/core/check.hpp"

namespace rookery::hashtag_window {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr std::size_t kRegisterWords = AuthorSet::kRegisters / sizeof(std::uint64_t);

/// Linear counting (Whang et al. 1990) by the number of registers that are still zero:
/// 256 ln(256 / zeros), rounded; as a table because logarithms differ between machines.
constexpr std::array<std::uint16_t, AuthorSet::kRegisters + 1> kLinearCount = {
    0,   1420, 1242, 1138, 1065, 1008, 961, 921, 887, 857, 830, 806, 783, 763, 744, 726, 710, 694,
    680, 666,  653,  640,  628,  617,  606, 596, 585, 576, 567, 558, 549, 540, 532, 524, 517, 509,
    502, 495,  488,  482,  475,  469,  463, 457, 451, 445, 439, 434, 429, 423, 418, 413, 408, 403,
    398, 394,  389,  385,  380,  376,  371, 367, 363, 359, 355, 351, 347, 343, 339, 336, 332, 328,
    325, 321,  318,  314,  311,  308,  304, 301, 298, 295, 291, 288, 285, 282, 279, 276, 273, 270,
    268, 265,  262,  259,  256,  254,  251, 248, 246, 243, 241, 238, 236, 233, 231, 228, 226, 223,
    221, 219,  216,  214,  212,  209,  207, 205, 203, 200, 198, 196, 194, 192, 190, 188, 186, 184,
    181, 179,  177,  175,  173,  172,  170, 168, 166, 164, 162, 160, 158, 156, 155, 153, 151, 149,
    147, 146,  144,  142,  140,  139,  137, 135, 133, 132, 130, 128, 127, 125, 124, 122, 120, 119,
    117, 116,  114,  112,  111,  109,  108, 106, 105, 103, 102, 100, 99,  97,  96,  94,  93,  92,
    90,  89,   87,   86,   85,   83,   82,  80,  79,  78,  76,  75,  74,  72,  71,  70,  68,  67,
    66,  64,   63,   62,   61,   59,   58,  57,  56,  54,  53,  52,  51,  49,  48,  47,  46,  45,
    43,  42,   41,   40,   39,   38,   36,  35,  34,  33,  32,  31,  30,  29,  27,  26,  25,  24,
    23,  22,   21,   20,   19,   18,   17,  15,  14,  13,  12,  11,  10,  9,   8,   7,   6,   5,
    4,   3,    2,    1,    0,
};

}  // namespace

void AuthorSet::insert(std::uint64_t hash, std::size_t exact_max) {
  hash &= kHashBits;
  if (sketch_) {
    add_to_sketch(hash);
    return;
  }
  const auto known = hashes();
  if (std::find(known.begin(), known.end(), hash) != known.end()) return;
  if (size_ >= exact_max) {
    become_sketch();
    add_to_sketch(hash);
    return;
  }
  if (size_ == 0) {
    one_ = hash;
  } else {
    const std::uint64_t first = hashes()[0];
    if (size_ >= capacity_) reserve(size_ * 2);
    if (size_ == 1) many_[0] = first;
    many_[size_] = hash;
  }
  ++size_;
}

void AuthorSet::merge(const AuthorSet& other, std::size_t exact_max) {
  if (!other.sketch_) {
    for (const std::uint64_t hash : other.hashes()) insert(hash, exact_max);
    return;
  }
  merge_registers(other.registers().data());
}

void AuthorSet::merge_registers(const std::uint8_t* registers) {
  if (!sketch_) become_sketch();
  // Two sets share no registers, which lets the compiler compare 16 and more at a time.
  std::uint8_t* __restrict mine = register_bytes();
  const std::uint8_t* __restrict theirs = registers;
  for (std::size_t i = 0; i < kRegisters; ++i) mine[i] = std::max(mine[i], theirs[i]);
}

void AuthorSet::raise_register(std::size_t index, std::uint8_t rank) {
  ROOKERY_CHECK(index < kRegisters && rank <= kRankMax, "the reader checks registers");
  if (!sketch_) become_sketch();
  register_bytes()[index] = std::max(register_bytes()[index], rank);
}

void AuthorSet::clear() {
  size_ = 0;
  sketch_ = false;
}

std::span<const std::uint64_t> AuthorSet::hashes() const {
  if (sketch_) return {};
  return {size_ == 1 ? &one_ : many_.get(), size_};
}

std::span<const std::uint8_t> AuthorSet::registers() const {
  if (!sketch_) return {};
  return {reinterpret_cast<const std::uint8_t*>(many_.get()), kRegisters};
}

std::uint64_t AuthorSet::estimate() const {
  if (!sketch_) return size_;
  Ranks of_rank{};
  for (const std::uint8_t rank : registers()) ++of_rank[rank];
  return estimate_of(of_rank);
}

std::uint64_t AuthorSet::estimate_of(const Ranks& of_rank) {
  const std::size_t zeros = of_rank[0];
  Wide sum = 0;
  for (unsigned rank = 0; rank <= kRankMax; ++rank) sum += Wide{of_rank[rank]} << (kRankMax - rank);
  // Each of the registers adds to the sum, which the analyser does not see.
  // alpha m^2 / sum of 2^-rank, with alpha = 0.7213 / (1 + 1.079 / 256) = 0.71827.
  // NOLINTNEXTLINE(clang-analyzer-core.DivideZero)
  const auto raw = static_cast<std::uint64_t>((Wide{71'827} * kRegisters * kRegisters << kRankMax) /
                                              (100'000 * sum));
  // Below 5/2 m the registers that are still zero tell more (Flajolet et al., section 4).
  return raw * 2 <= kRegisters * 5 && zeros != 0 ? kLinearCount[zeros] : raw;
}

void AuthorSet::reserve(std::uint32_t capacity) {
  if (capacity <= capacity_) return;
  capacity = std::bit_ceil(std::max(capacity, 4U));
  auto grown = std::make_unique<std::uint64_t[]>(capacity);
  if (capacity_ != 0) std::copy_n(many_.get(), capacity_, grown.get());
  many_ = std::move(grown);
  capacity_ = static_cast<std::uint16_t>(capacity);
}

void AuthorSet::become_sketch() {
  std::array<std::uint64_t, kRegisters> known;
  const auto old = hashes();
  ROOKERY_CHECK(old.size() <= known.size(), "the exact bound is at most 256");
  auto* const end = std::copy(old.begin(), old.end(), known.begin());
  reserve(kRegisterWords);
  sketch_ = true;
  std::memset(many_.get(), 0, kRegisters);
  std::for_each(known.begin(), end, [&](std::uint64_t hash) { add_to_sketch(hash); });
}

void AuthorSet::add_to_sketch(std::uint64_t hash) {
  std::uint8_t& held = register_bytes()[register_of(hash)];
  held = std::max(held, static_cast<std::uint8_t>(rank_of(hash)));
}

std::uint8_t* AuthorSet::register_bytes() {
  return reinterpret_cast<std::uint8_t*>(many_.get());
}

}  // namespace rookery::hashtag_window
