#pragma once

#include <cstdint>
#include <vector>

#include "services/geo-enrich/quality/near_texts.hpp"

namespace rookery::geo_enrich {

/// What the last posts of one partition were, to know one that comes again and one
/// that is nearly the same. Its state is that of the last `size` posts (of the last
/// NearTexts::kSizeMax, for what is nearly the same), whatever came before: reading
/// those again gives it back. One thread uses it. A post takes 30 to 50 bytes.
class RecentPosts {
 public:
  struct Post {
    std::uint64_t id;        ///< Hash of the id.
    std::uint64_t text;      ///< Hash of the text.
    std::uint64_t likeness;  ///< SimHash of the text; 0: too short to compare.
    std::int64_t offset;
  };
  enum class Verdict : std::uint8_t {
    kNew,
    kDuplicate,      ///< The same id with the same text.
    kEdited,         ///< The same id with another text.
    kNearDuplicate,  ///< Another id, and a text that is nearly the same.
  };

  /// Remembers `size` posts, at least one.
  explicit RecentPosts(std::size_t size);

  /// That post is about to be added: begins to fetch the memory that adding it will wait for.
  void expect(const Post& post) const;

  /// Compares the post with those before it, and remembers it.
  Verdict add(const Post& post);

  /// Where to read on from to have all posts that count: the offset of the oldest, or
  /// of one less than kOffsetStep posts before it. -1: there is none.
  [[nodiscard]] std::int64_t oldest() const;

  static constexpr std::uint32_t kOffsetStep = 64;

 private:
  struct Entry {
    std::uint64_t id;
    std::uint32_t text;       ///< Half of its hash: it only tells an edit of the id apart.
    std::uint32_t same_slot;  ///< The next older with the id's slot.
  };
  static constexpr std::uint32_t kNone = 0xffff'ffff;

  [[nodiscard]] bool alive(std::uint32_t number) const;
  [[nodiscard]] const Entry& entry(std::uint32_t number) const {
    return ring_[number % static_cast<std::uint32_t>(ring_.size())];
  }
  [[nodiscard]] std::uint32_t& slot(std::uint64_t id) { return slots_[id & (slots_.size() - 1)]; }
  void grow();
  void link(std::uint32_t number);

  std::size_t size_;
  std::uint32_t next_ = 0;  ///< Number of the next post.
  std::vector<Entry> ring_;
  std::vector<std::uint32_t> slots_;   ///< Newest by id.
  std::vector<std::int64_t> offsets_;  ///< Of every kOffsetStep-th post.
  NearTexts near_;
};

}  // namespace rookery::geo_enrich
