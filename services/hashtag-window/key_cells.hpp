#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "services/hashtag-window/authors.hpp"
#include "services/hashtag-window/hash_index.hpp"
#include "services/hashtag-window/settings.hpp"
#include "services/hashtag-window/times.hpp"

namespace rookery::hashtag_window {

inline constexpr std::uint32_t kNone = 0xffffffffU;

/// What one key has in one pane, in one spelling.
struct Cell {
  std::int64_t count = 0;
  std::int64_t sentiment = 0;
  Pane pane = 0;
  std::uint32_t key = kNone;
  std::uint32_t spelling = kNone;  ///< The number of the key itself where that is how it is.
  std::uint32_t newer = kNone;     ///< The key's next cell of the same or a later pane.
  std::uint32_t older = kNone;
  Times times;
  AuthorSet authors;
};

/// Keys, and their cells by pane. A key has a number for as long as it has a cell or is
/// held, and so has each of its spellings; the cells of a key are chained by pane, the newest
/// first, so that an addition costs one hash look-up (two where the spelling is not the key)
/// and a step or two. Numbers and memory are used again.
class KeyCells {
 public:
  /// A key and one of its spellings, which may be the key.
  struct Name {
    std::uint32_t key = kNone;
    std::uint32_t spelling = kNone;
  };

  /// The cell of `key` in `pane`, made if it is not there. An empty spelling is the key. The
  /// reference holds until the next call.
  Cell& cell(std::string_view key, std::string_view spelling, Pane pane);

  /// The cell of that name, or null.
  [[nodiscard]] Cell* find(Name name, Pane pane);

  /// The numbers of `key`, kept until release().
  Name hold(std::string_view key, std::string_view spelling);
  void release(Name name);

  /// Calls `visit(cell)` for each cell of `pane`, in the order in which they were made.
  template <typename Visit>
  void each_in(Pane pane, const Visit& visit) const {
    const auto found = panes_.find(pane);
    if (found == panes_.end()) return;
    const std::vector<std::uint32_t>& cells = found->second;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      // Cells lie where others were freed: the next ones are fetched in good time.
      if (i + kAhead < cells.size()) __builtin_prefetch(&pool_[cells[i + kAhead]]);
      visit(pool_[cells[i]]);
    }
  }

  /// Calls `visit(number)` for each spelling of `key` but the key itself.
  template <typename Visit>
  void each_spelling(std::uint32_t key, const Visit& visit) const {
    for (std::uint32_t i = keys_[key].spellings; i != kNone; i = keys_[i].spellings) visit(i);
  }

  /// The key's newest cell, or kNone.
  [[nodiscard]] std::uint32_t newest(std::uint32_t key) const { return keys_[key].newest; }
  [[nodiscard]] const Cell& at(std::uint32_t cell) const { return pool_[cell]; }

  void drop_through(Pane pane);

  /// Leaves in `pane` the cells of the `max` keys with the highest counts there, of equal ones
  /// those that come first. Returns how many keys had to go.
  std::size_t trim(Pane pane, std::size_t max);

  [[nodiscard]] std::string_view text(std::uint32_t key) const { return keys_[key].text; }
  /// All numbers are below.
  [[nodiscard]] std::size_t numbers() const { return keys_.size(); }
  [[nodiscard]] std::size_t live_keys() const { return live_keys_; }
  /// Without the texts and sets of authors that have memory of their own.
  [[nodiscard]] std::size_t bytes() const {
    return keys_.capacity() * sizeof(Key) + pool_.capacity() * sizeof(Cell) + index_.bytes();
  }

 private:
  static constexpr std::size_t kAhead = 16;

  struct Key {
    std::string text;
    std::uint64_t hash = 0;
    std::uint32_t newest = kNone;
    std::uint32_t oldest = kNone;
    std::uint32_t users = 0;          ///< Cells and holds.
    std::uint32_t owner = kNone;      ///< The key of which this is a spelling.
    std::uint32_t spellings = kNone;  ///< The first, and in a spelling the next.
  };

  Name name_of(std::string_view key, std::string_view spelling);
  std::uint32_t number_of(std::string_view text, std::uint32_t owner);
  void release(std::uint32_t number);
  void link(std::uint32_t cell, std::uint32_t older);
  void unlink(std::uint32_t cell);

  std::vector<Key> keys_;
  std::vector<std::uint32_t> free_keys_;
  HashIndex index_;
  std::size_t live_keys_ = 0;
  std::vector<Cell> pool_;
  std::vector<std::uint32_t> free_cells_;
  std::map<Pane, std::vector<std::uint32_t>> panes_;
  std::vector<std::vector<std::uint32_t>> free_panes_;
};

}  // namespace rookery::hashtag_window
