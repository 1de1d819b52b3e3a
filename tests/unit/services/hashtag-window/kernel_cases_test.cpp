// Single cases of the kernel: ties, spellings, panes of which something was left out, folding.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "services/hashtag-window/kernel.hpp"
#include "tests/unit/services/hashtag-window/kernel_support.hpp"

namespace rookery::hashtag_window {
namespace {

TEST_CASE("equal counts are ranked by the bytes of the key", "[kernel]") {
  const Settings settings = settings_of({{"a", 1, 1}}, 3);
  WindowKernel kernel(settings);
  for (const char* key : {"z", "\xc3\xa4", "b", "a"}) kernel.add(post(key, 0, 1, 0), author(1));
  kernel.slide(1);
  const auto top = kernel.top(0, 1);
  REQUIRE(top.top.size() == 3);
  CHECK(top.total == 4);
  CHECK(top.top[0].key == "a");
  CHECK(top.top[1].key == "b");
  CHECK(top.top[2].key == "z");
}

TEST_CASE("of too many keys of a pane the rarest go, and later deletions do not matter",
          "[kernel]") {
  Settings settings = settings_of({{"a", 2, 1}}, 9);
  settings.pane_keys_max = 2;
  WindowKernel live(settings);
  WindowKernel restored(settings);
  for (WindowKernel* kernel : {&live, &restored}) {
    kernel->add(post("c", 0, 2, 0), author(1));
    kernel->add(post("b", 0, 1, 0, "B"), author(1));
    kernel->add(post("a", 0, 1, 0), author(1));
    kernel->add(post("b", 0, 1, 0), author(2));
    Partial deletion = post("c", 0, -2, 0);
    deletion.from = 1;
    kernel->add_later(deletion);
    kernel->add(post("a", 1, 1, 0), author(3));
  }
  const auto keys = [](const WindowTop& top) {
    std::string all = top.approximate ? "~" : "";
    for (const auto& entry : top.top) all.append(entry.key);
    return all;
  };
  live.slide(1);
  CHECK(keys(live.top(0, 1)) == "~bc");
  live.slide(2);
  CHECK(keys(live.top(0, 2)) == "~ba");
  restored.rebuild(2);
  CHECK(as_text(restored.top(0, 2)) == as_text(live.top(0, 2)));
  CHECK(restored.top(0, 2).approximate);
  live.slide(3);
  CHECK(keys(live.top(0, 3)) == "a");
}

TEST_CASE("windows with a pane of which keys were refused are approximate, also after a restore",
          "[kernel]") {
  const Settings settings = settings_of({{"a", 2, 1}}, 9);
  WindowKernel live(settings);
  for (const Pane pane : {1, 2, 3}) live.add(post("a", pane, 1, 0), author(1));
  live.add_refusal(0);  // Nothing else comes to it.
  live.slide(1);
  CHECK(live.dropped_keys(1) == 0);
  std::vector<std::string> saved;
  live.save(
      0, 1, [](Pane pane) { return pane + 40; },
      [&](std::string bytes) { saved.push_back(std::move(bytes)); });
  REQUIRE(saved.size() == 1);
  WindowKernel restored(settings);
  std::int64_t first = -1;
  const std::size_t size = saved[0].size();
  saved[0].resize(size + PackedPane::kBehind);
  REQUIRE(restored.load(std::string_view(saved[0]).substr(0, size), kNoPane,
                        [&](Pane, std::int64_t offset) { first = offset; }));
  CHECK(first == 40);
  for (const Pane pane : {1, 2, 3}) restored.add(post("a", pane, 1, 0), author(1));
  restored.rebuild(1);
  for (WindowKernel* kernel : {&live, &restored}) {
    kernel->slide(2);
    CHECK(kernel->top(0, 2).approximate);
    kernel->slide(3);
    CHECK_FALSE(kernel->top(0, 3).approximate);
  }
}

TEST_CASE("equally frequent spellings are decided by their bytes", "[kernel]") {
  const Settings settings = settings_of({{"a", 2, 1}}, 3);
  WindowKernel kernel(settings);
  const auto spelling = [&](Pane end) { return std::string(kernel.top(0, end).top[0].spelling); };
  kernel.add(post("wien", 0, 1, 0, "wIEN"), author(1));
  kernel.add(post("wien", 0, 1, 0, "Wien"), author(2));
  kernel.slide(1);
  CHECK(spelling(1) == "Wien");
  kernel.add(post("wien", 1, 2, 0, "wIEN"), author(3));
  kernel.add(post("wien", 1, 1, 0), author(3));
  kernel.slide(2);
  CHECK(spelling(2) == "wIEN");
  Partial deletion = post("wien", 1, -2, 0, "wIEN");
  deletion.from = 2;
  kernel.add_later(deletion);
  kernel.slide(3);
  CHECK(spelling(3).empty());  // The folded form is what is left.
}

TEST_CASE("a block is a slide, or more where many fit", "[score]") {
  WindowOptions options;
  options.windows = {"5m/1m", "1h/10s", "24h/1m", "1m/1m"};
  const auto settings = make_settings(options, 1, 1);
  REQUIRE(settings);
  CHECK(settings->windows[0].block == 6);
  CHECK(settings->windows[1].block == 30);
  CHECK(settings->windows[2].block == 720);
  CHECK(settings->windows[3].block == 6);
  CHECK(settings->keep == 8640 + 2 * 30);  // Of the day before, two blocks of 1h/10s.
}

TEST_CASE("the same time yesterday is looked at where a window reaches so far", "[score]") {
  const auto days = [](std::vector<std::string> windows) {
    WindowOptions options;
    options.windows = std::move(windows);
    std::vector<Pane> all;
    const auto settings = make_settings(options, 1, 1);
    REQUIRE(settings);
    for (const Window& w : settings->windows) all.push_back(w.day);
    return all;
  };
  using Days = std::vector<Pane>;
  CHECK(days({"5m/1m", "1h/10s", "24h/1m"}) == Days{8640, 8640, 0});
  CHECK(days({"5m/1m", "1h/10s"}) == Days{0, 0});
  CHECK(days({"25h/10m", "6h/30m"}) == Days{0, 144});
  CHECK(days({"23h/1h"}) == Days{0});
  CHECK(days({"24h/10m", "7h/10m"}) == Days{0, 144});
  CHECK(days({"24h/10m", "8h/10m"}) == Days{0, 0});  // Its blocks are longer than half an hour.
  CHECK(days({"1h/10m", "24h/1h"}) == Days{0, 0});   // Of yesterday whole hours are left.
  CHECK(days({"14m/7m", "28h/7m"}) == Days{0, 0});   // A day is no number of panes.
}

TEST_CASE("the authors of yesterday are those of its blocks", "[score]") {
  Settings short_day;
  short_day.day = std::chrono::seconds(960);  // 96 panes.
  short_day.deletion_horizon = 2;
  Settings settings = settings_of({{"fine", 8, 1}, {"day", 96, 2}}, 5, short_day);
  settings.authors_exact_max = 256;
  REQUIRE(settings.windows[0].day == 96);
  REQUIRE(settings.windows[0].block == 2);
  REQUIRE(settings.windows[1].day == 0);
  REQUIRE(settings.fold == 2);
  WindowKernel kernel(settings);
  std::map<Pane, std::vector<std::int64_t>> told;
  for (Pane end = 1; end <= 112; ++end) {
    // Pane n has n + 1 authors on the first day, who are in no other; later one.
    for (Pane i = 0; i < (end <= 30 ? end : 1); ++i) {
      kernel.add(post("a", end - 1, 1, 0), author(static_cast<std::uint64_t>(end * 64 + i) << 40U));
    }
    kernel.slide(end);
    told[end] = kernel.top(0, end).top.at(0).yesterday;
    kernel.drop_through(end - settings.keep);
  }
  using Two = std::vector<std::int64_t>;
  CHECK(told[97] == Two{0, 3});           // Panes -1 (0, as before all) and 0: then 0 and 1.
  CHECK(told[100] == Two{3 + 4, 5 + 6});  // The newest block is [98, 100), yesterday's [2, 4).
  CHECK(told[101] == Two{3 + 4, 5 + 6});  // It would begin within that.
  CHECK(told[102] == Two{5 + 6, 7 + 8});
}

TEST_CASE("a key whose panes were folded since it was read has all of its authors", "[kernel]") {
  Settings narrow;
  narrow.deletion_horizon = 2;
  const Settings settings = settings_of({{"fine", 6, 1}, {"coarse", 120, 6}}, 5, narrow);
  REQUIRE(settings.fold == 6);
  REQUIRE(settings.settled == 7);
  WindowKernel kernel(settings);
  for (Pane end = 1; end <= 78; ++end) {
    const bool between = end > 63 && end <= 66;  // Of a folded pane a part was read before.
    kernel.add(post("a", end - 1, 1, 0), author((between ? 2ULL : 1ULL) << 40U));
    kernel.slide(end);
    if (end == 60) CHECK(kernel.top(1, end).top[0].authors == 1);
    if (end == 63) CHECK(kernel.top(0, end).top[0].authors == 1);
  }
  CHECK(kernel.top(1, 78).top[0].authors == 2);
}

TEST_CASE("panes fold where only coarser windows look", "[kernel]") {
  const auto folding = [](std::vector<std::string> windows) {
    WindowOptions options;
    options.windows = std::move(windows);
    const auto settings = make_settings(options, 1, 1);
    REQUIRE(settings);
    return std::pair(settings->fold, settings->settled);
  };
  CHECK(folding({"5m/1m", "1h/10s", "24h/1m"}) == std::pair<Pane, Pane>(6, 361));
  CHECK(folding({"5m/1m", "1h/10s"}) == std::pair<Pane, Pane>(1, 60));
  CHECK(folding({"24h/1m"}) == std::pair<Pane, Pane>(1, 10));
  CHECK(folding({"1m/10s", "24h/1m"}) == std::pair<Pane, Pane>(6, 60));  // The deletions' horizon.
  CHECK(folding({"5m/1m", "6m/2m"}) == std::pair<Pane, Pane>(1, 10));    // Too close to each other.
  CHECK(folding({"1h/10s", "24h/1m", "7d/1h"}).first > 1);
}

TEST_CASE("closed panes are saved where that spares most of the counting", "[settings]") {
  const auto levels = [](std::string window, std::chrono::hours horizon) {
    WindowOptions options;
    options.windows = {"5m/1m", "1h/10s", std::move(window)};
    options.deletion_horizon = horizon;
    const auto settings = make_settings(options, 1, 1);
    REQUIRE(settings);
    return settings->snapshots.size();
  };
  using std::chrono::hours;
  CHECK(levels("2h/1m", hours(0)) == 0);
  CHECK(levels("24h/1m", hours(0)) == 2);  // What is not folded yet has smaller blocks.
  CHECK(levels("24h/1m", hours(17)) == 1);
  CHECK(levels("24h/1m", hours(18)) == 0);  // Of 24 the last six lie in a quarter or two.
  CHECK(levels("24h/1m", hours(24)) == 0);
}

}  // namespace
}  // namespace rookery::hashtag_window
