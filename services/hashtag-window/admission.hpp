#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "services/hashtag-window/deletion_index.hpp"
#include "services/hashtag-window/dimensions.hpp"
#include "services/hashtag-window/hash_index.hpp"
#include "services/hashtag-window/places.hpp"
#include "services/hashtag-window/settings.hpp"

namespace rookery::hashtag_window {

/// Which keys of one source partition's open panes are counted: of each pane and dimension those
/// that come first in the log, as long as there is room. So what open panes take is bounded, and
/// the choice is a function of the log: each pane's is independent of all others, deletions do not
/// change it, and an idle mark, which is in the log too, begins it anew. A restore makes it again
/// from the posts that it reads for the deletions.
///
/// As long as a pane has seen no more keys than it has places, each as often as it came, nothing
/// but their number is kept. Only then the names are taken from the index of deletions, which has
/// all posts of open panes, and each new key costs a look-up.
///
/// A key takes a place, and so does each of its spellings; one for each begun 32 bytes. Where a
/// spelling finds none, the post counts for the key as it is.
class Admission {
 public:
  /// What admit() refused of a dimension.
  struct Refusal {
    Dimension dimension;
    std::int64_t keys = 0;  ///< 0: spellings alone.
    bool first = false;     ///< Of the pane and the dimension, since the last forget().
  };

  /// `places_max`: of a pane and dimension. `index` has all posts of open panes since the last
  /// forget() that came before the one that is asked for. Both are the same in all calls.
  struct Limits {
    std::size_t places_max;
    const DeletionIndex& index;
  };

  /// The keys of the post at `offset` in `pane` that are counted, in their order. They hold until
  /// the next call, and as long as `keys` do.
  const std::vector<PostKeys::Key>& admit(Pane pane, std::int64_t offset,
                                          const std::vector<PostKeys::Key>& keys,
                                          const Limits& limits);
  [[nodiscard]] const std::vector<Refusal>& refusals() const { return refusals_; }

  /// Panes below `pane` are closed.
  void close_below(Pane pane);
  /// All panes begin anew.
  void forget();

  [[nodiscard]] std::size_t bytes() const;

  /// Of a deliberate mistake: makes room in `pane` for as many keys.
  void free_places(Pane pane, const std::vector<PostKeys::Key>& keys);

 private:
  /// A key as it is, or in a spelling.
  struct Name {
    std::size_t begin = 0;
    std::uint16_t key_size = 0;
    std::uint16_t spelling_size = 0;  ///< It lies behind the key.
    Dimension dimension{};
  };
  struct Room {
    Dimension dimension;
    std::size_t brought = 0;  ///< Places, if no key had come twice.
    std::size_t places = 0;   ///< That are taken, once there are names.
    bool refused = false;
  };
  struct Open {
    std::int64_t begin = 0;  ///< Offset of the first post.
    bool has_names = false;
    HashIndex index;
    std::vector<Name> names;
    std::string texts;
    std::vector<Room> rooms;

    [[nodiscard]] bool has(std::uint64_t hash, Dimension dimension, std::string_view key,
                           std::string_view spelling) const;
    Room& room_of(Dimension dimension);
    bool add(std::uint64_t hash, Room& room, std::string_view key, std::string_view spelling,
             std::size_t places_max);
  };

  enum class Answer : std::uint8_t { kCounted, kCountedAsItIs, kRefused };

  /// Whether there is room for `keys` whatever came before.
  static bool has_room(Open& open, const std::vector<PostKeys::Key>& keys, std::size_t places_max);
  static void take_names(Open& open, Pane pane, const Limits& limits);
  static Answer ask(Open& open, const PostKeys::Key& key, std::size_t places_max);
  void refuse(Room& room, std::int64_t keys);

  std::map<Pane, Open> open_;
  std::vector<PostKeys::Key> admitted_;
  std::vector<Refusal> refusals_;
};

}  // namespace rookery::hashtag_window
