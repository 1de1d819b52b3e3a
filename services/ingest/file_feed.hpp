#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/clock.hpp"
#include "common/runtime/feed.hpp"
#include "services/ingest/csv_columns.hpp"
#include "services/ingest/event_time.hpp"
#include "services/ingest/line_reader.hpp"
#include "services/ingest/pace.hpp"

namespace rookery::ingest {

/// The lines of files and folders, one file after another: plain or compressed
/// with gzip, bzip2 or Zstandard, told by their first bytes; CSV where the name
/// or the options say so. Its position is {"file":0,"byte":1234,"line":56}: the
/// file's index, the byte of the next line in the decompressed file, and the
/// lines before it; with a folder also the file's "name", so that new files may
/// come, and when following its "inode". One thread uses it.
///
/// Standard input ("-") cannot be read twice: a position from an earlier process
/// is taken as its beginning, and going back in a pipe is an error.
class FileFeed final : public Feed {
 public:
  /// Which files are CSV.
  enum class Csv : std::uint8_t { kByName, kAll, kNone };

  struct Options {
    std::vector<std::string> paths;  ///< At least one.
    LineReader::Limits limits;
    Pace::Options pace;
    Csv csv = Csv::kByName;
    CsvMapping mapping = {};
    /// Where the columns of the file stand to which the lines of the last read()
    /// belong, for the parser; absent: they are JSON. May be null.
    std::optional<CsvColumns>* columns = nullptr;
    /// Whether the last file is read on as it grows, is replaced, or gets a
    /// successor in its folder.
    FileBytes::AtEnd at_end = FileBytes::AtEnd::kFinish;
  };

  /// `clock` and `columns` outlive the feed.
  FileFeed(Options options, Clock& clock);

  [[nodiscard]] std::string_view source() const override { return "file"; }
  [[nodiscard]] std::string location() const override;

  /// Looks whether all files are there. Error codes: input_unreadable,
  /// position_invalid, csv_columns_missing (all kMisconfigured),
  /// input_not_seekable (kFatal).
  Result<void> seek(const std::optional<std::string>& position) override;

  /// Error codes: input_unreadable (kRetryBatch), input_corrupt and
  /// csv_columns_missing (kMisconfigured) after all whole lines before.
  Result<FeedBatch> read(std::chrono::milliseconds timeout, std::size_t items_max) override;

  [[nodiscard]] std::string position() const override;

 private:
  struct Position {
    std::size_t file = 0;
    LinePosition line;
  };

  [[nodiscard]] Result<Position> parse_position(std::string_view text) const;
  Result<void> list_files();
  Result<void> open(std::size_t file, LinePosition position);
  Result<void> remember_columns(const std::string& path);
  Result<void> take_first_row();
  [[nodiscard]] bool csv(const std::string& path) const;
  [[nodiscard]] bool last_file() const { return position_.file + 1 >= files_.size(); }
  [[nodiscard]] bool following() const { return options_.at_end == FileBytes::AtEnd::kFollow; }
  Result<void> refill(std::chrono::milliseconds timeout);
  Result<void> look_for_successor(std::chrono::milliseconds timeout);
  [[nodiscard]] std::size_t due_lines(std::size_t lines, std::chrono::milliseconds timeout);
  [[nodiscard]] std::size_t pending() const { return reader_.lines().size() - given_; }

  Options options_;
  Clock& clock_;
  std::vector<std::string> files_;
  bool folders_ = false;
  LineReader reader_;
  Pace pace_;
  EventTimeReader event_time_;
  Position position_;
  FileBytes* bytes_ = nullptr;  ///< Of the open file; the reader owns it.
  std::uint64_t inode_ = 0;     ///< Of the open file.
  std::size_t given_ = 0;       ///< Of the reader's lines.
  std::optional<CsvColumns> columns_;
  std::optional<std::size_t> columns_file_;  ///< Whose columns are known.
  bool first_row_due_ = false;
  bool opened_ = false;
  bool input_used_ = false;  ///< Standard input was opened before.
};

}  // namespace rookery::ingest
