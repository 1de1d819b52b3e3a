#include "services/hashtag-window/kernel.hpp"

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "services/hashtag-window/score.hpp"
#include "tests/unit/services/hashtag-window/simulation/text.hpp"

namespace rookery::hashtag_window {
namespace {

using simulation::concat;

Settings settings_of(std::vector<Window> windows, std::size_t top_k) {
  Settings settings;
  settings.windows = std::move(windows);
  settings.dimensions = {Dimension::kHashtag};
  settings.top_k = top_k;
  settings.trend_history = 2;
  settings.authors_exact_max = 4;
  derive(settings);
  return settings;
}

AuthorSet author(std::uint64_t hash) {
  AuthorSet set;
  set.insert(hash, 4);
  return set;
}

/// Everything that was added, and the ranking by definition.
class Brute {
 public:
  void add(const std::string& key, Pane pane, Pane from, std::int64_t count, std::int64_t sentiment,
           std::uint64_t who) {
    items_.push_back({key, pane, from, count, sentiment, who});
  }

  [[nodiscard]] std::string top(const Settings& settings, std::size_t index, Pane end) const {
    const Window& window = settings.windows[index];
    std::map<std::string, Row> rows;
    for (const Item& item : items_) {
      if (item.from >= end || item.pane >= end) continue;
      const Pane back = end - window.length - 1 - item.pane;
      Row& row = rows[item.key];
      if (back < 0) {
        row.count += item.count;
        row.sentiment += item.sentiment;
        if (item.count > 0) row.authors.insert(item.who);
      } else if (back / window.slide < 2) {
        row.blocks[static_cast<std::size_t>(back / window.slide)] += item.count;
      }
    }
    std::multimap<std::pair<std::int64_t, std::string>, std::string> lines;
    std::int64_t total = 0;
    for (const auto& [key, row] : rows) {
      if (row.count == 0) continue;
      total += row.count;
      AuthorSet set;
      for (const auto who : row.authors) set.insert(who, 4);
      lines.emplace(
          std::pair(-row.count, key),
          concat({key, ":", std::to_string(row.count), ":", std::to_string(row.sentiment), ":",
                  std::to_string(std::min(set.estimate(), static_cast<std::uint64_t>(row.count))),
                  ":", std::to_string(trend_score(row.count, row.blocks, window)), " "}));
    }
    std::string text = concat({std::to_string(total), " "});
    std::size_t left = settings.top_k;
    for (const auto& [order, row] : lines) {
      if (left-- == 0) break;
      text += row;
    }
    return text;
  }

