// The pure parts of the live sources.
#include <atomic>
#include <random>
#include <set>
#include <thread>

#include <catch2/catch.hpp>

#include "services/ingest/live/backoff.hpp"
#include "services/ingest/live/line_splitter.hpp"
#include "services/ingest/live/live_queue.hpp"
#include "services/ingest/live/reader_feed.hpp"
#include "services/ingest/live/recent_ids.hpp"
#include "services/ingest/live/stream_gap.hpp"
#include "tests/unit/services/ingest/support.hpp"

namespace rookery::ingest {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

TEST_CASE("edge cases 2, 3, 5, 22: lines are whole wherever chunks are cut", "[live][edge]") {
  // CRLF and bare LF, keep-alives, characters of up to four bytes, no break at the end.
  const std::string text =
      "{\"a\":\"caf\xc3\xa9 \xf0\x9f\x98\x80\"}\r\n\r\n{\"errors\":[]}\n\r\n\xe6\x97\xa5\r\ncut";
  const std::vector<std::string> wanted = {
      "{\"a\":\"caf\xc3\xa9 \xf0\x9f\x98\x80\"}", "", "{\"errors\":[]}", "", "\xe6\x97\xa5", "cut"};
  for (std::size_t chunk = 1; chunk <= text.size(); ++chunk) {
    LineSplitter splitter(1000);
    std::vector<std::string> lines;
    const auto keep = [&](std::string_view line) { lines.emplace_back(line); };
    for (std::size_t at = 0; at < text.size(); at += chunk)
      splitter.feed(text.substr(at, chunk), keep);
    splitter.finish(keep);
    INFO("chunks of " << chunk);
    CHECK(lines == wanted);
  }
}

TEST_CASE("a line too long is cut, and the next one is whole", "[live]") {
  for (const std::size_t chunk : {1UL, 7UL, 5000UL}) {
    LineSplitter splitter(10);
    std::vector<std::string> lines;
    const auto keep = [&](std::string_view line) { lines.emplace_back(line); };
    const std::string text = std::string(2000, 'x') + "\r\n" + std::string(10, 'y') + "\r\nz\r\n";
    for (std::size_t at = 0; at < text.size(); at += chunk)
      splitter.feed(text.substr(at, chunk), keep);
    CHECK(lines == std::vector<std::string>{std::string(11, 'x'), std::string(10, 'y'), "z"});
  }
}

std::vector<std::int64_t> waits(Backoff& backoff, LossKind kind, int count) {
  std::vector<std::int64_t> all;
  for (int i = 0; i < count; ++i) all.push_back(backoff.next(kind).count());
  return all;
}

TEST_CASE("edge case 9: the waits are those that X documents", "[live][edge]") {
  Backoff backoff(Backoff::Schedule::kX);
  auto network = waits(backoff, LossKind::kNetwork, 70);
  CHECK(network[0] == 0);
  CHECK(network[1] == 250);
  CHECK(network[2] == 500);
  CHECK(network[64] == 16'000);
  CHECK(network[69] == 16'000);
  CHECK(waits(backoff, LossKind::kHttp, 8) == std::vector<std::int64_t>{5'000, 10'000, 20'000,
                                                                        40'000, 80'000, 160'000,
                                                                        320'000, 320'000});
  CHECK(waits(backoff, LossKind::kRateLimited, 5) ==
        std::vector<std::int64_t>{60'000, 120'000, 240'000, 480'000, 901'000});
  backoff.delivered();
  CHECK(waits(backoff, LossKind::kHttp, 1) == std::vector<std::int64_t>{5'000});
  CHECK(waits(backoff, LossKind::kNetwork, 2) == std::vector<std::int64_t>{0, 250});
}

TEST_CASE("edge case 9: a server that sends no more than a page of HTML is not asked in a rush",
          "[live][edge]") {
  ManualClock clock;
  clock.elapsed = 1h;
  Log log("test", clock);
  LiveQueue queue(1 << 20);
  GapTracker gaps({.source = "x-stream", .location = "memory"}, {});
  Backoff backoff(Backoff::Schedule::kX);
  LiveOutput out(queue, gaps, backoff, clock, log, {});
  const auto wait_after = [&](auto&& deliver) {
    out.connected(0ms);
    deliver();
    out.ended();
    return backoff.next(LossKind::kNetwork);
  };
  const auto html = [&] { out.message("<html>Over capacity</html>"); };
  CHECK(wait_after(html) == 0ms);
  CHECK(wait_after(html) == 250ms);
  CHECK(wait_after([&] { out.alive(); }) == 500ms);
  CHECK(wait_after([&] {
          clock.elapsed += LiveOutput::kSteady;
          out.alive();
        }) == 0ms);
  CHECK(wait_after(html) == 250ms);
  CHECK(wait_after([&] { out.message("{}"); }) == 0ms);
}

TEST_CASE("edge case 10: a reset by a wrong clock is taken as 10 to 901 s", "[live][edge]") {
  const auto first = [](std::chrono::seconds reset) {
    Backoff backoff(Backoff::Schedule::kX);
    return backoff.next(LossKind::kRateLimited, reset);
  };
  CHECK(first(30s) == 30s);
  CHECK(first(0s) == 10s);
  CHECK(first(-5000s) == 10s);
  CHECK(first(901s) == 901s);
  CHECK(first(1'000'000s) == 901s);
  Backoff backoff(Backoff::Schedule::kX);
  CHECK(backoff.next(LossKind::kRateLimited, 10s) == 10s);
  CHECK(backoff.next(LossKind::kRateLimited, 10s) == 120s);
}

TEST_CASE("reconnects with jitter spread over half of a doubling wait", "[live]") {
  std::set<std::int64_t> seconds;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Backoff backoff(Backoff::Schedule::kJittered, seed);
    for (int i = 0; i < 12; ++i) {
      const auto wait = backoff.next(LossKind::kNetwork);
      const milliseconds whole = std::min<milliseconds>(500ms * (1 << i), 60s);
      CHECK(wait >= whole / 2);
      CHECK(wait <= whole);
      if (i == 11) seconds.insert(wait.count());
    }
  }
  CHECK(seconds.size() > 40);
}

TEST_CASE("a set of numbers keeps what a set keeps", "[live]") {
  std::mt19937_64 random(7);
  NumberSet set;
  set.allocate(3000);
  std::set<std::uint64_t> model;
  for (int i = 0; i < 60'000; ++i) {
    // Few values, so that erased ones come again, and neighbours collide.
    const std::uint64_t number = random() % 3000 + 1;
    if (random() % 3 == 0) {
      set.erase(number);
      model.erase(number);
    } else {
      set.insert(number);
      model.insert(number);
    }
  }
  CHECK(set.size() == model.size());
  for (std::uint64_t number = 1; number <= 3000; ++number) {
    REQUIRE(set.contains(number) == model.contains(number));
  }
}

TEST_CASE("edge case 12: an id is known for the window, and forgotten after two", "[live][edge]") {
  RecentIds ids({.window = 10min, .ids_max = 1000});
  const WallTime begin{1000h};
  CHECK(ids.add("a", "", begin));
  CHECK_FALSE(ids.add("a", "", begin + 10min - 1ms));
  CHECK_FALSE(ids.add("a", "", begin + 10min));
  CHECK(ids.add("b", "", begin + 19min));
  CHECK(ids.add("a", "", begin + 20min));
  CHECK_FALSE(ids.add("b", "", begin + 28min));
  CHECK(ids.add("c", "r1", begin + 28min));
  CHECK(ids.add("c", "r2", begin + 28min));
  CHECK_FALSE(ids.add("c", "r1", begin + 28min));
  CHECK(ids.add("c", "", begin + 28min));
  CHECK(ids.add("b", "", begin + 1000min));
}

TEST_CASE("what an undone batch added is new once more", "[live]") {
  RecentIds ids({});
  const WallTime now{1000h};
  CHECK(ids.add("a", "", now));
  ids.commit();
  CHECK(ids.add("b", "", now));
  CHECK_FALSE(ids.add("b", "", now));
  ids.rollback();
  CHECK(ids.add("b", "", now));
  CHECK_FALSE(ids.add("a", "", now));
}

TEST_CASE("the memory of ids is bounded, and what is forgotten early is counted", "[live]") {
  RecentIds ids({.window = 10min, .ids_max = 10'000});
  const WallTime now{1000h};
  ids.add("first", "", now);
  const std::size_t bytes = ids.bytes();
  CHECK(bytes == 2 * 16384 * 8);
  for (int i = 1; i < 100'000; ++i) ids.add(std::to_string(i), "", now);
  CHECK(ids.bytes() == bytes);
  CHECK(ids.shortened() == 9);
  CHECK_FALSE(ids.add("99999", "", now));
  CHECK_FALSE(ids.add("90001", "", now));
}

TEST_CASE("a gap is what no replay covers", "[live]") {
  const WallTime begin{1000h};
  GapTracker first({"s", "l"}, std::nullopt);
  CHECK_FALSE(first.connected(begin, 0s));
  first.seen(begin + 5s);
  first.lost(GapReason::kStalled, "silence");
  first.lost(GapReason::kConnectionLost, "later");
  auto gap = first.connected(begin + 30s, 0s);
  REQUIRE(gap);
  CHECK(gap->reason == GapReason::kStalled);
  CHECK(gap->detail == "silence");
  CHECK(gap->started_at == begin + 5s);
  CHECK(gap->duration() == 25s);

  first.seen(begin + 40s);
  first.lost(GapReason::kConnectionLost, "");
  CHECK_FALSE(first.connected(begin + 100s, 60s));
  first.lost(GapReason::kConnectionLost, "");
  gap = first.connected(begin + 500s, 300s);
  REQUIRE(gap);
  CHECK(gap->started_at == begin + 100s);
  CHECK(gap->ended_at == begin + 200s);

  // Connected anew within the same millisecond: something may have passed by all the same.
  first.lost(GapReason::kConnectionLost, "at once");
  gap = first.connected(begin + 500s, 0s);
  REQUIRE(gap);
  CHECK(gap->duration() == 0s);
  CHECK(gap->detail == "at once");

  GapTracker again({"s", "l"}, begin);
  gap = again.connected(begin + 60s, 0s);
  REQUIRE(gap);
  CHECK(gap->reason == GapReason::kRestart);
}

TEST_CASE("edge case 24: a full queue makes the connection wait, and loses nothing",
          "[live][edge]") {
  LiveQueue queue(10'000);
  std::atomic<int> pushed{0};
  std::jthread producer([&](const std::stop_token& stop) {
    for (int i = 0; i < 2000; ++i) {
      if (!queue.push({.bytes = std::to_string(i) + std::string(100, ' ')}, stop)) return;
      ++pushed;
    }
  });
  // Nothing is taken yet, so the queue must fill and the producer wait, however slow this machine.
  while (queue.waits() == 0) std::this_thread::yield();
  std::deque<LiveItem> items;
  int next = 0;
  while (next < 2000) {
    // What was pushed and not taken never exceeds the bound by more than an item.
    CHECK(pushed - next <= 10'000 / 100 + 1);
    items.clear();
    queue.wait_for(1, 5s);
    REQUIRE(queue.take(items, 7));
    for (const auto& item : items) REQUIRE(std::stoi(item.bytes) == next++);
  }
}

TEST_CASE("a wait ends with the items, a full queue, or an error", "[live]") {
  SystemClock clock;
  LiveQueue queue(1000);
  const auto begin = clock.monotonic_now();
  const auto push = [&](std::string bytes) { queue.push({.bytes = std::move(bytes)}, {}); };
  CHECK_FALSE(queue.wait_for(1, 1ms));
  push("1");
  CHECK(queue.wait_for(1, 60s));
  CHECK(queue.wait_for(2, 1ms));

  SECTION("as many items as are wanted") {
    std::jthread other([&] {
      for (const std::string name : {"2", "3"}) push(name);
    });
    CHECK(queue.wait_for(3, 60s));
  }
  SECTION("a full queue") {
    std::jthread other([&] { push(std::string(1000, 'x')); });
    CHECK(queue.wait_for(100, 60s));
  }
  SECTION("an error, told behind what came before") {
    std::jthread other([&] { queue.fail(Error{Disposition::kFatal, "stopped", "the end"}); });
    CHECK(queue.wait_for(100, 60s));
    std::deque<LiveItem> items;
    REQUIRE(queue.take(items, 100));
    CHECK(items.size() == 1);
    CHECK_FALSE(queue.take(items, 100));
  }
  CHECK(clock.monotonic_now() - begin < 30s);
}

TEST_CASE("no more is taken at once than a transaction should hold", "[live]") {
  LiveQueue queue(8U << 20U);
  for (int i = 0; i < 4; ++i) {
    queue.push({.bytes = std::string(LiveQueue::kTakeBytesMax / 2, 'x')}, {});
  }
  std::deque<LiveItem> items;
  REQUIRE(queue.take(items, 100));
  CHECK(items.size() == 2);
  REQUIRE(queue.take(items, 100));
  CHECK(items.size() == 4);
}

TEST_CASE("a stop ends the wait for room", "[live]") {
  LiveQueue queue(10);
  std::stop_source stop;
  REQUIRE(queue.push({.bytes = std::string(100, 'x')}, stop.get_token()));
  std::jthread other([&] { stop.request_stop(); });
  CHECK_FALSE(queue.push({.bytes = "y"}, stop.get_token()));
}

}  // namespace
}  // namespace rookery::ingest
