#pragma once

#include <array>
#include <bit>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <simdjson.h>

#include "common/core/result.hpp"
#include "services/ingest/raw_post.hpp"

namespace rookery::ingest {

/// A member of a JSON object; absent where the object lacks it or has null.
using Field = std::optional<simdjson::dom::element>;

/// Where collect() puts the member `name`.
template <typename Fields>
struct Slot {
  std::string_view name;
  Field Fields::*member;
};

/// The members that a reader wants. A name is found by one look into a table whose
/// hash was chosen by the compiler so that no two of the names meet.
template <typename Fields, std::size_t N>
class Slots {
 public:
  consteval explicit Slots(const Slot<Fields> (&slots)[N]) {
    for (std::size_t i = 0; i < N; ++i) slots_[i] = slots[i];
    while (!filled()) ++seed_;
  }

  /// Null where nobody wants `name`.
  [[nodiscard]] const Slot<Fields>* find(std::string_view name) const {
    if (name.empty()) return nullptr;
    const std::uint8_t index = table_[home(name)];
    return index < N && slots_[index].name == name ? &slots_[index] : nullptr;
  }

  /// Which of the slots `slot`, one of find(), is: 0 to N - 1.
  [[nodiscard]] std::size_t index_of(const Slot<Fields>& slot) const {
    return static_cast<std::size_t>(&slot - slots_.data());
  }

 private:
  static constexpr std::size_t kSize = std::bit_ceil(N * 4);
  static constexpr std::uint8_t kNone = 255;
  static_assert(N < kNone);

  [[nodiscard]] constexpr std::size_t home(std::string_view name) const {
    const auto byte = [&](std::size_t at) {
      return static_cast<std::uint32_t>(static_cast<unsigned char>(name[at]));
    };
    const std::uint32_t mixed = static_cast<std::uint32_t>(name.size()) | byte(0) << 8U |
                                byte(name.size() / 2) << 16U | byte(name.size() - 1) << 24U;
    // Multiplicative hashing: Knuth, The Art of Computer Programming 3, section 6.4.
    return mixed * seed_ >> (32U - static_cast<unsigned>(std::bit_width(kSize - 1)));
  }

  /// Whether every name has a place of its own. Two names that are alike in all that
  /// is looked at never have: then the compiler gives up.
  consteval bool filled() {
    table_.fill(kNone);
    for (std::size_t i = 0; i < N; ++i) {
      std::uint8_t& place = table_[home(slots_[i].name)];
      if (place != kNone) return false;
      place = static_cast<std::uint8_t>(i);
    }
    return true;
  }

  std::array<Slot<Fields>, N> slots_{};
  std::array<std::uint8_t, kSize> table_{};
  std::uint32_t seed_ = 0x9e3779b1;
};

template <typename Fields, std::size_t N>
consteval auto slots(const Slot<Fields> (&list)[N]) {
  return Slots<Fields, N>(list);
}

/// Reads all members named in `slots` in one pass over `object`.
template <typename Fields, std::size_t N>
void collect(simdjson::dom::object object, const Slots<Fields, N>& slots, Fields& fields) {
  for (const auto [name, value] : object) {
    const Slot<Fields>* const slot = slots.find(name);
    if (slot != nullptr && !value.is_null()) fields.*slot->member = value;
  }
}

/// As collect(), but where a name comes again its first member counts, null or not, as with
/// member(). `fields` must be empty.
template <typename Fields, std::size_t N>
void collect_first(simdjson::dom::object object, const Slots<Fields, N>& slots, Fields& fields) {
  std::bitset<N> seen;
  for (const auto [name, value] : object) {
    const Slot<Fields>* const slot = slots.find(name);
    if (slot == nullptr || seen.test(slots.index_of(*slot))) continue;
    seen.set(slots.index_of(*slot));
    if (!value.is_null()) fields.*slot->member = value;
  }
}

/// The member `name` of `object`; absent where it is missing or null.
[[nodiscard]] Field member(simdjson::dom::object object, std::string_view name);

/// Reads a member, given the path of the object and the member's own name for
/// messages. An absent field leaves `out` as it was. Error codes: field_type
/// (another type than documented), field_range (a number out of its range).
struct Path {
  std::string_view object;  ///< "user", or empty at the root.
  std::string_view member;

  [[nodiscard]] std::string text() const;
};

[[nodiscard]] Failure wrong_type(const Path& path, std::string_view expected,
                                 simdjson::dom::element found);
[[nodiscard]] Failure out_of_range(const Path& path, std::string_view expected,
                                   std::string_view found);
[[nodiscard]] Failure missing(const Path& path);

/// The beginning of `text` as a JSON string, for messages.
[[nodiscard]] std::string quoted(std::string_view text);

Result<void> read_text(const Field& field, const Path& path, std::string_view& out);
/// A string, or an integer (never a double: it would have lost digits).
Result<void> read_id(const Field& field, const Path& path, TextArena& arena, std::string_view& out);
Result<void> read_count(const Field& field, const Path& path, std::optional<std::uint32_t>& out);
Result<void> read_flag(const Field& field, const Path& path, std::optional<bool>& out);
Result<double> as_degrees(simdjson::dom::element value, const Path& path, double bound);
Result<simdjson::dom::object> as_object(simdjson::dom::element value, const Path& path);
Result<simdjson::dom::array> as_array(simdjson::dom::element value, const Path& path);

/// A GeoJSON Point (RFC 7946, section 3.1.2: longitude first). Other geometries
/// and null parts are no position: absent.
Result<void> read_point(const Field& field, const Path& path, std::optional<PointFields>& out);

/// The BCP 47 code of X's `lang`: absent for "und" and for X's codes of texts
/// without language (qam, qct, qht, qme, qst, zxx, art); the withdrawn in, iw
/// and ji become id, he and yi.
[[nodiscard]] std::string_view language_of(std::string_view code);

}  // namespace rookery::ingest
