#include "services/geo-enrich/quality/duplicates.hpp"

#include <algorithm>
#include <bit>

namespace rookery::geo_enrich {
namespace {

constexpr std::size_t kFirstSize = 256;
/// Large steps: what a table leaves behind when it grows stays with the process.
constexpr std::size_t kGrowth = 8;

}  // namespace

RecentPosts::RecentPosts(std::size_t size)
    : size_(std::max<std::size_t>(size, 1)), offsets_(size_ / kOffsetStep + 2), near_(size_) {}

std::int64_t RecentPosts::oldest() const {
  if (next_ == 0) return -1;
  const auto kept = static_cast<std::uint32_t>(std::min<std::size_t>(next_, size_));
  return offsets_[(next_ - kept) / kOffsetStep % offsets_.size()];
}

bool RecentPosts::alive(std::uint32_t number) const {
  return number < next_ && next_ - number <= size_;
}

void RecentPosts::expect(const Post& post) const {
  if (!slots_.empty()) __builtin_prefetch(&slots_[post.id & (slots_.size() - 1)], 1);
  if (!ring_.empty()) {
    __builtin_prefetch(&ring_[next_ % static_cast<std::uint32_t>(ring_.size())], 1);
  }
  near_.expect(post.likeness);
}

RecentPosts::Verdict RecentPosts::add(const Post& post) {
  if (next_ == kNone) *this = RecentPosts(size_);  // After four thousand million posts.
  if (next_ >= ring_.size() && ring_.size() < size_) grow();
  const std::uint32_t newest = slot(post.id);
  if (alive(newest)) __builtin_prefetch(&entry(newest));  // Is there when near_ is done.
  const auto text = static_cast<std::uint32_t>(post.text);
  const bool near = near_.add(post.likeness);
  Verdict verdict = near ? Verdict::kNearDuplicate : Verdict::kNew;
  for (std::uint32_t at = newest; alive(at); at = entry(at).same_slot) {
    if (entry(at).id != post.id) continue;
    verdict = entry(at).text == text ? Verdict::kDuplicate : Verdict::kEdited;
    break;
  }
  if (next_ % kOffsetStep == 0) offsets_[next_ / kOffsetStep % offsets_.size()] = post.offset;
  Entry& added = ring_[next_ % static_cast<std::uint32_t>(ring_.size())];
  added.id = post.id;
  added.text = text;
  link(next_++);
  return verdict;
}

/// The ring grows while it was never full, so that a quiet partition stays small.
void RecentPosts::grow() {
  ring_.resize(std::min(size_, std::max(kFirstSize, ring_.size() * kGrowth)));
  ring_.shrink_to_fit();
  slots_.assign(std::bit_ceil(ring_.size()), kNone);
  for (std::uint32_t number = 0; number < next_; ++number) link(number);
}

void RecentPosts::link(std::uint32_t number) {
  Entry& added = ring_[number % static_cast<std::uint32_t>(ring_.size())];
  std::uint32_t& head = slot(added.id);
  added.same_slot = head;
  head = number;
}

}  // namespace rookery::geo_enrich
