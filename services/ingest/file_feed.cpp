#include "services/ingest/file_feed.hpp"

#include <algorithm>
#include <stop_token>

#include <simdjson.h>

#include "common/core/check.hpp"
#include "common/records/json_writer.hpp"
#include "services/ingest/input_files.hpp"

namespace rookery::ingest {
namespace {

constexpr std::string_view kStandardInput = "-";
/// How often the end of a followed file is looked at.
constexpr std::chrono::milliseconds kFollowPause{50};

Failure invalid_position(std::string_view text) {
  return misconfigured(
      "position_invalid",
      "position: expected {\"file\":F,\"byte\":B,\"line\":L} of these files, got " +
          std::string(text));
}

Failure in_file(const std::string& path, Error error) {
  error.message.insert(0, "file \"" + path + "\": ");
  return Failure(std::move(error));
}

}  // namespace

FileFeed::FileFeed(Options options, Clock& clock)
    : options_(std::move(options)),
      clock_(clock),
      reader_(options_.limits),
      pace_(options_.pace, clock) {
  ROOKERY_CHECK(!options_.paths.empty(), "the options were checked");
}

std::string FileFeed::location() const {
  std::string paths;
  for (const auto& path : options_.paths) {
    if (!paths.empty()) paths.push_back(',');
    paths.append(path);
  }
  return paths;
}

bool FileFeed::csv(const std::string& path) const {
  return options_.csv == Csv::kAll || (options_.csv == Csv::kByName && is_csv_name(path));
}

Result<FileFeed::Position> FileFeed::parse_position(std::string_view text) const {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  Position position;
  std::uint64_t file = 0;
  if (parser.parse(simdjson::padded_string(text)).get(root) != simdjson::SUCCESS ||
      root["file"].get_uint64().get(file) != simdjson::SUCCESS ||
      root["byte"].get_uint64().get(position.line.byte) != simdjson::SUCCESS ||
      root["line"].get_uint64().get(position.line.line) != simdjson::SUCCESS) {
    return invalid_position(text);
  }
  std::string_view name;
  if (root["name"].get_string().get(name) == simdjson::SUCCESS) {
    // Files may have come before it since.
    const auto found = std::find(files_.begin(), files_.end(), name);
    file = static_cast<std::size_t>(found - files_.begin());
  }
  if (file >= files_.size()) return invalid_position(text);
  position.file = file;
  std::uint64_t inode = 0;
  if (following() && root["inode"].get_uint64().get(inode) == simdjson::SUCCESS) {
    auto bytes = FileBytes::open(files_[file]);
    ROOKERY_RETURN_IF_ERROR(bytes);
    // A new log under the old name is read from its beginning.
    if ((*bytes)->inode() != inode) position.line = {};
  }
  return position;
}

Result<void> FileFeed::list_files() {
  folders_ = any_folder(options_.paths);
  auto files = input_files(options_.paths);
  ROOKERY_RETURN_IF_ERROR(files);
  if (files->empty() && !following()) {
    return misconfigured("input_unreadable",
                         "file: expected files in " + location() + ", got none");
  }
  files_ = std::move(*files);
  return {};
}

Result<void> FileFeed::seek(const std::optional<std::string>& position) {
  ROOKERY_RETURN_IF_ERROR(list_files());
  for (const auto& path : files_) {
    if (path != kStandardInput) ROOKERY_RETURN_IF_ERROR(FileBytes::open(path));
  }
  Position target;
  if (position) {
    auto parsed = parse_position(*position);
    ROOKERY_RETURN_IF_ERROR(parsed);
    target = *parsed;
    if (files_[target.file] == kStandardInput && !input_used_) target.line = {};
  }
  pace_.restart();
  opened_ = true;
  if (files_.empty()) {
    position_ = {};
    return {};
  }
  return open(target.file, target.line);
}

Result<void> FileFeed::open(std::size_t file, LinePosition position) {
  const std::string& path = files_[file];
  auto bytes = FileBytes::open(path);
  ROOKERY_RETURN_IF_ERROR(bytes);
  if (path == kStandardInput) {
    if (input_used_ && !(*bytes)->jump(0)) {
      return fatal("input_not_seekable",
                   "standard input is a pipe and was read already: it has no way back");
    }
    input_used_ = true;
  }
  given_ = 0;
  position_ = {.file = file, .line = position};
  bytes_ = bytes->get();
  inode_ = bytes_->inode();
  if (following() && last_file()) bytes_->at_end(FileBytes::AtEnd::kFollow);
  const bool rows = csv(path);
  first_row_due_ = rows && position.byte == 0;
  if (!rows) columns_.reset();
  if (rows && position.byte > 0 && columns_file_ != file) {
    ROOKERY_RETURN_IF_ERROR(remember_columns(path));
  }
  columns_file_ = rows && !first_row_due_ ? std::optional(file) : std::nullopt;
  auto started = reader_.start(decompressed(std::move(*bytes)), position,
                               rows ? LineBreaks::kOutsideQuotes : LineBreaks::kEvery);
  if (started) return {};
  return in_file(path, std::move(started).error());
}

/// The columns stand in the first row, and reading goes on behind it.
Result<void> FileFeed::remember_columns(const std::string& path) {
  auto bytes = FileBytes::open(path);
  ROOKERY_RETURN_IF_ERROR(bytes);
  LineReader reader({.line_bytes_max = options_.limits.line_bytes_max, .fill_bytes = 1});
  ROOKERY_RETURN_IF_ERROR(
      reader.start(decompressed(std::move(*bytes)), {}, LineBreaks::kOutsideQuotes));
  ROOKERY_RETURN_IF_ERROR(reader.fill(std::chrono::milliseconds(0)));
  CsvRow row;
  if (!reader.lines().empty()) ROOKERY_RETURN_IF_ERROR(row.split(reader.text(reader.lines()[0])));
  auto columns = resolve_columns(options_.mapping, row.fields());
  if (!columns) return in_file(path, std::move(columns).error());
  columns_ = std::move(*columns);
  return {};
}

Result<void> FileFeed::take_first_row() {
  if (!first_row_due_ || reader_.lines().empty()) return {};
  const Line& line = reader_.lines().front();
  CsvRow row;
  auto split = row.split(reader_.text(line));
  if (!split) {
    return in_file(files_[position_.file], {Disposition::kMisconfigured, "csv_columns_missing",
                                            "expected names of columns: " + split.error().message});
  }
  auto columns = resolve_columns(options_.mapping, row.fields());
  if (!columns) return in_file(files_[position_.file], std::move(columns).error());
  columns_ = std::move(*columns);
  columns_file_ = position_.file;
  first_row_due_ = false;
  if (!columns_->header) return {};
  given_ = 1;
  position_.line = line.behind;
  return {};
}

Result<void> FileFeed::refill(std::chrono::milliseconds timeout) {
  if (pending() > 0) return {};
  if (files_.empty()) return look_for_successor(timeout);
  while (reader_.finished() && !last_file()) {
    ROOKERY_RETURN_IF_ERROR(open(position_.file + 1, {}));
  }
  given_ = 0;
  ROOKERY_RETURN_IF_ERROR(reader_.fill(timeout));
  ROOKERY_RETURN_IF_ERROR(take_first_row());
  if (following() && pending() == 0 && last_file()) return look_for_successor(timeout);
  return {};
}

/// At the end of a followed file: waits a little, then sees whether what comes
/// next stands in another file.
Result<void> FileFeed::look_for_successor(std::chrono::milliseconds timeout) {
  clock_.sleep_for(std::min(timeout, kFollowPause), std::stop_token{});
  if (folders_) {
    auto files = input_files(options_.paths);
    ROOKERY_RETURN_IF_ERROR(files);
    const std::string current = files_.empty() ? std::string() : files_[position_.file];
    const bool first = files_.empty();
    const auto found = std::find(files->begin(), files->end(), current);
    if (first ? !files->empty() : found != files->end() && found + 1 != files->end()) {
      files_ = std::move(*files);
      if (first) return open(0, {});
      position_.file = static_cast<std::size_t>(std::find(files_.begin(), files_.end(), current) -
                                                files_.begin());
      // Its last line may have come without a line break.
      bytes_->at_end(FileBytes::AtEnd::kFinish);
      return {};
    }
  }
  if (files_.empty() || bytes_ == nullptr) return {};
  if (reader_.finished()) return open(position_.file, {});
  if (bytes_->replaced()) bytes_->at_end(FileBytes::AtEnd::kFinish);
  return {};
}

std::size_t FileFeed::due_lines(std::size_t lines, std::chrono::milliseconds timeout) {
  if (!pace_.by_event_time()) return pace_.admit(lines, timeout);
  for (std::size_t i = 0; i < lines; ++i) {
    const auto time = event_time_.read(reader_.text(reader_.lines()[given_ + i]));
    const auto patience = i == 0 ? timeout : std::chrono::milliseconds(0);
    // A line without a time goes with the one before it.
    if (time && !pace_.admit_at(*time, patience)) return i;
  }
  return lines;
}

Result<FeedBatch> FileFeed::read(std::chrono::milliseconds timeout, std::size_t items_max) {
  if (!opened_) ROOKERY_RETURN_IF_ERROR(seek(std::nullopt));
  ROOKERY_RETURN_IF_ERROR(refill(timeout));
  if (options_.columns != nullptr) *options_.columns = columns_;
  FeedBatch batch;
  const std::size_t count = due_lines(std::min(pending(), items_max), timeout);
  batch.items.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const Line& line = reader_.lines()[given_++];
    batch.items.push_back(reader_.text(line));
    position_.line = line.behind;
  }
  batch.finished = !following() && pending() == 0 && reader_.finished() && last_file();
  return batch;
}

std::string FileFeed::position() const {
  std::string text;
  json::ObjectWriter object(text);
  object.number("file", static_cast<std::int64_t>(position_.file));
  object.number("byte", static_cast<std::int64_t>(position_.line.byte));
  object.number("line", static_cast<std::int64_t>(position_.line.line));
  if (folders_ && !files_.empty()) object.string("name", files_[position_.file]);
  if (following()) object.number("inode", static_cast<std::int64_t>(inode_));
  object.close();
  return text;
}

}  // namespace rookery::ingest
