#include "tests/bench/probe_clients.hpp"

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "common/kafka/partition_list.hpp"

namespace rookery::kafka {
namespace {

constexpr int kTimeoutMs = 10'000;
constexpr std::chrono::milliseconds kPause{100};
constexpr int kTriesMax = 100;

}  // namespace

void check(bool condition, const std::string& what) {
  if (condition) return;
  std::fprintf(stderr, "probe: %s\n", what.c_str());
  std::exit(1);
}

Client Probe::client(rd_kafka_type_t type, const Properties& properties) {
  return expect(make_client(type, expect(make_conf(connection_, properties, *this))));
}

Client Probe::read_from_end(const std::string& topic) {
  auto client = this->client(RD_KAFKA_CONSUMER, {{"group.id", "probe"},
                                                 {"enable.auto.commit", "false"},
                                                 {"isolation.level", "read_committed"}});
  const int count = expect(partition_count(*client, topic, std::chrono::milliseconds(kTimeoutMs)));
  const auto list = make_list(count);
  for (int i = 0; i < count; ++i) {
    std::int64_t low = 0;
    std::int64_t high = 0;
    // A new topic has no leader for a moment.
    for (int tries = 0;
         rd_kafka_query_watermark_offsets(client.get(), topic.c_str(), i, &low, &high,
                                          kTimeoutMs) != RD_KAFKA_RESP_ERR_NO_ERROR;
         ++tries) {
      check(tries < kTriesMax, "the end of " + topic + " is not known");
      std::this_thread::sleep_for(kPause);
    }
    add(*list, {topic, Partition(i)}).offset = high;
  }
  check(rd_kafka_assign(client.get(), list.get()) == RD_KAFKA_RESP_ERR_NO_ERROR,
        "assigning failed");
  return client;
}

void Probe::on_delivery(const rd_kafka_message_t& message) {
  check(message.err == RD_KAFKA_RESP_ERR_NO_ERROR, "a record was not written");
}

}  // namespace rookery::kafka
