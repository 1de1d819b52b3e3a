#include "services/sink/console_store.hpp"

#include <memory>

#include <catch2/catch.hpp>

#include "tests/unit/services/sink/fakes.hpp"

namespace rookery::sink {
namespace {

using namespace std::chrono_literals;

const TopicPartition kTrends{"trends", Partition(0)};

std::string trend(const std::string& window, const std::string& end, const std::string& key) {
  return R"({"dimension":"hashtag","window":")" + window +
         R"(","start":"2026-01-01T00:00:00Z","end":")" + end + R"(","total":1,"top":[{"key":")" +
         key + R"(","count":1,"authors":1}]})";
}

/// A store that prints into memory.
struct Console {
  explicit Console(ConsoleStoreOptions options)
      : store(std::move(options), link, &group, clock, out.file.get(), dead.file.get()) {}

  Result<void> batch(std::initializer_list<std::string> values) {
    REQUIRE(store.begin());
    for (const auto& value : values) {
      REQUIRE(store.write({"trends", Partition(0), "k", value, Offset(next++)}));
    }
    return store.commit({{kTrends, {Offset(next), ""}}});
  }

  struct Memory {
    Memory() : file(::open_memstream(&bytes, &size), &std::fclose) {}
    ~Memory() {
      file.reset();
      std::free(bytes);  // NOLINT: open_memstream's own
    }
    Memory(const Memory&) = delete;
    Memory& operator=(const Memory&) = delete;
    /// What was printed since the last call.
    std::string take() {
      std::fflush(file.get());
      std::string text(bytes + taken, size - taken);
      taken = size;
      return text;
    }
    char* bytes = nullptr;
    std::size_t size = 0;
    std::size_t taken = 0;
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> file;
  };

  Memory out;
  Memory dead;
  StoreLink link;
  FakeCommitter group;
  HandClock clock;
  std::int64_t next = 0;
  ConsoleStore store;
};

TEST_CASE("lines are printed as they are, then committed", "[sink][console]") {
  Console console({.mode = ConsoleMode::kLines});
  REQUIRE(console.batch({"{\"a\":1}\n", "{}\n"}));
  CHECK(console.out.take() == "{\"a\":1}\n{}\n");
  CHECK(console.group.committed == Progress{{kTrends, {Offset(2), ""}}});
}

TEST_CASE("an aborted batch prints nothing", "[sink][console]") {
  Console console({.mode = ConsoleMode::kLines});
  REQUIRE(console.store.begin());
  REQUIRE(console.store.write({"t", Partition(0), "k", "x\n", Offset(0)}));
  REQUIRE(console.store.abort());
  REQUIRE(console.store.finish());
  CHECK(console.out.take().empty());
  CHECK(console.group.committed.empty());
}

TEST_CASE("dead letters go elsewhere, one line each", "[sink][console]") {
  Console console({.mode = ConsoleMode::kLines});
  REQUIRE(console.store.begin());
  REQUIRE(
      console.store.write({"dead_letters", std::nullopt, "k", "{\"reason\":\"r\"}", Offset(0)}));
  REQUIRE(console.store.commit({{kTrends, {Offset(1), ""}}}));
  CHECK(console.out.take().empty());
  CHECK(console.dead.take() == "{\"reason\":\"r\"}\n");
}

TEST_CASE("without a terminal each ranking is one table", "[sink][console]") {
  Console console({.mode = ConsoleMode::kTables, .windows = {"5m/1m"}});
  REQUIRE(console.batch({trend("5m/1m", "2026-01-01T00:05:00Z", "cats"),
                         trend("1h/10s", "2026-01-01T01:00:00Z", "hidden"),
                         trend("5m/1m", "2026-01-01T00:06:00Z", "dogs")}));
  const std::string text = console.out.take();
  CHECK(text.find("cats") < text.find("dogs"));
  CHECK(text.find("hidden") == std::string::npos);
  CHECK(text.find('\x1b') == std::string::npos);
}

TEST_CASE("a terminal shows the latest of each window, however many arrive", "[sink][console]") {
  Console console({.mode = ConsoleMode::kLiveTable});
  REQUIRE(console.batch({trend("5m/1m", "2026-01-01T00:05:00Z", "old"),
                         trend("1h/1m", "2026-01-01T01:00:00Z", "hourly"),
                         trend("5m/1m", "2026-01-01T00:06:00Z", "fresh")}));
  const std::string text = console.out.take();
  CHECK(text.starts_with("\x1b[2J\x1b[H"));
  CHECK(text.find("old") == std::string::npos);
  CHECK(text.find("fresh") != std::string::npos);
  CHECK(text.find("hourly") != std::string::npos);
}

TEST_CASE("a terminal is not redrawn too often, and nothing waits for ever", "[sink][console]") {
  Console console({.mode = ConsoleMode::kLiveTable, .redraw = 100ms});
  REQUIRE(console.batch({trend("5m/1m", "2026-01-01T00:05:00Z", "one")}));
  console.out.take();
  REQUIRE(console.batch({trend("5m/1m", "2026-01-01T00:06:00Z", "two")}));
  CHECK(console.out.take().empty());
  CHECK(console.group.committed == Progress{{kTrends, {Offset(1), ""}}});
  Progress progress;
  console.store.add_due(console.clock.now + 99ms, progress);
  CHECK(progress.empty());
  console.clock.now += 100ms;
  console.store.add_due(console.clock.now, progress);
  REQUIRE(progress.size() == 1);
  REQUIRE(console.store.commit(progress));
  const std::string text = console.out.take();
  CHECK(text.starts_with("\x1b[Hhashtag"));
  CHECK(text.find("two") != std::string::npos);
  CHECK(console.group.committed == Progress{{kTrends, {Offset(2), ""}}});
}

TEST_CASE("the end of the input shows the last tables", "[sink][console]") {
  Console console({.mode = ConsoleMode::kLiveTable});
  REQUIRE(console.batch({trend("5m/1m", "2026-01-01T00:05:00Z", "one")}));
  REQUIRE(console.batch({trend("5m/1m", "2026-01-01T00:06:00Z", "two")}));
  console.out.take();
  REQUIRE(console.store.finish());
  CHECK(console.out.take().find("two") != std::string::npos);
  CHECK(console.group.committed == Progress{{kTrends, {Offset(2), ""}}});
}

TEST_CASE("a small screen gets as many lines as it has", "[sink][console]") {
  Console console({.mode = ConsoleMode::kLiveTable, .screen_lines = [] { return std::size_t{3}; }});
  REQUIRE(console.batch({trend("5m/1m", "2026-01-01T00:05:00Z", "one")}));
  const std::string text = console.out.take();
  CHECK(std::count(text.begin(), text.end(), '\n') == 2);
}

}  // namespace
}  // namespace rookery::sink
