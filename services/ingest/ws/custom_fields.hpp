#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "common/core/clock.hpp"
#include "common/core/result.hpp"
#include "services/ingest/json_fields.hpp"
#include "services/ingest/parse_buffers.hpp"

namespace rookery::ingest {

/// What a message of an own feed may hold.
enum class CustomField : std::uint8_t {
  kId,
  kText,
  kCreatedAt,
  kLang,
  kAuthorId,
  kAuthor,
  kUrl,
  kHashtags,
  kLat,
  kLon,
  kCount,
};

/// A JSON Pointer (RFC 6901) that is not the whole document.
struct JsonPointer {
  std::string text;                 ///< As it was written.
  std::vector<std::string> tokens;  ///< Without their escapes; at least one.
};

/// Error code: option_invalid (kMisconfigured): no "/" at the beginning, or a "~"
/// that neither "0" nor "1" follows.
[[nodiscard]] Result<JsonPointer> parse_json_pointer(std::string_view text);

/// What `pointer` refers to; absent where nothing stands there, or null. An index
/// of an array has no leading zero (RFC 6901, section 4).
[[nodiscard]] Field at_pointer(simdjson::dom::object root, const JsonPointer& pointer);

/// What the option ws_fields says.
struct CustomFields {
  struct Entry {
    CustomField field;
    JsonPointer pointer;
  };
  std::vector<Entry> entries;

  [[nodiscard]] const JsonPointer* of(CustomField field) const;
};

/// Reads entries like "id=/event/id". Error code: option_invalid (kMisconfigured),
/// naming the entry: an unknown field, one that stands there twice, no pointer, one
/// of lat and lon alone, or no id or text.
[[nodiscard]] Result<CustomFields> parse_custom_fields(const std::vector<std::string>& entries);

/// Reads a message in the fields of the options. created_at is RFC 3339 (without
/// offset UTC), the form of v1.1, or an integer of seconds, milliseconds or
/// microseconds since 1970, told apart by its size; without a pointer the post has
/// `received`. Hashtags are a list of strings; without any they are found in the
/// text. Error codes, dead letters: field_missing (id, text, or a time that has a
/// pointer), field_type, field_range.
Result<void> read_custom(simdjson::dom::object message, const CustomFields& fields,
                         WallTime received, ParseBuffers& buffers);

}  // namespace rookery::ingest
