#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace rookery::hashtag_window {

/// Finds 32-bit numbers by hash: the owner keeps what they stand for, and says whether a
/// number of the same hash is the one that is sought. Open addressing at a load of at most
/// a half, erasure by shifting back; 8 bytes a slot: of a hash 32 bits are kept, so that same()
/// is also asked for the few others that agree in them. One thread uses it.
class HashIndex {
 public:
  template <typename Same>
  [[nodiscard]] std::optional<std::uint32_t> find(std::uint64_t hash, const Same& same) const {
    if (slots_.empty()) return std::nullopt;
    const std::uint32_t kept = kept_of(hash);
    for (std::size_t i = home(kept); slots_[i].hash != kFree; i = next(i)) {
      if (slots_[i].hash == kept && same(slots_[i].number)) return slots_[i].number;
    }
    return std::nullopt;
  }

  /// Fetches the place where `hash` would be found.
  void prefetch(std::uint64_t hash) const {
    if (!slots_.empty()) __builtin_prefetch(&slots_[home(kept_of(hash))]);
  }
  /// The number that lies there, whose hash may be another one; absent where none does.
  [[nodiscard]] std::optional<std::uint32_t> first(std::uint64_t hash) const {
    if (slots_.empty()) return std::nullopt;
    const Slot& slot = slots_[home(kept_of(hash))];
    return slot.hash == kFree ? std::nullopt : std::optional(slot.number);
  }

  void insert(std::uint64_t hash, std::uint32_t number) {
    if ((size_ + 1) * 2 > slots_.size()) grow();
    place({kept_of(hash), number});
    ++size_;
  }

  /// `number` was inserted with `hash`.
  void erase(std::uint64_t hash, std::uint32_t number) {
    const std::uint32_t kept = kept_of(hash);
    std::size_t hole = home(kept);
    while (slots_[hole].hash != kept || slots_[hole].number != number) hole = next(hole);
    for (std::size_t i = next(hole); slots_[i].hash != kFree; i = next(i)) {
      // A slot may move into the hole if its home does not lie between the two.
      const std::size_t distance = (i - home(slots_[i].hash)) & (slots_.size() - 1);
      if (distance < ((i - hole) & (slots_.size() - 1))) continue;
      slots_[hole] = slots_[i];
      hole = i;
    }
    slots_[hole] = Slot{};
    --size_;
  }

  void clear() {
    if (size_ != 0) slots_.assign(slots_.size(), Slot{});
    size_ = 0;
  }

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t bytes() const { return slots_.capacity() * sizeof(Slot); }

 private:
  static constexpr std::uint32_t kFree = 0;

  struct Slot {
    std::uint32_t hash = kFree;
    std::uint32_t number = 0;
  };

  [[nodiscard]] static std::uint32_t kept_of(std::uint64_t hash) {
    const auto folded = static_cast<std::uint32_t>(hash ^ (hash >> 32U));
    return folded == kFree ? 1 : folded;
  }
  [[nodiscard]] std::size_t home(std::uint32_t hash) const { return hash & (slots_.size() - 1); }
  [[nodiscard]] std::size_t next(std::size_t i) const { return (i + 1) & (slots_.size() - 1); }

  void place(const Slot& slot) {
    std::size_t i = home(slot.hash);
    while (slots_[i].hash != kFree) i = next(i);
    slots_[i] = slot;
  }

  void grow() {
    std::vector<Slot> old(slots_.empty() ? 64 : slots_.size() * 2);
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (slot.hash != kFree) place(slot);
    }
  }

  std::vector<Slot> slots_;
  std::size_t size_ = 0;
};

}  // namespace rookery::hashtag_window
