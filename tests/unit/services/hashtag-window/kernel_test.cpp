// The kernel against a recount of everything, by the definitions alone.
#include "services/hashtag-window/kernel.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/unit/services/hashtag-window/kernel_support.hpp"
#include "tests/unit/services/hashtag-window/simulation/text.hpp"

namespace rookery::hashtag_window {
namespace {

using simulation::concat;

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
    std::size_t left = settings.windows[index].top_k;
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

TEST_CASE("all windows at all slides are those of a recount of everything", "[kernel]") {
  const auto seed = GENERATE(range(1, 10));
  std::mt19937 dice(static_cast<unsigned>(seed));
  const auto below = [&](std::uint32_t bound) { return static_cast<std::int64_t>(dice() % bound); };
  // With blocks of 2, 16 (in groups of 4), 3, 1 and 5 panes.
  const Settings settings =
      settings_of({{"a", 6, 2}, {"b", 64, 1, 2}, {"c", 9, 3}, {"d", 1, 1}, {"e", 23, 1, 40}},
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
          end, end + 4, WindowKernel::Shown::kTop,
          [](std::size_t index, Pane) { return index != 2; },
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
        end, end + 12, WindowKernel::Shown::kTop, [](std::size_t, Pane) { return true; },
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

}  // namespace
}  // namespace rookery::hashtag_window
