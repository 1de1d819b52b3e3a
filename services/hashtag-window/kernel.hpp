#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "services/hashtag-window/authors.hpp"
#include "services/hashtag-window/blocks.hpp"
#include "services/hashtag-window/key_cells.hpp"
#include "services/hashtag-window/key_history.hpp"
#include "services/hashtag-window/pane_budget.hpp"
#include "services/hashtag-window/pane_snapshot.hpp"
#include "services/hashtag-window/records.hpp"
#include "services/hashtag-window/settings.hpp"
#include "services/hashtag-window/top_candidates.hpp"

namespace rookery::hashtag_window {

/// The ranking of one window at one end; `top` is ordered by count, then by key.
struct WindowTop {
  struct Entry {
    std::string_view key;
    std::string_view spelling;  ///< Most often written; empty where that is the key.
    std::int64_t count = 0;
    std::int64_t sentiment = 0;  ///< Sum, in thousandths.
    std::uint64_t authors = 0;
    /// Authors in the newest block, which ends with the window, and in those before it.
    std::int64_t newest = 0;
    std::vector<std::int64_t> past;
    std::vector<std::int64_t> yesterday;  ///< See KeyHistory::Reading.
    Span seen;
  };
  std::int64_t total = 0;  ///< Over all keys.
  std::int64_t sentiment = 0;
  bool approximate = false;  ///< Keys of one of its panes had to go.
  /// A key that is not in `top` has at most so many posts; 0: there is none.
  std::int64_t missing_max = 0;
  std::vector<Entry> top;
};

/// The sliding windows of one dimension in one partition of window_partials: panes of
/// cells, and for each window the totals over its panes. A slide packs the pane that it closes,
/// adds it to the totals and subtracts the leaving one, so its cost is the keys of these two; the
/// authors are joined for the winners alone. Pure: no clock, nothing but what was added.
class WindowKernel {
 public:
  /// `settings` must outlive the kernel.
  explicit WindowKernel(const Settings& settings);

  /// Adds to the partial's pane, which no window includes yet (or before rebuild()).
  void add(const Partial& partial, const AuthorSet& authors);

  /// Adds to the partial's pane when the slide to `from` + 1 is made: windows that end later
  /// see it.
  void add_later(const Partial& partial);

  /// Keys of an open pane were not added: rankings that include it are approximate.
  void add_refusal(Pane pane) { trimmed_.try_emplace(pane, 0); }

  /// While a state is read again: hardly anything comes to panes below `pane` any more, so that
  /// they are packed already. Changes no result.
  void pack_below(Pane pane) { cells_.seal_below(pane); }

  /// Likewise: nothing but deletions comes to panes below `pane` any more, so that they keep no
  /// more than they may.
  void settle_below(Pane pane);

  /// Does with all panes before `closed` what their slides did, after a restore.
  void rebuild(Pane closed);

  /// Closed panes as bytes, to be read by load() of another kernel before its rebuild(); see
  /// pane_snapshot.hpp. `first_of(pane)`: see PaneFacts. `folded_until`: of the panes that are
  /// loaded all those before it were folded when they were saved. `bytes` are followed by
  /// PackedPane::kBehind others. load() returns false where they are not as save() makes them.
  void save(Pane begin, Pane end, const std::function<std::int64_t(Pane)>& first_of,
            const std::function<void(std::string bytes)>& give) const;
  [[nodiscard]] bool load(std::string_view bytes, Pane folded_until,
                          const std::function<void(Pane, std::int64_t first)>& tell);

  /// Goes from the windows that end at `end` - 1 to those that end at `end`.
  void slide(Pane end);

  /// Forgets the panes up to `pane`; no window or history needs them.
  void drop_through(Pane pane);

  /// The ranking of window `index` as of the last slide, which ended at `end`. Empty where
  /// no key is left. The keys hold until the next call that changes the kernel.
  [[nodiscard]] WindowTop top(std::size_t index, Pane end);
  /// Likewise the window's pairs_max() most frequent keys, with their posts alone.
  [[nodiscard]] WindowTop counts(std::size_t index, Pane end);

  /// Of which windows preview() gives a ranking, and who takes it; it holds during the call.
  using Wanted = std::function<bool(std::size_t index, Pane end)>;
  using Preview = std::function<void(std::size_t index, Pane end, const WindowTop& top)>;

  /// Shows windows that end after `closed`, where the last slide ended, and until `last`, as of
  /// what has come so far, in the order of their ends: top() or counts(). Nothing is trimmed.
  /// Leaves all as it was.
  enum class Shown : std::uint8_t { kTop, kCounts };
  void preview(Pane closed, Pane last, Shown shown, const Wanted& wanted, const Preview& visit);

  [[nodiscard]] std::size_t live_keys() const { return cells_.live_keys(); }
  /// How many keys had to go from the pane before `end`, in the slide to it.
  [[nodiscard]] std::size_t dropped_keys(Pane end) const;
  [[nodiscard]] std::size_t bytes() const;

 private:
  /// The first `limit` keys of a window, in order.
  std::vector<std::uint32_t> ranked(std::size_t index, std::size_t limit);
  [[nodiscard]] WindowTop summary(std::size_t index, Pane end) const;

  struct Total {
    std::int64_t count = 0;
    std::int64_t sentiment = 0;
  };
  struct Totals {
    Blocks<Total> of;  ///< By number: of a key, and of a spelling that is not the key.
    Total all;
    TopCandidates candidates;
  };
  struct Deferred {
    KeyCells::Name name;
    Pane pane;
    std::int64_t count;
    std::int64_t sentiment;
  };

  void count_in(Totals& totals, KeyCells::Name name, std::int64_t count, std::int64_t sentiment);
  void count_pane(Totals& totals, Pane pane, std::int64_t sign);
  void leave_pane(Totals& totals, Pane pane, std::int64_t sign);
  void fold_settled(Pane closed);
  void charge_loaded(Pane pane, Pane folded_until, const PaneFacts& facts);
  void settle(Pane pane);
  [[nodiscard]] std::optional<KeyCells::Name> change(const Deferred& later, std::int64_t sign);
  void apply_deferred(Pane from, Pane end);
  void preview_step(Pane end, std::int64_t sign);
  WindowTop top(std::size_t index, Pane end, Pane closed);
  void describe(std::size_t window, Pane end, Pane closed, std::uint32_t key,
                WindowTop::Entry& entry);
  [[nodiscard]] std::string_view spelling_of(const Totals& totals, std::uint32_t key) const;

  const Settings& settings_;
  KeyCells cells_;
  std::vector<Totals> totals_;  ///< One for each window.
  KeyHistory history_;
  PaneBudget budget_;
  std::map<Pane, std::vector<Deferred>> deferred_;
  Pane folded_until_ = kNoPane;    ///< All panes before it are folded, see Settings::fold.
  Pane loaded_until_ = kNoPane;    ///< Panes before it came from load(), if anything did.
  std::vector<Deferred> counted_;  ///< Of count_pane().
  Pane settled_until_ = kNoPane;   ///< Panes before it keep what they may.
  /// How many keys had to go when a pane closed, where some had or were refused before.
  std::map<Pane, std::size_t> trimmed_;
  std::map<Pane, std::int64_t> charged_;  ///< The bytes that each settled pane spent.
};

}  // namespace rookery::hashtag_window
