#include "services/hashtag-window/kernel.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/unit/services/hashtag-window/simulation/text.hpp"

namespace rookery::hashtag_window {
namespace {

using simulation::concat;

Settings settings_of(std::vector<Window> windows, std::size_t top_k, Settings settings = {}) {
  settings.windows = std::move(windows);
  settings.dimensions = {Dimension::kHashtag};
  settings.top_k = top_k;
  settings.trend_history = 2;
  settings.authors_exact_max = 4;
  derive(settings);
  return settings;
}

Partial post(std::string_view key, Pane pane, std::int64_t count, std::int64_t sentiment,
             std::string_view spelling = {}, std::uint32_t ms = 0) {
  return {.dimension = "hashtag",
          .key = key,
          .spelling = spelling,
          .pane = pane,
          .from = pane,
          .count = count,
          .sentiment = sentiment,
          .times = {ms, ms}};
}

AuthorSet author(std::uint64_t hash) {
  AuthorSet set;
  set.insert(hash, 4);
  return set;
}

/// Everything that was added, and the ranking by definition.
class Brute {
 public:
  void add(const Partial& partial, std::uint64_t who) {
    items_.push_back({std::string(partial.key), std::string(partial.spelling), partial.pane,
                      partial.from, partial.count, partial.sentiment, who, partial.times.first});
  }

