#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace rookery::hashtag_window {

/// Finds 32-bit numbers by hash: the owner keeps what they stand for, and says whether a
/// number of the same hash is the one that is sought. Open addressing at a load of at most
/// a half, erasure by shifting back; 16 bytes a slot. One thread uses it.
class HashIndex {
 public:
  /// `same(number)` is asked for the numbers whose hash is equal.
  template <typename Same>
  [[nodiscard]] std::optional<std::uint32_t> find(std::uint64_t hash, const Same& same) const {
    if (slots_.empty()) return std::nullopt;
    for (std::size_t i = home(hash); slots_[i].used; i = next(i)) {
      if (slots_[i].hash == hash && same(slots_[i].number)) return slots_[i].number;
    }
    return std::nullopt;
  }

  void insert(std::uint64_t hash, std::uint32_t number) {
    if ((size_ + 1) * 2 > slots_.size()) grow();
    place({hash, number, true});
    ++size_;
  }

  /// `number` was inserted with `hash`.
  void erase(std::uint64_t hash, std::uint32_t number) {
    std::size_t hole = home(hash);
    while (slots_[hole].hash != hash || slots_[hole].number != number) hole = next(hole);
    for (std::size_t i = next(hole); slots_[i].used; i = next(i)) {
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
  struct Slot {
    std::uint64_t hash = 0;
    std::uint32_t number = 0;
    bool used = false;
  };

  [[nodiscard]] std::size_t home(std::uint64_t hash) const { return hash & (slots_.size() - 1); }
  [[nodiscard]] std::size_t next(std::size_t i) const { return (i + 1) & (slots_.size() - 1); }

  void place(const Slot& slot) {
    std::size_t i = home(slot.hash);
    while (slots_[i].used) i = next(i);
    slots_[i] = slot;
  }

  void grow() {
    std::vector<Slot> old(slots_.empty() ? 64 : slots_.size() * 2);
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (slot.used) place(slot);
    }
  }

  std::vector<Slot> slots_;
  std::size_t size_ = 0;
};

}  // namespace rookery::hashtag_window
