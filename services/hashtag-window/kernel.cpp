#include "services/hashtag-window/kernel.hpp"

#include <algorithm>
#include <limits>

#include "common/core/fault.hpp"
#include "services/hashtag-window/pane_snapshot.hpp"

namespace rookery::hashtag_window {
namespace {

/// Of what save() gives at once: in base64 below the 16 MiB that window_panes takes.
constexpr std::size_t kSavedBytesMax = 6U << 20U;

}  // namespace

WindowKernel::WindowKernel(const Settings& settings)
    : settings_(settings),
      totals_(settings.windows.size()),
      history_(settings),
      budget_(settings) {}

void WindowKernel::add(const Partial& partial, const AuthorSet& authors) {
  Cell& cell = cells_.cell(partial.key, partial.spelling, partial.pane);
  cell.count += partial.count;
  cell.sentiment += partial.sentiment;
  cell.times.merge(partial.times);
  cell.authors.merge(authors, settings_.authors_exact_max);
}

void WindowKernel::add_later(const Partial& partial) {
  deferred_[partial.from].push_back(
      {cells_.hold(partial.key, partial.spelling), partial.pane, partial.count, partial.sentiment});
}

void WindowKernel::rebuild(Pane closed) {
  settle_below(closed);
  while (!deferred_.empty() && deferred_.begin()->first < closed) {
    const Pane from = deferred_.begin()->first;
    // As no totals are there yet, none is changed.
    apply_deferred(from, std::numeric_limits<Pane>::max());
  }
  fold_settled(closed);
  for (std::size_t i = 0; i < totals_.size(); ++i) {
    Pane begin = closed - settings_.windows[i].length;
    if (begin < folded_until_) begin = floor_to(begin, settings_.fold);  // See leave_pane().
    for (auto pane = cells_.next_sealed(begin); pane && *pane < closed;
         pane = cells_.next_sealed(*pane + 1)) {
      count_pane(totals_[i], *pane, 1);
    }
  }
}

void WindowKernel::save(Pane begin, Pane end, const std::function<std::int64_t(Pane)>& first_of,
                        const std::function<void(std::string bytes)>& give) const {
  const auto facts = [&](Pane pane) {
    const auto trimmed = trimmed_.find(pane);
    const auto charged = charged_.find(pane);
    PaneFacts told{.first = first_of(pane)};
    if (charged != charged_.end()) told.charged = static_cast<std::uint64_t>(charged->second);
    if (trimmed == trimmed_.end()) return told;
    told.dropped = planted_mistake("snapshot_without_refusals")
                       ? trimmed->second
                       : std::max<std::size_t>(trimmed->second, 1);
    return told;
  };
  save_panes(cells_, begin, end, kSavedBytesMax, facts, give);
}

bool WindowKernel::load(std::string_view bytes, Pane folded_until,
                        const std::function<void(Pane, std::int64_t first)>& tell) {
  folded_until_ = std::max(folded_until_, folded_until);
  return load_panes(cells_, bytes, [&](Pane pane, const PaneFacts& facts) {
    if (facts.dropped != 0) trimmed_[pane] = facts.dropped;
    if (facts.charged != 0) charged_[pane] = static_cast<std::int64_t>(facts.charged);
    loaded_until_ = std::max(loaded_until_, pane + 1);
    charge_loaded(pane, folded_until, facts);
    tell(pane, facts.first);
  });
}

/// Of a span that ended before the first pane that was not loaded nobody asks any more.
void WindowKernel::charge_loaded(Pane pane, Pane folded_until, const PaneFacts& facts) {
  const std::int32_t span = budget_.span_of(pane);
  if (folded_until != kNoPane && span < budget_.span_of(folded_until)) return;
  PaneBudget::Room takes = cells_.charge(pane, span);
  takes.bytes = planted_mistake("snapshot_charged_as_folded")
                    ? takes.bytes
                    : static_cast<std::int64_t>(facts.charged);
  if (planted_mistake("snapshot_without_charges")) return;
  budget_.spend(pane, takes);
}

void WindowKernel::slide(Pane end) {
  for (std::size_t i = 0; i < totals_.size(); ++i) {
    leave_pane(totals_[i], end - 1 - settings_.windows[i].length, -1);
  }
  settle(end - 1);
  apply_deferred(end - 1, end);
  for (Totals& totals : totals_) count_pane(totals, end - 1, 1);
  fold_settled(end);
}

void WindowKernel::drop_through(Pane pane) {
  cells_.drop_through(floor_to(pane + 1, settings_.fold) - 1);
  trimmed_.erase(trimmed_.begin(), trimmed_.upper_bound(pane));
  charged_.erase(charged_.begin(), charged_.upper_bound(pane));
  history_.forget_unused(pane + settings_.keep);
  while (!deferred_.empty() && deferred_.begin()->first <= pane) {
    for (const Deferred& later : deferred_.begin()->second) cells_.release(later.name);
    deferred_.erase(deferred_.begin());
  }
}

std::vector<std::uint32_t> WindowKernel::ranked(std::size_t index, std::size_t limit) {
  Totals& totals = totals_[index];
  const auto count_of = [&](std::uint32_t number) {
    return cells_.is_key(number) ? totals.of[number].count : 0;
  };
  std::vector<std::uint32_t> keys = totals.candidates.candidates(limit, totals.of.size(), count_of);
  const std::size_t size = std::min(limit, keys.size());
  std::partial_sort(keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(size), keys.end(),
                    [&](std::uint32_t a, std::uint32_t b) {
                      if (count_of(a) != count_of(b)) return count_of(a) > count_of(b);
                      return cells_.text(a) < cells_.text(b);
                    });
  keys.resize(size);
  return keys;
}

WindowTop WindowKernel::summary(std::size_t index, Pane end) const {
  const Total& all = totals_[index].all;
  const auto trimmed = trimmed_.lower_bound(end - settings_.windows[index].length);
  return {.total = all.count,
          .sentiment = all.sentiment,
          .approximate = trimmed != trimmed_.end() && trimmed->first < end,
          .top = {}};
}

WindowTop WindowKernel::top(std::size_t index, Pane end) {
  return top(index, end, end);
}

WindowTop WindowKernel::top(std::size_t index, Pane end, Pane closed) {
  WindowTop result = summary(index, end);
  for (const std::uint32_t key : ranked(index, settings_.windows[index].top_k)) {
    const Total& total = totals_[index].of[key];
    WindowTop::Entry& entry = result.top.emplace_back();
    entry.key = cells_.text(key);
    entry.count = total.count;
    entry.sentiment = total.sentiment;
    describe(index, end, closed, key, entry);
  }
  return result;
}

WindowTop WindowKernel::counts(std::size_t index, Pane end) {
  const std::size_t limit = settings_.windows[index].pairs_max();
  WindowTop result = summary(index, end);
  for (const std::uint32_t key : ranked(index, limit)) {
    WindowTop::Entry& entry = result.top.emplace_back();
    entry.key = cells_.text(key);
    entry.count = totals_[index].of[key].count;
  }
  // Whether there are more is not asked: the answer would depend on what the list of candidates
  // went through.
  if (result.top.size() == limit) result.missing_max = result.top.back().count;
  return result;
}

void WindowKernel::count_in(Totals& totals, KeyCells::Name name, std::int64_t count,
                            std::int64_t sentiment) {
  if (totals.of.size() < cells_.numbers()) totals.of.grow(cells_.numbers());
  Total& total = totals.of[name.key];
  total.count += count;
  total.sentiment += sentiment;
  totals.all.count += count;
  totals.all.sentiment += sentiment;
  if (count > 0) totals.candidates.raised(name.key, total.count);
  if (name.spelling != name.key) totals.of[name.spelling].count += count;
}

void WindowKernel::count_pane(Totals& totals, Pane pane, std::int64_t sign) {
  if (totals.of.size() < cells_.numbers()) totals.of.grow(cells_.numbers());
  counted_.clear();
  cells_.each_in(pane, [&](KeyCells::Name name, std::int64_t count, std::int64_t sentiment) {
    totals.of.prefetch(name.key);
    counted_.push_back({name, pane, sign * count, sign * sentiment});
  });
  for (const Deferred& one : counted_) count_in(totals, one.name, one.count, one.sentiment);
}

/// Counts the pane that a window leaves. A folded one goes as a whole, when the last of its panes
/// goes: a ranking is made then or later, as each folded pane begins and ends with a slide.
void WindowKernel::leave_pane(Totals& totals, Pane pane, std::int64_t sign) {
  if (pane >= folded_until_) return count_pane(totals, pane, sign);
  if ((pane + 1) % settings_.fold == 0) {
    count_pane(totals, pane + 1 - settings_.fold, sign);
  }
}

/// Folds what has settled, now that panes before `closed` are closed.
void WindowKernel::fold_settled(Pane closed) {
  if (settings_.fold == 1) return;
  const Pane until = floor_to(closed - settings_.settled, settings_.fold);
  for (auto pane = cells_.next_sealed(folded_until_); pane && *pane < until;
       pane = cells_.next_sealed(folded_until_)) {
    const Pane begin = floor_to(*pane, settings_.fold);
    folded_until_ = begin + settings_.fold;
    cells_.fold(begin, folded_until_, settings_.pane, settings_.authors_exact_max);
  }
  folded_until_ = std::max(folded_until_, until);
}

/// At the close of a pane, when all its posts are there, and before later deletions: a
/// function of the log alone. Panes come in their order.
void WindowKernel::settle(Pane pane) {
  const PaneBudget::Allowance may = budget_.allowance(pane);
  const KeyCells::Trimmed gone = cells_.trim(pane, may);
  if (gone.keys != 0 || gone.spellings != 0) trimmed_[pane] = gone.keys;
  cells_.seal(pane);
  const PaneBudget::Room takes = cells_.charge(pane, may.span);
  if (takes.bytes != 0) charged_[pane] = takes.bytes;
  budget_.spend(pane, takes);
  settled_until_ = pane + 1;
}

void WindowKernel::settle_below(Pane pane) {
  // What was loaded was trimmed when it was closed; folded, it may have more keys by now.
  for (auto next = cells_.next_pane(std::max(settled_until_, loaded_until_)); next && *next < pane;
       next = cells_.next_pane(settled_until_)) {
    settle(*next);
  }
  settled_until_ = std::max(settled_until_, pane);
}

/// Takes a deletion's posts from the cell that has them: of the spelling or, where that found no
/// place, of the key as it is. Tells which; absent where the key had to go.
std::optional<KeyCells::Name> WindowKernel::change(const Deferred& later, std::int64_t sign) {
  KeyCells::Name name = later.name;
  if (cells_.change(name, later.pane, sign * later.count, sign * later.sentiment)) return name;
  if (name.spelling == name.key || planted_mistake("unplaced_spelling_not_deleted")) return {};
  name.spelling = name.key;
  if (cells_.change(name, later.pane, sign * later.count, sign * later.sentiment)) return name;
  return {};
}

void WindowKernel::apply_deferred(Pane from, Pane end) {
  const auto found = deferred_.find(from);
  if (found == deferred_.end()) return;
  for (const Deferred& later : found->second) {
    if (const auto name = change(later, 1)) {
      for (std::size_t i = 0; i < totals_.size(); ++i) {
        if (later.pane < end - settings_.windows[i].length || later.pane >= end - 1) continue;
        count_in(totals_[i], *name, later.count, later.sentiment);
      }
    }
    cells_.release(later.name);
  }
  deferred_.erase(found);
}

void WindowKernel::describe(std::size_t window, Pane end, Pane closed, std::uint32_t key,
                            WindowTop::Entry& entry) {
  const KeyHistory::Reading& reading = history_.read(cells_, key, window, end, closed);
  // A post has one author: an estimate above the posts is known to be too high.
  entry.authors = std::min(reading.authors, static_cast<std::uint64_t>(entry.count));
  entry.seen = reading.seen;
  entry.newest = reading.newest;
  entry.past = reading.past;
  entry.yesterday = reading.yesterday;
  entry.spelling = spelling_of(totals_[window], key);
}

/// Of spellings that are equally frequent, the one whose bytes come first.
std::string_view WindowKernel::spelling_of(const Totals& totals, std::uint32_t key) const {
  std::int64_t left = totals.of[key].count;
  std::int64_t most = 0;
  std::string_view spelling;
  cells_.each_spelling(key, [&](std::uint32_t number) {
    if (number >= totals.of.size()) return;
    const std::int64_t count = totals.of[number].count;
    left -= count;
    const std::string_view text = cells_.text(number);
    if (count < most || count <= 0 || (count == most && spelling < text)) return;
    most = count;
    spelling = text;
  });
  const bool folded = left > most || (left == most && cells_.text(key) < spelling);
  return folded ? std::string_view() : spelling;
}

std::size_t WindowKernel::dropped_keys(Pane end) const {
  const auto found = trimmed_.find(end - 1);
  return found == trimmed_.end() ? 0 : found->second;
}

std::size_t WindowKernel::bytes() const {
  std::size_t bytes = cells_.bytes() + history_.bytes();
  for (const Totals& totals : totals_) {
    bytes += totals.of.bytes();
  }
  return bytes;
}

}  // namespace rookery::hashtag_window
