#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/result.hpp"

namespace rookery::ingest {

/// Finds the line break that ends a CSV record: one within quotes does not
/// (RFC 4180, section 2, rule 6). Remembers where it stands between two chunks.
class CsvBreaks {
 public:
  /// The index of the first line break of `bytes` that ends a record; npos if
  /// there is none. The next call goes on behind what was looked at.
  std::size_t find(std::string_view bytes);

  /// The next byte begins a record.
  void restart() { state_ = State::kFieldStart; }

  /// What was looked at ends within quotes.
  [[nodiscard]] bool in_quotes() const { return state_ == State::kQuoted; }

 private:
  enum class State : std::uint8_t { kFieldStart, kBare, kQuoted, kQuoteSeen };
  State state_ = State::kFieldStart;
};

/// Splits one record of comma-separated values (RFC 4180). Keeps its buffers;
/// one thread uses it.
class CsvRow {
 public:
  /// Replaces fields(), which hold until the next call and while `record` does.
  /// Error code, a dead letter: csv_malformed (text behind a closing quote, or a
  /// quote that is never closed).
  Result<void> split(std::string_view record);

  [[nodiscard]] const std::vector<std::string_view>& fields() const { return fields_; }

 private:
  Result<std::size_t> read_quoted(std::string_view record, std::size_t begin);

  std::vector<std::string_view> fields_;
  std::string unquoted_;  ///< Fields whose doubled quotes were undone.
};

}  // namespace rookery::ingest
