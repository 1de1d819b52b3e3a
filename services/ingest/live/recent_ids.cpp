#include "services/ingest/live/recent_ids.hpp"

#include <bit>
#include <utility>

#include "common/core/check.hpp"

namespace rookery::ingest {
namespace {

/// FNV-1a (RFC draft-eastlake-fnv) with the finalizer of MurmurHash3, so that all
/// bits of the result are good for slots.
std::uint64_t hash_of(std::string_view id, std::string_view revision) {
  std::uint64_t hash = 0xcbf29ce484222325;
  const auto mix = [&](std::string_view text) {
    for (const char c : text) {
      hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    }
  };
  mix(id);
  if (!revision.empty()) {
    mix(std::string_view("\0", 1));
    mix(revision);
  }
  hash = (hash ^ (hash >> 33U)) * 0xff51afd7ed558ccd;
  hash = (hash ^ (hash >> 33U)) * 0xc4ceb9fe1a85ec53;
  hash ^= hash >> 33U;
  return hash == 0 ? 1 : hash;
}

}  // namespace

std::size_t NumberSet::home(std::uint64_t number) const {
  return static_cast<std::size_t>(number) & (slots_.size() - 1);
}

bool NumberSet::contains(std::uint64_t number) const {
  if (slots_.empty()) return false;
  for (std::size_t i = home(number); slots_[i] != 0; i = (i + 1) & (slots_.size() - 1)) {
    if (slots_[i] == number) return true;
  }
  return false;
}

void NumberSet::allocate(std::size_t numbers_max) {
  slots_.assign(std::bit_ceil(numbers_max + numbers_max / 3 + 1), 0);
  size_ = 0;
}

void NumberSet::insert(std::uint64_t number) {
  ROOKERY_CHECK(size_ * 4 < slots_.size() * 3, "its owner knows for how many it asked");
  std::size_t i = home(number);
  while (slots_[i] != 0) {
    if (slots_[i] == number) return;
    i = (i + 1) & (slots_.size() - 1);
  }
  slots_[i] = number;
  ++size_;
}

/// Knuth, The Art of Computer Programming 3, section 6.4, algorithm R: what
/// follows moves up, so that no tombstones are needed.
void NumberSet::erase(std::uint64_t number) {
  if (!contains(number)) return;
  const std::size_t mask = slots_.size() - 1;
  std::size_t hole = home(number);
  while (slots_[hole] != number) hole = (hole + 1) & mask;
  --size_;
  for (std::size_t i = (hole + 1) & mask; slots_[i] != 0; i = (i + 1) & mask) {
    const std::size_t wanted = home(slots_[i]);
    if (((i - wanted) & mask) < ((i - hole) & mask)) continue;
    slots_[hole] = slots_[i];
    hole = i;
  }
  slots_[hole] = 0;
}

void NumberSet::clear() {
  slots_.assign(slots_.size(), 0);
  size_ = 0;
}

void NumberSet::swap(NumberSet& other) noexcept {
  slots_.swap(other.slots_);
  std::swap(size_, other.size_);
}

void RecentIds::rotate(WallTime now) {
  const bool full = current_.size() >= options_.ids_max;
  if (now - begin_ < options_.window && !full) return;
  if (full && now - begin_ < options_.window) ++shortened_;
  const bool long_ago = now - begin_ >= 2 * options_.window;
  previous_.clear();
  if (!long_ago) previous_.swap(current_);
  current_.clear();
  begin_ = now;
}

bool RecentIds::add(std::string_view id, std::string_view revision, WallTime now) {
  if (!current_.allocated()) {
    current_.allocate(options_.ids_max);
    previous_.allocate(options_.ids_max);
  }
  rotate(now);
  const std::uint64_t number = hash_of(id, revision);
  if (current_.contains(number) || previous_.contains(number)) return false;
  current_.insert(number);
  staged_.push_back(number);
  return true;
}

void RecentIds::rollback() {
  for (const std::uint64_t number : staged_) {
    // A rotation within the batch may have moved it.
    current_.erase(number);
    previous_.erase(number);
  }
  staged_.clear();
}

}  // namespace rookery::ingest
