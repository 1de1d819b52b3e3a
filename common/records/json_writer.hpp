#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/core/clock.hpp"

namespace rookery::json {

/// Appends `text` as a JSON string with its quotes: RFC 8259 section 7, the
/// shortest escapes, everything from U+0020 on as it is. `text` must be valid
/// UTF-8.
void append_string(std::string& out, std::string_view text);

/// Appends the shortest decimal that reads back as `value`; "0" for -0, NaN and
/// the infinities, which JSON does not have.
void append_number(std::string& out, double value);
void append_number(std::string& out, std::int64_t value);

/// Appends thousandths as a decimal number, as 1234 -> 1.234: integer
/// arithmetic alone, so the same bytes on every machine.
void append_thousandths(std::string& out, std::int64_t value);

/// Appends an RFC 3339 UTC time in quotes; milliseconds only where not zero.
void append_time(std::string& out, WallTime time);

/// Writes one JSON object into a string: commas, quotes and escapes are its
/// business, nesting the caller's. Costs no allocation beyond the string's own.
///
///     ObjectWriter post(out);
///     post.string("id", id);
///     { ObjectWriter author = post.object("author"); author.string("id", author_id); }
///     post.close();
///
/// The destructor closes what is not closed.
class ObjectWriter {
 public:
  /// Appends to `out`, which must outlive the writer.
  explicit ObjectWriter(std::string& out);
  ~ObjectWriter();
  ObjectWriter(const ObjectWriter&) = delete;
  ObjectWriter& operator=(const ObjectWriter&) = delete;

  void string(std::string_view name, std::string_view value);
  void number(std::string_view name, double value);
  void number(std::string_view name, std::int64_t value);
  void thousandths(std::string_view name, std::int64_t value);
  void boolean(std::string_view name, bool value);  // NOLINT: the value, not a switch
  void time(std::string_view name, WallTime value);
  /// `value` is JSON already.
  void raw(std::string_view name, std::string_view value);
  /// The string to which the caller appends the value of `name`.
  std::string& value(std::string_view name);
  [[nodiscard]] ObjectWriter object(std::string_view name);
  void close();

 private:
  std::string* out_;
  bool first_ = true;
  bool open_ = true;
};

/// As ObjectWriter, for an array.
class ArrayWriter {
 public:
  explicit ArrayWriter(std::string& out);
  ~ArrayWriter();
  ArrayWriter(const ArrayWriter&) = delete;
  ArrayWriter& operator=(const ArrayWriter&) = delete;

  void string(std::string_view value);
  /// The string to which the caller appends the next element.
  std::string& next();
  void close();

 private:
  std::string* out_;
  bool first_ = true;
  bool open_ = true;
};

}  // namespace rookery::json
