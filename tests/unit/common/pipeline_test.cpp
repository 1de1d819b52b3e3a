#include "common/runtime/pipeline.hpp"

#include <cctype>

#include <catch2/catch.hpp>

#include "common/testing/fake_log.hpp"
#include "common/testing/manual_clock.hpp"
#include "common/testing/recording_observer.hpp"

namespace rookery {
namespace {

using Values = std::vector<std::string>;

const Error kFenced{Disposition::kFatal, "producer_fenced", "fenced by a newer epoch"};
const Error kBrokerLost{Disposition::kRetryBatch, "broker_lost", "leader changed"};

/// Numbers the records that it has seen since the beginning of the log: state
/// that must come back exactly after an abort. Its state is the count, kept in
/// the offset's metadata; "bad" is refused after half of its output, "huge"
/// grows beyond any bound.
class NumberingProcessor final : public Processor {
 public:
  Result<void> process(const InputRecord& record, Outputs& out) override {
    if (!record.value) {
      out.add_deletion("out", record.partition, *record.key);
      return {};
    }
    out.add("out", record.partition, *record.key,
            std::string(*record.value) + "#" + std::to_string(seen_));
    if (*record.value == "bad") return dead_letter("bad_record", "asked to fail");
    if (*record.value == "huge") out.add("out", record.partition, "k", std::string(1000, 'x'));
    ++seen_;
    return {};
  }
  Result<void> finish_batch(const BatchContext& context, Outputs& out,
                            Progress& progress) override {
    for (auto& [partition, committed] : progress) committed.metadata = std::to_string(seen_);
    if (say_at_end && progress.empty()) {
      out.add("idle", Partition(0), "", "silence");
      say_at_end = context.end_of_input;
    }
    return {};
  }
  void on_commit() override { events += 'C'; }
  Result<std::optional<Offset>> assign(const TopicPartition&,
                                       const std::optional<CommittedOffset>& committed) override {
    events += 'A';
    seen_ = committed ? std::stoi(committed->metadata) : 0;
    return std::optional<Offset>{};
  }
  void revoke(const TopicPartition&) override {
    events += 'R';
    seen_ = -1000;
  }

  std::string events;
  bool say_at_end = false;

