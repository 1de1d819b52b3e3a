// The part of KeyCells that bounds what a closed pane takes.
#include <algorithm>

#include "services/hashtag-window/key_cells.hpp"

namespace rookery::hashtag_window {
namespace {

std::int64_t bytes_of(const AuthorSet& authors) {
  const std::size_t bytes = authors.is_sketch() ? AuthorSet::kRegisters
                                                : authors.hashes().size() * PackedPane::kHashBytes;
  return PackedPane::kCellBytes + static_cast<std::int64_t>(bytes);
}

/// So many cells fit in, whatever they are.
bool fits_surely(std::size_t cells, const PaneBudget::Allowance& may) {
  const auto count = static_cast<std::int64_t>(cells);
  return cells <= may.keys && count * may.of_cell.places <= may.left.places &&
         count * may.of_cell.bytes <= may.left.bytes;
}

}  // namespace

KeyCells::Trimmed KeyCells::trim(Pane pane, const PaneBudget::Allowance& may) {
  const auto sealed = sealed_.find(pane);
  if (sealed != sealed_.end() && !fits_surely(sealed->second.cells.size(), may)) open(pane);
  const auto found = open_.find(pane);
  if (found == open_.end() || fits(found->second, may)) return {};
  Cut cut{.may = may, .left = may.left, .stay = {}, .trimmed = {}};
  for (const Group& group : groups_of(found->second)) {
    if (cut.kept < may.keys && !cut.full && keep(group, cut)) {
      ++cut.kept;
      continue;
    }
    ++cut.trimmed.keys;
    for (const std::uint32_t cell : cells_of(group)) remove(cell);
  }
  if (cut.stay.empty()) {
    open_.erase(found);
  } else {
    found->second = std::move(cut.stay);
  }
  return cut.trimmed;
}

/// Whether all cells fit in; a name that several of them have is taken for several.
bool KeyCells::fits(const std::vector<std::uint32_t>& cells,
                    const PaneBudget::Allowance& may) const {
  if (fits_surely(cells.size(), may)) return true;
  if (cells.size() > may.keys) return false;
  PaneBudget::Room takes;
  for (const std::uint32_t index : cells) {
    const Cell& cell = pool_[index];
    takes.places += keys_.places_beyond(cell.key, may.span);
    if (cell.spelling != cell.key) takes.places += keys_.places_beyond(cell.spelling, may.span);
    takes.bytes += bytes_of(cell.authors);
  }
  return takes.places <= may.left.places && takes.bytes <= may.left.bytes;
}

/// The cells by key: first those with the most posts, of equal ones those that come first. Within
/// a key that of the key as it is comes first, then the spellings in the same order.
std::vector<KeyCells::Group> KeyCells::groups_of(const std::vector<std::uint32_t>& cells) {
  order_.clear();
  for (const std::uint32_t index : cells) order_.emplace_back(pool_[index].key, index);
  std::sort(order_.begin(), order_.end(), [&](const auto& a, const auto& b) {
    if (a.first != b.first) return a.first < b.first;
    const Cell& left = pool_[a.second];
    const Cell& right = pool_[b.second];
    const bool left_is_key = left.spelling == left.key;
    if (left_is_key != (right.spelling == right.key)) return left_is_key;
    return left.count != right.count ? left.count > right.count
                                     : text(left.spelling) < text(right.spelling);
  });
  std::vector<Group> groups;
  for (std::size_t i = 0; i < order_.size(); ++i) {
    if (i == 0 || order_[i].first != order_[i - 1].first) groups.push_back({.begin = i});
    ++groups.back().size;
    groups.back().count += pool_[order_[i].second].count;
  }
  std::sort(groups.begin(), groups.end(), [&](const Group& a, const Group& b) {
    if (a.count != b.count) return a.count > b.count;
    return text(static_cast<std::uint32_t>(order_[a.begin].first)) <
           text(static_cast<std::uint32_t>(order_[b.begin].first));
  });
  return groups;
}

std::vector<std::uint32_t> KeyCells::cells_of(const Group& group) const {
  std::vector<std::uint32_t> cells;
  for (std::size_t i = 0; i < group.size; ++i) cells.push_back(order_[group.begin + i].second);
  return cells;
}

/// Keeps a key, if there is room for it: with those of its spellings that have some, the posts of
/// others count for it as it is. Else its cells are left for the caller to remove.
bool KeyCells::keep(const Group& group, Cut& cut) {
  const std::vector<std::uint32_t> cells = cells_of(group);
  std::int64_t places = keys_.places_beyond(pool_[cells.front()].key, cut.may.span);
  if (places > cut.left.places) return false;
  std::vector<std::uint32_t> kept;
  std::vector<std::uint32_t> unplaced;
  for (const std::uint32_t index : cells) {
    const Cell& cell = pool_[index];
    const std::int64_t more =
        cell.spelling == cell.key ? 0 : keys_.places_beyond(cell.spelling, cut.may.span);
    const bool fits = places + more <= cut.left.places;
    if (fits) places += more;
    (fits ? kept : unplaced).push_back(index);
  }
  const auto bytes = bytes_together(kept, unplaced, cut.may.exact_max);
  if (bytes > cut.left.bytes) {
    cut.full = true;
    return false;
  }
  for (const std::uint32_t index : unplaced) count_as_it_is(index, kept, cut.may.exact_max);
  cut.trimmed.spellings += unplaced.size();
  cut.left.places -= places;
  cut.left.bytes -= bytes;
  cut.stay.insert(cut.stay.end(), kept.begin(), kept.end());
  return true;
}

/// What the cells of a key take when `unplaced` have become one, that of the key as it is.
std::int64_t KeyCells::bytes_together(const std::vector<std::uint32_t>& kept,
                                      const std::vector<std::uint32_t>& unplaced,
                                      std::size_t exact_max) {
  std::int64_t bytes = 0;
  joined_.clear();
  for (const std::uint32_t index : kept) {
    const Cell& cell = pool_[index];
    const bool joins = !unplaced.empty() && cell.spelling == cell.key;
    joins ? joined_.merge(cell.authors, exact_max) : void(bytes += bytes_of(cell.authors));
  }
  for (const std::uint32_t index : unplaced) joined_.merge(pool_[index].authors, exact_max);
  return unplaced.empty() ? bytes : bytes + bytes_of(joined_);
}

void KeyCells::count_as_it_is(std::uint32_t index, std::vector<std::uint32_t>& kept,
                              std::size_t exact_max) {
  Cell& cell = pool_[index];
  const Name name{cell.key, cell.spelling};
  const auto own = std::find_if(kept.begin(), kept.end(),
                                [&](std::uint32_t i) { return pool_[i].spelling == name.key; });
  if (own == kept.end()) {
    cell.spelling = name.key;
    keys_.keep({name.key, name.key});
    keys_.release(name);
    kept.push_back(index);
    return;
  }
  Cell& to = pool_[*own];
  to.count += cell.count;
  to.sentiment += cell.sentiment;
  to.times.merge(cell.times);
  to.authors.merge(cell.authors, exact_max);
  remove(index);
}

void KeyCells::remove(std::uint32_t index) {
  const Name name{pool_[index].key, pool_[index].spelling};
  unlink(index);
  keys_.release(name);
}

PaneBudget::Room KeyCells::charge(Pane pane, std::int32_t span) {
  PaneBudget::Room takes;
  const auto found = sealed_.find(pane);
  if (found == sealed_.end()) return takes;
  found->second.cells.each([&](const CellSums& cell, const PackedPane::Authors& authors) {
    takes.bytes += PackedPane::kCellBytes + static_cast<std::int64_t>(authors.size());
    takes.places += keys_.take_places(cell.key, span);
    if (cell.spelling != cell.key) takes.places += keys_.take_places(cell.spelling, span);
  });
  return takes;
}

}  // namespace rookery::hashtag_window
