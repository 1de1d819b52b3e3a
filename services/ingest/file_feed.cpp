#include "services/ingest/file_feed.hpp"

#include <algorithm>

#include <simdjson.h>

#include "common/core/check.hpp"
#include "common/records/json_writer.hpp"

namespace rookery::ingest {
namespace {

constexpr std::string_view kStandardInput = "-";

Failure invalid_position(std::string_view text) {
  return misconfigured(
      "position_invalid",
      "position: expected {\"file\":F,\"byte\":B,\"line\":L} of these files, got " +
          std::string(text));
}

}  // namespace

FileFeed::FileFeed(Options options, Clock& clock)
    : options_(std::move(options)), reader_(options_.limits), pace_(options_.pace, clock) {
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

Result<FileFeed::Position> FileFeed::parse_position(std::string_view text) const {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  Position position;
  std::uint64_t file = 0;
  if (parser.parse(simdjson::padded_string(text)).get(root) != simdjson::SUCCESS ||
      root["file"].get_uint64().get(file) != simdjson::SUCCESS ||
      root["byte"].get_uint64().get(position.line.byte) != simdjson::SUCCESS ||
      root["line"].get_uint64().get(position.line.line) != simdjson::SUCCESS ||
      file >= options_.paths.size()) {
    return invalid_position(text);
  }
  position.file = file;
  return position;
}

Result<void> FileFeed::seek(const std::optional<std::string>& position) {
  for (const auto& path : options_.paths) {
    if (path != kStandardInput) ROOKERY_RETURN_IF_ERROR(FileBytes::open(path));
  }
  Position target;
  if (position) {
    auto parsed = parse_position(*position);
    ROOKERY_RETURN_IF_ERROR(parsed);
    target = *parsed;
    if (options_.paths[target.file] == kStandardInput && !input_used_) target.line = {};
  }
  pace_.restart();
  return open(target.file, target.line);
}

Result<void> FileFeed::open(std::size_t file, LinePosition position) {
  auto bytes = FileBytes::open(options_.paths[file]);
  ROOKERY_RETURN_IF_ERROR(bytes);
  if (options_.paths[file] == kStandardInput) {
    if (input_used_ && !(*bytes)->jump(0)) {
      return fatal("input_not_seekable",
                   "standard input is a pipe and was read already: it has no way back");
    }
    input_used_ = true;
  }
  opened_ = true;
  given_ = 0;
  position_ = {.file = file, .line = position};
  auto started = reader_.start(decompressed(std::move(*bytes)), position);
  if (started) return {};
  Error error = std::move(started).error();
  error.message.insert(0, "file \"" + options_.paths[file] + "\": ");
  return Failure(std::move(error));
}

Result<void> FileFeed::refill(std::chrono::milliseconds timeout) {
  if (pending() > 0) return {};
  while (reader_.finished() && position_.file + 1 < options_.paths.size()) {
    ROOKERY_RETURN_IF_ERROR(open(position_.file + 1, {}));
  }
  given_ = 0;
  return reader_.fill(timeout);
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
  FeedBatch batch;
  const std::size_t count = due_lines(std::min(pending(), items_max), timeout);
  batch.items.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const Line& line = reader_.lines()[given_++];
    batch.items.push_back(reader_.text(line));
    position_.line = line.behind;
  }
  batch.finished =
      pending() == 0 && reader_.finished() && position_.file + 1 == options_.paths.size();
  return batch;
}

std::string FileFeed::position() const {
  std::string text;
  json::ObjectWriter object(text);
  object.number("file", static_cast<std::int64_t>(position_.file));
  object.number("byte", static_cast<std::int64_t>(position_.line.byte));
  object.number("line", static_cast<std::int64_t>(position_.line.line));
  object.close();
  return text;
}

}  // namespace rookery::ingest