 private:
  int seen_ = -1000;
};

struct Fixture {
  testing::FakeLog log;
  testing::ManualClock clock;
  testing::RecordingObserver observer;
  NumberingProcessor processor;
  Pipeline pipeline{{.record_bytes_max = 500, .service = "numbers", .dead_letter_topic = "dead"},
                    log,
                    log,
                    processor,
                    observer,
                    clock};
};

TEST_CASE_METHOD(Fixture, "a record comes out, and the next poll finds nothing", "[pipeline]") {
  log.append("k", "a");
  REQUIRE(pipeline.run_once());
  REQUIRE(pipeline.run_once());
  CHECK(log.committed("out") == Values{"a#0"});
  CHECK(log.transactions() == 1);
  CHECK(log.committed_offset()->offset == Offset(1));
  CHECK(log.committed_offset()->metadata == "1");
}

TEST_CASE_METHOD(Fixture, "a deletion passes as a deletion", "[pipeline]") {
  log.append("k", std::nullopt);
  REQUIRE(pipeline.run_once());
  CHECK(log.committed("out") == Values{"(deleted k)"});
}

TEST_CASE_METHOD(Fixture, "a refused record is parked whole and its neighbours pass",
                 "[pipeline]") {
  log.append("k", "a");
  log.append("kb", "bad");
  log.append("k", "b");
  REQUIRE(pipeline.run_once());
  CHECK(log.committed("out") == Values{"a#0", "b#1"});
  CHECK(log.committed("dead") ==
        Values{R"({"service":"numbers","reason":"bad_record","message":"asked to fail",)"
               R"("topic":"in","partition":0,"offset":"1","value":"bad","key":"kb",)"
               R"("failed_at":"1970-01-01T00:00:00Z"})"});
  const auto& report = observer.reports.back();
  CHECK(report.in.at("in").records == 3);
  CHECK(report.out.at("out").records == 2);
  CHECK(report.dead_letters.at("bad_record") == 1);
}

TEST_CASE_METHOD(Fixture, "an output that no topic would take makes its input a dead letter",
                 "[pipeline]") {
  log.append("k", "huge");
  log.append("k", "a");
  REQUIRE(pipeline.run_once());
  CHECK(log.committed("out").size() == 1);
  REQUIRE(log.committed("dead").size() == 1);
  CHECK(log.committed("dead")[0].find("record_too_large") != std::string::npos);
}

TEST_CASE_METHOD(Fixture, "a failed commit shows nothing, then everything once", "[pipeline]") {
  log.append("k", "a");
  log.append("k", "bad");
  log.fail_next_commits(2, kBrokerLost);
  REQUIRE_FALSE(pipeline.run_once());
  CHECK(log.committed("out").empty());
  REQUIRE_FALSE(pipeline.run_once());
  REQUIRE(pipeline.run_once());
  CHECK(log.committed("out") == Values{"a#0"});
  CHECK(log.committed("dead").size() == 1);
  CHECK(observer.reports.size() == 1);
  CHECK(observer.undone.size() == 2);
}

TEST_CASE_METHOD(Fixture, "state is restored after every abort before anything is read",
                 "[pipeline]") {
  log.append("k", "a");
  REQUIRE(pipeline.run_once());
  log.append("k", "b");
  log.fail_next_commits(1, kBrokerLost);
  REQUIRE_FALSE(pipeline.run_once());
  REQUIRE(pipeline.run_once());
  CHECK(processor.events == "ACRAC");
  CHECK(log.committed("out") == Values{"a#0", "b#1"});
}

TEST_CASE_METHOD(Fixture, "a rewind that fails is made up before the next record", "[pipeline]") {
  log.append("k", "a");
  log.fail_next_commits(1, kBrokerLost);
  log.fail_next_rewinds(1, kBrokerLost);
  REQUIRE_FALSE(pipeline.run_once());
  REQUIRE(pipeline.run_once());
  CHECK(log.committed("out") == Values{"a#0"});
}

TEST_CASE_METHOD(Fixture, "failures at the beginning or while writing undo the batch",
                 "[pipeline]") {
  log.append("k", "a");
  log.append("k", "b");
  log.fail_next_begins(1, kBrokerLost);
  log.fail_next_writes(1, kBrokerLost);
  REQUIRE_FALSE(pipeline.run_once());
  REQUIRE_FALSE(pipeline.run_once());
  REQUIRE(pipeline.run_once());
  CHECK(log.committed("out") == Values{"a#0", "b#1"});
}

TEST_CASE_METHOD(Fixture, "a crash before the commit replays the batch, one after it nothing",
                 "[pipeline]") {
  log.append("k", "a");
  log.fail_next_commits(1, kFenced);
  REQUIRE_FALSE(pipeline.run_once());
  log.crash();
  REQUIRE(pipeline.run_once());
  CHECK(log.committed("out") == Values{"a#0"});
  log.crash();
  REQUIRE(pipeline.run_once());
  CHECK(log.committed("out") == Values{"a#0"});
}

TEST_CASE_METHOD(Fixture, "a fatal error ends run() with that error and undoes nothing",
                 "[pipeline]") {
  log.append("k", "a");
  log.fail_next_commits(1, kFenced);
  const auto result = pipeline.run(std::stop_token{});
  REQUIRE_FALSE(result);
  CHECK(result.error().code == "producer_fenced");
  CHECK(observer.undone.empty());
}

/// Sleeps at once, keeps how long, and asks to stop after `naps`.
class Napper final : public Clock {
 public:
  Napper(std::size_t naps, std::stop_source& stop) : naps_(naps), stop_(stop) {}
  [[nodiscard]] WallTime wall_now() const override { return {}; }
  [[nodiscard]] MonotonicTime monotonic_now() const override { return {}; }
  bool sleep_for(std::chrono::milliseconds duration, std::stop_token /*stop*/) override {
    slept.push_back(duration.count());
    if (slept.size() == naps_) stop_.request_stop();
    return slept.size() < naps_;
  }
  std::vector<std::int64_t> slept;

 private:
  std::size_t naps_;
  std::stop_source& stop_;
};

TEST_CASE_METHOD(Fixture, "retries back off, doubling up to the bound", "[pipeline]") {
  std::stop_source stop;
  Napper napper(9, stop);
  Pipeline patient({.service = "numbers"}, log, log, processor, observer, napper);
  log.append("k", "a");
  log.fail_next_commits(9, kBrokerLost);
  REQUIRE(patient.run(stop.get_token()));
  CHECK(napper.slept == std::vector<std::int64_t>{50, 100, 200, 400, 800, 1600, 3200, 5000, 5000});
}

TEST_CASE_METHOD(Fixture, "what a processor says after an empty poll is a transaction of its own",
                 "[pipeline]") {
  processor.say_at_end = true;
  REQUIRE(pipeline.run_once());
  REQUIRE(pipeline.run_once());
  CHECK(log.committed("idle") == Values{"silence"});
  CHECK(log.transactions() == 1);
}

TEST_CASE("progress is kept for each partition of a batch", "[pipeline]") {
  testing::FakeLog log(3);
  testing::ManualClock clock;
  testing::RecordingObserver observer;
  NumberingProcessor processor;
  Pipeline pipeline({.service = "numbers"}, log, log, processor, observer, clock);
  log.append("k", "a", 0);
  log.append("k", "b", 2);
  log.append("k", "c", 2);
  REQUIRE(pipeline.run_once());
  CHECK(log.committed_offset(0)->offset == Offset(1));
  CHECK_FALSE(log.committed_offset(1));
  CHECK(log.committed_offset(2)->offset == Offset(2));
}

}  // namespace
}  // namespace rookery
