#include "common/testing/log_contract.hpp"

#include <array>
#include <cstdlib>
#include <memory>

#include <catch2/catch.hpp>
#include <unistd.h>

#include "common/kafka/admin.hpp"
#include "common/kafka/progress.hpp"
#include "common/kafka/replay.hpp"
#include "common/kafka/sink.hpp"
#include "common/kafka/source.hpp"
#include "tests/broker/collector.hpp"

namespace rookery::kafka {
namespace {

using namespace std::chrono_literals;

/// What the clients of a process use. It outlives every client: those that a
/// check abandons, as a crash would, run on to the end of the process.
struct Environment {
  Environment() { log.configure(Log::Level::kError, Log::Format::kLogfmt); }

  Connection connection{.brokers = std::getenv("ROOKERY_BROKERS"),  // NOLINT: before threads
                        .properties = {}};
  SystemClock clock;
  Log log{"contract", clock};
  StageStatus status{"contract", clock};
  std::stop_source stop;
  Surroundings around{log, clock, status, stop.get_token()};
};

Environment& environment() {
  static auto* const kEnvironment = new Environment();  // NOLINT: never destroyed, see above
  return *kEnvironment;
}

/// Topics, group and transactional.id of their own on the broker that
/// ROOKERY_BROKERS names.
class BrokerUnderTest final : public testing::LogUnderTest {
 public:
  explicit BrokerUnderTest(const std::string& name) : name_(name) {
    auto admin = Admin::create(connection_, environment().log, 10s);
    REQUIRE(admin);
    const std::array<NewTopic, 2> topics = {
        NewTopic{.name = input(), .partitions = 1, .settings = {}},
        NewTopic{.name = output_topic(), .partitions = 1, .settings = {}}};
    REQUIRE((*admin)->create_topics(topics));
    admin_ = std::move(*admin);
    start();
    auto writer = KafkaSink::create(connection_, {.transactional_id = name_ + "-writer"}, around_,
                                    std::make_unique<CursorProgress>("test"));
    REQUIRE(writer);
    writer_ = std::move(*writer);
  }

  Source& source() override { return *source_; }
  TransactionalSink& sink() override { return *sink_; }

  void append(std::string key, std::optional<std::string> value) override {
    const std::string topic = input();
    OutputRecord record{.topic = topic, .partition = Partition(0), .key = key, .value = {}};
    if (value) record.value = *value;
    REQUIRE(writer_->begin());
    REQUIRE(writer_->write(record));
    REQUIRE(writer_->commit({}));
  }

  void crash() override {
    // Neither is closed: the successor fences the producer and, by its static
    // name, takes the member's place.
    abandoned_sinks_.push_back(std::move(sink_));
    abandoned_sources_.push_back(std::move(source_));
    start();
  }

  std::vector<std::string> committed(std::string_view topic) override {
    const TopicPartition partition{std::string(topic), Partition(0)};
    const auto ends = admin_->ends(std::array{partition});
    REQUIRE(ends);
    Collector collector;
    const Offset end = ends->at(partition);
    if (end.value() > 0) {
      REQUIRE(replay_range(connection_, around_, partition, Offset(0), end, collector));
    }
    return collector.values;
  }

  [[nodiscard]] std::string output_topic() const override { return name_ + "-out"; }

 private:
  [[nodiscard]] std::string input() const { return name_ + "-in"; }

  void start() {
    auto source = KafkaSource::create(
        connection_, {.group = name_, .instance = "0", .topics = {input()}, .session_timeout = 6s},
        around_);
    REQUIRE(source);
    source_ = std::move(*source);
    auto sink = KafkaSink::create(connection_, {.transactional_id = name_}, around_,
                                  std::make_unique<GroupProgress>(*source_));
    REQUIRE(sink);
    sink_ = std::move(*sink);
  }

  std::string name_;
  const Connection& connection_ = environment().connection;
  const Surroundings& around_ = environment().around;
  std::unique_ptr<Admin> admin_;
  std::unique_ptr<KafkaSink> writer_;
  decltype(KafkaSource::create(connection_, {}, around_))::value_type source_;
  std::unique_ptr<KafkaSink> sink_;
  std::vector<decltype(source_)> abandoned_sources_;
  std::vector<std::unique_ptr<KafkaSink>> abandoned_sinks_;
};

TEST_CASE("source and sink over a real broker keep the rules", "[contract]") {
  REQUIRE(std::getenv("ROOKERY_BROKERS") != nullptr);  // NOLINT(concurrency-mt-unsafe)
  int number = 0;
  for (const auto& check : testing::log_contract()) {
    ++number;
    DYNAMIC_SECTION(check.name) {
      BrokerUnderTest log("contract-" + std::to_string(::getpid()) + "-" + std::to_string(number));
      CHECK(check.run(log) == std::vector<std::string>{});
    }
  }
}

}  // namespace
}  // namespace rookery::kafka
