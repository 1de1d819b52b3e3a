#include "common/kafka/progress.hpp"

#include <charconv>
#include <utility>

#include <simdjson.h>

#include "common/core/fault.hpp"
#include "common/kafka/error.hpp"
#include "common/kafka/partition_list.hpp"
#include "common/kafka/replay.hpp"
#include "common/records/json_writer.hpp"

namespace rookery::kafka {
namespace {

constexpr int kRequestTimeoutMs = 5'000;

Result<CommittedOffset> parse_cursor(const std::string& value) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  std::string_view position;
  std::string_view records;
  if (parser.parse(value).get(root) != simdjson::SUCCESS ||
      root["position"].get(position) != simdjson::SUCCESS ||
      root["records"].get(records) != simdjson::SUCCESS) {
    return misconfigured("cursor_malformed",
                         "topic ingest_cursors: expected position and records, got " + value);
  }
  std::int64_t count = 0;
  std::from_chars(records.data(), records.data() + records.size(), count);
  return CommittedOffset{Offset(count), std::string(position)};
}

/// Keeps the value of the last record with its key.
class LastValue final : public PartitionListener {
 public:
  explicit LastValue(const std::string& key) : key_(key) {}
  Result<std::optional<Offset>> assign(const TopicPartition& /*partition*/,
                                       const std::optional<CommittedOffset>& /*c*/) override {
    return std::optional<Offset>{};
  }
  Result<void> replay(const InputRecord& record) override {
    if (record.key == key_) {
      value = record.value ? std::optional(std::string(*record.value)) : std::nullopt;
    }
    return {};
  }
  Result<void> restored(const TopicPartition& /*partition*/) override { return {}; }
  void revoke(const TopicPartition& /*partition*/) override {}

  std::optional<std::string> value;

 private:
  const std::string& key_;
};

}  // namespace

std::string cursor_record(std::string_view key, const CommittedOffset& cursor) {
  std::string value;
  json::ObjectWriter record(value);
  const auto space = key.find(' ');
  record.string("source", key.substr(0, space));
  record.string("location", space == std::string_view::npos ? "" : key.substr(space + 1));
  record.string("position", cursor.metadata);
  record.string("records", std::to_string(cursor.offset.value()));
  record.close();
  return value;
}

Result<void> GroupProgress::write(KafkaSink& sink, const Progress& progress) {
  if (planted_mistake("offsets_outside_transaction")) return {};
  return send_offsets(sink, progress, *source_.group_metadata());
}

Result<void> GroupProgress::committed(const Progress& progress) {
  if (!planted_mistake("offsets_outside_transaction")) return {};
  return source_.commit_offsets(progress);
}

Result<void> CursorProgress::write(KafkaSink& sink, const Progress& progress) {
  for (const auto& [partition, cursor] : progress) {
    const std::string value = cursor_record(key_, cursor);
    ROOKERY_RETURN_IF_ERROR(
        sink.write({.topic = kTopic, .partition = Partition(0), .key = key_, .value = value}));
  }
  return {};
}

Result<std::optional<CommittedOffset>> read_cursor(const Connection& connection,
                                                   const Surroundings& around,
                                                   const std::string& key) {
  ClientEvents events(around.log);
  // The end must not hide behind an open transaction of another source: so the
  // bounds are asked for as a reader of everything sees them.
  const Properties properties{{"group.id", "cursors"}, {"isolation.level", "read_uncommitted"}};
  const TopicPartition partition{std::string(CursorProgress::kTopic), Partition(0)};
  std::int64_t low = 0;
  std::int64_t high = 0;
  // A partition whose leader has just changed refuses for a moment.
  constexpr std::chrono::milliseconds kPause{250};
  while (true) {
    auto client = connect(RD_KAFKA_CONSUMER, connection, properties, events, around);
    ROOKERY_RETURN_IF_ERROR(client);
    const auto code = rd_kafka_query_watermark_offsets(client->get(), partition.topic.c_str(), 0,
                                                       &low, &high, kRequestTimeoutMs);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) break;
    const Error error = to_error(code, "reading topic " + partition.topic);
    if (error.disposition != Disposition::kRetryBatch) return tl::make_unexpected(error);
    around.log.warn("the cursor is not to be had yet", {{"detail", error.message}});
    around.status.set(StageState::kStarting, error.message);
    if (!around.clock.sleep_for(kPause, around.stop)) {
      return fatal("stopped", "stopped while reading the cursor");
    }
  }
  LastValue last(key);
  if (low < high) {
    ROOKERY_RETURN_IF_ERROR(
        replay_range(connection, around, partition, Offset(low), Offset(high), last));
  }
  if (!last.value) return std::optional<CommittedOffset>{};
  auto cursor = parse_cursor(*last.value);
  ROOKERY_RETURN_IF_ERROR(cursor);
  return std::optional(std::move(*cursor));
}

}  // namespace rookery::kafka
