#include "common/kafka/replay.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "common/kafka/error.hpp"
#include "common/kafka/partition_list.hpp"

namespace rookery::kafka {
namespace {

std::vector<Header> read_headers(const rd_kafka_message_t& message) {
  std::vector<Header> headers;
  rd_kafka_headers_t* list = nullptr;
  if (rd_kafka_message_headers(&message, &list) != RD_KAFKA_RESP_ERR_NO_ERROR) return headers;
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

}  // namespace

InputRecord to_record(const rd_kafka_message_t& message, std::string_view topic,
                      std::vector<std::vector<Header>>& headers) {
  InputRecord record{.topic = topic,
                     .partition = Partition(message.partition),
                     .offset = Offset(message.offset),
                     .timestamp = WallTime(std::chrono::milliseconds(
                         std::max<std::int64_t>(rd_kafka_message_timestamp(&message, nullptr), 0))),
                     .key = std::nullopt,
                     .value = std::nullopt,
                     .headers = {}};
  if (message.key != nullptr) {
    record.key = std::string_view(static_cast<const char*>(message.key), message.key_len);
  }
  if (message.payload != nullptr) {
    record.value = std::string_view(static_cast<const char*>(message.payload), message.len);
  }
  if (auto found = read_headers(message); !found.empty()) {
    headers.push_back(std::move(found));
    record.headers = headers.back();  // the inner vector's storage does not move
  }
  return record;
}

Result<void> replay_range(const Connection& connection, const Surroundings& around,
                          const TopicPartition& partition, Offset from, Offset to,
                          PartitionListener& listener) {
  ClientEvents events(around.log);
  auto conf = make_conf(connection,
                        {{"group.id", "replay"},
                         {"enable.auto.commit", "false"},
                         {"isolation.level", "read_committed"},
                         {"enable.partition.eof", "true"},
                         {"auto.offset.reset", "error"},
                         {"fetch.wait.max.ms", "20"},
                         {"queued.max.messages.kbytes", "16384"}},
                        events);
  ROOKERY_RETURN_IF_ERROR(conf);
  auto client = make_client(RD_KAFKA_CONSUMER, std::move(*conf));
  ROOKERY_RETURN_IF_ERROR(client);
  auto list = make_list(1);
  add(*list, partition).offset = from.value();
  rd_kafka_assign(client->get(), list.get());
  std::vector<std::vector<Header>> headers;
  std::uint64_t records = 0;
  while (!around.stop.stop_requested()) {
    around.status.beat();
    const Message message(rd_kafka_consumer_poll(client->get(), 200));
    if (!message) continue;
    // An end-of-partition event also carries the position behind markers.
    if (message->offset >= to.value() && (message->err == RD_KAFKA_RESP_ERR_NO_ERROR ||
                                          message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF)) {
      around.log.info("state restored", {{"partition", describe(partition)},
                                         {"from", from.value()},
                                         {"to", to.value()},
                                         {"records", records}});
      return {};
    }
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) continue;
    if (message->err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET) {
      return misconfigured("replay_lost",
                           describe(partition) + ": state must be read again from offset " +
                               std::to_string(from.value()) + ", which retention has deleted");
    }
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      around.log.warn("restoring is disturbed",
                      {{"detail", to_error(message->err, "replay").message}});
      continue;
    }
    headers.clear();
    ROOKERY_RETURN_IF_ERROR(listener.replay(to_record(*message, partition.topic, headers)));
    if (++records % 65'536 == 0) {
      around.status.set(StageState::kRestoring, describe(partition) + " at " +
                                                    std::to_string(message->offset) + " of " +
                                                    std::to_string(to.value()));
    }
  }
  return fatal("stopped", "stopped while restoring");
}

}  // namespace rookery::kafka
