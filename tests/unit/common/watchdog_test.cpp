#include "common/kafka/watchdog.hpp"

#include <atomic>
#include <future>

#include <catch2/catch.hpp>

namespace rookery::kafka {
namespace {

using namespace std::chrono_literals;

struct Fixture {
  SystemClock clock;
  Log log{"test", clock};
  StageStatus status{"stage", clock};
  std::atomic<bool> answers{true};
  std::atomic<int> probes{0};
  std::promise<std::string> expired;
  std::atomic<bool> told{false};
  Watchdog watchdog{{.deadline = 30ms, .tick = 5ms},
                    clock,
                    log,
                    status,
                    [this] {
                      ++probes;
                      return answers.load();
                    },
                    [this](std::string_view call) {
                      if (!told.exchange(true)) expired.set_value(std::string(call));
                    }};

  Fixture() { log.configure(Log::Level::kError, Log::Format::kLogfmt); }
};

TEST_CASE_METHOD(Fixture, "a call that hangs while the broker answers is ended", "[watchdog]") {
  auto future = expired.get_future();
  const Watchdog::Guard guard(watchdog, "committing");
  REQUIRE(future.wait_for(10s) == std::future_status::ready);
  CHECK(future.get() == "committing");
}

TEST_CASE_METHOD(Fixture, "while the broker is away a call may wait, and the status says so",
                 "[watchdog]") {
  answers = false;
  {
    const Watchdog::Guard guard(watchdog, "committing");
    for (int i = 0; i < 2'000 && probes < 20; ++i) clock.sleep_for(5ms, {});
    CHECK(probes >= 20);
    CHECK(status.state() == StageState::kWaitingForBroker);
  }
  CHECK_FALSE(told);
  CHECK(status.state() == StageState::kRunning);
}

}  // namespace
}  // namespace rookery::kafka
