#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace rookery::geo_enrich {

/// The SimHashes of the last texts, to find one that differs in a few bits. Of four
/// blocks of 16 bits one at least is the same where three bits differ, so each is kept
/// under each of its blocks: in a bucket of one cache line that holds the last 16 whose
/// block leads there. A flood of other texts in all four buckets hides one; whether it
/// does depends on the last `size` texts alone. One thread uses it.
class NearTexts {
 public:
  /// Remembers `size` texts, at least one and at most kSizeMax.
  explicit NearTexts(std::size_t size);

  /// That text is about to be added: begins to fetch the memory that adding it will wait for.
  void expect(std::uint64_t likeness) const;

  /// Whether one of the last texts is nearly the same; and remembers this one.
  /// 0: a text that is like no other.
  bool add(std::uint64_t likeness);

  /// As many bits may differ in two texts that are nearly the same.
  static constexpr int kNearBits = 3;
  static constexpr std::size_t kSizeMax = 16'384;

 private:
  static constexpr std::size_t kBlocks = 4;
  static constexpr std::size_t kWays = 16;
  /// The newest first. Places whose text is gone stay until they are pushed out; what
  /// has come there instead is told by its own bits.
  struct alignas(64) Bucket {
    std::array<std::uint16_t, kWays> marks{};  ///< The text's next block: most differ in it.
    std::array<std::uint16_t, kWays> places{};
  };

  [[nodiscard]] Bucket& bucket(std::size_t block, std::uint64_t likeness);
  [[nodiscard]] std::size_t bucket_number(std::size_t block, std::uint64_t likeness) const;
  [[nodiscard]] bool has_near(std::uint64_t likeness);
  [[nodiscard]] bool is_near(std::size_t block, std::uint16_t place, std::uint64_t likeness) const;
  void grow();
  void link(std::uint64_t likeness, std::uint16_t place);

  std::size_t size_;
  std::size_t next_ = 0;              ///< Place of the next text.
  std::vector<std::uint64_t> texts_;  ///< By place.
  std::vector<Bucket> buckets_;       ///< Those of the first block, of the second, ...
};

}  // namespace rookery::geo_enrich
