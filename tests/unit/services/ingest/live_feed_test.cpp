// The feed of the live sources, over a protocol in memory.
#include "services/ingest/live/live_feed.hpp"

#include <atomic>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "services/ingest/ingest_processor.hpp"
#include "services/ingest/live/stream_gap.hpp"
#include "tests/unit/services/ingest/support.hpp"

namespace rookery::ingest {
namespace {

using namespace std::chrono_literals;

/// Gives three messages, repeats what was missed, then waits to be stopped.
class ThreeMessages final : public LiveProtocol {
 public:
  std::string_view source() const override { return "websocket"; }
  std::string location() const override { return "memory"; }
  Backoff::Schedule schedule() const override { return Backoff::Schedule::kX; }
  void resume(const Resume& from) override { resumed.push_back(from.cursor); }
  ConnectionEnd run(LiveOutput& out) override {
    ++runs;
    out.connected(1h);
    for (const std::string name : {"1", "2", "3"}) {
      out.message(
          R"({"data":{"id":")" + name + R"(","text":"t","created_at":"2026-01-01T00:00:00Z"}})",
          "c" + name);
    }
    SystemClock clock;
    while (!out.stopped()) clock.sleep_for(50ms, out.stop());
    return {};
  }

  std::vector<std::string> resumed;
  std::atomic<int> runs{0};
};

struct LiveSetup {
  ManualClock clock;
  Log log{"test", clock};
  Session session;
  ThreeMessages* protocol = new ThreeMessages;
  LiveFeed feed{std::unique_ptr<LiveProtocol>(protocol), {}, session, clock, log};

  std::vector<std::string> read(std::size_t items_max) {
    std::vector<std::string> all;
    while (all.size() < items_max) {
      const auto batch = feed.read(5s, items_max - all.size());
      REQUIRE(batch);
      REQUIRE_FALSE(batch->items.empty());
      for (const auto item : batch->items) all.emplace_back(item.substr(15, 1));
    }
    return all;
  }
};

TEST_CASE("of many items a broker gets one transaction an interval", "[live]") {
  LiveSetup live;
  REQUIRE(live.read(1).size() == 1);
  // The feed's clock stands still, so that the whole interval is left.
  SystemClock clock;
  const auto begin = clock.monotonic_now();
  const auto batch = live.feed.read(200ms, 10);
  REQUIRE(batch);
  CHECK(clock.monotonic_now() - begin >= 200ms);
  CHECK_FALSE(batch->items.empty());
}

TEST_CASE("a broker has time to complete a transaction before the next one", "[live]") {
  LiveSetup live;
  REQUIRE(live.read(1).size() == 1);
  SystemClock clock;
  auto begin = clock.monotonic_now();
  // The interval alone would be over at once.
  auto batch = live.feed.read(1ms, 10);
  while (batch && batch->items.empty()) {
    begin = clock.monotonic_now();
    batch = live.feed.read(1ms, 10);
  }
  REQUIRE(batch);
  CHECK(clock.monotonic_now() - begin >= 4ms);
}

TEST_CASE("a batch that is undone comes again, from memory and once", "[live][feed]") {
  LiveSetup live;
  REQUIRE(live.feed.seek(std::nullopt));
  CHECK(live.read(1) == std::vector<std::string>{"1"});
  REQUIRE(live.feed.seek(std::nullopt));
  CHECK(live.read(1) == std::vector<std::string>{"1"});
  const std::string first = live.feed.position();
  CHECK(live.read(1) == std::vector<std::string>{"2"});
  REQUIRE(live.feed.seek(first));
  CHECK(live.read(1) == std::vector<std::string>{"2"});
  const std::string second = live.feed.position();
  // Committed after all, says the cursor that was read again.
  REQUIRE(live.feed.seek(second));
  CHECK(live.read(1) == std::vector<std::string>{"3"});
  CHECK(live.protocol->runs == 1);
}

TEST_CASE("another process goes on at the cursor of the position", "[live][feed]") {
  LiveSetup live;
  REQUIRE(live.feed.seek(std::nullopt));
  live.read(1);
  live.read(1);
  LiveSetup other;
  REQUIRE(other.feed.seek(live.feed.position()));
  other.read(1);
  CHECK(other.protocol->resumed == std::vector<std::string>{"c2"});
  CHECK(other.feed.seek(R"({"file":0})").error().code == "position_invalid");
}

TEST_CASE("a post that comes again is left out, also after a restart", "[live]") {
  const std::string line = R"({"data":{"id":"7","text":"t","created_at":"2026-01-01T00:00:00Z"}})";
  Session session;
  LiveCounts counts;
  const auto make = [&](Session& of) {
    return IngestProcessor({.format = LineFormat::kV2, .source = "x-stream"},
                           IngestProcessor::Liveness::kLive, of,
                           [&](const LiveCounts& committed) { counts = committed; });
  };
  IngestProcessor processor = make(session);
  InputRecord record{};
  record.value = line;
  record.timestamp = WallTime{500'000h};
  Outputs out;
  REQUIRE(processor.process(record, out));
  REQUIRE(out.size() == 1);
  CHECK(std::string(out.at(0).value.value()).find(R"("received_at")") != std::string::npos);
  const std::string written(out.at(0).value.value());
  out.clear();
  REQUIRE(processor.process(record, out));
  CHECK(out.empty());
  processor.on_commit();
  CHECK(counts.duplicates == 1);

  // What a new process reads of raw_tweets before it begins.
  Session fresh;
  IngestProcessor restarted = make(fresh);
  InputRecord earlier{};
  earlier.key = "7";
  earlier.value = written;
  earlier.timestamp = record.timestamp;
  REQUIRE(restarted.replay(earlier));
  REQUIRE(restarted.process(record, out));
  CHECK(out.empty());
}

TEST_CASE("a gap is written until its batch is committed, and then counted", "[live]") {
  Session session;
  std::vector<StreamGap> counted;
  IngestProcessor processor({.format = LineFormat::kV2}, IngestProcessor::Liveness::kLive, session,
                            [&](const LiveCounts& counts) { counted = counts.gaps; });
  session.gaps.push_back({.source = "s",
                          .location = "l",
                          .started_at = WallTime{1h},
                          .ended_at = WallTime{1h + 1500ms}});
  Progress progress;
  Outputs out;
  for (int attempt = 0; attempt < 2; ++attempt) {
    out.clear();
    REQUIRE(processor.finish_batch({}, out, progress));
    REQUIRE(out.size() == 1);
    CHECK(out.at(0).topic == "stream_gaps");
    CHECK(
        std::string(*out.at(0).value) ==
        R"({"source":"s","location":"l","reason":"connection_lost","started_at":"1970-01-01T01:00:00Z","ended_at":"1970-01-01T01:00:01.500Z","seconds":1.5})");
  }
  processor.on_commit();
  CHECK(counted.size() == 1);
  out.clear();
  REQUIRE(processor.finish_batch({}, out, progress));
  CHECK(out.empty());
}

}  // namespace
}  // namespace rookery::ingest
