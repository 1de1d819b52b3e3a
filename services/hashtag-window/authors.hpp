#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace rookery::hashtag_window {

/// The distinct authors of some posts, as hashes: the set itself up to a bound, then
/// 256 registers of a HyperLogLog (Flajolet et al. 2007). What it holds and estimates is a
/// function of the set of authors alone: the order of insert() and merge() does not matter.
/// One author costs no allocation.
class AuthorSet {
 public:
  static constexpr std::size_t kRegisters = 256;

  /// Of a hash 40 bits are kept, which is enough for sets of 256 (two of them agree in one set
  /// of 30 million): the lowest 8, which choose a register, and the highest 32, of which the
  /// leading zeros are its rank. A sketch is as one of all 64 bits, but for one author in 2^32.
  static constexpr std::uint64_t kHashBits = 0xffff'ffff'0000'00ffULL;
  /// Those bits without the gap between them, and back.
  [[nodiscard]] static constexpr std::uint64_t short_of(std::uint64_t hash) {
    return (hash >> 32U << 8U) | (hash & 0xffU);
  }
  [[nodiscard]] static constexpr std::uint64_t hash_of(std::uint64_t shortened) {
    return (shortened >> 8U << 32U) | (shortened & 0xffU);
  }

  static constexpr unsigned kIndexBits = 8;
  static constexpr unsigned kRankMax = 64 - kIndexBits + 1;
  /// The register of a hash, and how far it raises that: 1 to kRankMax.
  [[nodiscard]] static constexpr std::size_t register_of(std::uint64_t hash) {
    return hash % kRegisters;
  }
  [[nodiscard]] static constexpr std::size_t rank_of(std::uint64_t hash) {
    return kRankMax - static_cast<unsigned>(std::bit_width(hash >> kIndexBits));
  }
  /// How many registers have each rank.
  using Ranks = std::array<std::uint16_t, kRankMax + 1>;
  /// The number of authors of a sketch with a standard error of 6.5 %. Integer arithmetic
  /// alone, so the same on every machine.
  [[nodiscard]] static std::uint64_t estimate_of(const Ranks& of_rank);

  AuthorSet() = default;
  AuthorSet(AuthorSet&&) noexcept = default;
  AuthorSet& operator=(AuthorSet&&) noexcept = default;

  /// `exact_max`: more hashes become registers. The same in all calls on a set.
  void insert(std::uint64_t hash, std::size_t exact_max);
  void merge(const AuthorSet& other, std::size_t exact_max);
  /// Likewise the registers of another sketch, kRegisters of them.
  void merge_registers(const std::uint8_t* registers);
  /// Raises one register; the set becomes a sketch.
  void raise_register(std::size_t index, std::uint8_t rank);

  /// Keeps the memory.
  void clear();

  [[nodiscard]] bool empty() const { return !sketch_ && size_ == 0; }
  [[nodiscard]] bool is_sketch() const { return sketch_; }
  /// In no order. Empty for a sketch.
  [[nodiscard]] std::span<const std::uint64_t> hashes() const;
  /// Empty for a set.
  [[nodiscard]] std::span<const std::uint8_t> registers() const;

  /// The number of authors: exact for a set, else estimate_of().
  [[nodiscard]] std::uint64_t estimate() const;

 private:
  void reserve(std::uint32_t capacity);
  void become_sketch();
  void add_to_sketch(std::uint64_t hash);
  [[nodiscard]] std::uint8_t* register_bytes();

  std::unique_ptr<std::uint64_t[]> many_;  ///< Hashes, or the registers' bytes.
  std::uint64_t one_ = 0;                  ///< The first hash, while it is alone.
  std::uint32_t size_ = 0;
  std::uint16_t capacity_ = 0;  ///< Of many_.
  bool sketch_ = false;
};

}  // namespace rookery::hashtag_window
