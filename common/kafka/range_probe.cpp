#include "common/kafka/range_probe.hpp"

#include <utility>

#include "common/kafka/error.hpp"
#include "common/kafka/partition_list.hpp"

namespace rookery::kafka {
namespace {

constexpr int kPollMs = 100;
constexpr int kPollsMax = 30;

}  // namespace

Result<Found> RangeProbe::look(const TopicPartition& partition, Offset from, Offset to) {
  if (from >= to) return Found::kNothing;
  const auto known = empty_.find(partition);
  if (known != empty_.end() && known->second.from <= from && to <= known->second.to) {
    return Found::kNothing;
  }
  if (!client_) ROOKERY_RETURN_IF_ERROR(open());
  auto list = make_list(1);
  add(*list, partition).offset = from.value();
  const auto code = rd_kafka_assign(client_.get(), list.get());
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return tl::make_unexpected(to_error(code, "looking into topic " + partition.topic));
  }
  auto found = read(to);
  rd_kafka_assign(client_.get(), nullptr);
  if (found && *found == Found::kNothing) empty_.insert_or_assign(partition, Range{from, to});
  // One that fell silent may have lost its brokers for good: see connect().
  if (!found || *found == Found::kUndecided) client_.reset();
  return found;
}

Result<void> RangeProbe::open() {
  auto conf = make_conf(connection_,
                        {{"group.id", "range-probe"},
                         {"enable.auto.commit", "false"},
                         {"isolation.level", "read_committed"},
                         {"enable.partition.eof", "true"},
                         {"auto.offset.reset", "error"},
                         {"fetch.wait.max.ms", "10"},
                         {"queued.max.messages.kbytes", "1024"}},
                        events_);
  ROOKERY_RETURN_IF_ERROR(conf);
  auto client = make_client(RD_KAFKA_CONSUMER, std::move(*conf));
  ROOKERY_RETURN_IF_ERROR(client);
  client_ = std::move(*client);
  return {};
}

/// An end-of-partition event carries the position behind markers; under read_committed it comes
/// where an open transaction begins, too.
Result<Found> RangeProbe::read(Offset to) {
  for (int polls = 0; polls < kPollsMax; ++polls) {
    const Message message(rd_kafka_consumer_poll(client_.get(), kPollMs));
    if (!message) continue;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      return message->offset < to.value() ? Found::kRecords : Found::kNothing;
    }
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      return message->offset < to.value() ? Found::kUndecided : Found::kNothing;
    }
    Error error = to_error(message->err, "looking into a topic");
    if (error.disposition != Disposition::kRetryBatch) return tl::make_unexpected(std::move(error));
  }
  return Found::kUndecided;
}

}  // namespace rookery::kafka
