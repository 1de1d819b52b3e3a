#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace rookery::sink {

/// Appends one row of CSV (RFC 4180) to a string; the destructor ends it with
/// CRLF.
///
/// A text that a spreadsheet would take for a formula gets an apostrophe before
/// it: one that starts with = + - @, a tab or a carriage return (OWASP, "CSV
/// Injection"). Numbers are written as they are, also negative ones.
class CsvRow {
 public:
  /// `out` must outlive the row.
  explicit CsvRow(std::string& out) : out_(out) {}
  ~CsvRow() { out_.append("\r\n"); }
  CsvRow(const CsvRow&) = delete;
  CsvRow& operator=(const CsvRow&) = delete;

  void text(std::string_view value);
  void number(std::int64_t value);
  void number(double value);
  void empty();

 private:
  std::string& out_;
  bool first_ = true;
};

}  // namespace rookery::sink
