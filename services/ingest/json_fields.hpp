#pragma once

#include <array>
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

/// Reads all members named in `slots` in one pass over `object`.
template <typename Fields, std::size_t N>
void collect(simdjson::dom::object object, const std::array<Slot<Fields>, N>& slots,
             Fields& fields) {
  for (const auto [name, value] : object) {
    for (const auto& slot : slots) {
      if (slot.name.size() != name.size() || slot.name != name) continue;
      if (!value.is_null()) fields.*slot.member = value;
      break;
    }
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
