#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "services/hashtag-window/settings.hpp"

namespace rookery::simulation {

/// A post or a deletion, of one of its keys.
struct Item {
  using Key = std::pair<std::string, std::string>;  // Dimension, key.

  Key key;
  std::string spelling;
  hashtag_window::Pane pane = 0;
  hashtag_window::Pane from = 0;
  std::int64_t count = 0;
  std::int64_t sentiment = 0;
  std::optional<std::uint64_t> author;
  std::int64_t ms = 0;  // When it was written.
};

/// Dimension and partition of window_partials.
using Share = std::pair<std::string, std::uint64_t>;

Share share_of(const Item::Key& key, const hashtag_window::Settings& settings);

/// What closed panes may keep, computed from the definition alone: pane by pane, from the first
/// post on. Of each pane so many keys; of each aligned quarter of what is kept so many names that
/// were not in it before, and so many bytes.
class Bounds {
 public:
  explicit Bounds(const hashtag_window::Settings& settings) : settings_(settings) {}

  /// Takes what is beyond the bounds out of the items of `pane`, which come in their order; what is
  /// in a spelling without a place becomes the key's as it is. Returns the shares that lost some.
  std::set<Share> trim(std::vector<Item*>& items, hashtag_window::Pane pane);

 private:
  using Spellings = std::map<std::string, std::vector<Item*>>;
  struct Spent {
    std::set<std::string> names;  // A key, or a key, a zero and a spelling.
    std::int64_t places = 0;
    std::int64_t bytes = 0;
  };
  struct Room {
    std::int64_t places = 0;
    std::int64_t bytes = 0;
    std::size_t keys = 0;
  };

  /// Whether the key of these items finds room; `lost` where one of its spellings does not.
  bool place(const std::string& key, const Spellings& spellings, Spent& spent, Room& room,
             bool& lost) const;
  [[nodiscard]] std::int64_t bytes_of(const std::set<std::uint64_t>& authors) const;

  const hashtag_window::Settings& settings_;
  std::map<std::pair<Share, hashtag_window::Pane>, Spent> spent_;  // By share and quarter.
};

}  // namespace rookery::simulation
