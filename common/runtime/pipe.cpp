#include "common/runtime/pipe.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <poll.h>
#include <simdjson.h>
#include <unistd.h>

#include "common/records/json_writer.hpp"
#include "common/runtime/partitioner.hpp"

namespace rookery {

namespace {

constexpr std::size_t kBlock = 1U << 20U;
constexpr std::size_t kLineMax = 128U << 20U;

}  // namespace

Result<bool> LineReader::fill(std::chrono::milliseconds timeout) {
  pollfd waiting{descriptor_, POLLIN, 0};
  const int ready = ::poll(&waiting, 1, static_cast<int>(timeout.count()));
  if (ready == 0 || (ready < 0 && errno == EINTR)) return false;
  const std::size_t size = buffer_.size();
  if (size - begin_ > kLineMax) {
    return fatal("input_unreadable", "standard input: expected lines of at most " +
                                         std::to_string(kLineMax) + " bytes");
  }
  buffer_.resize(size + kBlock);
  const ssize_t count = ::read(descriptor_, buffer_.data() + size, kBlock);
  buffer_.resize(size + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  if (count < 0 && errno != EINTR && errno != EAGAIN) {
    return fatal("input_unreadable", std::string("standard input: ") + strerrordesc_np(errno));
  }
  at_end_ = count == 0;
  return count > 0;
}

Result<void> LineReader::read(std::chrono::milliseconds timeout, std::size_t lines_max,
                              std::vector<std::string_view>& lines, bool& finished) {
  lines.clear();
  buffer_.erase(0, begin_);
  scanned_ -= begin_;
  begin_ = 0;
  std::vector<std::pair<std::size_t, std::size_t>> found;
  std::size_t start = 0;
  while (found.size() < lines_max) {
    const std::size_t end = buffer_.find('\n', scanned_);
    if (end != std::string::npos) {
      found.emplace_back(start, end);
      start = scanned_ = end + 1;
      continue;
    }
    scanned_ = buffer_.size();
    if (at_end_ || !found.empty()) break;
    const auto more = fill(timeout);
    ROOKERY_RETURN_IF_ERROR(more);
    if (!*more && !at_end_) break;
  }
  if (at_end_ && found.size() < lines_max && start < buffer_.size()) {
    found.emplace_back(start, buffer_.size());  // a last line without a line break
    start = scanned_ = buffer_.size();
  }
  begin_ = start;
  for (const auto& [from, to] : found) {
    std::string_view line = std::string_view(buffer_).substr(from, to - from);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty()) lines.push_back(line);
  }
  finished = at_end_ && begin_ == buffer_.size();
  return {};
}

struct PipeSource::Parser {
  simdjson::dom::parser parser;
  std::string padded;
};

PipeSource::PipeSource(int descriptor, std::string topic, std::int32_t partitions,
                       std::size_t batch_records_max)
    : reader_(descriptor),
      topic_(std::move(topic)),
      partitions_(partitions),
      batch_records_max_(batch_records_max),
      parser_(std::make_unique<Parser>()),
      next_offsets_(static_cast<std::size_t>(partitions)) {}

PipeSource::~PipeSource() = default;

Result<Batch> PipeSource::poll(std::chrono::milliseconds timeout) {
  for (std::int32_t i = 0; !assigned_ && i < partitions_; ++i) {
    const TopicPartition partition{topic_, Partition(i)};
    ROOKERY_RETURN_IF_ERROR(listener_->assign(partition, std::nullopt));
    ROOKERY_RETURN_IF_ERROR(listener_->restored(partition));
  }
  assigned_ = true;
  bool finished = false;
  ROOKERY_RETURN_IF_ERROR(reader_.read(timeout, batch_records_max_, lines_, finished));
  records_.clear();
  keys_.clear();
  keys_.reserve(lines_.size());  // the records point into it
  for (const std::string_view line : lines_) records_.push_back(to_record(line));
  return Batch{records_, finished};
}

InputRecord PipeSource::to_record(std::string_view line) {
  InputRecord record{.topic = topic_,
                     .partition = Partition(0),
                     .offset = Offset(0),
                     .timestamp = WallTime{},
                     .key = std::nullopt,
                     .value = line,
                     .headers = {}};
  parser_->padded.assign(line);
  parser_->padded.append(simdjson::SIMDJSON_PADDING, ' ');
  simdjson::dom::element root;
  std::string_view id;
  // What is not JSON, or has no id, is for the stage to refuse.
  if (parser_->parser.parse(parser_->padded.data(), line.size(), false).get(root) ==
          simdjson::SUCCESS &&
      root["id"].get(id) == simdjson::SUCCESS) {
    record.key = keys_.emplace_back(id);
    record.partition = partition_of(*record.key, partitions_);
    bool deleted = false;
    if (root["deleted"].get(deleted) == simdjson::SUCCESS && deleted) record.value.reset();
  }
  record.offset = Offset(next_offsets_[static_cast<std::size_t>(record.partition.value())]++);
  return record;
}

Result<void> PipeSource::rewind_to_committed() {
  return fatal("input_not_repeatable", "standard input cannot be read again after a failed batch");
}

PipeSink::PipeSink(std::string output_topic, std::FILE* out, std::FILE* dead)
    : output_topic_(std::move(output_topic)), out_(out), dead_(dead) {}

Result<void> PipeSink::begin() {
  return {};
}

Result<void> PipeSink::write(const OutputRecord& record) {
  if (record.topic == "dead_letters") {
    pending_dead_.append(record.value.value_or("")).push_back('\n');
  } else if (record.topic == output_topic_) {
    if (record.value) {
      pending_.append(*record.value);
    } else {
      json::ObjectWriter deletion(pending_);
      deletion.string("id", record.key);
      deletion.boolean("deleted", true);
    }
    pending_.push_back('\n');
  } else {
    ++pending_left_out_[std::string(record.topic)];
  }
  return {};
}

Result<void> PipeSink::commit(const Progress& /*progress*/) {
  const auto flush = [](std::string& lines, std::FILE* file) {
    const bool written =
        std::fwrite(lines.data(), 1, lines.size(), file) == lines.size() && std::fflush(file) == 0;
    lines.clear();
    return written;
  };
  if (!flush(pending_, out_) || !flush(pending_dead_, dead_)) {
    return fatal("output_closed", std::string("writing the output: ") + strerrordesc_np(errno));
  }
  for (const auto& [topic, records] : pending_left_out_) left_out_[topic] += records;
  pending_left_out_.clear();
  return {};
}

Result<void> PipeSink::abort() {
  pending_.clear();
  pending_dead_.clear();
  pending_left_out_.clear();
  return {};
}

}  // namespace rookery
