#include "services/hashtag-window/key_cells.hpp"

#include <utility>

#include "services/hashtag-window/hashing.hpp"

namespace rookery::hashtag_window {

Cell& KeyCells::cell(std::string_view key, Pane pane) {
  const std::uint32_t number = number_of(key);
  std::uint32_t older = keys_[number].newest;
  while (older != kNone && pool_[older].pane > pane) older = pool_[older].older;
  if (older != kNone && pool_[older].pane == pane) return pool_[older];

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
  cell.key = number;
  link(index, older);
  ++keys_[number].users;

  auto [at, made] = panes_.try_emplace(pane);
  if (made && !free_panes_.empty()) {
    at->second = std::move(free_panes_.back());
    free_panes_.pop_back();
  }
  at->second.push_back(index);
  return cell;
}

Cell* KeyCells::find(std::uint32_t key, Pane pane) {
  std::uint32_t index = keys_[key].newest;
  while (index != kNone && pool_[index].pane > pane) index = pool_[index].older;
  return index != kNone && pool_[index].pane == pane ? &pool_[index] : nullptr;
}

std::uint32_t KeyCells::hold(std::string_view key) {
  const std::uint32_t number = number_of(key);
  ++keys_[number].users;
  return number;
}

void KeyCells::release(std::uint32_t key) {
  if (--keys_[key].users != 0) return;
  index_.erase(keys_[key].hash, key);
  free_keys_.push_back(key);
}

void KeyCells::drop_through(Pane pane) {
  while (!panes_.empty() && panes_.begin()->first <= pane) {
    auto cells = std::move(panes_.begin()->second);
    panes_.erase(panes_.begin());
    for (const std::uint32_t index : cells) {
      // Panes go oldest first, so the cell is the end of its key's chain.
      Cell& cell = pool_[index];
      Key& key = keys_[cell.key];
      key.oldest = cell.newer;
      (cell.newer == kNone ? key.newest : pool_[cell.newer].older) = kNone;
      cell.authors = AuthorSet();
      free_cells_.push_back(index);
      release(cell.key);
    }
    cells.clear();
    free_panes_.push_back(std::move(cells));
  }
}

std::uint32_t KeyCells::number_of(std::string_view text) {
  const std::uint64_t hash = stable_hash(text);
  const auto known = index_.find(hash, [&](std::uint32_t i) { return keys_[i].text == text; });
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
