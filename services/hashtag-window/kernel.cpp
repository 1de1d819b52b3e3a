#include "services/hashtag-window/kernel.hpp"

#include <algorithm>
#include <array>

#include "services/hashtag-window/score.hpp"

namespace rookery::hashtag_window {

WindowKernel::WindowKernel(const Settings& settings)
    : settings_(settings), totals_(settings.windows.size()) {}

void WindowKernel::add(std::string_view key, Pane pane, std::int64_t count, std::int64_t sentiment,
                       const AuthorSet& authors) {
  Cell& cell = cells_.cell(key, pane);
  cell.count += count;
  cell.sentiment += sentiment;
  cell.authors.merge(authors, settings_.authors_exact_max);
}

void WindowKernel::add_later(std::string_view key, Pane pane, Pane from, std::int64_t count,
                             std::int64_t sentiment) {
  deferred_[from].push_back({cells_.hold(key), pane, count, sentiment});
}

void WindowKernel::rebuild(Pane closed) {
  for (std::size_t i = 0; i < totals_.size(); ++i) {
    for (Pane pane = closed - settings_.windows[i].length; pane < closed; ++pane) {
      count_pane(totals_[i], pane, 1);
    }
  }
}

void WindowKernel::slide(Pane end) {
  for (std::size_t i = 0; i < totals_.size(); ++i) {
    count_pane(totals_[i], end - 1 - settings_.windows[i].length, -1);
  }
  apply_deferred(end - 1, end);
  for (Totals& totals : totals_) count_pane(totals, end - 1, 1);
}

void WindowKernel::drop_through(Pane pane) {
  cells_.drop_through(pane);
  while (!deferred_.empty() && deferred_.begin()->first <= pane) {
    for (const Deferred& later : deferred_.begin()->second) cells_.release(later.key);
    deferred_.erase(deferred_.begin());
  }
}

WindowTop WindowKernel::top(std::size_t index, Pane end) {
  Totals& totals = totals_[index];
  const auto count_of = [&](std::uint32_t key) { return totals.of_key[key].count; };
  std::vector<std::uint32_t> keys =
      totals.candidates.candidates(settings_.top_k, totals.of_key.size(), count_of);
  const std::size_t size = std::min(settings_.top_k, keys.size());
  std::partial_sort(keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(size), keys.end(),
                    [&](std::uint32_t a, std::uint32_t b) {
                      if (count_of(a) != count_of(b)) return count_of(a) > count_of(b);
                      return cells_.text(a) < cells_.text(b);
                    });
  WindowTop result{.total = totals.all.count, .sentiment = totals.all.sentiment, .top = {}};
  result.top.resize(size);
  for (std::size_t i = 0; i < size; ++i) {
    const Total& total = totals.of_key[keys[i]];
    WindowTop::Entry& entry = result.top[i];
    entry.key = cells_.text(keys[i]);
    entry.count = total.count;
    entry.sentiment = total.sentiment;
    describe(settings_.windows[index], end, keys[i], entry);
  }
  return result;
}

void WindowKernel::count_in(Totals& totals, std::uint32_t key, std::int64_t count,
                            std::int64_t sentiment) {
  if (key >= totals.of_key.size()) totals.of_key.resize(cells_.numbers());
  Total& total = totals.of_key[key];
  total.count += count;
  total.sentiment += sentiment;
  totals.all.count += count;
  totals.all.sentiment += sentiment;
  if (count > 0) totals.candidates.raised(key, total.count);
}

void WindowKernel::count_pane(Totals& totals, Pane pane, std::int64_t sign) {
  cells_.each_in(pane, [&](const Cell& cell) {
    count_in(totals, cell.key, sign * cell.count, sign * cell.sentiment);
  });
}

void WindowKernel::apply_deferred(Pane from, Pane end) {
  const auto found = deferred_.find(from);
  if (found == deferred_.end()) return;
  for (const Deferred& later : found->second) {
    if (Cell* cell = cells_.find(later.key, later.pane)) {
      cell->count += later.count;
      cell->sentiment += later.sentiment;
      for (std::size_t i = 0; i < totals_.size(); ++i) {
        if (later.pane < end - settings_.windows[i].length || later.pane >= end - 1) continue;
        count_in(totals_[i], later.key, later.count, later.sentiment);
      }
    }
    cells_.release(later.key);
  }
  deferred_.erase(found);
}

void WindowKernel::describe(const Window& window, Pane end, std::uint32_t key,
                            WindowTop::Entry& entry) const {
  constexpr std::size_t kHistoryMax = 20;
  const std::size_t history = std::min(settings_.trend_history, kHistoryMax);
  const Pane begin = end - window.length;
  std::array<std::int64_t, kHistoryMax> blocks{};
  AuthorSet authors;
  cells_.each_of(
      key, begin - static_cast<Pane>(history) * window.slide, end, [&](const Cell& cell) {
        if (cell.pane >= begin) {
          authors.merge(cell.authors, settings_.authors_exact_max);
        } else {
          blocks[static_cast<std::size_t>((begin - 1 - cell.pane) / window.slide)] += cell.count;
        }
      });
  // A post has one author: an estimate above the posts is known to be too high.
  entry.authors = std::min(authors.estimate(), static_cast<std::uint64_t>(entry.count));
  entry.score = trend_score(entry.count, std::span(blocks).first(history), window);
}

}  // namespace rookery::hashtag_window
