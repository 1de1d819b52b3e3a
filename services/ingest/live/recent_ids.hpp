#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "common/core/clock.hpp"

namespace rookery::ingest {

/// A set of 64-bit numbers by open addressing; 0 is none of them. Eight bytes a
/// slot, at most three quarters of them used; it does not grow.
class NumberSet {
 public:
  /// Makes room for so many numbers; those that it had are gone.
  void allocate(std::size_t numbers_max);
  [[nodiscard]] bool contains(std::uint64_t number) const;
  void insert(std::uint64_t number);
  void erase(std::uint64_t number);
  void clear();
  void swap(NumberSet& other) noexcept;
  [[nodiscard]] bool allocated() const { return !slots_.empty(); }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t bytes() const { return slots_.capacity() * sizeof(std::uint64_t); }

 private:
  [[nodiscard]] std::size_t home(std::uint64_t number) const;

  std::vector<std::uint64_t> slots_;
  std::size_t size_ = 0;
};

/// The ids of the last minutes, to tell posts that came before. Remembers an id
/// for at least `window`, and for at most twice as long; with more than `ids_max`
/// ids in a window for less. Ids are kept as 64-bit hashes: of a billion posts
/// fewer than one in a thousand runs takes one for another.
///
/// The memory for `ids_max` is taken with the first id: tables that grow would leave
/// as much of it in pieces, and be at their largest under the greatest load.
///
/// What was added since the last commit() can be taken back by rollback(), when
/// a batch is undone and comes again. One thread uses it.
class RecentIds {
 public:
  struct Options {
    std::chrono::milliseconds window{std::chrono::minutes(10)};
    std::size_t ids_max = 700'000;  ///< Per window: 8 MiB a generation.
  };

  explicit RecentIds(Options options) : options_(options) {}

  /// False where the id (with its revision, for posts that are edited) came
  /// within the window. `now` may stand still, and go back a little.
  bool add(std::string_view id, std::string_view revision, WallTime now);

  void commit() { staged_.clear(); }
  void rollback();

  [[nodiscard]] std::size_t bytes() const { return current_.bytes() + previous_.bytes(); }
  /// How often ids were forgotten early, because there were more than ids_max.
  [[nodiscard]] std::uint64_t shortened() const { return shortened_; }
  /// Likewise since the last call.
  std::uint64_t take_shortened() { return std::exchange(shortened_, 0); }

 private:
  void rotate(WallTime now);

  Options options_;
  NumberSet current_;
  NumberSet previous_;
  WallTime begin_{};  ///< Of the current generation.
  std::vector<std::uint64_t> staged_;
  std::uint64_t shortened_ = 0;
};

}  // namespace rookery::ingest
