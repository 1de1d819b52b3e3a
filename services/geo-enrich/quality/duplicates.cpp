#include "services/geo-enrich/quality/duplicates.hpp"

#include <algorithm>
#include <bit>

namespace rookery::geo_enrich {
namespace {

constexpr std::size_t kFirstSize = 256;
constexpr std::size_t kBlockBits = 16;
/// So many posts with the same 16 bits are compared, the newest first.
constexpr int kCandidatesMax = 32;

std::size_t block_of(std::uint64_t likeness, std::size_t block) {
  return (likeness >> (block * kBlockBits)) & 0xffff;
}

}  // namespace

RecentPosts::RecentPosts(std::size_t size) : size_(std::max<std::size_t>(size, 1)) {}

std::int64_t RecentPosts::oldest() const {
  if (next_ == 0) return -1;
  const auto kept = static_cast<std::uint32_t>(std::min<std::size_t>(next_, size_));
  return entry(next_ - kept).post.offset;
}

bool RecentPosts::alive(std::uint32_t number) const {
  return number < next_ && next_ - number <= size_;
}

RecentPosts::Verdict RecentPosts::add(const Post& post) {
  if (next_ == kNone) *this = RecentPosts(size_);  // After four thousand million posts.
  if (next_ >= ring_.size() && ring_.size() < size_) grow();
  Verdict verdict = Verdict::kNew;
  for (std::uint32_t at = slots_[post.id % slots_.size()]; alive(at); at = entry(at).same_slot) {
    if (entry(at).post.id != post.id) continue;
    verdict = entry(at).post.text == post.text ? Verdict::kDuplicate : Verdict::kEdited;
    break;
  }
  if (verdict == Verdict::kNew && has_near(post.likeness)) verdict = Verdict::kNearDuplicate;
  ring_[next_ % ring_.size()].post = post;
  link(next_++);
  return verdict;
}

bool RecentPosts::has_near(std::uint64_t likeness) const {
  if (likeness == 0) return false;
  // Of four blocks one at least is the same where three bits differ.
  for (std::size_t block = 0; block < kBlocks; ++block) {
    std::uint32_t at = blocks_[block][block_of(likeness, block)];
    for (int i = 0; i < kCandidatesMax && alive(at); ++i, at = entry(at).same_block[block]) {
      if (std::popcount(entry(at).post.likeness ^ likeness) <= kNearBits) return true;
    }
  }
  return false;
}

/// The ring grows while it was never full, so that a quiet partition stays small.
void RecentPosts::grow() {
  const std::size_t size = std::min(size_, std::max(kFirstSize, ring_.size() * 2));
  ring_.resize(size);
  slots_.assign(std::bit_ceil(size), kNone);
  for (auto& heads : blocks_) heads.assign(std::size_t{1} << kBlockBits, kNone);
  for (std::uint32_t number = 0; number < next_; ++number) link(number);
}

void RecentPosts::link(std::uint32_t number) {
  Entry& added = ring_[number % ring_.size()];
  std::uint32_t& slot = slots_[added.post.id % slots_.size()];
  added.same_slot = slot;
  slot = number;
  if (added.post.likeness == 0) return;
  for (std::size_t block = 0; block < kBlocks; ++block) {
    std::uint32_t& head = blocks_[block][block_of(added.post.likeness, block)];
    added.same_block[block] = head;
    head = number;
  }
}

}  // namespace rookery::geo_enrich