  [[nodiscard]] std::string top(const Settings& settings, std::size_t index, Pane end) const {
    const Window& window = settings.windows[index];
    std::map<std::string, Row> rows;
    for (const Item& item : items_) {
      if (item.from >= end || item.pane >= end) continue;
      Row& row = rows[item.key];
      if (item.pane >= end - window.length) {
        row.count += item.count;
        row.sentiment += item.sentiment;
        row.spellings[item.spelling.empty() ? item.key : item.spelling] += item.count;
        if (item.count > 0) {
          row.authors.insert(item.who);
          const std::int64_t ms = item.pane * settings.pane.count() + item.ms;
          row.first = std::min(row.first, ms);
          row.last = std::max(row.last, ms);
        }
      }
      if (item.count < 0) continue;
      if (item.pane >= end - window.block) row.newest.insert(item.who);
      const Pane past = floor(end - window.block, window.block);
      const Pane block = past - 1 - floor(item.pane, window.block);
      if (block >= 0 && block < 2) row.past[static_cast<std::size_t>(block)].insert(item.who);
    }
    std::multimap<std::pair<std::int64_t, std::string>, std::string> lines;
    std::int64_t total = 0;
    for (const auto& [key, row] : rows) {
      if (row.count == 0) continue;
      total += row.count;
      lines.emplace(std::pair(-row.count, key),
                    concat({key,
                            ":",
                            most_written(row),
                            ":",
                            std::to_string(row.count),
                            ":",
                            std::to_string(row.sentiment),
                            ":",
                            std::to_string(std::min(estimate(row.authors), row.count)),
                            ":",
                            std::to_string(estimate(row.newest)),
                            ",",
                            std::to_string(estimate(row.past[0])),
                            ",",
                            std::to_string(estimate(row.past[1])),
                            ":",
                            std::to_string(row.first),
                            "-",
                            std::to_string(row.last),
                            " "}));
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
    std::string spelling;
    Pane pane;
    Pane from;
    std::int64_t count;
    std::int64_t sentiment;
    std::uint64_t who;
    std::int64_t ms;
  };
  using Authors = std::set<std::uint64_t>;
  struct Row {
    std::int64_t count = 0;
    std::int64_t sentiment = 0;
    std::map<std::string, std::int64_t> spellings;
    Authors authors;
    Authors newest;
    std::array<Authors, 2> past;
    std::int64_t first = INT64_MAX;
    std::int64_t last = INT64_MIN;
  };

  static Pane floor(Pane a, Pane b) { return (a - ((a % b) + b) % b) / b; }
  static std::int64_t estimate(const Authors& authors) {
    AuthorSet set;
    for (const auto who : authors) set.insert(who, 4);
    return static_cast<std::int64_t>(set.estimate());
  }
  static std::string most_written(const Row& row) {
    std::string best;
    std::int64_t most = 0;
    for (const auto& [spelling, count] : row.spellings) {
      if (count > most) best = spelling;
      most = std::max(most, count);
    }
    return best;
  }

  std::vector<Item> items_;
};

std::string as_text(const WindowTop& top) {
  std::string text = concat({std::to_string(top.total), " "});
  for (const auto& entry : top.top) {
    text += concat({entry.key,
                    ":",
                    entry.spelling.empty() ? entry.key : entry.spelling,
                    ":",
                    std::to_string(entry.count),
                    ":",
                    std::to_string(entry.sentiment),
                    ":",
                    std::to_string(entry.authors),
                    ":",
                    std::to_string(entry.newest),
                    ",",
                    std::to_string(entry.past[0]),
                    ",",
                    std::to_string(entry.past[1]),
                    ":",
                    std::to_string(entry.seen.first),
                    "-",
                    std::to_string(entry.seen.last),
                    " "});
  }
  return text;
}

TEST_CASE("all windows at all slides are those of a recount of everything", "[kernel]") {
  const auto seed = GENERATE(range(1, 10));
  std::mt19937 dice(static_cast<unsigned>(seed));
  const auto below = [&](std::uint32_t bound) { return static_cast<std::int64_t>(dice() % bound); };
  // With blocks of 2, 16 (in groups of 4), 3, 1 and 5 panes.
  const Settings settings =
      settings_of({{"a", 6, 2}, {"b", 64, 1}, {"c", 9, 3}, {"d", 1, 1}, {"e", 23, 1}},
                  static_cast<std::size_t>(seed % 3 == 0 ? 2 : 5));
  WindowKernel kernel(settings);
  Brute brute;
  // Many keys in some seeds, so that the list of candidates is cut and refilled.
  const auto keys = static_cast<std::uint32_t>(seed % 4 == 0 ? 3000 : 12);
  const Pane first = -20;
  for (Pane end = first; end < 100; ++end) {
    const auto additions = below(keys > 100 ? 900 : 12);
    for (std::int64_t i = 0; end < 25 && i < additions; ++i) {
      const std::string key = concat({"k", std::to_string(below(keys) * below(keys) / keys)});
      const Pane pane = end - 1 + below(3);
      const auto who = static_cast<std::uint64_t>(below(9)) * 0x9e3779b97f4a7c15ULL;
      const std::int64_t sentiment = below(2001) - 1000;
      const std::string other = concat({"K", std::to_string(below(3))});
      Partial partial = post(key, pane, 1, sentiment, below(2) == 0 ? std::string_view(other) : "",
                             static_cast<std::uint32_t>(below(10'000)));
      kernel.add(partial, author(who));
      brute.add(partial, who);
      if (below(5) != 0) continue;
      partial.from = pane + 1 + below(14);  // The deletion of what was just added.
      partial.count = -1;
      partial.sentiment = -sentiment;
      kernel.add_later(partial);
      brute.add(partial, 0);
    }
    kernel.slide(end);
    for (std::size_t i = 0; i < settings.windows.size(); ++i) {
      if (end % settings.windows[i].slide != 0) continue;
      INFO("seed " << seed << " window " << i << " end " << end);
      REQUIRE(as_text(kernel.top(i, end)) == brute.top(settings, i, end));
    }
    if (end % 3 == 0) {  // Open windows: as of now, and nothing of the look at them stays.
      int seen = 0;
      kernel.preview(
          end, end + 4, {}, [](std::size_t index, Pane) { return index != 2; },
          [&](std::size_t index, Pane later, const WindowTop& top) {
            INFO("seed " << seed << " window " << index << " at " << end << " end " << later);
            REQUIRE(as_text(top) == brute.top(settings, index, later));
            ++seen;
          });
      CHECK(seen == 4 * 3 + 2);
    }
    kernel.drop_through(end - settings.keep);
  }
  CHECK(kernel.live_keys() == 0);
}

/// What restores a kernel: everything that was added, or snapshots and what was added to later
/// panes.
class Log {
 public:
  void add(const Partial& partial, const AuthorSet& authors) {
    records_.push_back({std::string(partial.key), std::string(partial.spelling), partial, {}});
    records_.back().authors.merge(authors, 4);
  }

  /// Writes what is settled as a merge stage does.
  void save(const WindowKernel& kernel, Pane closed, const std::vector<SnapshotLevel>& levels) {
    if (until_.empty()) until_.assign(2, floor_to(closed - 500, levels[0].block));
    for (std::size_t i = 0; i < levels.size(); ++i) {
      if (i == 1) until_[1] = std::max(until_[1], until_[0]);
      for (; until_[i] + levels[i].block <= closed - levels[i].settled;
           until_[i] += levels[i].block) {
        blocks_.push_back({i, until_[i], until_[i] + levels[i].block, {}});
        kernel.save(
            blocks_.back().begin, blocks_.back().end, [](Pane) { return 0; },
            [&](std::string bytes) { blocks_.back().parts.push_back(std::move(bytes)); });
      }
    }
  }

  void restore(WindowKernel& kernel, Pane closed, const Settings& settings, bool snapshots) const {
    const Pane dead = closed - settings.keep;
    Pane from = dead + 1;
    for (const Saved& block : blocks_) {
      if (!snapshots || block.end <= dead) continue;
      if (block.level == 1 && block.begin < until_[0]) continue;
      for (const std::string& part : block.parts) {
        // Whatever follows must not matter.
        const std::string behind = part + std::string(PackedPane::kBehind, '\xff');
        REQUIRE(kernel.load(std::string_view(behind).substr(0, part.size()), until_[0],
                            [](Pane, std::int64_t) {}));
      }
      from = std::max(from, block.end);
    }
    kernel.drop_through(dead);
    for (const Record& record : records_) {
      Partial partial = record.partial;
      partial.key = record.key;
      partial.spelling = record.spelling;
      if (partial.pane < from) continue;
      if (partial.from > partial.pane) {
        kernel.add_later(partial);
      } else {
        kernel.add(partial, record.authors);
      }
    }
    kernel.rebuild(closed);
  }

 private:
  struct Record {
    std::string key;
    std::string spelling;
    Partial partial;
    AuthorSet authors;
  };
  struct Saved {
    std::size_t level = 0;
    Pane begin = 0;
    Pane end = 0;
    std::vector<std::string> parts;
  };
  std::vector<Record> records_;
  std::vector<Saved> blocks_;
  std::vector<Pane> until_;
};

TEST_CASE("folded panes change no ranking, and a restore at any step neither", "[kernel]") {
  const auto seed = GENERATE(range(1, 13));
  std::mt19937 dice(static_cast<unsigned>(seed));
  const auto below = [&](std::uint32_t bound) { return static_cast<std::int64_t>(dice() % bound); };
  Settings settings;
  settings.deletion_horizon = seed % 3 == 0 ? 31 : 7;
  settings = settings_of({{"a", 4, 1}, {"b", 96, 6}, {"c", 60, 3}, {"d", 5, 5}}, 5, settings);
  REQUIRE(settings.fold == 3);
  REQUIRE(settings.settled == std::max<Pane>(settings.deletion_horizon, 20));
  const Pane unit = settings.fold * (1 + seed % 3);
  std::vector<SnapshotLevel> levels = {{2 * unit, settings.settled}};
  if (seed % 2 == 0) levels.push_back({unit, settings.deletion_horizon});
  auto kernel = std::make_unique<WindowKernel>(settings);
  Brute brute;
  Log log;
  for (Pane end = -50; end < 260; ++end) {
    const bool silent = end > 110 && (end < 130 || end > 150);
    for (std::int64_t i = 0, additions = below(9); !silent && i < additions; ++i) {
      const std::string key = concat({"k", std::to_string(below(12) * below(12) / 12)});
      const Pane pane = end - 1 + below(3);
      const auto who = static_cast<std::uint64_t>(below(40)) * 0x9e3779b97f4a7c15ULL;
      const std::string other = concat({"K", std::to_string(below(3))});
      Partial partial = post(key, pane, 1, below(2001) - 1000,
                             below(2) == 0 ? std::string_view(other) : std::string_view(),
                             static_cast<std::uint32_t>(below(10'000)));
      kernel->add(partial, author(who));
      brute.add(partial, who);
      log.add(partial, author(who));
      if (below(4) != 0) continue;
      const auto later = below(static_cast<std::uint32_t>(settings.deletion_horizon));
      partial.from = std::max(pane + 1, end) + later;
      partial.from = std::min(partial.from, pane + settings.deletion_horizon);
      partial.count = -1;
      partial.sentiment = -partial.sentiment;
      kernel->add_later(partial);
      brute.add(partial, 0);
      log.add(partial, {});
    }
    kernel->slide(end);
    log.save(*kernel, end, levels);
    kernel->drop_through(end - settings.keep);
    if (below(6) == 0) {
      kernel = std::make_unique<WindowKernel>(settings);
      log.restore(*kernel, end, settings, below(4) != 0);
    }
    for (std::size_t i = 0; i < settings.windows.size(); ++i) {
      if (end % settings.windows[i].slide != 0) continue;
      INFO("seed " << seed << " window " << i << " end " << end);
      REQUIRE(as_text(kernel->top(i, end)) == brute.top(settings, i, end));
    }
    if (end % 4 != 0) continue;
    kernel->preview(
        end, end + 12, {}, [](std::size_t, Pane) { return true; },
        [&](std::size_t index, Pane later, const WindowTop& top) {
          INFO("seed " << seed << " window " << index << " at " << end << " end " << later);
          REQUIRE(as_text(top) == brute.top(settings, index, later));
        });
  }
  CHECK(kernel->live_keys() == 0);
}

TEST_CASE("a snapshot that is cut or changed is refused, or is another one", "[kernel]") {
  const Settings settings = settings_of({{"a", 6, 2}}, 5);
  WindowKernel kernel(settings);
  std::mt19937 dice(7);
  for (Pane pane = 0; pane < 6; ++pane) {
    for (std::uint64_t i = 0; i < 40; ++i) {
      const std::string key = concat({"key", std::to_string(dice() % 9)});
      kernel.add(post(key, pane, 1, 5, dice() % 2 == 0 ? "KEY" : "",
                      static_cast<std::uint32_t>(dice() % 10'000)),
                 author(dice()));
    }
    kernel.slide(pane + 1);
  }
  std::string bytes;
  kernel.save(
      0, 6, [](Pane) { return 3; }, [&](std::string part) { bytes = std::move(part); });
  const auto loads = [&](std::string text) {
    const std::size_t size = text.size();
    text.append(PackedPane::kBehind, '\xff');
    WindowKernel other(settings);
    return other.load(std::string_view(text).substr(0, size), kNoPane, [](Pane, std::int64_t) {});
  };
  REQUIRE(loads(bytes));
  for (std::size_t size = 0; size < bytes.size(); ++size) CHECK(!loads(bytes.substr(0, size)));
  CHECK(!loads(bytes + '\0'));
  int refused = 0;
  for (int i = 0; i < 5'000; ++i) {  // The sanitizers see the rest.
    std::string changed = bytes;
    changed[dice() % changed.size()] = static_cast<char>(dice());
    if (!loads(changed)) ++refused;
  }
  CHECK(refused > 500);
}

TEST_CASE("a rebuilt kernel goes on like one that was never lost", "[kernel]") {
  const Settings settings = settings_of({{"a", 6, 2}, {"b", 3, 1}}, 5);
  WindowKernel kept(settings);
  WindowKernel lost(settings);
  for (Pane pane = 0; pane < 10; ++pane) {
    for (WindowKernel* kernel : {&kept, &lost}) {
      kernel->add(post(pane % 2 == 0 ? "even" : "odd", pane, 1 + pane, 7, "Odd"), author(1));
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
  CHECK(settings->keep == 8641);
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

}  // namespace
}  // namespace rookery::hashtag_window
