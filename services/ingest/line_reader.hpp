#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/result.hpp"
#include "services/ingest/byte_stream.hpp"
#include "services/ingest/csv_row.hpp"

namespace rookery::ingest {

/// A place between two lines of a stream.
struct LinePosition {
  std::uint64_t byte = 0;  ///< Of the decompressed stream, of the next line.
  std::uint64_t line = 0;  ///< Lines before it, empty ones included.

  friend bool operator==(const LinePosition&, const LinePosition&) = default;
};

/// What ends a line: every line break, or one outside of quotes (CSV).
enum class LineBreaks : std::uint8_t { kEvery, kOutsideQuotes };

struct Line {
  std::size_t begin = 0;  ///< In the reader's buffer.
  std::size_t size = 0;
  LinePosition behind;
};

/// Cuts a ByteStream into lines that end with LF or CRLF; the last one may end
/// without. Leaves out empty lines and a byte order mark at the very beginning.
/// Of a line longer than `line_bytes_max` the first line_bytes_max + 1 bytes are
/// given, so that the longer one can be told from one that just fits, and the
/// rest is skipped. Memory: the bytes of one fill() and one line. A CSV record that
/// is too long, or within quotes at the end of the file, ends at its first line
/// break: a quote that is never closed does not swallow what follows. Behind the hundredth
/// such quote every line break ends a record.
class LineReader {
 public:
  struct Limits {
    std::size_t line_bytes_max = 16U << 20U;
    std::size_t fill_bytes = 4U << 20U;
  };

  explicit LineReader(Limits limits) : limits_(limits) {}

  /// Reads `stream` from `position` on, by a jump or by reading what is before
  /// it. Error codes: position_invalid (kMisconfigured: the stream is shorter, or
  /// the position is within a line), and those of ByteStream::read.
  Result<void> start(std::unique_ptr<ByteStream> stream, LinePosition position,
                     LineBreaks breaks = LineBreaks::kEvery);

  /// Reads until some bytes' worth of lines are there, or none arrives within
  /// `timeout`. Replaces lines(). Lines before an error are given first.
  Result<void> fill(std::chrono::milliseconds timeout);

  [[nodiscard]] const std::vector<Line>& lines() const { return lines_; }
  [[nodiscard]] std::string_view text(const Line& line) const {
    return std::string_view(buffer_).substr(line.begin, line.size);
  }
  /// The stream was read to its end; lines() are the last.
  [[nodiscard]] bool finished() const { return finished_; }

 private:
  Result<void> skip(std::uint64_t bytes);
  Result<std::size_t> read_some(std::chrono::milliseconds timeout);
  void make_room();
  void take_lines();
  [[nodiscard]] std::size_t find_break();
  [[nodiscard]] std::size_t give_up_quote();
  void take_rest();
  void finish_line(std::size_t stop, std::size_t line_break);

  Limits limits_;
  std::unique_ptr<ByteStream> stream_;
  std::string buffer_;
  std::vector<Line> lines_;
  std::size_t tail_ = 0;       ///< Where the unfinished line begins.
  std::size_t scan_ = 0;       ///< No line break between tail_ and here.
  std::size_t end_ = 0;        ///< Bytes that are there.
  std::uint64_t dropped_ = 0;  ///< Bytes of the unfinished line that were skipped.
  LineBreaks breaks_ = LineBreaks::kEvery;
  CsvBreaks csv_breaks_;
  int quotes_given_up_ = 0;
  LinePosition next_;           ///< Of the unfinished line.
  std::optional<Error> error_;  ///< To be told after lines().
  bool finished_ = false;
};

}  // namespace rookery::ingest
