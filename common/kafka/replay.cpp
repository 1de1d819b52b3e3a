#include "common/kafka/replay.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "common/kafka/error.hpp"
#include "common/kafka/partition_list.hpp"

namespace rookery::kafka {
namespace {

/// Of a rd_kafka_message_t.
std::vector<Header> read_headers(const void* message) {
  std::vector<Header> headers;
  rd_kafka_headers_t* list = nullptr;
  if (rd_kafka_message_headers(static_cast<const rd_kafka_message_t*>(message), &list) !=
      RD_KAFKA_RESP_ERR_NO_ERROR)
    return headers;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0;
       rd_kafka_header_get_all(list, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i) {
    headers.push_back({name, {static_cast<const char*>(value), value == nullptr ? 0 : size}});
  }
  return headers;
}

std::string describe(const TopicPartition& partition) {
  return partition.topic + "[" + std::to_string(partition.partition.value()) + "]";
}

constexpr std::int64_t kToItsEnd = std::numeric_limits<std::int64_t>::max();

/// Takes what is read of a range.
struct Reading {
  std::function<Result<void>(const InputRecord&)> take;
  bool needs_all = false;  ///< See PartitionListener::needs_whole_replay().
};

/// One reading of a range, with a new client where the last one has fallen silent: see connect().
class Replay {
 public:
  Replay(const Connection& connection, const Surroundings& around, const TopicPartition& partition,
         Offset from, Offset to)
      : connection_(connection),
        around_(around),
        partition_(partition),
        from_(from.value()),
        to_(to.value()),
        next_(from_),
        events_(around.log) {}

  /// Reads a record, or waits a little for it; true at the end of the range.
  Result<bool> read(const Reading& reading) {
    around_.status.beat();
    if (!client_ || reopen_ || around_.clock.monotonic_now() - heard_ > kSilenceMax) {
      ROOKERY_RETURN_IF_ERROR(open());
    }
    const Message message(rd_kafka_consumer_poll(client_.get(), 200));
    if (!message) return false;
    heard_ = around_.clock.monotonic_now();
    const bool end = message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
    // An end-of-partition event also carries the position behind markers.
    if ((message->offset >= to_ || (end && to_ == kToItsEnd)) &&
        (message->err == RD_KAFKA_RESP_ERR_NO_ERROR || end)) {
      tell(end_);
      around_.log.info("state restored", {{"partition", describe(partition_)},
                                          {"from", from_},
                                          {"to", end_},
                                          {"records", records_},
                                          {"bytes", bytes_}});
      return true;
    }
    if (end) return false;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) return note(*message, reading);
    ROOKERY_RETURN_IF_ERROR(reading.take(to_record(*message, partition_.topic)));
    next_ = message->offset + 1;
    bytes_ += static_cast<std::int64_t>(message->len);
    show_progress(next_);
    return false;
  }

 private:
  static constexpr std::chrono::seconds kSilenceMax{10};

  Result<void> open() {
    client_.reset();
    reopen_ = false;
    auto client = connect(RD_KAFKA_CONSUMER, connection_,
                          {{"group.id", "replay"},
                           {"enable.auto.commit", "false"},
                           {"isolation.level", "read_committed"},
                           {"enable.partition.eof", "true"},
                           {"auto.offset.reset", "error"},
                           {"fetch.wait.max.ms", "20"},
                           // As those of the source: a restart needs no more memory than the
                           // work does.
                           {"fetch.message.max.bytes", "262144"},
                           {"queued.max.messages.kbytes", "1024"},
                           // A full queue is looked at again after this. With the default of a
                           // second 200,000 posts took some 40 s to read, with this less than 2.
                           {"fetch.queue.backoff.ms", "10"}},
                          events_, around_);
    ROOKERY_RETURN_IF_ERROR(client);
    client_ = std::move(*client);
    find_end();
    auto list = make_list(1);
    add(*list, partition_).offset = next_;
    rd_kafka_assign(client_.get(), list.get());
    heard_ = around_.clock.monotonic_now();
    return {};
  }

  Result<bool> note(const rd_kafka_message_t& message, const Reading& reading) {
    if (message.err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET) {
      if (!reading.needs_all) return begin_at_start();
      return misconfigured("replay_lost",
                           describe(partition_) + ": state must be read again from offset " +
                               std::to_string(from_) + ", which retention has deleted");
    }
    around_.log.warn("restoring is disturbed",
                     {{"detail", to_error(message.err, "replay").message}});
    return false;
  }

