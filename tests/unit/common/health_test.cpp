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

TEST_CASE("a restore shows how far it is, and keeps its stage from being ready") {
  testing::ManualClock clock;
  Health health(clock);
  StageStatus& stage = health.add_stage("hashtag-window-merge");
  health.add_stage("hashtag-window-rank").set(StageState::kRunning);
  stage.set(StageState::kRestoring, "window_partials[2] at 70 of 100, 3 MiB");
  stage.set_restore({.offsets_done = 30, .offsets = 60, .bytes_done = 3 << 20});
  CHECK_FALSE(health.ready());
  CHECK(health.report() ==
        "hashtag-window-merge: restoring, window_partials[2] at 70 of 100, 3 MiB\n"
        "hashtag-window-rank: running\n");
  const auto restores = health.restores();  // For /metrics; the other stage had nothing to read.
  REQUIRE(restores.size() == 1);
  CHECK(restores[0].first == "hashtag-window-merge");
  CHECK(restores[0].second.offsets_done == 30);
  CHECK(restores[0].second.offsets == 60);
  CHECK(restores[0].second.bytes_done == 3 << 20);
  stage.set(StageState::kRunning);
  CHECK(health.ready());
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