 private:
  struct Item {
    std::string key;
    Pane pane;
    Pane from;
    std::int64_t count;
    std::int64_t sentiment;
    std::uint64_t who;
  };
  struct Row {
    std::int64_t count = 0;
    std::int64_t sentiment = 0;
    std::set<std::uint64_t> authors;
    std::array<std::int64_t, 2> blocks{};
  };
  std::vector<Item> items_;
};

std::string as_text(const WindowTop& top) {
  std::string text = concat({std::to_string(top.total), " "});
  for (const auto& entry : top.top) {
    text +=
        concat({entry.key, ":", std::to_string(entry.count), ":", std::to_string(entry.sentiment),
                ":", std::to_string(entry.authors), ":", std::to_string(entry.score), " "});
  }
  return text;
}

TEST_CASE("all windows at all slides are those of a recount of everything", "[kernel]") {
  const auto seed = GENERATE(range(1, 21));
  std::mt19937 dice(static_cast<unsigned>(seed));
  const auto below = [&](std::uint32_t bound) { return static_cast<std::int64_t>(dice() % bound); };
  const Settings settings = settings_of({{"a", 6, 2}, {"b", 12, 1}, {"c", 9, 3}, {"d", 1, 1}},
                                        static_cast<std::size_t>(seed % 3 == 0 ? 2 : 5));
  WindowKernel kernel(settings);
  Brute brute;
  // Many keys in some seeds, so that the list of candidates is cut and refilled.
  const auto keys = static_cast<std::uint32_t>(seed % 4 == 0 ? 3000 : 12);
  const Pane first = -20;
  for (Pane end = first; end < 60; ++end) {
    const auto additions = below(keys > 100 ? 1400 : 12);
    for (std::int64_t i = 0; end < 25 && i < additions; ++i) {
      const std::string key = concat({"k", std::to_string(below(keys) * below(keys) / keys)});
      const Pane pane = end - 1 + below(3);
      const auto who = static_cast<std::uint64_t>(below(9)) * 0x9e3779b97f4a7c15ULL;
      const std::int64_t sentiment = below(2001) - 1000;
      kernel.add(key, pane, 1, sentiment, author(who));
      brute.add(key, pane, pane, 1, sentiment, who);
      if (below(5) != 0) continue;
      const Pane from = pane + 1 + below(14);  // The deletion of what was just added.
      kernel.add_later(key, pane, from, -1, -sentiment);
      brute.add(key, pane, from, -1, -sentiment, 0);
    }
    kernel.slide(end);
    for (std::size_t i = 0; i < settings.windows.size(); ++i) {
      if (end % settings.windows[i].slide != 0) continue;
      INFO("seed " << seed << " window " << i << " end " << end);
      REQUIRE(as_text(kernel.top(i, end)) == brute.top(settings, i, end));
    }
    kernel.drop_through(end - settings.keep);
  }
  CHECK(kernel.live_keys() == 0);
}

TEST_CASE("a rebuilt kernel goes on like one that was never lost", "[kernel]") {
  const Settings settings = settings_of({{"a", 6, 2}, {"b", 3, 1}}, 5);
  WindowKernel kept(settings);
  WindowKernel lost(settings);
  for (Pane pane = 0; pane < 10; ++pane) {
    for (WindowKernel* kernel : {&kept, &lost}) {
      kernel->add(pane % 2 == 0 ? "even" : "odd", pane, 1 + pane, 7, author(1));
    }
    kept.slide(pane + 1);
  }
  lost.rebuild(10);
  CHECK(as_text(lost.top(0, 10)) == as_text(kept.top(0, 10)));
  kept.slide(11);
  lost.slide(11);
  CHECK(as_text(lost.top(1, 11)) == as_text(kept.top(1, 11)));
}

TEST_CASE("equal counts are ranked by the bytes of the key", "[kernel]") {
  const Settings settings = settings_of({{"a", 1, 1}}, 3);
  WindowKernel kernel(settings);
  for (const char* key : {"z", "\xc3\xa4", "b", "a"}) kernel.add(key, 0, 1, 0, author(1));
  kernel.slide(1);
  const auto top = kernel.top(0, 1);
  REQUIRE(top.top.size() == 3);
  CHECK(top.total == 4);
  CHECK(top.top[0].key == "a");
  CHECK(top.top[1].key == "b");
  CHECK(top.top[2].key == "z");
}

TEST_CASE("the square root of an integer is rounded down", "[score]") {
  for (std::uint64_t root : {0ULL, 1ULL, 2ULL, 3ULL, 1000ULL, 65'535ULL, 4'294'967'295ULL}) {
    CHECK(integer_sqrt(root * root) == root);
    CHECK(integer_sqrt(root * root + 2 * root) == root);
    if (root > 1) CHECK(integer_sqrt(root * root - 1) == root - 1);
  }
  CHECK(integer_sqrt(~std::uint64_t{0}) == 4'294'967'295ULL);
}

TEST_CASE("a score tells what rises from what is always there", "[score]") {
  const Window window{"5m/1m", 30, 6};
  const auto score = [&](std::int64_t count, std::vector<std::int64_t> blocks) {
    return trend_score(count, blocks, window);
  };
  CHECK(score(0, {0, 0, 0}) == 0);
  CHECK(score(100, {0, 0, 0}) == 100'000);                   // New: as many deviations as posts.
  CHECK(score(500, {100, 100, 100}) == 0);                   // As ever: 5 slides of 100 each.
  CHECK(score(1000, {100, 100, 100}) == 22'338);             // Twice as ever: 500 / sqrt(501).
  CHECK(score(0, {100, 100, 100}) == -22'339);               // Rounded down, not towards zero.
  CHECK(score(500, {200, 0, 0}) < score(500, {0, 0, 200}));  // The last slide weighs most.
}

}  // namespace
}  // namespace rookery::hashtag_window
