#include "common/observe/health.hpp"

#include <catch2/catch.hpp>

#include "common/testing/manual_clock.hpp"

namespace rookery {
namespace {

using namespace std::chrono_literals;

TEST_CASE("a process is ready when each stage runs or is done") {
  testing::ManualClock clock;
  Health health(clock);
  StageStatus& start = health.add_stage("start");
  CHECK_FALSE(health.ready());
  StageStatus& stage = health.add_stage("geo-enrich");
  start.set(StageState::kDone);
  CHECK_FALSE(health.ready());
  stage.set(StageState::kRunning);
  CHECK(health.ready());
  stage.set(StageState::kDraining);
  CHECK_FALSE(health.ready());
}

TEST_CASE("a loop that does not turn is not alive, and one that is done need not turn") {
  testing::ManualClock clock;
  Health health(clock);
  health.add_stage("start").set(StageState::kDone);
  StageStatus& stage = health.add_stage("geo-enrich");
  stage.set(StageState::kRunning);
  clock.advance(4min);
  stage.beat();
  clock.advance(4min);
  CHECK(health.alive(5min));
  clock.advance(1min);
  CHECK_FALSE(health.alive(5min));
  stage.set(StageState::kWaitingForBroker);
  clock.advance(1h);
  CHECK(health.alive(5min));
}

}  // namespace
}  // namespace rookery
