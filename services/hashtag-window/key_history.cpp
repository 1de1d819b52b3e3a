#include "services/hashtag-window/key_history.hpp"

#include <algorithm>

namespace rookery::hashtag_window {
namespace {

Pane floor_divide(Pane a, Pane b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

}  // namespace

KeyHistory::KeyHistory(const Settings& settings, const Window& window)
    : settings_(settings), window_(window) {}

const KeyHistory::Reading& KeyHistory::read(const KeyCells& cells, std::uint32_t key, Pane end,
                                            Pane closed) {
  const std::size_t exact_max = settings_.authors_exact_max;
  const Pane length = window_.block;
  const Pane begin = end - window_.length;
  const Pane newest_begin = end - length;
  const Pane past_end = floor_divide(newest_begin, length) * length;
  const Pane past_begin = past_end - static_cast<Pane>(settings_.trend_history) * length;
  reading_.seen = Span();
  reading_.past.clear();
  all_.clear();
  newest_.clear();
  block_.clear();
  Cursor cursor{cells.newest(key), 0};
  if (cursor.cell != kNone) cursor.pane = cells.at(cursor.cell).pane;
  while (cursor.cell != kNone && cursor.pane >= end) {  // Panes that are still open.
    cursor.cell = cells.at(cursor.cell).older;
    if (cursor.cell != kNone) cursor.pane = cells.at(cursor.cell).pane;
  }
  // From the newest pane to the oldest, in stretches that no border cuts.
  for (Pane at = end; at > std::min(begin, past_begin);) {
    Pane next = std::min(begin, past_begin);
    for (const Pane border : {begin, newest_begin, past_end}) {
      if (border < at) next = std::max(next, border);
    }
    const bool in_past = at <= past_end && at > past_begin;
    const Pane block_begin = floor_divide(at - 1, length) * length;
    if (in_past) next = std::max(next, block_begin);
    join(cells, key, cursor, next, at, closed);
    if (at > begin) {
      all_.merge(joined_, exact_max);
      reading_.seen.merge(joined_seen_);
    }
    if (at > newest_begin) newest_.merge(joined_, exact_max);
    if (in_past) {
      block_.merge(joined_, exact_max);
      if (next == block_begin) {
        reading_.past.push_back(static_cast<std::int64_t>(block_.estimate()));
        block_.clear();
      }
    }
    at = next;
  }
  reading_.authors = all_.estimate();
  reading_.newest = static_cast<std::int64_t>(newest_.estimate());
  return reading_;
}

void KeyHistory::drop_through(Pane pane) {
  const auto dead = [&](const auto& group) { return group.first * window_.group <= pane; };
  while (!groups_.empty() && dead(*groups_.begin())) groups_.erase(groups_.begin());
}

/// Joins the cells of panes [begin, end), at the first of which the cursor is, into joined_.
void KeyHistory::join(const KeyCells& cells, std::uint32_t key, Cursor& cursor, Pane begin,
                      Pane end, Pane closed) {
  joined_.clear();
  joined_seen_ = Span();
  while (cursor.cell != kNone && cursor.pane >= begin) {
    const Pane number = floor_divide(cursor.pane, window_.group);
    const Pane group_begin = number * window_.group;
    if (window_.group > 1 && group_begin >= begin &&
        group_begin + window_.group <= std::min(end, closed)) {
      const Group& known = group(cells, key, cursor, number);
      joined_.merge(known.authors, settings_.authors_exact_max);
      joined_seen_.merge(known.seen);
      cursor = {known.older, known.older_pane};
      continue;
    }
    const Cell& cell = cells.at(cursor.cell);
    add(joined_, joined_seen_, cell);
    cursor.cell = cell.older;
    if (cursor.cell != kNone) cursor.pane = cells.at(cursor.cell).pane;
  }
}

const KeyHistory::Group& KeyHistory::group(const KeyCells& cells, std::uint32_t key, Cursor cursor,
                                           Pane number) {
  const auto [at, made] = groups_[number].try_emplace(key);
  Group& group = at->second;
  if (!made) return group;
  const Pane begin = number * window_.group;
  while (cursor.cell != kNone && cursor.pane >= begin) {
    const Cell& cell = cells.at(cursor.cell);
    add(group.authors, group.seen, cell);
    cursor.cell = cell.older;
    if (cursor.cell != kNone) cursor.pane = cells.at(cursor.cell).pane;
  }
  group.older = cursor.cell;
  group.older_pane = cursor.pane;
  return group;
}

void KeyHistory::add(AuthorSet& authors, Span& seen, const Cell& cell) const {
  authors.merge(cell.authors, settings_.authors_exact_max);
  if (!cell.times.any()) return;
  const std::int64_t start = cell.pane * settings_.pane.count();
  seen.merge({start + cell.times.first, start + cell.times.last});
}

}  // namespace rookery::hashtag_window
