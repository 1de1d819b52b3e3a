#include "services/hashtag-window/key_history.hpp"

#include <algorithm>

namespace rookery::hashtag_window {
namespace {

Pane floor_divide(Pane a, Pane b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

std::size_t place_in(const std::vector<std::int64_t>& ring, Pane number) {
  const auto size = static_cast<Pane>(ring.size());
  return static_cast<std::size_t>(number - floor_divide(number, size) * size);
}

}  // namespace

const KeyHistory::Reading& KeyHistory::read(const KeyCells& cells, std::uint32_t key,
                                            std::size_t index, Pane end, Pane closed) {
  Followed* followed = &follow(cells, key, index, std::min(end, closed));
  followed->keep_until = std::max(followed->keep_until, end + settings_.windows[index].block);
  if (end > closed) {
    preview_ = *followed;
    followed = &preview_;
    go_on(cells, key, closed, end, *followed);
  }
  const Window& window = settings_.windows[index];
  reading_.authors = followed->authors.count(end - window.length);
  reading_.newest = static_cast<std::int64_t>(followed->authors.count(end - window.block));
  reading_.seen = seen(cells, key, *followed, index, end);
  reading_.past.clear();
  const InWindow& in = followed->windows[index];
  const Pane past_end = floor_divide(end - window.block, window.block);
  for (std::size_t i = 1; i <= settings_.trend_history; ++i) {
    reading_.past.push_back(in.blocks[place_in(in.blocks, past_end - static_cast<Pane>(i))]);
  }
  reading_.yesterday.clear();
  if (window.day != 0) {
    const Pane then = floor_divide(end - window.block - window.day, window.block);
    for (const Pane block : {then, then + 1}) {
      reading_.yesterday.push_back(authors_of(cells, key, index, block, closed));
    }
  }
  return reading_;
}

/// The distinct authors of an aligned block that lies too far back to be followed. Counted once
/// for all windows that end within a block.
std::int64_t KeyHistory::authors_of(const KeyCells& cells, std::uint32_t key, std::size_t index,
                                    Pane block, Pane closed) {
  auto& known = keys_.find(key)->second.windows[index].yesterday;
  auto& [number, authors] = known[static_cast<std::size_t>(block & 1)];
  if (number == block) return authors;
  const Pane size = settings_.windows[index].block;
  RecentAuthors all(settings_.authors_exact_max);
  for (auto pane = cells.next_pane(block * size); pane && *pane < (block + 1) * size;
       pane = cells.next_pane(*pane + 1)) {
    cells.each_of(key, *pane,
                  [&](const CellSums& /*cell*/, const auto& who) { all.add(*pane, who); });
  }
  const auto count = static_cast<std::int64_t>(all.count(block * size));
  // With a long lateness it may be still open.
  number = (block + 1) * size <= closed ? block : kNoPane;
  authors = count;
  return count;
}

/// The key with all that its windows reach from `end` on.
KeyHistory::Followed& KeyHistory::follow(const KeyCells& cells, std::uint32_t key,
                                         std::size_t index, Pane end) {
  Followed& followed = keys_.try_emplace(key, settings_).first->second;
  Pane begin = followed.end;
  // Of folded panes some may lie before and some behind what is known.
  const bool folded = settings_.fold != 1 && followed.end < end - settings_.settled;
  if (!followed.windows[index].read || followed.end > end || folded) {
    followed.windows[index].read = true;
    start(followed, end);
    begin = end;
    for (std::size_t i = 0; i < followed.windows.size(); ++i) {
      if (followed.windows[i].read) begin = std::min(begin, end - settings_.windows[i].reach);
    }
  }
  go_on(cells, key, begin, end, followed);
  return followed;
}

/// Forgets what is known but for which windows are read, which will be from `end` on.
void KeyHistory::start(Followed& followed, Pane end) const {
  Followed fresh(settings_);
  for (std::size_t i = 0; i < fresh.windows.size(); ++i) {
    InWindow& in = fresh.windows[i];
    if (!followed.windows[i].read) continue;
    in.read = true;
    // With the newest ones, which the next windows compare.
    in.blocks.assign(settings_.trend_history + 2, 0);
    in.next_block = floor_divide(end - settings_.windows[i].reach, settings_.windows[i].block);
  }
  fresh.keep_until = followed.keep_until;
  followed = std::move(fresh);
}

/// Adds the panes [begin, end), which follow on those that are known.
void KeyHistory::go_on(const KeyCells& cells, std::uint32_t key, Pane begin, Pane end,
                       Followed& followed) const {
  // Panes without any cell, as before the first post or in a silence, cost nothing.
  for (auto pane = cells.next_pane(begin); pane && *pane < end; pane = cells.next_pane(*pane + 1)) {
    count_blocks(followed, *pane);
    add(cells, key, *pane, followed);
  }
  count_blocks(followed, end);
  followed.end = end;
}

void KeyHistory::add(const KeyCells& cells, std::uint32_t key, Pane pane,
                     Followed& followed) const {
  cells.each_of(key, pane, [&](const CellSums& cell, const auto& authors) {
    followed.authors.add(pane, authors);
    if (!cell.times.any()) return;
    const std::int64_t last = pane * settings_.pane.count() + cell.times.last;
    followed.last = followed.last_pane == pane ? std::max(followed.last, last) : last;
    followed.last_pane = pane;
  });
}

/// Counts the authors of the blocks that end at or before `end`: all panes before it are known, and
/// none behind.
void KeyHistory::count_blocks(Followed& followed, Pane end) const {
  for (std::size_t i = 0; i < followed.windows.size(); ++i) {
    InWindow& in = followed.windows[i];
    const Pane size = settings_.windows[i].block;
    if (!in.read || (in.next_block + 1) * size > end) continue;
    // After a long silence: no window compares those before.
    in.next_block =
        std::max(in.next_block, floor_divide(end, size) - static_cast<Pane>(in.blocks.size()));
    for (; (in.next_block + 1) * size <= end; ++in.next_block) {
      in.blocks[place_in(in.blocks, in.next_block)] =
          static_cast<std::int64_t>(followed.authors.count(in.next_block * size));
    }
  }
}

Span KeyHistory::seen(const KeyCells& cells, std::uint32_t key, Followed& followed,
                      std::size_t index, Pane end) const {
  InWindow& in = followed.windows[index];
  const Pane begin = end - settings_.windows[index].length;
  if (followed.last_pane < begin) return {};
  if (in.first_pane < begin) {
    for (auto pane = cells.next_pane(begin); pane && *pane < end;
         pane = cells.next_pane(*pane + 1)) {
      const Span times = times_of(cells, key, *pane);
      if (!times.any()) continue;
      in.first_pane = *pane;
      in.first = times.first;
      break;
    }
  }
  return {in.first, followed.last};
}

Span KeyHistory::times_of(const KeyCells& cells, std::uint32_t key, Pane pane) const {
  Span span;
  cells.each_of(key, pane, [&](const CellSums& cell, const auto& /*authors*/) {
    if (!cell.times.any()) return;
    const std::int64_t start = pane * settings_.pane.count();
    span.merge({start + cell.times.first, start + cell.times.last});
  });
  return span;
}

void KeyHistory::forget_unused(Pane closed) {
  if (forgotten_ != kNoPane && closed < forgotten_ + settings_.slide_max) return;
  forgotten_ = closed;
  std::erase_if(keys_, [&](const auto& key) { return key.second.keep_until < closed; });
}

std::size_t KeyHistory::bytes() const {
  std::size_t bytes = keys_.size() * (sizeof(Followed) + 32);
  for (const auto& [key, followed] : keys_) {
    bytes += followed.authors.bytes();
    for (const InWindow& in : followed.windows) {
      bytes += sizeof(in) + in.blocks.capacity() * sizeof(in.blocks[0]);
    }
  }
  return bytes;
}

}  // namespace rookery::hashtag_window
