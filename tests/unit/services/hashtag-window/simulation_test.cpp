#include <cstdlib>
#include <map>
#include <set>
#include <string>
#include <tuple>

#include <catch2/catch.hpp>

#include "tests/unit/services/hashtag-window/simulation/oracle.hpp"
#include "tests/unit/services/hashtag-window/simulation/text.hpp"
#include "tests/unit/services/hashtag-window/simulation/world.hpp"

namespace rookery::simulation {
namespace {

/// The final records; of the early ones how many there are, and whether one came too late.
struct Trends {
  std::vector<std::string> lines;
  int early = 0;
  std::string wrong;
};

Trends trends_of(FakeBroker& broker) {
  Trends trends;
  std::set<std::string> closed;
  for (const Stored* stored : broker.committed_records({"trends", Partition(0)})) {
    const std::string& line = *stored->value;
    const auto mark = line.find(R"("final":)");
    const std::string window = line.substr(0, mark);
    if (line.compare(mark, 13, R"("final":false)") == 0) {
      ++trends.early;
      if (closed.contains(window)) trends.wrong = "early after the final one: " + line;
      continue;
    }
    closed.insert(window);
    trends.lines.push_back(line);
  }
  return trends;
}

/// The numbers and ids in late_tweets, each as often as it stands there.
std::multiset<std::string> late_of(FakeBroker& broker) {
  std::multiset<std::string> late;
  for (const Stored* stored : broker.committed_records({"late_tweets", Partition(0)})) {
    late.insert(stored->value->substr(0, stored->value->find(",\"pane\"")));
  }
  return late;
}

std::multiset<std::string> as_text(const Expected& expected) {
  std::multiset<std::string> late;
  for (const auto& [partition, offset, id] : expected.late) {
    late.insert(
        concat({R"({"id":")", id, R"(","topic":"processed_tweets","partition":)",
                std::to_string(partition), R"(,"offset":")", std::to_string(offset), "\""}));
  }
  return late;
}

/// How many seeds are tried: a few in each run of the tests, more by the environment.
std::uint64_t seeds() {
  const char* wanted = std::getenv("ROOKERY_TEST_SIMULATION_SEEDS");
  return wanted == nullptr ? 120 : std::strtoull(wanted, nullptr, 10);
}

/// Where to begin: what only a rare seed shows need not be searched anew in each run.
std::uint64_t first_seed() {
  const char* wanted = std::getenv("ROOKERY_TEST_SIMULATION_FIRST_SEED");
  return wanted == nullptr ? 0 : std::strtoull(wanted, nullptr, 10);
}

std::string run_and_compare(const Scenario& scenario, World& world) {
  if (std::string wrong = world.run(); !wrong.empty()) return wrong;
  const Expected expected = expected_of(world.broker(), world.settings(), world.generations());
  const auto [trends, early, wrong] = trends_of(world.broker());
  if (!wrong.empty()) return wrong;
  if (early != 0 && scenario.settings.early.count() == 0) return "early results, unasked for";
  for (std::size_t i = 0; i < std::max(trends.size(), expected.trends.size()); ++i) {
    const std::string got = i < trends.size() ? trends[i] : "nothing";
    const std::string want = i < expected.trends.size() ? expected.trends[i] : "nothing";
    if (got != want) {
      return concat({"trend ", std::to_string(i), "\n got  ", got, "\n want ", want});
    }
  }
  if (late_of(world.broker()) != as_text(expected)) return "other posts are late";
  if (scenario.silent) return {};
  // Where no partition falls silent no stall, kill or backlog may pass for silence: then nothing
  // of the run is in the trends.
  if (expected.resumed != 0) return "a partition that was not silent was taken for idle";
  const auto& s = scenario.settings;
  const hashtag_window::Pane bound = s.keep + s.lateness + s.skew_panes + 4;
  if (world.deepest_restore() > bound) {
    return concat({"a restore went back ", std::to_string(world.deepest_restore()),
                   " panes, expected at most ", std::to_string(bound)});
  }
  return {};
}

TEST_CASE("whatever is killed, stalled or moved, trends and late posts are those of the oracle",
          "[simulation][faults]") {
  std::map<std::string, int> events;
  std::size_t trends = 0;
  int early = 0;
  for (std::uint64_t seed = first_seed(); seed < first_seed() + seeds(); ++seed) {
    const Scenario scenario = make_scenario(seed);
    World world(scenario, seed + 1'000'000, Faults::kMany);
    INFO("seed " << seed);
    REQUIRE(run_and_compare(scenario, world) == "");
    for (const auto& [name, count] : world.events()) events[name] += count;
    const auto found = trends_of(world.broker());
    trends += found.lines.size();
    early += found.early;
  }
  // A run without faults or without results would prove nothing.
  CHECK(events["crash"] > 0);
  CHECK(events["stall"] > 0);
  CHECK(events["shuffle"] > 0);
  CHECK(trends > seeds() * 50);
  // A quarter of the seeds has early results; a few of them may be none of these.
  if (seeds() >= 8) CHECK(early > static_cast<int>(seeds()) * 10);
}

TEST_CASE("an earlier stage that stands still does not look like silence",
          "[simulation][upstream]") {
  for (std::uint64_t seed = first_seed(); seed < first_seed() + seeds(); seed += 2) {
    const Scenario scenario = make_upstream_scenario(seed);
    World world(scenario, seed + 3'000'000, Faults::kMany);
    INFO("seed " << seed);
    REQUIRE(run_and_compare(scenario, world) == "");
  }
}

TEST_CASE("restores from snapshots, whole or damaged, change nothing", "[simulation][snapshots]") {
  int used = 0;
  int refused = 0;
  int refused_whole = 0;
  int begin_late = 0;
  for (std::uint64_t seed = first_seed(); seed < first_seed() + seeds(); seed += 2) {
    const Scenario scenario = make_snapshot_scenario(seed / 2);
    World world(scenario, seed + 4'000'000, Faults::kMany);
    INFO("seed " << seed);
    REQUIRE(run_and_compare(scenario, world) == "");
    const World::Snapshots found = world.snapshots();
    used += found.used;
    if (!scenario.damaged && !scenario.silent) {  // A silence is many panes of few sums.
      const auto& last = scenario.settings.snapshots.back();
      CHECK(found.deepest_resume <= last.settled + last.block);
    }
    begin_late += found.begin_late;
    (scenario.damaged ? refused : refused_whole) += found.refused - found.begin_late;
  }
  CHECK(used > static_cast<int>(seeds()) / 4);
  // Half of the worlds have damaged snapshots; a few of them may restore from none.
  if (seeds() >= 40) CHECK(refused > 0);
  if (seeds() >= 100) CHECK(begin_late > 0);
  // An open transaction of a killed owner may hide some.
  CHECK(refused_whole <= used / 20);
}

TEST_CASE("rescaled in mid-stream, killed or not, trends are those of the oracle",
          "[simulation][rescale]") {
  std::map<std::string, int> events;
  for (std::uint64_t seed = first_seed(); seed < first_seed() + seeds(); seed += 2) {
    const Scenario scenario = make_rescale_scenario(seed / 2);
    World world(scenario, seed + 5'000'000, Faults::kMany);
    INFO("seed " << seed);
    REQUIRE(run_and_compare(scenario, world) == "");
    for (const auto& [name, count] : world.events()) events[name] += count;
  }
  CHECK(events["rescale"] >= static_cast<int>(seeds()) / 2);
  if (seeds() < 40) return;
  CHECK(events["rescale killed"] > 0);
  CHECK(events["rescale refused"] > 0);
}

TEST_CASE("without faults the same logs give the same trends", "[simulation][no_faults]") {
  for (std::uint64_t seed = 0; seed < seeds(); seed += 6) {
    const Scenario scenario = make_scenario(seed);
    World world(scenario, seed + 2'000'000, Faults::kNone);
    INFO("seed " << seed);
    REQUIRE(run_and_compare(scenario, world) == "");
  }
}

}  // namespace
}  // namespace rookery::simulation
