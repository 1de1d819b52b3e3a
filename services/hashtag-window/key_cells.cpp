#include "services/hashtag-window/key_cells.hpp"

#include <algorithm>
#include <unordered_map>

namespace rookery::hashtag_window {
namespace {

/// How many cells ahead memory is fetched: those of one pane lie anywhere.
constexpr std::size_t kAhead = 16;

}  // namespace

Cell& KeyCells::cell(std::string_view key, std::string_view spelling, Pane pane) {
  if (!sealed_.empty() && pane <= sealed_.rbegin()->first) open(pane);
  const Name name = keys_.name_of(key, spelling);
  std::uint32_t newer = kNone;
  std::uint32_t older = keys_.newest(name.key);
  while (older != kNone && pool_[older].pane > pane) {
    newer = older;
    older = pool_[older].older;
  }
  for (std::uint32_t i = older; i != kNone && pool_[i].pane == pane; i = pool_[i].older) {
    if (pool_[i].spelling == name.spelling) return pool_[i];
  }
  keys_.keep(name);
  return make_cell(name, pane, newer, older);
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
    order_.emplace_back(std::uint64_t{cell.key} << 32U | cell.spelling, found->second[i]);
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
  Sealed& sealed = sealed_[pane];
  sealed.cells = packer_.finish();
  sealed_bytes_ += sealed.cells.bytes();
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
    std::uint32_t newer = kNone;
    std::uint32_t older = keys_.newest(sums.key);
    while (older != kNone && pool_[older].pane > pane) {
      newer = older;
      older = pool_[older].older;
    }
    Cell& cell = make_cell({sums.key, sums.spelling}, pane, newer, older);
    static_cast<CellSums&>(cell) = sums;
    // A set that was packed holds no more than the bound, whatever that is.
    authors.add_to(cell.authors, AuthorSet::kRegisters);
    const auto changed = sealed.changes.find({sums.key, sums.spelling});
    if (changed == sealed.changes.end()) return;
    cell.count += changed->second.count;
    cell.sentiment += changed->second.sentiment;
  });
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

std::size_t KeyCells::trim(Pane pane, std::size_t max) {
  const auto sealed = sealed_.find(pane);
  if (sealed != sealed_.end() && sealed->second.cells.size() > max) open(pane);
  const auto found = open_.find(pane);
  if (found == open_.end() || found->second.size() <= max) return 0;
  std::unordered_map<std::uint32_t, std::int64_t> counts;
  for (const std::uint32_t index : found->second) counts[pool_[index].key] += pool_[index].count;
  if (counts.size() <= max) return 0;
  std::vector<std::pair<std::int64_t, std::uint32_t>> order;
  for (const auto& [key, count] : counts) order.emplace_back(-count, key);
  const auto border = order.begin() + static_cast<std::ptrdiff_t>(max);
  std::nth_element(order.begin(), border, order.end(), [&](const auto& a, const auto& b) {
    return a.first != b.first ? a.first < b.first : text(a.second) < text(b.second);
  });
  for (auto at = order.begin(); at != border; ++at) counts.erase(at->second);  // They stay.
  std::erase_if(found->second, [&](std::uint32_t index) {
    const Name name{pool_[index].key, pool_[index].spelling};
    if (!counts.contains(name.key)) return false;
    unlink(index);
    keys_.release(name);
    return true;
  });
  return counts.size();
}

void KeyCells::unlink(std::uint32_t index) {
  Cell& cell = pool_[index];
  (cell.newer == kNone ? keys_.newest(cell.key) : pool_[cell.newer].older) = cell.older;
  if (cell.older != kNone) pool_[cell.older].newer = cell.newer;
  cell.authors = AuthorSet();
  free_cells_.push_back(index);
}

std::size_t KeyCells::bytes() const {
  return keys_.bytes() + pool_.bytes() + sealed_bytes_;
}

}  // namespace rookery::hashtag_window
