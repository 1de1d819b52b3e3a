#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "services/hashtag-window/authors.hpp"
#include "services/hashtag-window/blocks.hpp"
#include "services/hashtag-window/key_table.hpp"
#include "services/hashtag-window/packed_pane.hpp"
#include "services/hashtag-window/pane_budget.hpp"
#include "services/hashtag-window/settings.hpp"

namespace rookery::hashtag_window {

/// A cell of an open pane.
struct Cell : CellSums {
  Pane pane = 0;
  std::uint32_t newer = kNone;  ///< The key's next open cell of the same or a later pane.
  std::uint32_t older = kNone;
  AuthorSet authors;
};

/// Cells by key and pane. Those of open panes are chained by key, the newest first, so that an
/// addition costs one hash look-up (two where the spelling is not the key) and a step or two. A
/// sealed pane is packed; what deletions change of it afterwards lies beside it. A key keeps its
/// number for as long as it has a cell or is held, and so does each of its spellings.
class KeyCells {
 public:
  using Name = KeyTable::Name;

  /// The cell of `key` in `pane`, made if it is not there. An empty spelling is the key. The
  /// reference holds until the next call. A sealed pane is opened again, which costs much: it
  /// happens only when a restore sealed it too early.
  Cell& cell(std::string_view key, std::string_view spelling, Pane pane);

  /// The numbers of `key`, kept until release().
  Name hold(std::string_view key, std::string_view spelling);
  /// Fetches memory for hold() of these keys.
  void prefetch(std::span<const std::string> keys) { keys_.prefetch(keys); }
  void release(Name name) { keys_.release(name); }

  /// Packs what `pane` has: nothing is added to it any more.
  void seal(Pane pane);
  /// Packs all panes below `pane`.
  void seal_below(Pane pane);

  /// Makes the sealed panes of [begin, end) one, which is `begin`. Its times count from its begin
  /// too. Must not be changed later.
  void fold(Pane begin, Pane end, std::chrono::milliseconds pane, std::size_t exact_max);

  /// Adds to a cell that is there. Returns false where it is not.
  bool change(Name name, Pane pane, std::int64_t count, std::int64_t sentiment);

  /// Calls `visit(cell, authors)` for the cells of a sealed pane, in the order of their keys'
  /// numbers, with what was changed.
  template <typename Visit>
  void each_cell(Pane pane, const Visit& visit) const {
    const auto found = sealed_.find(pane);
    if (found == sealed_.end()) return;
    const Sealed& sealed = found->second;
    sealed.cells.each([&](CellSums cell, const PackedPane::Authors& authors) {
      sealed.apply_changes(cell);
      visit(cell, authors);
    });
  }

  using LoadedCell = std::pair<CellSums, PackedPane::Authors>;
  /// Makes a sealed pane that is not there yet of cells with the numbers of here.
  void load(Pane pane, const std::vector<LoadedCell>& cells);
  [[nodiscard]] bool has(Pane pane) const { return sealed_.contains(pane) || open_.contains(pane); }
  /// What a sealed pane takes; 0 if it is not there.
  [[nodiscard]] std::size_t sealed_bytes(Pane pane) const;

  /// Calls `visit(name, count, sentiment)` for the cells of a pane. Some come twice: what was
  /// changed of a sealed pane comes apart.
  template <typename Visit>
  void each_in(Pane pane, const Visit& visit) const {
    const auto found = sealed_.find(pane);
    if (found == sealed_.end()) {
      const auto open = open_.find(pane);
      if (open == open_.end()) return;
      for (const std::uint32_t index : open->second) {
        const Cell& cell = pool_[index];
        visit(Name{cell.key, cell.spelling}, cell.count, cell.sentiment);
      }
      return;
    }
    found->second.cells.each([&](const CellSums& cell, const PackedPane::Authors& /*authors*/) {
      visit(Name{cell.key, cell.spelling}, cell.count, cell.sentiment);
    });
    for (const auto& [name, change] : found->second.changes) {
      visit(Name{name.first, name.second}, change.count, change.sentiment);
    }
  }

  /// Calls `visit(cell, authors)` for the cells of a key in a pane, where `authors` has visit() as
  /// PackedPane::Authors; of sealed panes deletions do not show.
  template <typename Visit>
  void each_of(std::uint32_t key, Pane pane, const Visit& visit) const {
    const auto found = sealed_.find(pane);
    if (found != sealed_.end()) return found->second.cells.each_of(key, visit);
    if (!open_.contains(pane)) return;
    std::uint32_t index = keys_.newest(key);
    while (index != kNone && pool_[index].pane > pane) index = pool_[index].older;
    for (; index != kNone && pool_[index].pane == pane; index = pool_[index].older) {
      visit(static_cast<const CellSums&>(pool_[index]), OpenAuthors{pool_[index].authors});
    }
  }

  /// The first pane from `pane` on that has cells.
  [[nodiscard]] std::optional<Pane> next_pane(Pane pane) const {
    const auto sealed = sealed_.lower_bound(pane);
    const auto open = open_.lower_bound(pane);
    if (sealed == sealed_.end() && open == open_.end()) return std::nullopt;
    if (open == open_.end()) return sealed->first;
    return sealed == sealed_.end() ? open->first : std::min(sealed->first, open->first);
  }

