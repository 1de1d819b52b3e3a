#pragma once

#include <cstdint>
#include <vector>

namespace rookery::geo_enrich {

/// What the last posts of one partition were, to know one that comes again and one
/// that is nearly the same. Its state is that of the last `size` posts, whatever came
/// before: reading those again gives it back. One thread uses it.
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

  /// Compares the post with those before it, and remembers it.
  Verdict add(const Post& post);

  /// Offset of the oldest post that counts; -1: there is none.
  [[nodiscard]] std::int64_t oldest() const;

  /// As many bits may differ in two texts that are nearly the same.
  static constexpr int kNearBits = 3;

 private:
  struct Entry {
    Post post;
    std::uint32_t same_slot;      ///< The next older with the id's slot.
    std::uint32_t same_block[4];  ///< The next older with the same 16 bits.
  };
  static constexpr std::uint32_t kNone = 0xffff'ffff;
  static constexpr std::size_t kBlocks = 4;

  [[nodiscard]] bool alive(std::uint32_t number) const;
  [[nodiscard]] const Entry& entry(std::uint32_t number) const {
    return ring_[number % ring_.size()];
  }
  [[nodiscard]] bool has_near(std::uint64_t likeness) const;
  void grow();
  void link(std::uint32_t number);

  std::size_t size_;
  std::uint32_t next_ = 0;  ///< Number of the next post.
  std::vector<Entry> ring_;
  std::vector<std::uint32_t> slots_;            ///< Newest by id.
  std::vector<std::uint32_t> blocks_[kBlocks];  ///< Newest by 16 bits of likeness.
};

}  // namespace rookery::geo_enrich
