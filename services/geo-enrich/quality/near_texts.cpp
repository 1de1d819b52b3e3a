#include "services/geo-enrich/quality/near_texts.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace rookery::geo_enrich {
namespace {

constexpr std::size_t kFirstSize = 256;
constexpr std::size_t kGrowth = 8;  ///< As that of RecentPosts.
/// Half of a bucket is filled on average, so that few push out what still counts.
constexpr std::size_t kTextsPerBucket = 8;
constexpr std::size_t kBlockBits = 16;

std::uint16_t block_of(std::uint64_t likeness, std::size_t block) {
  return static_cast<std::uint16_t>(likeness >> (block * kBlockBits));
}

/// Whether kNearBits or fewer are set. Counting them would be a call, as compilers may not
/// use what not every machine has.
bool are_few(std::uint64_t bits) {
  for (int bit = 0; bit < NearTexts::kNearBits; ++bit) bits &= bits - 1;
  return bits == 0;
}

/// Sixteen numbers at once; compilers make of it what the machine has.
using Lanes [[gnu::vector_size(32)]] = std::uint16_t;

}  // namespace

NearTexts::NearTexts(std::size_t size) : size_(std::clamp<std::size_t>(size, 1, kSizeMax)) {}

std::size_t NearTexts::bucket_number(std::size_t block, std::uint64_t likeness) const {
  const std::size_t count = buckets_.size() / kBlocks;
  return block * count + (block_of(likeness, block) & (count - 1));
}

NearTexts::Bucket& NearTexts::bucket(std::size_t block, std::uint64_t likeness) {
  return buckets_[bucket_number(block, likeness)];
}

bool NearTexts::add(std::uint64_t likeness) {
  if (next_ == texts_.size()) {
    if (texts_.size() < size_) {
      grow();
    } else {
      next_ = 0;
    }
  }
  const bool near = likeness != 0 && has_near(likeness);
  texts_[next_] = likeness;
  if (likeness != 0) link(likeness, static_cast<std::uint16_t>(next_));
  ++next_;
  return near;
}

void NearTexts::expect(std::uint64_t likeness) const {
  if (likeness == 0 || buckets_.empty()) return;
  for (std::size_t block = 0; block < kBlocks; ++block) {
    __builtin_prefetch(&buckets_[bucket_number(block, likeness)], 1);
  }
}

bool NearTexts::has_near(std::uint64_t likeness) {
  for (std::size_t block = 0; block < kBlocks; ++block) {
    const Bucket& found = bucket(block, likeness);
    Lanes different;
    std::memcpy(&different, found.marks.data(), sizeof different);
    different ^= block_of(likeness, (block + 1) % kBlocks);
    // Each step takes the lowest bit away; one in a hundred others has none left.
    for (int bit = 0; bit < kNearBits; ++bit) different &= different - 1;
    std::array<std::uint16_t, kWays> left{};
    std::memcpy(left.data(), &different, sizeof different);
    for (std::size_t way = 0; way < kWays; ++way) {
      if (left[way] == 0 && is_near(block, found.places[way], likeness)) return true;
    }
  }
  return false;
}

/// Only a text that was put into this bucket itself counts, and not one that has come
/// to the place of another: or it would matter what lay there before.
bool NearTexts::is_near(std::size_t block, std::uint16_t place, std::uint64_t likeness) const {
  const std::uint64_t other = texts_[place];
  return other != 0 && are_few(other ^ likeness) &&
         bucket_number(block, other) == bucket_number(block, likeness);
}

/// They grow while they were never full, so that a quiet partition stays small.
void NearTexts::grow() {
  const std::size_t size = std::min(size_, std::max(kFirstSize, texts_.size() * kGrowth));
  texts_.resize(size);
  texts_.shrink_to_fit();
  buckets_.assign(std::bit_ceil((size + kTextsPerBucket - 1) / kTextsPerBucket) * kBlocks, {});
  for (std::size_t place = 0; place < next_; ++place) {
    if (texts_[place] != 0) link(texts_[place], static_cast<std::uint16_t>(place));
  }
}

void NearTexts::link(std::uint64_t likeness, std::uint16_t place) {
  for (std::size_t block = 0; block < kBlocks; ++block) {
    Bucket& to = bucket(block, likeness);
    std::memmove(&to.marks[1], to.marks.data(), (kWays - 1) * sizeof to.marks[0]);
    std::memmove(&to.places[1], to.places.data(), (kWays - 1) * sizeof to.places[0]);
    to.marks[0] = block_of(likeness, (block + 1) % kBlocks);
    to.places[0] = place;
  }
}

}  // namespace rookery::geo_enrich
