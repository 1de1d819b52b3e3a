#include "services/ingest/simulator.hpp"

#include <cmath>
#include <cstdio>
#include <map>
#include <numbers>
#include <set>

#include <catch2/catch.hpp>
#include <simdjson.h>

#include "common/records/post_reader.hpp"
#include "common/records/timestamp.hpp"
#include "services/ingest/settings.hpp"
#include "services/ingest/simulator_feed.hpp"
#include "services/ingest/simulator_truth.hpp"
#include "tests/unit/services/ingest/support.hpp"

namespace rookery::ingest {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kPosts = 20'000;

SimOptions options(std::uint64_t seed = 7) {
  return {
      .seed = seed, .posts = kPosts, .rate = 20, .start = *parse_rfc3339("2026-01-01T00:00:00Z")};
}

std::vector<std::string> stream(std::uint64_t seed) {
  ManualClock clock;
  SimulatorFeed feed(options(seed), {}, clock);
  return drain(feed);
}

TEST_CASE("the same seed gives the same stream and another seed another", "[simulator]") {
  const auto first = stream(7);
  REQUIRE(first.size() == kPosts);
  CHECK(first == stream(7));
  CHECK(first != stream(8));
}

TEST_CASE("the simulator goes on exactly where it stopped", "[simulator]") {
  const auto expected = stream(7);
  std::vector<std::string> seen;
  std::optional<std::string> position;
  Random random(1, 2, 3);
  bool finished = false;
  while (!finished) {
    ManualClock clock;
    SimulatorFeed feed(options(), {}, clock);
    REQUIRE(feed.seek(position));
    const auto batch = feed.read(0ms, 1 + random.below(1500));
    REQUIRE(batch);
    for (const auto item : batch->items) seen.emplace_back(item);
    finished = batch->finished;
    position = feed.position();
  }
  CHECK(seen == expected);
  ManualClock clock;
  CHECK_FALSE(SimulatorFeed(options(), {}, clock).seek("12x"));
}

/// What a reader of the stream finds out by itself.
struct Recount {
  std::int64_t posts = 0, duplicates = 0, late = 0, malformed = 0, deletions = 0;
  std::map<std::string, std::map<std::string, std::int64_t>> hashtags;
};

Recount recount(const std::vector<std::string>& lines) {
  Recount found;
  std::set<std::string> ids;
  PostParser parser({.format = LineFormat::kRecord});
  PostReader reader;
  Outputs out;
  WallTime latest;
  for (const auto& line : lines) {
    out.clear();
    const auto result = parser.parse(line, out);
    if (!result) {
      ++found.malformed;
      continue;
    }
    if (result->deletions > 0) {
      ++found.deletions;
      CHECK(ids.count(std::string(out.at(0).key)) == 1);
      continue;
    }
    const auto post = reader.read(*out.at(0).value);
    REQUIRE(post);
    if (!ids.insert(std::string((*post)->id)).second) {
      ++found.duplicates;
      continue;
    }
    const WallTime time = (*post)->created_at;
    if (time < latest - 90s) {
      ++found.late;
      continue;
    }
    latest = std::max(latest, time);
    ++found.posts;
    const auto minute = to_rfc3339(std::chrono::floor<std::chrono::minutes>(time));
    for (const auto tag : (*post)->hashtags) ++found.hashtags[std::string(tag)][minute];
  }
  return found;
}

TEST_CASE("the truth equals a recount of the stream", "[simulator]") {
  const Recount found = recount(stream(7));
  simdjson::dom::parser parser;
  const std::string text = simulator_truth(options());
  const simdjson::dom::element truth = parser.parse(text);
  CHECK(std::int64_t(truth["items"]) == kPosts);
  CHECK(std::int64_t(truth["posts"]) == found.posts);
  CHECK(std::int64_t(truth["duplicates"]) == found.duplicates);
  CHECK(std::int64_t(truth["late"]) == found.late);
  CHECK(std::int64_t(truth["malformed"]) == found.malformed);
  CHECK(std::int64_t(truth["deletions"]) == found.deletions);
  CHECK(found.duplicates > 300);
  CHECK(found.late > 100);
  CHECK(found.malformed > 50);
  CHECK(found.deletions > 50);
  std::map<std::string, std::map<std::string, std::int64_t>> expected;
  for (const auto [tag, minutes] : simdjson::dom::object(truth["hashtags"])) {
    for (const auto [minute, number] : simdjson::dom::object(minutes)) {
      expected[std::string(tag)][std::string(minute)] = std::int64_t(number);
    }
  }
  CHECK(expected == found.hashtags);
}

TEST_CASE("planted hashtags trend in their time and never elsewhere", "[simulator]") {
  Simulator simulator(options());
  for (std::uint64_t index = 0; index < 3; ++index) {
    const Planted planted = simulator.burst(index);
    int within = 0;
    int all = 0;
    for (std::uint64_t n = 0; n < kPosts; ++n) {
      const auto item = simulator.item(n);
      if (item.kind != SimKind::kPost) continue;
      const bool inside =
          simulator.created_at() >= planted.start && simulator.created_at() < planted.end;
      all += inside ? 1 : 0;
      for (const auto& tag : simulator.hashtags()) {
        if (tag.tag != planted.tag) continue;
        REQUIRE(inside);
        ++within;
      }
    }
    CHECK(within > all / 10);
    CHECK(within < all / 5);
  }
}

TEST_CASE("planted hotspots lie around their centre", "[simulator]") {
  SimOptions hot = options();
  hot.hotspot_share = 1;
  Simulator simulator(hot);
  PostReader reader;
  const Planted planted = simulator.hotspot(0);
  int inside = 0;
  for (std::uint64_t n = 0; n < 6000; ++n) {
    const auto item = simulator.item(n);
    if (item.kind != SimKind::kPost || item.event_time < planted.start ||
        item.event_time >= planted.end)
      continue;
    const auto post = reader.read(item.line);
    REQUIRE(post);
    REQUIRE((*post)->lat);
    const double north = (*(*post)->lat - planted.centre.lat) * 111.2;
    const double east = (*(*post)->lon - planted.centre.lon) * 111.2 *
                        std::cos(planted.centre.lat * std::numbers::pi / 180);
    REQUIRE(std::hypot(north, east) < planted.radius_km * 1.01);
    ++inside;
  }
  CHECK(inside > 1000);
}

TEST_CASE("the spans of simulated hashtags lie on them", "[simulator]") {
  Simulator simulator(options());
  int seen = 0;
  for (std::uint64_t n = 0; n < 500; ++n) {
    const auto item = simulator.item(n);
    if (item.kind != SimKind::kPost) continue;
    PostReader reader;
    const auto post = reader.read(item.line);
    REQUIRE(post);
    for (const auto& tag : simulator.hashtags()) {
      std::uint32_t index = 0;
      std::size_t byte = 0;
      for (; index < tag.span.start; ++byte) {
        index += (static_cast<unsigned char>((*post)->text[byte + 1]) & 0xc0U) != 0x80U ? 1U : 0U;
      }
      CHECK((*post)->text.substr(byte, tag.tag.size() + 1) == "#" + std::string(tag.tag));
      ++seen;
    }
  }
  CHECK(seen > 200);
}

TEST_CASE("the simulator keeps a rate and its own pace", "[simulator]") {
  SimOptions few = options();
  few.posts = 100;
  const auto pace = GENERATE(Pace::Options{.rate = 20}, Pace::Options{.speed = 1});
  ManualClock clock;
  SimulatorFeed feed(few, pace, clock);
  CHECK(drain(feed).size() == 100);
  CHECK(clock.elapsed >= 4900ms);
  CHECK(clock.elapsed <= 5100ms);
}

TEST_CASE("with links all else of the simulated posts stays as it is", "[simulator]") {
  SimOptions with = options();
  with.link_share = 0.5;
  Simulator linked(with);
  Simulator plain(options());
  int links = 0;
  for (std::uint64_t n = 0; n < 200; ++n) {
    std::string line(linked.item(n).line);
    const std::string expected(plain.item(n).line);
    const auto at = line.find(" https://www.site");
    if (at == std::string::npos) continue;
    ++links;
    CHECK(line.find(R"("expanded_url":"https://www.site)") != std::string::npos);
    CHECK(expected.starts_with(line.substr(0, at)));
    const auto author = expected.find("\"author\"");
    if (author == std::string::npos) continue;
    const auto end = expected.find("\"entities\"");
    const auto size =
        (end == std::string::npos ? expected.find("\"public_metrics\"") : end) - author;
    CHECK(line.find(expected.substr(author, size)) != std::string::npos);
  }
  CHECK(links > 60);
  CHECK(links < 140);
}

TEST_CASE("settings that contradict each other stop the start", "[settings]") {
  ManualClock clock;
  Session session;
  Log log("ingest", clock);
  const auto code = [&](const Settings& settings, Standalone standalone = Standalone::kNo) {
    const auto feed = make_feed(settings, standalone, "0", session, clock, log);
    return feed ? std::string((*feed)->source()) : std::string(feed.error().code);
  };
  CHECK(code({}) == "option_invalid");
  CHECK(code({}, Standalone::kPipe) == "file");
  Settings settings;
  settings.source = "simulator";
  CHECK(code(settings) == "simulator");
  CHECK(parser_options(settings, session).format == LineFormat::kRecord);
  settings.rate = settings.speed = 1;
  CHECK(code(settings) == "option_invalid");
  settings.speed = 0;
  settings.sim_start = "now";
  CHECK(code(settings) == "option_invalid");
  settings.sim_start = "2026-01-01T00:00:00Z";
  settings.sim_late_share = settings.sim_duplicate_share = 0.6;
  CHECK(code(settings) == "option_invalid");
  settings.sim_late_share = 0;
  settings.sim_truth = "/nowhere/truth.json";
  CHECK(code(settings) == "truth_endless");
  settings.sim_posts = 10;
  CHECK(code(settings) == "truth_unwritable");
}

}  // namespace
}  // namespace rookery::ingest
