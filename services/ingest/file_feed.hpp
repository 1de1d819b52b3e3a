#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/clock.hpp"
#include "common/runtime/feed.hpp"
#include "services/ingest/event_time.hpp"
#include "services/ingest/line_reader.hpp"
#include "services/ingest/pace.hpp"

namespace rookery::ingest {

/// The lines of files, one after another: plain or compressed with gzip, bzip2
/// or Zstandard, told by their first bytes. Its position is
/// {"file":0,"byte":1234,"line":56}: the file's index, the byte of the next line
/// in the decompressed file, and the lines before it. One thread uses it.
///
/// Standard input ("-") cannot be read twice: a position from an earlier process
/// is taken as its beginning, and going back in a pipe is an error.
class FileFeed final : public Feed {
 public:
  struct Options {
    std::vector<std::string> paths;  ///< At least one.
    LineReader::Limits limits;
    Pace::Options pace;
  };

  /// `clock` outlives the feed.
  FileFeed(Options options, Clock& clock);

  [[nodiscard]] std::string_view source() const override { return "file"; }
  [[nodiscard]] std::string location() const override;

  /// Looks whether all files are there. Error codes: input_unreadable,
  /// position_invalid (both kMisconfigured), input_not_seekable (kFatal).
  Result<void> seek(const std::optional<std::string>& position) override;

  /// Error codes: input_unreadable (kRetryBatch), input_corrupt (kMisconfigured)
  /// after all whole lines before the damage.
  Result<FeedBatch> read(std::chrono::milliseconds timeout, std::size_t items_max) override;

  [[nodiscard]] std::string position() const override;

 private:
  struct Position {
    std::size_t file = 0;
    LinePosition line;
  };

  [[nodiscard]] Result<Position> parse_position(std::string_view text) const;
  Result<void> open(std::size_t file, LinePosition position);
  Result<void> refill(std::chrono::milliseconds timeout);
  [[nodiscard]] std::size_t due_lines(std::size_t lines, std::chrono::milliseconds timeout);
  [[nodiscard]] std::size_t pending() const { return reader_.lines().size() - given_; }

  Options options_;
  LineReader reader_;
  Pace pace_;
  EventTimeReader event_time_;
  Position position_;
  std::size_t given_ = 0;  ///< Of the reader's lines.
  bool opened_ = false;
  bool input_used_ = false;  ///< Standard input was opened before.
};

}  // namespace rookery::ingest
