#include "services/hashtag-window/key_history.hpp"

#include <algorithm>

namespace rookery::hashtag_window {
namespace {

Pane floor_divide(Pane a, Pane b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

}  // namespace

KeyHistory::KeyHistory(const Settings& settings, const Window& window)
    : settings_(settings), window_(window), levels_{Level{window.block}, Level{window.group}} {}

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
  // From the newest pane to the oldest, in stretches that no border cuts.
  for (Pane at = end; at > std::min(begin, past_begin);) {
    Pane next = std::min(begin, past_begin);
    for (const Pane border : {begin, newest_begin, past_end}) {
      if (border < at) next = std::max(next, border);
    }
    const bool in_past = at <= past_end && at > past_begin;
    const Pane block_begin = floor_divide(at - 1, length) * length;
    if (in_past) next = std::max(next, block_begin);
    joined_.authors.clear();
    joined_.seen = Span();
    join(cells, key, next, at, closed, 0, joined_);
    if (at > begin) {
      all_.merge(joined_.authors, exact_max);
      reading_.seen.merge(joined_.seen);
    }
    if (at > newest_begin) newest_.merge(joined_.authors, exact_max);
    if (in_past) {
      block_.merge(joined_.authors, exact_max);
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
  for (auto& [size, groups] : levels_) {
    while (!groups.empty() && groups.begin()->first * size <= pane) groups.erase(groups.begin());
  }
}

void KeyHistory::join(const KeyCells& cells, std::uint32_t key, Pane begin, Pane end, Pane closed,
                      std::size_t level, Group& into) {
  const Pane unchanging = std::min(end, closed);
  // Panes without any cell, as before the first post or in a silence, cost nothing.
  for (auto pane = cells.next_pane(begin); pane && *pane < end; pane = cells.next_pane(begin)) {
    const auto start_in = [&](const Level& l) { return floor_divide(*pane, l.size) * l.size; };
    const auto fits = [&](const Level& l) {
      return l.size > 1 && start_in(l) >= begin && start_in(l) + l.size <= unchanging;
    };
    std::size_t at = level;
    while (at < levels_.size() && !fits(levels_[at])) ++at;
    if (at == levels_.size()) {
      add(cells, key, *pane, into);
      begin = *pane + 1;
      continue;
    }
    auto& [size, groups] = levels_[at];
    const Pane start = start_in(levels_[at]);
    const auto [known, made] = groups[floor_divide(start, size)].try_emplace(key);
    if (made) join(cells, key, start, start + size, closed, at + 1, known->second);
    into.authors.merge(known->second.authors, settings_.authors_exact_max);
    into.seen.merge(known->second.seen);
    begin = start + size;
  }
}

void KeyHistory::add(const KeyCells& cells, std::uint32_t key, Pane pane, Group& into) const {
  cells.each_of(key, pane, [&](const CellSums& cell, const auto& authors) {
    authors.add_to(into.authors, settings_.authors_exact_max);
    if (!cell.times.any()) return;
    const std::int64_t start = pane * settings_.pane.count();
    into.seen.merge({start + cell.times.first, start + cell.times.last});
  });
}

}  // namespace rookery::hashtag_window
