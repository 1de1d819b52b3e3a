#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "services/hashtag-window/blocks.hpp"
#include "services/hashtag-window/hash_index.hpp"

namespace rookery::hashtag_window {

inline constexpr std::uint32_t kNone = 0xffffffffU;

/// Numbers for keys and for their spellings, for as long as somebody uses them; then they and
/// their memory are used again.
class KeyTable {
 public:
  /// A key and one of its spellings, which may be the key.
  struct Name {
    std::uint32_t key = kNone;
    std::uint32_t spelling = kNone;
  };

  /// The numbers of a key; an empty spelling is the key. They hold until the next call, unless
  /// they are kept.
  Name name_of(std::string_view key, std::string_view spelling);
  void keep(Name name);
  void release(Name name);

  [[nodiscard]] std::string_view text(std::uint32_t number) const { return keys_[number].text; }
  [[nodiscard]] bool is_key(std::uint32_t number) const { return keys_[number].owner == kNone; }
  /// For the owner of the table: where the key's newest open cell is.
  [[nodiscard]] std::uint32_t& newest(std::uint32_t key) { return keys_[key].newest; }
  [[nodiscard]] std::uint32_t newest(std::uint32_t key) const { return keys_[key].newest; }
  /// Likewise which open cell of the key was asked for last, if any is left.
  [[nodiscard]] std::uint32_t& recent(std::uint32_t key) { return keys_[key].recent; }
  void prefetch(std::uint32_t number) const { keys_.prefetch(number); }
  /// Fetches what name_of() will ask for of these keys, all at once.
  void prefetch(std::span<const std::string> keys);

  /// What a name takes that no pane of `span` took before (see PaneBudget), and that it took it.
  [[nodiscard]] std::int64_t places_beyond(std::uint32_t number, std::int32_t span) const;
  std::int64_t take_places(std::uint32_t number, std::int32_t span) {
    const std::int64_t places = places_beyond(number, span);
    if (places != 0) keys_[number].span = span;
    return places;
  }

  /// Calls `visit(number)` for each spelling of `key` but the key itself.
  template <typename Visit>
  void each_spelling(std::uint32_t key, const Visit& visit) const {
    for (std::uint32_t i = keys_[key].spellings; i != kNone; i = keys_[i].spellings) visit(i);
  }

  /// All numbers are below.
  [[nodiscard]] std::size_t numbers() const { return keys_.size(); }
  [[nodiscard]] std::size_t live_keys() const { return live_keys_; }
  [[nodiscard]] std::size_t bytes() const { return keys_.bytes() + index_.bytes(); }

 private:
  static constexpr std::int32_t kNoSpan = std::numeric_limits<std::int32_t>::min();

  /// One line of the cache: an addition waits for hardly anything else.
  struct alignas(64) Key {
    std::string text;
    std::uint32_t hash = 0;
    std::uint32_t newest = kNone;
    std::uint32_t recent = kNone;
    std::uint32_t users = 0;          ///< Cells and holds.
    std::uint32_t owner = kNone;      ///< The key of which this is a spelling.
    std::uint32_t spellings = kNone;  ///< The first, and in a spelling the next.
    std::int32_t span = kNoSpan;      ///< The last one in which it took its places.
  };

  std::uint32_t number_of(std::string_view text, std::uint32_t owner);
  void release(std::uint32_t number);

  Blocks<Key> keys_;
  std::vector<std::uint32_t> hashes_;  ///< Of prefetch().
  std::vector<std::uint32_t> free_;
  HashIndex index_;
  std::size_t live_keys_ = 0;
};

}  // namespace rookery::hashtag_window
