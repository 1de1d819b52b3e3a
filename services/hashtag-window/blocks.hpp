#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace rookery::hashtag_window {

/// A list that only grows, in blocks: growing copies nothing and wastes no half of the memory,
/// and what was fetched from it stays where it is.
template <typename T>
class Blocks {
 public:
  [[nodiscard]] T& operator[](std::size_t i) { return blocks_[i / kSize][i % kSize]; }
  [[nodiscard]] const T& operator[](std::size_t i) const { return blocks_[i / kSize][i % kSize]; }
  void prefetch(std::size_t i) const { __builtin_prefetch(&(*this)[i]); }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t bytes() const { return blocks_.size() * kSize * sizeof(T); }

  /// To at least `size`; new elements are as their type makes them.
  void grow(std::size_t size) {
    while (blocks_.size() * kSize < size) blocks_.push_back(std::make_unique<T[]>(kSize));
    if (size > size_) size_ = size;
  }

 private:
  static constexpr std::size_t kSize = 256;

  std::vector<std::unique_ptr<T[]>> blocks_;
  std::size_t size_ = 0;
};

}  // namespace rookery::hashtag_window
