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

const KeyHistory::Reading& KeyHistory::read(const KeyCells& cells, std::uint32_t key, Pane end) {
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
    join(cells, key, next, at);
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

/// Joins the cells of panes [begin, end) into joined_.
void KeyHistory::join(const KeyCells& cells, std::uint32_t key, Pane begin, Pane end) {
  joined_.clear();
  joined_seen_ = Span();
  for (Pane pane = begin; pane < end;) {
    const Pane number = floor_divide(pane, window_.group);
    if (window_.group > 1 && number * window_.group == pane && pane + window_.group <= end) {
      const Group& known = group(cells, key, number);
      joined_.merge(known.authors, settings_.authors_exact_max);
      joined_seen_.merge(known.seen);
      pane += window_.group;
    } else {
      add(cells, key, pane++, joined_, joined_seen_);
    }
  }
}

const KeyHistory::Group& KeyHistory::group(const KeyCells& cells, std::uint32_t key, Pane number) {
  const auto [at, made] = groups_[number].try_emplace(key);
  Group& group = at->second;
  if (!made) return group;
  const Pane begin = number * window_.group;
  for (Pane pane = begin; pane < begin + window_.group; ++pane) {
    add(cells, key, pane, group.authors, group.seen);
  }
  return group;
}

void KeyHistory::add(const KeyCells& cells, std::uint32_t key, Pane pane, AuthorSet& authors,
                     Span& seen) const {
  cells.each_of(key, pane, [&](const CellSums& cell, const PackedPane::Authors& packed) {
    packed.add_to(authors, settings_.authors_exact_max);
    if (!cell.times.any()) return;
    const std::int64_t start = pane * settings_.pane.count();
    seen.merge({start + cell.times.first, start + cell.times.last});
  });
}

}  // namespace rookery::hashtag_window
