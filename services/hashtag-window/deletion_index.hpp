#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/hashtag-window/dimensions.hpp"
#include "services/hashtag-window/hash_index.hpp"
#include "services/hashtag-window/settings.hpp"

namespace rookery::hashtag_window {

/// What a deletion, which carries the post's id alone, needs to know of the post.
struct CountedPost {
  std::int64_t offset = 0;  ///< Where the post lies in its partition.
  Pane frontier = kNoPane;  ///< The partition's before the post was counted.
  Pane pane = 0;
  std::int32_t sentiment = 0;  ///< In thousandths.
};

/// The counted posts of one source partition within the deletion horizon, in the order of
/// the log. A ring of entries and one of bytes: about 60 bytes a post, no allocation once
/// the rings have grown to the horizon. A post that comes again under the same id replaces
/// the earlier one. Posts that were taken or replaced keep their place until they are evicted: of
/// a pane that is not, oldest() is the first post that was counted, or an earlier one.
class DeletionIndex {
 public:
  void insert(std::string_view id, const CountedPost& post, const std::vector<PostKeys::Key>& keys);

  /// Removes and returns the post, with its keys in `keys` (they hold until the next call).
  std::optional<CountedPost> take(std::string_view id, std::vector<PostKeys::Key>& keys);

  /// Removes posts from the front as long as their pane is below `pane`: a later one of an
  /// old pane stays until it comes to the front.
  void evict_below(Pane pane);

  /// Removes all posts before `offset`.
  void evict_before(std::int64_t offset);

  /// Calls `visit(keys)` for the posts of `pane` from `offset` on, in order, also for those that
  /// were taken or replaced.
  void each_of(Pane pane, std::int64_t offset,
               const std::function<void(const std::vector<PostKeys::Key>&)>& visit) const;

  /// The oldest post that is not evicted.
  [[nodiscard]] std::optional<CountedPost> oldest() const;

  [[nodiscard]] std::size_t size() const { return by_id_.size(); }
  [[nodiscard]] std::size_t bytes() const {
    return ring_.capacity() * sizeof(Entry) + bytes_.capacity() + by_id_.bytes();
  }

 private:
  /// Of a post; panes have 32 bits on the wire too.
  struct Entry {
    std::int64_t offset = 0;
    std::uint64_t bytes_begin = 0;  ///< Counted from the first byte ever written.
    std::int32_t frontier = 0;
    std::int32_t pane = 0;
    std::int32_t sentiment = 0;
    std::uint32_t hash = 0;
    std::uint32_t id_size : 31 = 0;
    std::uint32_t live : 1 = 0;
    std::uint32_t keys_size = 0;

    [[nodiscard]] CountedPost post() const;
  };

  [[nodiscard]] Entry& at(std::uint32_t number) { return ring_[number & (ring_.size() - 1)]; }
  [[nodiscard]] const Entry& at(std::uint32_t number) const {
    return ring_[number & (ring_.size() - 1)];
  }
  [[nodiscard]] std::optional<std::uint32_t> find(std::uint32_t hash, std::string_view id);
  void copy_out(std::uint64_t begin, std::size_t size, std::string& out) const;
  void append_bytes(std::string_view bytes);
  void make_room(std::size_t bytes);
  void kill(std::uint32_t number);
  void drop_front();

  std::vector<Entry> ring_;  ///< A power of two of entries.
  std::uint32_t first_ = 0;  ///< Number of the oldest entry.
  std::uint32_t next_ = 0;   ///< Number of the next one.
  std::vector<char> bytes_;  ///< A power of two; each entry's id, then its keys.
  std::uint64_t bytes_end_ = 0;
  HashIndex by_id_;
  std::string scratch_;
  std::string taken_;
  std::string packed_;
};

}  // namespace rookery::hashtag_window
