#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/kafka/sink.hpp"
#include "common/kafka/source.hpp"

namespace rookery::kafka {

/// The offsets of a consumer group, with the group's generation: a member that
/// the group no longer knows cannot commit (KIP-447).
class GroupProgress final : public ProgressWriter {
 public:
  explicit GroupProgress(KafkaSource& source) : source_(source) {}
  Result<void> write(KafkaSink& sink, const Progress& progress) override;
  Result<void> committed(const Progress& progress) override;

 private:
  KafkaSource& source_;
};

/// The position of a feed, as a record of the compacted topic ingest_cursors in
/// the same transaction as the feed's records. Unlike the offset of a group it
/// does not expire, and anybody can read it.
class CursorProgress final : public ProgressWriter {
 public:
  static constexpr std::string_view kTopic = "ingest_cursors";

  /// `key` as FeedSource::cursor_key().
  explicit CursorProgress(std::string key) : key_(std::move(key)) {}
  Result<void> write(KafkaSink& sink, const Progress& progress) override;

 private:
  std::string key_;
};

/// The IngestCursor of proto/rookery/v1: the value of a record of ingest_cursors.
std::string cursor_record(std::string_view key, const CommittedOffset& cursor);

/// The last committed cursor of `key`; absent: there is none. Call it after
/// KafkaSink::create() with the writer's transactional.id, which ends what a
/// dead predecessor left open.
Result<std::optional<CommittedOffset>> read_cursor(const Connection& connection,
                                                   const Surroundings& around,
                                                   const std::string& key);

}  // namespace rookery::kafka
