// Windows that are still open, told before they are final.
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "services/hashtag-window/merge_stage.hpp"
#include "services/hashtag-window/rank_stage.hpp"
#include "tests/unit/services/hashtag-window/stages_support.hpp"

namespace rookery::hashtag_window {
namespace {

using simulation::concat;

/// The records of window_ranks or trends that hold `words`, out of `out`.
std::vector<std::string> with(const Outputs& out, std::string_view words) {
  std::vector<std::string> found;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (out.at(i).value->find(words) != std::string_view::npos)
      found.emplace_back(*out.at(i).value);
  }
  return found;
}

TEST_CASE("open windows are reported early, up to the one that event time is in", "[early]") {
  Settings settings = settings_of(1);
  settings.early = std::chrono::seconds(5);
  MergeStage stage(settings);
  Outputs out;
  MonotonicTime now{};
  std::int64_t offset = 0;
  const auto give = [&](const std::string& json) {
    InputRecord r = record(offset++, json);
    r.topic = kPosts.partials;
    REQUIRE(stage.process(r, out));
  };
  const auto finish = [&] {
    out.clear();
    Progress progress{{{std::string(kPosts.partials), Partition(0)}, {Offset(offset), ""}}};
    REQUIRE(stage.finish_batch({.polled_at = now}, out, progress));
    return progress;
  };
  const auto post_in = [&](const char* pane) {
    give(concat({R"({"partial":{"dimension":"hashtag","key":"a","pane":)", pane, R"(,"from":)",
                 pane, R"(,"count":1,"sentiment":0,"first":1,"last":2}})"}));
  };
  post_in("60");
  post_in("69");
  give(R"({"frontiers":{"frontiers":[{"partition":0,"offset":"9","pane":60}]}})");
  finish();
  // Event time is in pane 69, so windows of 5m/1m and 24h/1m end at 66 and 72; of 1h/10s there
  // are 61 to 70.
  const auto early = with(out, R"({"early")");
  CHECK(early.size() == 2 + 10 + 2);
  CHECK(with(out, R"("end":66,"window":"5m/1m","dimension":"hashtag","total":"1")").size() == 1);
  CHECK(with(out, R"("end":72,"window":"5m/1m","dimension":"hashtag","total":"2")").size() == 1);
  CHECK(with(out, R"({"previewed":{"partition":0,"pane":72}})").size() == 1);
  CHECK(with(out, R"({"rank")").empty());

  post_in("69");
  now += std::chrono::milliseconds(4999);
  CHECK_FALSE(finish().empty());
  CHECK(out.empty());
  now += std::chrono::milliseconds(1);
  finish();
  CHECK(with(out, R"("end":72,"window":"5m/1m","dimension":"hashtag","total":"3")").size() == 1);
  // Nothing has come: nothing is told again, and nothing is committed.
  now += std::chrono::seconds(9);
  out.clear();
  Progress progress;
  REQUIRE(stage.finish_batch({.polled_at = now}, out, progress));
  CHECK(out.empty());
  CHECK(progress.empty());
}

TEST_CASE("an early ranking waits for all partitions, and never follows the final one", "[early]") {
  Settings settings = settings_of(1);
  settings.early = std::chrono::seconds(5);
  RankStage stage(settings);
  Outputs out;
  MonotonicTime now{};
  std::int64_t offset = 0;
  const auto give = [&](const std::string& json) {
    InputRecord r = record(offset++, json);
    r.topic = kPosts.ranks;
    REQUIRE(stage.process(r, out));
  };
  const auto rank = [&](const char* kind, const char* partition, const char* key) {
    give(concat({"{\"", kind, R"(":{"partition":)", partition,
                 R"(,"end":72,"window":"5m/1m","dimension":"hashtag","total":"1","sentiment":"0",)"
                 R"("top":[{"key":")",
                 key,
                 R"(","count":"1","sentiment":"0","authors":"1","newest":1,)"
                 R"("past":[2]}]}})"}));
  };
  const auto finish = [&] {
    Progress progress;
    REQUIRE(stage.finish_batch({.polled_at = now}, out, progress));
    return progress;
  };
  rank("early", "0", "a");
  give(R"({"previewed":{"partition":0,"pane":72}})");
  CHECK(finish().empty());
  rank("early", "1", "b");
  give(R"({"previewed":{"partition":1,"pane":72}})");
  const Progress told = finish();
  REQUIRE(told.size() == 1);
  CHECK(told.begin()->second.offset == Offset(0));
  REQUIRE(with(out, R"("final":false,"total":2)").size() == 1);
  CHECK(with(out, R"("key":"b")").size() == 1);

  out.clear();
  rank("rank", "0", "a");
  give(R"({"closed":{"partition":0,"pane":72}})");
  rank("early", "1", "c");
  now += std::chrono::seconds(5);
  finish();
  CHECK(with(out, R"("final":false,"total":2)").size() == 1);  // What is closed counts too.
  CHECK(with(out, R"("key":"c")").size() == 1);

  out.clear();
  rank("rank", "1", "d");
  give(R"({"closed":{"partition":1,"pane":72}})");
  REQUIRE(with(out, R"("final":true,"total":2)").size() == 1);
  CHECK(with(out, R"("key":"c")").empty());
  rank("early", "1", "e");
  now += std::chrono::seconds(5);
  finish();
  CHECK(with(out, R"("final":false)").empty());
}

TEST_CASE("early results change no final one, whatever the batches", "[early]") {
  WindowOptions options;
  options.windows = {"1m/10s", "5m/1m"};
  options.dimensions = {"hashtag", "cell4", "lang"};
  std::string input;
  for (int i = 0; i < 400; ++i) {
    const std::string id = std::to_string(i % 13 == 12 ? i - 3 : i);
    if (i % 13 == 12) {
      input += concat({R"({"id":")", id, "\",\"deleted\":true}\n"});
      continue;
    }
    std::string line =
        post(id, kNoon + i * 1700 - i * i % 40'000, concat({"t", std::to_string(i % 7)}));
    line.pop_back();
    input += line + R"(,"lang":"en","geo":{"lat":48.2,"lon":)" + std::to_string(i % 5) +
             R"(.5,"radius_km":1}})" + "\n";
  }
  const auto run = [&](std::chrono::milliseconds early, std::size_t batch) {
    options.early = early;
    std::istringstream lines(input);
    auto trends = simulation::run_chain(lines, *make_settings(options, 3, 2), batch).trends;
    const auto is_early = [](const std::string& line) {
      return line.find(R"("final":false)") != std::string::npos;
    };
    const auto told = std::erase_if(trends, is_early);
    return std::pair(trends, told);
  };
  const auto [plain, none] = run(std::chrono::seconds(0), 50);
  CHECK(none == 0);
  CHECK(plain.size() > 100);
  for (const std::size_t batch : {1U, 17U, 80U}) {
    const auto [trends, told] = run(std::chrono::seconds(1), batch);
    CHECK(told > 20);
    CHECK(trends == plain);
  }
}

}  // namespace
}  // namespace rookery::hashtag_window
