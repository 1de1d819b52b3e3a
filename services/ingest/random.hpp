#pragma once

#include <cstddef>
#include <cstdint>

namespace rookery::ingest {

/// Random numbers that are the same on every machine: SplitMix64 (Steele, Lea
/// and Flood, "Fast Splittable Pseudorandom Number Generators", 2014). The
/// generators of different streams or items are independent.
class Random {
 public:
  Random(std::uint64_t seed, std::uint64_t stream, std::uint64_t item)
      : state_(mix(mix(mix(seed) + stream) + item)) {}

  std::uint64_t next() {
    state_ += kStep;
    return mix(state_);
  }

  /// In [0, 1).
  double fraction() { return static_cast<double>(next() >> 11U) * 0x1.0p-53; }

  /// In [0, bound); `bound` > 0. The bias of the remainder is below 2^-40 here.
  std::size_t below(std::size_t bound) { return next() % bound; }

  bool chance(double probability) { return fraction() < probability; }

  double between(double low, double high) { return low + (high - low) * fraction(); }

 private:
  static constexpr std::uint64_t kStep = 0x9e3779b97f4a7c15;

  static std::uint64_t mix(std::uint64_t value) {
    value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9;
    value = (value ^ (value >> 27U)) * 0x94d049bb133111eb;
    return value ^ (value >> 31U);
  }

  std::uint64_t state_;
};

}  // namespace rookery::ingest
