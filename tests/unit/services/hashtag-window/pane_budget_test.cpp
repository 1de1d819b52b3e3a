// What closed panes may keep together.
#include <string>

#include <catch2/catch.hpp>

#include "services/hashtag-window/kernel.hpp"
#include "tests/unit/services/hashtag-window/kernel_support.hpp"

namespace rookery::hashtag_window {
namespace {

Settings bounded(std::int64_t window_keys_max) {
  Settings settings = settings_of({{"a", 40, 1}}, 3);
  settings.window_keys_max = window_keys_max;
  return settings;
}

TEST_CASE("new keys in every pane fill no more than the bound, and frequent ones still come in",
          "[kernel][budget]") {
  const Settings settings = bounded(400);
  WindowKernel kernel(settings);
  std::size_t most = 0;
  for (Pane pane = 0; pane < 300; ++pane) {
    for (int i = 0; i < 50; ++i) {
      kernel.add(post("junk" + std::to_string(pane * 50 + i), pane, 1, 0), author(1));
    }
    // Each of them is new, and has more posts than any junk.
    kernel.add(post("burst" + std::to_string(pane / 5), pane, 9, 0), author(2));
    kernel.slide(pane + 1);
    most = std::max(most, kernel.live_keys());
    const WindowTop top = kernel.top(0, pane + 1);
    REQUIRE(top.top.front().key.substr(0, 5) == "burst");
    if (pane % 5 == 4) REQUIRE(top.top.front().count == 45);
    if (pane > 10) REQUIRE(top.approximate);
    kernel.drop_through(pane + 1 - settings.keep);
  }
  CHECK(most <= 500);
  CHECK(most > 300);
}

TEST_CASE("the same keys in every pane take their places once", "[kernel][budget]") {
  const Settings settings = bounded(400);
  WindowKernel kernel(settings);
  for (Pane pane = 0; pane < 100; ++pane) {
    for (int i = 0; i < 70; ++i) kernel.add(post(std::to_string(i), pane, 1, 0), author(1));
    kernel.slide(pane + 1);
    REQUIRE_FALSE(kernel.top(0, pane + 1).approximate);
    REQUIRE(kernel.dropped_keys(pane + 1) == 0);
    kernel.drop_through(pane + 1 - settings.keep);
  }
}

TEST_CASE("cells have a bound of their own, authors and all", "[kernel][budget]") {
  Settings settings = bounded(400);
  settings.place_cell_bytes = 40;  // 4,000 and some in a quarter: 400 in a pane.
  WindowKernel kernel(settings);
  std::size_t gone = 0;
  for (Pane pane = 0; pane < 100; ++pane) {
    for (int i = 0; i < 40; ++i) {
      kernel.add(post(std::to_string(i), pane, i == 7 ? 2 : 1, 0), author(1));
    }
    kernel.slide(pane + 1);
    gone += kernel.dropped_keys(pane + 1);
    REQUIRE(kernel.top(0, pane + 1).top.front().key == "7");
    kernel.drop_through(pane + 1 - settings.keep);
  }
  const auto quarters = static_cast<double>(100) / static_cast<double>(settings.span);
  const double kept = (40.0 * 100 - static_cast<double>(gone)) * 13 / quarters;
  const auto bound = static_cast<double>(400 * settings.span / settings.keep * 40);
  CHECK(kept <= 1.25 * bound);
  CHECK(kept > .7 * bound);
}

TEST_CASE("a spelling without a place counts for its key, and its deletion takes from there",
          "[kernel][budget]") {
  Settings settings = bounded(4);  // One or two places in a quarter.
  WindowKernel kernel(settings);
  const Pane last = settings.span - 1;  // All of the room of the quarter is there.
  kernel.add(post("a", last, 3, 0, "A"), author(1));
  kernel.add(post("a", last, 2, 0, "Aa"), author(2));
  Partial deletion = post("a", last, -1, 0, "Aa");
  deletion.from = last + 1;
  kernel.add_later(deletion);
  kernel.slide(last + 1);
  WindowTop top = kernel.top(0, last + 1);
  REQUIRE(top.top.size() == 1);
  CHECK(top.approximate);
  CHECK(top.top[0].count == 5);
  CHECK(top.top[0].authors == 2);
  CHECK(top.top[0].spelling.empty());
  CHECK(kernel.dropped_keys(last + 1) == 0);
  kernel.slide(last + 2);
  top = kernel.top(0, last + 2);
  CHECK(top.top[0].count == 4);
}

}  // namespace
}  // namespace rookery::hashtag_window
