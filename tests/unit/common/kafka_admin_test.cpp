#include <array>
#include <chrono>
#include <memory>
#include <string>

#include <catch2/catch.hpp>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include "common/core/clock.hpp"
#include "common/kafka/admin.hpp"
#include "common/kafka/handle.hpp"

namespace rookery::kafka {
namespace {

using namespace std::chrono_literals;

/// librdkafka's own broker within the process: here the rule is under test, and only its answers
/// can be held back.
class MockBroker {
 public:
  MockBroker()
      : client_(rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), nullptr, 0)),
        cluster_(rd_kafka_mock_cluster_new(client_.get(), 1)) {}

  void create_topic(const char* name) { rd_kafka_mock_topic_create(cluster_.get(), name, 1, 1); }
  void answer_after(std::chrono::milliseconds delay) {
    rd_kafka_mock_broker_set_rtt(cluster_.get(), 1, static_cast<int>(delay.count()));
  }
  [[nodiscard]] std::string address() const {
    return rd_kafka_mock_cluster_bootstraps(cluster_.get());
  }

 private:
  Client client_;
  std::unique_ptr<rd_kafka_mock_cluster_t, Deleter<rd_kafka_mock_cluster_destroy>> cluster_;
};

TEST_CASE("an answer that comes too late is not that to the next question", "[kafka]") {
  MockBroker broker;
  broker.create_topic("posts");
  SystemClock clock;
  Log log("test", clock);
  log.configure(Log::Level::kError, Log::Format::kLogfmt);
  auto admin = Admin::create({.brokers = broker.address(), .properties = {}}, log, 1s);
  REQUIRE(admin);
  const std::array posts = {TopicPartition{"posts", Partition(0)}};
  REQUIRE((*admin)->committed("group"));  // Connected, and the coordinator is known.
  REQUIRE((*admin)->ends(posts));

  broker.answer_after(1'500ms);
  const auto late = (*admin)->committed("group");
  REQUIRE_FALSE(late);
  CHECK(late.error().disposition == Disposition::kRetryBatch);
  broker.answer_after(0ms);
  clock.sleep_for(1'500ms, {});  // Now it is there.

  const auto ends = (*admin)->ends(posts);
  REQUIRE(ends);
  CHECK(ends->at(posts.front()) == Offset(0));
}

}  // namespace
}  // namespace rookery::kafka
