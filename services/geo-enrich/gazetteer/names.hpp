#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "services/geo-enrich/gazetteer/format.hpp"

namespace rookery::geo_enrich {

/// A hash of a folded name that grows word by word.
class NameHash {
 public:
  void add_word(std::string_view word) {
    if (value_ != kBasis) add(' ');
    for (const char byte : word) add(byte);
  }
  /// FNV-1a, with its bits mixed (the end of MurmurHash3): no two names of the
  /// gazetteer have the same, which the compiler checks.
  [[nodiscard]] std::uint64_t value() const {
    std::uint64_t hash = value_;
    hash = (hash ^ (hash >> 33)) * 0xff51'afd7'ed55'8ccd;
    hash = (hash ^ (hash >> 33)) * 0xc4ce'b9fe'1a85'ec53;
    return hash ^ (hash >> 33);
  }

 private:
  static constexpr std::uint64_t kBasis = 0xcbf2'9ce4'8422'2325;
  void add(char byte) {
    value_ = (value_ ^ static_cast<unsigned char>(byte)) * 0x0000'0100'0000'01b3;
  }
  std::uint64_t value_ = kBasis;
};

/// What a name can mean.
enum class NameKind : std::uint8_t { kCountry, kDivision, kCity, kNotion };

/// One meaning of a name: an entry of the section `namerefs`.
class NameRef {
 public:
  explicit constexpr NameRef(std::uint32_t bits) : bits_(bits) {}
  static constexpr std::uint32_t kIndexMask = 0xf'ffff;
  static constexpr std::uint32_t kKindShift = 20;
  static constexpr std::uint32_t kMain = 1U << 22;       ///< Its own name, not an alternate one.
  static constexpr std::uint32_t kCode = 1U << 23;       ///< An abbreviation: TX, USA.
  static constexpr std::uint32_t kPreferred = 1U << 24;  ///< What people mean by it: LDN, Jersey.
  static constexpr std::uint32_t kWord = 1U << 25;       ///< A common word, too: Nice, Reading.
  static constexpr std::uint32_t kLast = 1U << 31;       ///< The last meaning of the name.

  [[nodiscard]] NameKind kind() const { return static_cast<NameKind>((bits_ >> kKindShift) & 3); }
  [[nodiscard]] std::uint32_t index() const { return bits_ & kIndexMask; }
  [[nodiscard]] bool has(std::uint32_t flag) const { return (bits_ & flag) != 0; }

 private:
  std::uint32_t bits_;
};

/// Where the search for a name begins among `slots`.
[[nodiscard]] inline std::size_t first_slot(std::uint64_t hash, std::size_t slots) {
  return static_cast<std::size_t>((hash & 0xffff'ffff) * slots >> 32);
}

/// Names to meanings: a hash table with open addressing, read in place.
class Names {
 public:
  Names() = default;
  Names(std::span<const format::NameSlot> slots, std::span<const std::uint32_t> refs)
      : slots_(slots), refs_(refs) {}

  /// The meanings, the most prominent first; empty: no such name.
  [[nodiscard]] std::span<const std::uint32_t> find(std::uint64_t hash) const;

  /// Begins to bring what find() will look at into the cache.
  void fetch(std::uint64_t hash) const {
    __builtin_prefetch(slots_.data() + first_slot(hash, slots_.size()));
  }

  /// Whether the table ends every search and every list, and no meaning leads
  /// beyond the counts, which are by NameKind.
  [[nodiscard]] bool well_formed(std::span<const std::size_t> counts) const;

  static constexpr std::size_t kWordsMax = 7;      ///< Longer names are not kept.
  static constexpr std::size_t kMeaningsMax = 24;  ///< The rest is less prominent.

 private:
  std::span<const format::NameSlot> slots_;
  std::span<const std::uint32_t> refs_;
};

}  // namespace rookery::geo_enrich
