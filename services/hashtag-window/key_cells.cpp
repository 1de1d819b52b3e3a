#include "services/hashtag-window/key_cells.hpp"

#include <algorithm>

namespace rookery::hashtag_window {
namespace {

/// How many cells ahead memory is fetched: those of one pane lie anywhere.
constexpr std::size_t kAhead = 16;

std::uint64_t order_of(const CellSums& cell) {
  return std::uint64_t{cell.key} << 32U | cell.spelling;
}

}  // namespace

Cell& KeyCells::cell(std::string_view key, std::string_view spelling, Pane pane) {
  if (!sealed_.empty() && pane <= sealed_.rbegin()->first) open(pane);
  const Name name = keys_.name_of(key, spelling);
  const auto [newer, older] = around(name.key, pane);
  for (std::uint32_t i = older; i != kNone && pool_[i].pane == pane; i = pool_[i].older) {
    if (pool_[i].spelling != name.spelling) continue;
    keys_.recent(name.key) = i;
    return pool_[i];
  }
  keys_.keep(name);
  return make_cell(name, pane, newer, older);
}

/// The last open cell of `key` behind `pane`, and the one after it, which is of `pane` or older.
/// The search begins where the last one ended: in a catch-up a hundred panes are open, and each
/// source partition goes through some of them.
std::pair<std::uint32_t, std::uint32_t> KeyCells::around(std::uint32_t key, Pane pane) {
  std::uint32_t at = keys_.recent(key);
  if (at == kNone) return {kNone, kNone};
  while (pool_[at].pane <= pane) {
    if (pool_[at].newer == kNone) return {kNone, at};
    at = pool_[at].newer;
  }
  std::uint32_t older = pool_[at].older;
  while (older != kNone && pool_[older].pane > pane) {
    at = older;
    older = pool_[at].older;
  }
  return {at, older};
}

Cell& KeyCells::make_cell(Name name, Pane pane, std::uint32_t newer, std::uint32_t older) {
  std::uint32_t index = 0;
  if (free_cells_.empty()) {
    index = static_cast<std::uint32_t>(pool_.size());
    pool_.grow(index + std::size_t{1});
  } else {
    index = free_cells_.back();
    free_cells_.pop_back();
  }
  Cell& cell = pool_[index];
  static_cast<CellSums&>(cell) = {.key = name.key, .spelling = name.spelling};
  cell.pane = pane;
  cell.newer = newer;
  cell.older = older;
  (newer == kNone ? keys_.newest(name.key) : pool_[newer].older) = index;
  if (older != kNone) pool_[older].newer = index;
  keys_.recent(name.key) = index;
  open_[pane].push_back(index);
  return cell;
}

KeyCells::Name KeyCells::hold(std::string_view key, std::string_view spelling) {
  const Name name = keys_.name_of(key, spelling);
  keys_.keep(name);
  return name;
}

void KeyCells::seal(Pane pane) {
  const auto found = open_.find(pane);
  if (found == open_.end()) return;
  order_.clear();
  for (std::size_t i = 0; i < found->second.size(); ++i) {
    if (i + kAhead < found->second.size()) pool_.prefetch(found->second[i + kAhead]);
    const Cell& cell = pool_[found->second[i]];
    order_.emplace_back(order_of(cell), found->second[i]);
  }
  std::sort(order_.begin(), order_.end());
  for (std::size_t i = 0; i < order_.size(); ++i) {
    if (i + kAhead < order_.size()) {
      pool_.prefetch(order_[i + kAhead].second);
      keys_.prefetch(static_cast<std::uint32_t>(order_[i + kAhead].first >> 32U));
    }
    const Cell& cell = pool_[order_[i].second];
    packer_.add(cell, cell.authors);
    unlink(order_[i].second);
  }
  open_.erase(found);
  put_sealed(pane);
}

/// Of what is in the packer.
void KeyCells::put_sealed(Pane pane) {
  Sealed& sealed = sealed_[pane];
  sealed.cells = packer_.finish();
  sealed_bytes_ += sealed.cells.bytes();
}

void KeyCells::fold(Pane begin, Pane end, std::chrono::milliseconds pane, std::size_t exact_max) {
  const auto first = sealed_.lower_bound(begin);
  const auto last = sealed_.lower_bound(end);
  if (first == last || (first->first == begin && std::next(first) == last)) return;
  parts_.clear();
  order_.clear();
  for (auto at = first; at != last; ++at) {
    const auto later = static_cast<std::uint32_t>((at->first - begin) * pane.count());
    at->second.cells.each([&](CellSums cell, const PackedPane::Authors& authors) {
      at->second.apply_changes(cell);
      if (cell.times.any()) {
        cell.times.first += later;
        cell.times.last += later;
      }
      order_.emplace_back(order_of(cell), static_cast<std::uint32_t>(parts_.size()));
      parts_.push_back({cell, authors});
    });
    sealed_bytes_ -= at->second.cells.bytes();
  }
  std::sort(order_.begin(), order_.end());
  for (std::size_t i = 0; i < order_.size();) {
    std::size_t next = i + 1;
    while (next < order_.size() && order_[next].first == order_[i].first) ++next;
    put_joined(std::span(order_).subspan(i, next - i), exact_max);
    i = next;
  }
  sealed_.erase(first, last);  // The parts point into them until here.
  put_sealed(begin);
}

/// Packs cells of one key in one spelling as one.
void KeyCells::put_joined(std::span<const std::pair<std::uint64_t, std::uint32_t>> same,
                          std::size_t exact_max) {
  const Part& first = parts_[same.front().second];
  if (same.size() == 1) return packer_.add(first.cell, first.authors);
  CellSums sums = first.cell;
  joined_.clear();
  first.authors.add_to(joined_, exact_max);
  for (const auto& [order, index] : same.subspan(1)) {
    const Part& part = parts_[index];
    sums.count += part.cell.count;
    sums.sentiment += part.cell.sentiment;
    sums.times.merge(part.cell.times);
    part.authors.add_to(joined_, exact_max);
    keys_.release({part.cell.key, part.cell.spelling});
  }
  packer_.add(sums, joined_);
}

void KeyCells::seal_below(Pane pane) {
  while (!open_.empty() && open_.begin()->first < pane) seal(open_.begin()->first);
}

/// The contrary of seal(). Numbers stay kept.
void KeyCells::open(Pane pane) {
  const auto found = sealed_.find(pane);
  if (found == sealed_.end()) return;
  const Sealed sealed = std::move(found->second);
  sealed_bytes_ -= sealed.cells.bytes();
  sealed_.erase(found);
  sealed.cells.each([&](const CellSums& sums, const PackedPane::Authors& authors) {
    const auto [newer, older] = around(sums.key, pane);
    Cell& cell = make_cell({sums.key, sums.spelling}, pane, newer, older);
    static_cast<CellSums&>(cell) = sums;
    // A set that was packed holds no more than the bound, whatever that is.
    authors.add_to(cell.authors, AuthorSet::kRegisters);
    sealed.apply_changes(cell);
  });
}

void KeyCells::Sealed::apply_changes(CellSums& cell) const {
  if (changes.empty()) return;
  const auto changed = changes.find({cell.key, cell.spelling});
  if (changed == changes.end()) return;
  cell.count += changed->second.count;
  cell.sentiment += changed->second.sentiment;
}

void KeyCells::load(Pane pane, const std::vector<LoadedCell>& cells) {
  order_.clear();
  for (const auto& [cell, authors] : cells) {
    order_.emplace_back(order_of(cell), static_cast<std::uint32_t>(order_.size()));
  }
  if (!std::is_sorted(order_.begin(), order_.end())) std::sort(order_.begin(), order_.end());
  for (std::size_t i = 0; i < order_.size(); ++i) {
    if (i + kAhead < order_.size()) {
      keys_.prefetch(static_cast<std::uint32_t>(order_[i + kAhead].first >> 32U));
    }
    const auto& [cell, authors] = cells[order_[i].second];
    keys_.keep({cell.key, cell.spelling});
    packer_.add(cell, authors);
  }
  put_sealed(pane);
}

std::size_t KeyCells::sealed_bytes(Pane pane) const {
  const auto found = sealed_.find(pane);
  return found == sealed_.end() ? 0 : found->second.cells.bytes();
}

bool KeyCells::change(Name name, Pane pane, std::int64_t count, std::int64_t sentiment) {
  const auto found = sealed_.find(pane);
  if (found == sealed_.end()) return change_open(name, pane, count, sentiment);
  bool there = false;
  found->second.cells.each_of(name.key,
                              [&](const CellSums& cell, const PackedPane::Authors& /*authors*/) {
                                there = there || cell.spelling == name.spelling;
                              });
  if (!there) return false;
  const auto [at, made] = found->second.changes.try_emplace({name.key, name.spelling});
  at->second.count += count;
  at->second.sentiment += sentiment;
  if (at->second.count == 0 && at->second.sentiment == 0) found->second.changes.erase(at);
  return true;
}

bool KeyCells::change_open(Name name, Pane pane, std::int64_t count, std::int64_t sentiment) {
  std::uint32_t index = keys_.newest(name.key);
  while (index != kNone && pool_[index].pane > pane) index = pool_[index].older;
  for (; index != kNone && pool_[index].pane == pane; index = pool_[index].older) {
    Cell& cell = pool_[index];
    if (cell.spelling != name.spelling) continue;
    cell.count += count;
    cell.sentiment += sentiment;
    return true;
  }
  return false;
}

void KeyCells::drop_through(Pane pane) {
  while (!open_.empty() && open_.begin()->first <= pane) seal(open_.begin()->first);
  while (!sealed_.empty() && sealed_.begin()->first <= pane) {
    const PackedPane& cells = sealed_.begin()->second.cells;
    names_.clear();
    cells.each([&](const CellSums& cell, const PackedPane::Authors& /*authors*/) {
      names_.push_back({cell.key, cell.spelling});
    });
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (i + kAhead < names_.size()) keys_.prefetch(names_[i + kAhead].key);
      keys_.release(names_[i]);
    }
    sealed_bytes_ -= cells.bytes();
    sealed_.erase(sealed_.begin());
  }
}

void KeyCells::unlink(std::uint32_t index) {
  Cell& cell = pool_[index];
  (cell.newer == kNone ? keys_.newest(cell.key) : pool_[cell.newer].older) = cell.older;
  if (cell.older != kNone) pool_[cell.older].newer = cell.newer;
  if (keys_.recent(cell.key) == index) {
    keys_.recent(cell.key) = cell.newer != kNone ? cell.newer : cell.older;
  }
  cell.authors = AuthorSet();
  free_cells_.push_back(index);
}

std::size_t KeyCells::bytes() const {
  return keys_.bytes() + pool_.bytes() + sealed_bytes_;
}

}  // namespace rookery::hashtag_window
