#include "tests/unit/services/hashtag-window/simulation/oracle_bounds.hpp"

#include <algorithm>

#include "services/hashtag-window/sums.hpp"

namespace rookery::simulation {
namespace {

using hashtag_window::Pane;
using hashtag_window::Settings;

std::int64_t count_of(const std::vector<Item*>& items) {
  std::int64_t count = 0;
  for (const Item* item : items) count += item->count;
  return count;
}

void add_authors(const std::vector<Item*>& items, std::set<std::uint64_t>& authors) {
  for (const Item* item : items) {
    if (item->author) authors.insert(*item->author);
  }
}

std::int64_t places_of(std::size_t bytes) {
  return static_cast<std::int64_t>(1 + bytes / 32);
}

}  // namespace

Share share_of(const Item::Key& key, const Settings& settings) {
  const auto dimension = *hashtag_window::dimension_named(key.first);
  return {key.first, hashtag_window::key_hash(dimension, key.second) %
                         static_cast<std::uint64_t>(settings.partial_partitions)};
}

std::int64_t Bounds::bytes_of(const std::set<std::uint64_t>& authors) const {
  if (authors.size() > settings_.authors_exact_max) return 8 + 256;
  return 8 + 5 * static_cast<std::int64_t>(authors.size());
}

std::set<Share> Bounds::trim(std::vector<Item*>& items, Pane pane) {
  std::map<Share, std::map<std::string, Spellings>> shares;
  for (Item* item : items) {
    if (item->from != pane) continue;
    shares[share_of(item->key, settings_)][item->key.second][item->spelling].push_back(item);
  }
  std::set<Share> trimmed;
  std::set<Item::Key> gone;
  std::set<std::pair<Item::Key, std::string>> kept;
  const std::int64_t quarter = settings_.span;
  const Pane begin = hashtag_window::floor_to(pane, quarter);
  for (const auto& [share, keys] : shares) {
    std::multimap<std::pair<std::int64_t, std::string>, const Spellings*> order;
    for (const auto& [key, spellings] : keys) {
      std::int64_t count = 0;
      for (const auto& [spelling, list] : spellings) count += count_of(list);
      order.emplace(std::pair(-count, key), &spellings);
    }
    Spent& spent = spent_[{share, begin}];
    const std::int64_t all =
        std::max<std::int64_t>(settings_.window_keys_max * quarter / settings_.keep, 1);
    const auto until_now = [&](std::int64_t whole) {
      return whole * (3 * quarter + pane - begin + 1) / (4 * quarter);
    };
    Room room{.places = until_now(all),
              .bytes = until_now(all * settings_.place_cell_bytes),
              .keys = settings_.pane_keys_max};
    for (const auto& [rank, spellings] : order) {
      bool lost = false;
      const bool stays = place(rank.second, *spellings, spent, room, lost);
      if (!stays) gone.emplace(share.first, rank.second);
      if (!stays || lost) trimmed.insert(share);
      for (const auto& [spelling, list] : *spellings) kept.emplace(list[0]->key, list[0]->spelling);
    }
  }
  std::erase_if(items, [&](const Item* item) { return gone.contains(item->key); });
  for (Item* item : items) {  // Later deletions: those of a spelling that found no place.
    if (!kept.contains({item->key, item->spelling})) item->spelling = item->key.second;
  }
  return trimmed;
}

bool Bounds::place(const std::string& key, const Spellings& spellings, Spent& spent, Room& room,
                   bool& lost) const {
  std::set<std::string> names;
  std::int64_t places = 0;
  const auto take = [&](const std::string& name, std::size_t bytes) {
    const std::int64_t more = spent.names.contains(name) ? 0 : places_of(bytes);
    if (spent.places + places + more > room.places) return false;
    places += more;
    names.insert(name);
    return true;
  };
  if (room.keys == 0 || !take(key, key.size())) return false;
  std::vector<std::pair<std::int64_t, std::string>> order;
  for (const auto& [spelling, list] : spellings) {
    if (spelling != key) order.emplace_back(-count_of(list), spelling);
  }
  std::sort(order.begin(), order.end());
  std::map<std::string, std::set<std::uint64_t>> authors;
  if (spellings.contains(key)) add_authors(spellings.at(key), authors[key]);
  std::set<std::string> without;
  for (const auto& [count, spelling] : order) {
    const bool placed =
        take(std::string(key).append(1, '\0').append(spelling), key.size() + spelling.size());
    if (!placed) without.insert(spelling);
    add_authors(spellings.at(spelling), authors[placed ? spelling : key]);
  }
  std::int64_t bytes = 0;
  for (const auto& [spelling, set] : authors) bytes += bytes_of(set);
  if (spent.bytes + bytes > room.bytes) {
    room.keys = 0;  // Nor does any later one.
    return false;
  }
  for (const std::string& spelling : without) {
    for (Item* item : spellings.at(spelling)) item->spelling = key;
  }
  lost = !without.empty();
  spent.names.merge(names);
  spent.places += places;
  spent.bytes += bytes;
  --room.keys;
  return true;
}

}  // namespace rookery::simulation
