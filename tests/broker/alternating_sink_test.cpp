#include "common/kafka/alternating_sink.hpp"

#include <array>
#include <cstdlib>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <unistd.h>

#include "common/kafka/admin.hpp"
#include "common/kafka/progress.hpp"
#include "common/kafka/replay.hpp"
#include "tests/broker/collector.hpp"

namespace rookery::kafka {
namespace {

using namespace std::chrono_literals;

/// A topic with a partition, a cursor and a transactional.id of its own on the broker that
/// ROOKERY_BROKERS names.
class World {
 public:
  World() {
    static int number = 0;
    name_ = "alternating-" + std::to_string(::getpid()) + "-" + std::to_string(++number);
    log_.configure(Log::Level::kError, Log::Format::kLogfmt);
    auto admin = Admin::create(connection_, log_, 10s);
    REQUIRE(admin);
    admin_ = std::move(*admin);
    const std::array<NewTopic, 2> topics = {
        NewTopic{.name = name_, .partitions = 1, .settings = {}},
        NewTopic{.name = std::string(CursorProgress::kTopic), .partitions = 1, .settings = {}}};
    (void)admin_->create_topics(topics);  // that of the cursors is there from the second test on
    // A new topic has no leader for a moment.
    for (const NewTopic& topic : topics) {
      for (int tries = 0; !admin_->ends(std::array{TopicPartition{topic.name, Partition(0)}});
           ++tries) {
        REQUIRE(tries < 100);
        clock_.sleep_for(100ms, {});
      }
    }
  }

  std::unique_ptr<AlternatingSink> sink() {
    auto made = AlternatingSink::create(connection_, {.transactional_id = name_}, around_, name_);
    REQUIRE(made);
    return std::move(*made);
  }

  /// One of the two producers alone.
  std::unique_ptr<KafkaSink> half(const std::string& suffix) {
    auto made = KafkaSink::create(connection_, {.transactional_id = name_ + suffix}, around_,
                                  std::make_unique<CursorProgress>(name_));
    REQUIRE(made);
    return std::move(*made);
  }

  void pause(std::chrono::milliseconds duration) { clock_.sleep_for(duration, {}); }

  void write(TransactionalSink& sink, int number) const {
    REQUIRE(sink.begin());
    REQUIRE(sink.write(
        {.topic = name_, .partition = Partition(0), .key = "k", .value = std::to_string(number)}));
  }

  [[nodiscard]] static Progress progress(int number) {
    return {{{"feed", Partition(0)}, {Offset(number), "at " + std::to_string(number)}}};
  }

  /// A new sink waits until the broker has completed what was ended: the answer to a commit
  /// comes before that. It fences those that there are.
  std::vector<std::string> committed() {
    (void)sink();
    const TopicPartition partition{name_, Partition(0)};
    const auto ends = admin_->ends(std::array{partition});
    REQUIRE(ends);
    Collector collector;
    REQUIRE(
        replay_range(connection_, around_, partition, Offset(0), ends->at(partition), collector));
    return collector.values;
  }

  std::string cursor() {
    const auto cursor = read_cursor(connection_, around_, name_);
    REQUIRE(cursor);
    return *cursor ? (*cursor)->metadata : "none";
  }

 private:
  Connection connection_{.brokers = std::getenv("ROOKERY_BROKERS"),  // NOLINT: before threads
                         .properties = {}};
  SystemClock clock_;
  Log log_{"test", clock_};
  StageStatus status_{"test", clock_};
  std::stop_source stop_;
  Surroundings around_{log_, clock_, status_, stop_.get_token()};
  std::string name_;
  std::unique_ptr<Admin> admin_;
};

TEST_CASE("transactions of both producers lie in their order, and the cursor with them") {
  World world;
  auto sink = world.sink();
  std::vector<std::string> expected;
  for (int number = 1; number <= 60; ++number) {
    world.write(*sink, number);
    // Every fifth is given up, and the next one is of the same turn.
    if (number % 5 == 0) {
      const auto aborted = sink->abort();
      INFO((aborted ? "" : aborted.error().message));
      REQUIRE(aborted);
      continue;
    }
    REQUIRE(sink->commit(World::progress(number)));
    expected.push_back(std::to_string(number));
  }
  REQUIRE(sink->finish());
  CHECK(world.committed() == expected);
  CHECK(world.cursor() == "at 59");
}

TEST_CASE("a transaction can be given up at once after the one before") {
  World world;
  const auto sink = world.half("");
  for (int number = 1; number <= 30; ++number) {
    world.write(*sink, number);
    REQUIRE(sink->commit(World::progress(number)));
    world.write(*sink, -number);
    world.pause(std::chrono::milliseconds(number % 4));
    const auto aborted = sink->abort();
    INFO((aborted ? "" : aborted.error().message));
    REQUIRE(aborted);
  }
  CHECK(world.committed().size() == 30);
}

TEST_CASE("what a dead process had with the broker and did not end never shows") {
  World world;
  {
    const auto sink = world.sink();
    world.write(*sink, 1);
    REQUIRE(sink->commit(World::progress(1)));
    REQUIRE(sink->finish());
  }
  // As between two transactions: both hold their records and cursors, neither has ended.
  const auto first = world.half("");
  const auto second = world.half("/2");
  int number = 2;
  for (KafkaSink* sink : {first.get(), second.get()}) {
    world.write(*sink, number);
    REQUIRE(sink->write_progress(World::progress(number)));
    REQUIRE(rd_kafka_flush(&sink->client(), 10'000) == RD_KAFKA_RESP_ERR_NO_ERROR);
    ++number;
  }
  const auto successor = world.sink();
  CHECK(world.cursor() == "at 1");
  world.write(*successor, 4);
  REQUIRE(successor->commit(World::progress(4)));
  REQUIRE(successor->finish());
  CHECK(world.committed() == std::vector<std::string>{"1", "4"});
  CHECK(world.cursor() == "at 4");
}

TEST_CASE("a successor fences both producers of a process that still lives") {
  World world;
  const auto before = world.sink();
  const int turns = GENERATE(1, 2);
  for (int number = 1; number <= turns; ++number) {
    world.write(*before, number);
    REQUIRE(before->commit(World::progress(number)));
  }
  REQUIRE(before->finish());
  world.write(*before, 100);
  const auto successor = world.sink();
  const std::string cursor = "at " + std::to_string(turns);
  CHECK(world.cursor() == cursor);
  const auto refused = before->commit(World::progress(100));
  CHECK(!refused);
  CHECK(world.cursor() == cursor);
  CHECK(world.committed().size() == static_cast<std::size_t>(turns));
}

}  // namespace
}  // namespace rookery::kafka