  /// Likewise that is sealed.
  [[nodiscard]] std::optional<Pane> next_sealed(Pane pane) const {
    const auto found = sealed_.lower_bound(pane);
    return found == sealed_.end() ? std::nullopt : std::optional(found->first);
  }

  /// Calls `visit(number)` for each spelling of `key` but the key itself.
  template <typename Visit>
  void each_spelling(std::uint32_t key, const Visit& visit) const {
    keys_.each_spelling(key, visit);
  }

  void drop_through(Pane pane);

  /// How many keys of a pane had to go, and how many spellings are told no more.
  struct Trimmed {
    std::size_t keys = 0;
    std::size_t spellings = 0;
  };
  /// Leaves in `pane` the cells of the keys with the highest counts there, of equal ones those that
  /// come first. They take turns: one for which there are no places goes, and so do all from the
  /// first on for which there are no bytes. A spelling without a place counts for its key.
  Trimmed trim(Pane pane, const PaneBudget::Allowance& may);
  /// What a sealed pane takes: places for the names that no pane of the span took before.
  PaneBudget::Room charge(Pane pane, std::int32_t span);

  [[nodiscard]] std::string_view text(std::uint32_t key) const { return keys_.text(key); }
  [[nodiscard]] bool is_key(std::uint32_t number) const { return keys_.is_key(number); }
  /// All numbers are below.
  [[nodiscard]] std::size_t numbers() const { return keys_.numbers(); }
  [[nodiscard]] std::size_t live_keys() const { return keys_.live_keys(); }
  /// Without the texts and the open sets of authors that have memory of their own.
  [[nodiscard]] std::size_t bytes() const;

 private:
  /// As PackedPane::Authors.
  struct OpenAuthors {
    const AuthorSet& set;
    template <typename OfHash, typename OfRegisters>
    void visit(const OfHash& of_hash, const OfRegisters& of_registers) const {
      if (set.is_sketch()) return of_registers(set.registers().data());
      for (const std::uint64_t hash : set.hashes()) of_hash(hash);
    }
  };
  struct Change {
    std::int64_t count = 0;
    std::int64_t sentiment = 0;
  };
  struct Sealed {
    PackedPane cells;
    std::map<std::pair<std::uint32_t, std::uint32_t>, Change> changes;

    void apply_changes(CellSums& cell) const;
  };

  /// A cell of a pane that is folded.
  struct Part {
    CellSums cell;
    PackedPane::Authors authors;
  };

  /// The cells of one key in the pane that is trimmed, as they lie in order_.
  struct Group {
    std::size_t begin = 0;
    std::size_t size = 0;
    std::int64_t count = 0;
  };
  /// A pane that is trimmed.
  struct Cut {
    const PaneBudget::Allowance& may;
    PaneBudget::Room left;
    std::vector<std::uint32_t> stay;
    Trimmed trimmed;
    std::size_t kept = 0;
    bool full = false;  ///< There were no bytes for a key.
  };

  // key_cells_trim.cpp
  [[nodiscard]] bool fits(const std::vector<std::uint32_t>& cells,
                          const PaneBudget::Allowance& may) const;
  std::vector<Group> groups_of(const std::vector<std::uint32_t>& cells);
  [[nodiscard]] std::vector<std::uint32_t> cells_of(const Group& group) const;
  bool keep(const Group& group, Cut& cut);
  std::int64_t bytes_together(const std::vector<std::uint32_t>& kept,
                              const std::vector<std::uint32_t>& unplaced, std::size_t exact_max);
  void count_as_it_is(std::uint32_t index, std::vector<std::uint32_t>& kept, std::size_t exact_max);
  void remove(std::uint32_t index);

  std::pair<std::uint32_t, std::uint32_t> around(std::uint32_t key, Pane pane);
  Cell& make_cell(Name name, Pane pane, std::uint32_t newer, std::uint32_t older);
  void put_sealed(Pane pane);
  void put_joined(std::span<const std::pair<std::uint64_t, std::uint32_t>> same,
                  std::size_t exact_max);
  void open(Pane pane);
  bool change_open(Name name, Pane pane, std::int64_t count, std::int64_t sentiment);
  void unlink(std::uint32_t cell);

  KeyTable keys_;
  Blocks<Cell> pool_;
  std::vector<std::uint32_t> free_cells_;
  std::map<Pane, std::vector<std::uint32_t>> open_;
  std::map<Pane, Sealed> sealed_;
  std::size_t sealed_bytes_ = 0;
  PanePacker packer_;
  std::vector<std::pair<std::uint64_t, std::uint32_t>>
      order_;                ///< Of seal(), fold(), load(), trim().
  std::vector<Part> parts_;  ///< Of fold().
  AuthorSet joined_;         ///< Likewise.
  std::vector<Name> names_;  ///< Of drop_through().
};

}  // namespace rookery::hashtag_window
