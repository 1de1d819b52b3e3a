#include "services/hashtag-window/key_cells.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "services/hashtag-window/hashing.hpp"

namespace rookery::hashtag_window {

Cell& KeyCells::cell(std::string_view key, std::string_view spelling, Pane pane) {
  const Name name = name_of(key, spelling);
  std::uint32_t older = keys_[name.key].newest;
  while (older != kNone && pool_[older].pane > pane) older = pool_[older].older;
  for (std::uint32_t i = older; i != kNone && pool_[i].pane == pane; i = pool_[i].older) {
    if (pool_[i].spelling == name.spelling) return pool_[i];
  }

  std::uint32_t index = 0;
  if (free_cells_.empty()) {
    index = static_cast<std::uint32_t>(pool_.size());
    pool_.emplace_back();
  } else {
    index = free_cells_.back();
    free_cells_.pop_back();
  }
  Cell& cell = pool_[index];
  cell.count = 0;
  cell.sentiment = 0;
  cell.pane = pane;
  cell.key = name.key;
  cell.spelling = name.spelling;
  cell.times = Times();
  link(index, older);
  ++keys_[name.key].users;
  if (name.spelling != name.key) ++keys_[name.spelling].users;

  auto [at, made] = panes_.try_emplace(pane);
  if (made && !free_panes_.empty()) {
    at->second = std::move(free_panes_.back());
    free_panes_.pop_back();
  }
  at->second.push_back(index);
  return cell;
}

Cell* KeyCells::find(Name name, Pane pane) {
  std::uint32_t index = keys_[name.key].newest;
  while (index != kNone && pool_[index].pane > pane) index = pool_[index].older;
  for (; index != kNone && pool_[index].pane == pane; index = pool_[index].older) {
    if (pool_[index].spelling == name.spelling) return &pool_[index];
  }
  return nullptr;
}

KeyCells::Name KeyCells::hold(std::string_view key, std::string_view spelling) {
  const Name name = name_of(key, spelling);
  ++keys_[name.key].users;
  if (name.spelling != name.key) ++keys_[name.spelling].users;
  return name;
}

void KeyCells::release(Name name) {
  if (name.spelling != name.key) release(name.spelling);
  release(name.key);
}

void KeyCells::release(std::uint32_t number) {
  Key& key = keys_[number];
  if (--key.users != 0) return;
  index_.erase(key.hash, number);
  free_keys_.push_back(number);
  if (key.owner == kNone) {
    --live_keys_;
    return;
  }
  // Its key is released after it, so the list of spellings is still there.
  std::uint32_t* link = &keys_[key.owner].spellings;
  while (*link != number) link = &keys_[*link].spellings;
  *link = key.spellings;
}

void KeyCells::drop_through(Pane pane) {
  while (!panes_.empty() && panes_.begin()->first <= pane) {
    auto cells = std::move(panes_.begin()->second);
    panes_.erase(panes_.begin());
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (i + kAhead < cells.size()) __builtin_prefetch(&pool_[cells[i + kAhead]]);
      if (i + kAhead / 2 < cells.size()) {
        __builtin_prefetch(&keys_[pool_[cells[i + kAhead / 2]].key]);
      }
      unlink(cells[i]);
    }
    cells.clear();
    free_panes_.push_back(std::move(cells));
  }
}

std::size_t KeyCells::trim(Pane pane, std::size_t max) {
  const auto found = panes_.find(pane);
  if (found == panes_.end() || found->second.size() <= max) return 0;
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
    if (!counts.contains(pool_[index].key)) return false;
    unlink(index);
    return true;
  });
  return counts.size();
}

void KeyCells::unlink(std::uint32_t index) {
  Cell& cell = pool_[index];
  Key& key = keys_[cell.key];
  (cell.newer == kNone ? key.newest : pool_[cell.newer].older) = cell.older;
  (cell.older == kNone ? key.oldest : pool_[cell.older].newer) = cell.newer;
  cell.authors = AuthorSet();
  free_cells_.push_back(index);
  release(Name{cell.key, cell.spelling});
}

KeyCells::Name KeyCells::name_of(std::string_view key, std::string_view spelling) {
  const std::uint32_t number = number_of(key, kNone);
  return {number, spelling.empty() ? number : number_of(spelling, number)};
}

std::uint32_t KeyCells::number_of(std::string_view text, std::uint32_t owner) {
  const std::uint64_t hash = stable_hash(text, owner == kNone ? 0 : keys_[owner].hash);
  const auto known = index_.find(
      hash, [&](std::uint32_t i) { return keys_[i].owner == owner && keys_[i].text == text; });
  if (known) return *known;
  std::uint32_t number = 0;
  if (free_keys_.empty()) {
    number = static_cast<std::uint32_t>(keys_.size());
    keys_.emplace_back();
  } else {
    number = free_keys_.back();
    free_keys_.pop_back();
  }
  Key& key = keys_[number];
  key.text.assign(text);
  key.hash = hash;
  key.owner = owner;
  key.spellings = kNone;
  if (owner == kNone) {
    ++live_keys_;
  } else {
    key.spellings = std::exchange(keys_[owner].spellings, number);
  }
  index_.insert(hash, number);
  return number;
}

void KeyCells::link(std::uint32_t index, std::uint32_t older) {
  Cell& cell = pool_[index];
  Key& key = keys_[cell.key];
  cell.older = older;
  cell.newer = older == kNone ? key.oldest : pool_[older].newer;
  (cell.newer == kNone ? key.newest : pool_[cell.newer].older) = index;
  (older == kNone ? key.oldest : pool_[older].newer) = index;
}

}  // namespace rookery::hashtag_window
