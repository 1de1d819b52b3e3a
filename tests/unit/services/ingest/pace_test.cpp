#include "services/ingest/pace.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/services/ingest/support.hpp"

namespace rookery::ingest {
namespace {

using namespace std::chrono_literals;

TEST_CASE("without a rate everything may go", "[pace]") {
  ManualClock clock;
  Pace pace({}, clock);
  CHECK(pace.admit(500, 10ms) == 500);
  CHECK(pace.admit_at(WallTime(1h), 10ms));
  CHECK(clock.elapsed == 0ms);
}

TEST_CASE("a rate waits no longer than it may", "[pace]") {
  ManualClock clock;
  Pace pace({.rate = 2}, clock);
  CHECK(pace.admit(10, 100ms) == 1);
  CHECK(pace.admit(10, 100ms) == 0);
  CHECK(clock.elapsed == 100ms);
  CHECK(pace.admit(10, 1000ms) == 1);
  CHECK(clock.elapsed == 500ms);
}

TEST_CASE("a long stall is not made up for", "[pace]") {
  ManualClock clock;
  Pace pace({.rate = 10}, clock);
  CHECK(pace.admit(100, 0ms) == 1);
  clock.elapsed += 1h;
  CHECK(pace.admit(5, 0ms) == 5);
  CHECK(pace.admit(100, 0ms) == 1);
}

TEST_CASE("a wrong time costs one bounded wait", "[pace]") {
  ManualClock clock;
  Pace pace({.speed = 1, .wait_max = 5s}, clock);
  CHECK(pace.admit_at(WallTime(10s), 0ms));
  CHECK_FALSE(pace.admit_at(WallTime(11s), 400ms));
  CHECK(pace.admit_at(WallTime(11s), 1s));
  CHECK(clock.elapsed == 1s);
  // A day ahead, in slices, then back.
  int slices = 0;
  while (!pace.admit_at(WallTime(24h), 1s)) ++slices;
  CHECK(slices == 4);
  CHECK(clock.elapsed == 6s);
  CHECK(pace.admit_at(WallTime(12s), 0ms));
  CHECK_FALSE(pace.admit_at(WallTime(13s), 0ms));
}

}  // namespace
}  // namespace rookery::ingest
