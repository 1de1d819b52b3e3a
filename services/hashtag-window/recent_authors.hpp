#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "services/hashtag-window/authors.hpp"
#include "services/hashtag-window/settings.hpp"

namespace rookery::hashtag_window {

/// The distinct authors of one key in every stretch of panes that ends with the newest one: what
/// AuthorSet::estimate() would say of their union, without joining anything. Of the authors
/// that wrote last, and of each rank of each register of a sketch, the newest pane is kept
/// (a sliding HyperLogLog: Chabchoub and Hebrail 2010, with panes for times). A stretch sees
/// what is not older than its begin.
///
/// About 1 KiB, and where more authors come than are counted exactly 1 KiB more for each rank
/// that was seen: some 13 with ten thousand authors.
class RecentAuthors {
 public:
  explicit RecentAuthors(std::size_t exact_max) : exact_max_(exact_max) {}

  /// Adds what `pane` has, which has visit() as PackedPane::Authors; panes come in order.
  template <typename Authors>
  void add(Pane pane, const Authors& authors) {
    const auto at = static_cast<ShortPane>(pane);
    authors.visit([&](std::uint64_t hash) { add_hash(at, hash); },
                  [&](const std::uint8_t* registers) { add_registers(at, registers); });
  }

  /// Of the panes from `begin` on: exact up to the bound, else an estimate.
  [[nodiscard]] std::uint64_t count(Pane begin) const;

  [[nodiscard]] std::size_t bytes() const {
    return rows_.capacity() * sizeof(Row) + hashes_.capacity() * sizeof(hashes_[0]) +
           panes_.capacity() * sizeof(panes_[0]);
  }

 private:
  /// Panes have 32 bits on the wire too.
  using ShortPane = std::int32_t;
  using Row = std::array<ShortPane, AuthorSet::kRegisters>;

  void add_hash(ShortPane pane, std::uint64_t hash);
  void add_registers(ShortPane pane, const std::uint8_t* registers);
  void raise(std::size_t index, std::size_t rank, ShortPane pane);
  void start_sketch();
  [[nodiscard]] std::uint64_t count_sketch(ShortPane begin) const;

  std::size_t exact_max_;
  /// The `exact_max` authors that wrote last, in no order, and when.
  std::vector<std::uint64_t> hashes_;
  std::vector<ShortPane> panes_;
  /// A stretch that begins there or before has more of them.
  ShortPane many_from_ = kNever;
  /// By rank less one: the newest pane in which each register had it. Empty where no stretch has
  /// too many authors.
  std::vector<Row> rows_;

  static constexpr ShortPane kNever = std::numeric_limits<ShortPane>::min();
};

}  // namespace rookery::hashtag_window
