#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace rookery::train {

/// Numbers for n-gram keys, in the order in which they were added: a hash table
/// with open addressing, as the keys are hashes already.
class GramIndex {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  /// The number of `key`, kNone where it has none.
  [[nodiscard]] std::uint32_t find(std::uint32_t key) const {
    for (std::size_t slot = key & mask_;; slot = (slot + 1) & mask_) {
      if (slots_[slot].id == kNone || slots_[slot].key == key) return slots_[slot].id;
    }
  }
  /// Gives `key` a number if it has none.
  void add(std::uint32_t key);

  [[nodiscard]] std::size_t size() const { return keys_.size(); }
  [[nodiscard]] std::uint32_t key(std::size_t id) const { return keys_[id]; }

 private:
  struct Slot {
    std::uint32_t key = 0;
    std::uint32_t id = kNone;
  };
  void grow();

  std::vector<Slot> slots_ = std::vector<Slot>(1024);
  std::size_t mask_ = 1023;
  std::vector<std::uint32_t> keys_;
};

}  // namespace rookery::train
