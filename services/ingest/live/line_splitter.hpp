#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace rookery::ingest {

/// Cuts a stream of chunks into lines that end with CRLF or LF, wherever the
/// chunks are cut: within a line, a character, or between CR and LF. An empty
/// line (X's keep-alive) is given too. Memory: one line. Of a line longer than
/// `line_bytes_max` the first line_bytes_max + 1 bytes are given, the rest is
/// skipped. One thread uses it.
class LineSplitter {
 public:
  using Line = std::function<void(std::string_view)>;

  explicit LineSplitter(std::size_t line_bytes_max) : line_bytes_max_(line_bytes_max) {}

  /// Calls `line` for each line that ends within `chunk`.
  void feed(std::string_view chunk, const Line& line);

  /// The stream ended: what has come of an unfinished line, cut short or not.
  void finish(const Line& line);

 private:
  void keep(std::string_view part);
  void give(std::string_view whole, const Line& line) const;

  std::size_t line_bytes_max_;
  std::string unfinished_;
};

}  // namespace rookery::ingest