  /// Goes on where the log begins; true: nothing is left of what was to be read.
  Result<bool> begin_at_start() {
    std::int64_t low = 0;
    std::int64_t high = 0;
    constexpr int kTimeoutMs = 5'000;
    const auto error =
        rd_kafka_query_watermark_offsets(client_.get(), partition_.topic.c_str(),
                                         partition_.partition.value(), &low, &high, kTimeoutMs);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
      around_.log.warn("restoring is disturbed", {{"detail", to_error(error, "replay").message}});
      return false;
    }
    around_.log.info("restoring without what retention deleted",
                     {{"partition", describe(partition_)}, {"from", from_}, {"begin", low}});
    next_ = std::max(next_, low);
    if (next_ >= to_) return true;
    reopen_ = true;  // Not here: a message of the old client is still held.
    return false;
  }

  /// Every so often, and at the end.
  void show_progress(std::int64_t next) {
    constexpr std::int64_t kOften = 4 << 20;
    if (++records_ % 65'536 != 0 && bytes_ - shown_ < kOften) return;
    shown_ = bytes_;
    tell(next);
    around_.status.set(StageState::kRestoring,
                       describe(partition_) + " at " + std::to_string(next) + " of " +
                           std::to_string(end_) + ", " + std::to_string(bytes_ >> 20U) + " MiB");
  }
  void tell(std::int64_t next) const {
    around_.status.set_restore(
        {.offsets_done = next - from_, .offsets = end_ - from_, .bytes_done = bytes_});
  }

  /// How far a log goes that is read to its end; for people, so that it may be a little short.
  void find_end() {
    end_ = to_;
    if (to_ != kToItsEnd) return;
    std::int64_t low = 0;
    constexpr int kTimeoutMs = 5'000;
    if (rd_kafka_query_watermark_offsets(client_.get(), partition_.topic.c_str(),
                                         partition_.partition.value(), &low, &end_,
                                         kTimeoutMs) != RD_KAFKA_RESP_ERR_NO_ERROR) {
      end_ = next_;
    }
  }

  const Connection& connection_;
  const Surroundings& around_;
  const TopicPartition& partition_;
  std::int64_t from_;
  std::int64_t to_;
  std::int64_t next_;
  ClientEvents events_;
  Client client_;
  MonotonicTime heard_{};
  bool reopen_ = false;
  std::int64_t end_ = 0;  ///< See find_end().
  std::uint64_t records_ = 0;
  std::int64_t bytes_ = 0;
  std::int64_t shown_ = 0;  ///< Bytes when progress was shown last.
};

Result<void> run(Replay replay, const Surroundings& around, const Reading& reading) {
  while (!around.stop.stop_requested()) {
    const auto done = replay.read(reading);
    ROOKERY_RETURN_IF_ERROR(done);
    if (*done) return {};
  }
  return fatal("stopped", "stopped while restoring");
}

}  // namespace

InputRecord to_record(const rd_kafka_message_t& message, std::string_view topic) {
  InputRecord record{.topic = topic,
                     .partition = Partition(message.partition),
                     .offset = Offset(message.offset),
                     .timestamp = WallTime(std::chrono::milliseconds(
                         std::max<std::int64_t>(rd_kafka_message_timestamp(&message, nullptr), 0))),
                     .key = std::nullopt,
                     .value = std::nullopt,
                     .headers = {&message, read_headers}};
  if (message.key != nullptr) {
    record.key = std::string_view(static_cast<const char*>(message.key), message.key_len);
  }
  if (message.payload != nullptr) {
    record.value = std::string_view(static_cast<const char*>(message.payload), message.len);
  }
  return record;
}

Result<void> replay_range(const Connection& connection, const Surroundings& around,
                          const TopicPartition& partition, Offset from, Offset to,
                          PartitionListener& listener) {
  return run(Replay(connection, around, partition, from, to), around,
             {.take = [&](const InputRecord& record) { return listener.replay(record); },
              .needs_all = listener.needs_whole_replay()});
}

Result<void> read_log(const Connection& connection, const Surroundings& around,
                      const TopicPartition& partition,
                      const std::function<Result<void>(const InputRecord&)>& take) {
  return run(Replay(connection, around, partition, Offset(0), Offset(kToItsEnd)), around,
             {.take = take});
}

}  // namespace rookery::kafka
