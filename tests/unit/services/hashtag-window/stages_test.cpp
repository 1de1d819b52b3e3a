#include <optional>
#include <sstream>
#include <string>

#include <catch2/catch.hpp>

#include "services/hashtag-window/merge_stage.hpp"
#include "services/hashtag-window/partial_stage.hpp"
#include "services/hashtag-window/rank_stage.hpp"
#include "tests/unit/services/hashtag-window/stages_support.hpp"

namespace rookery::hashtag_window {
namespace {

using simulation::concat;

TEST_CASE("a post that cannot be counted is a dead letter and changes nothing", "[partial]") {
  const Settings settings = settings_of(1);
  PartialStage stage(settings);
  Outputs out;
  const std::string future = post("1", kNoon + 600'001, "a");
  const auto code = [&](const InputRecord& r) {
    const auto result = stage.process(r, out);
    REQUIRE_FALSE(result);
    CHECK(result.error().disposition == Disposition::kDeadLetter);
    return std::string(result.error().code);
  };
  CHECK(code(record(0, "{")) == "json_malformed");
  CHECK(code(record(1, future)) == "time_in_future");
  CHECK(code(record(2, R"({"id":"1","text":"","created_at":"9999-12-31T23:59:59Z"})")) ==
        "field_range");
  InputRecord keyless = record(3, std::nullopt);
  keyless.key.reset();
  CHECK(code(keyless) == "key_missing");
  Progress progress;
  REQUIRE(stage.finish_batch({}, out, progress));
  CHECK(out.empty());
  const std::string border = post("2", kNoon + 600'000, "a");
  CHECK(stage.process(record(4, border), out));
}

TEST_CASE("an amended record is the post that was counted, and no late one", "[partial]") {
  const Settings settings = settings_of(1);
  PartialStage stage(settings);
  Outputs out;
  const std::string first = post("1", kNoon, "a");
  const std::string later = post("2", kNoon + 600'000, "b");
  const std::string amended = first.substr(0, first.size() - 1) + R"(,"amendment":"scrub_geo"})";
  REQUIRE(stage.process(record(0, first), out));
  REQUIRE(stage.process(record(1, amended), out));
  REQUIRE(stage.process(record(2, later), out));
  REQUIRE(stage.process(record(3, amended), out));
  CHECK(out.empty());
  Progress progress;
  REQUIRE(stage.finish_batch({}, out, progress));
  int partials = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::string value(*out.at(i).value);
    if (value.find(R"("key":"a")") == std::string::npos) continue;
    ++partials;
    CHECK(value.find(R"("count":1)") != std::string::npos);
  }
  CHECK(partials == 1);
}

TEST_CASE("late is what lies before the frontier, record by record", "[partial]") {
  const Settings settings = settings_of(1);
  PartialStage stage(settings);
  Outputs out;
  const std::string first = post("1", kNoon, "a");
  const std::string border = post("2", kNoon - 90'000, "a");
  const std::string late = post("3", kNoon - 90'001, "a");
  REQUIRE(stage.process(record(0, first), out));
  REQUIRE(stage.process(record(1, border), out));
  CHECK(out.empty());
  REQUIRE(stage.process(record(2, late), out));
  REQUIRE(out.size() == 1);
  CHECK(out.at(0).topic == kLateTweets);
  CHECK(out.at(0).key == "3");
}

TEST_CASE("late posts are measured when they are committed, once", "[measure]") {
  const Settings settings = settings_of(1);
  PartialStage stage(settings);
  Outputs out;
  const auto late = [&] { return value_of(stage.measure(), Measure::kLateRecords); };
  const std::string first = post("1", kNoon, "a");
  const std::string second = post("2", kNoon - 90'001, "a");
  REQUIRE(stage.process(record(0, first), out));
  REQUIRE(stage.process(record(1, second), out));
  CHECK(late() == 0);
  stage.on_commit();
  CHECK(late() == 1);
  stage.on_commit();
  CHECK(late() == 1);
  REQUIRE(stage.process(record(2, second), out));
  stage.revoke({std::string(kPosts.input), Partition(0)});  // The batch was undone.
  stage.on_commit();
  CHECK(late() == 1);
}

TEST_CASE("keys that are too long are measured when they are committed, once", "[measure]") {
  const Settings settings = settings_of(1);
  PartialStage stage(settings);
  Outputs out;
  const auto left = [&] { return value_of(stage.measure(), Measure::kLeftOutKeys, "hashtag"); };
  const std::string first = post("1", kNoon, std::string(10'000, 'x'));
  REQUIRE(stage.process(record(0, first), out));
  CHECK(left() == 0);
  stage.on_commit();
  stage.on_commit();
  CHECK(left() == 1);
  REQUIRE(stage.process(record(1, first), out));
  stage.revoke({std::string(kPosts.input), Partition(0)});  // The batch was undone.
  stage.on_commit();
  CHECK(left() == 1);
}

TEST_CASE("a watermark is the start of the lowest pane that is accepted", "[measure]") {
  const Settings settings = settings_of(1);
  PartialStage stage(settings);
  Outputs out;
  const std::string first = post("1", kNoon + 1, "a");
  REQUIRE(stage.process(record(0, first), out));
  CHECK(value_of(stage.measure(), Measure::kWatermark) == kNoon - 90'000);
  CHECK(value_of(stage.measure(), Measure::kStateBytes) > 0);
}

TEST_CASE("a merge measures keys, open windows and keys that had to go", "[measure]") {
  Settings settings = settings_of(1);
  settings.pane_keys_max = 2;
  MergeStage stage(settings);
  Outputs out;
  Progress progress;
  std::int64_t offset = 0;
  const auto give = [&](const std::string& json) {
    InputRecord r = record(offset++, json);
    r.topic = kPosts.partials;
    REQUIRE(stage.process(r, out));
  };
  for (const char* key : {"a", "b", "c"}) {
    give(concat({R"({"partial":{"dimension":"hashtag","key":")", key,
                 R"(","pane":60,"from":60,"count":1,"sentiment":0,"first":1,"last":2}})"}));
  }
  CHECK(value_of(stage.measure(), Measure::kLiveKeys, "hashtag") == 3);
  CHECK(value_of(stage.measure(), Measure::kWindowsOpen, "5m/1m") == 5);
  CHECK(value_of(stage.measure(), Measure::kWindowsOpen, "1h/10s") == 360);
  give(R"({"frontiers":{"frontiers":[{"topic":"processed_tweets","partition":0,"offset":"9",)"
       R"("pane":67}]}})");
  REQUIRE(stage.finish_batch({}, out, progress));
  CHECK(value_of(stage.measure(), Measure::kDroppedKeys, "hashtag") == 0);
  stage.on_commit();
  CHECK(value_of(stage.measure(), Measure::kDroppedKeys, "hashtag") == 1);
  CHECK(value_of(stage.measure(), Measure::kLiveKeys, "hashtag") == 2);
  CHECK(value_of(stage.measure(), Measure::kWindowsOpen, "5m/1m") == 4);
  const std::string rank(*out.at(0).value);
  CHECK(rank.find(R"("approximate":true)") != std::string::npos);
  CHECK(rank.find(R"("key":"c")") == std::string::npos);
}

TEST_CASE("the frontiers come last, to every partition, and only when they moved", "[partial]") {
  const Settings settings = settings_of(1);
  PartialStage stage(settings);
  Outputs out;
  Progress progress{{{std::string(kPosts.input), Partition(0)}, {Offset(1), ""}}};
  const std::string value = post("1", kNoon, "a");
  REQUIRE(stage.process(record(0, value), out));
  REQUIRE(stage.finish_batch({}, out, progress));
  REQUIRE(out.size() == 3);
  CHECK(out.at(0).value->starts_with("{\"partial\""));
  CHECK(out.at(1).partition == Partition(0));
  CHECK(out.at(2).partition == Partition(1));
  CHECK(out.at(2).value->starts_with("{\"frontiers\""));
  CHECK_FALSE(progress.begin()->second.metadata.empty());

  out.clear();
  const std::string same = post("2", kNoon, "a");
  REQUIRE(stage.process(record(1, same), out));
  progress = {{{std::string(kPosts.input), Partition(0)}, {Offset(2), ""}}};
  REQUIRE(stage.finish_batch({}, out, progress));
  CHECK(out.size() == 1);
}

TEST_CASE("a stage refuses an offset without metadata, and partitions it does not know",
          "[stages]") {
  const Settings settings = settings_of(2);
  PartialStage partial(settings);
  MergeStage merge(settings);
  RankStage rank(settings);
  const auto refused = [](Processor& stage, std::string_view topic, std::int32_t partition,
                          const std::optional<CommittedOffset>& committed) {
    const auto result = stage.assign({std::string(topic), Partition(partition)}, committed);
    return !result && result.error().disposition == Disposition::kMisconfigured &&
           result.error().code == "window_state";
  };
  const CommittedOffset bare{Offset(5), ""};
  CHECK(refused(partial, kPosts.input, 0, bare));
  CHECK(refused(merge, kPosts.partials, 0, bare));
  CHECK(refused(rank, kPosts.ranks, 0, bare));
  CHECK(refused(partial, kPosts.input, 2, std::nullopt));
  CHECK(refused(merge, kPosts.partials, 2, std::nullopt));
  CHECK(refused(rank, kPosts.ranks, 1, std::nullopt));
  CHECK_FALSE(refused(partial, kPosts.input, 1, std::nullopt));
}

TEST_CASE("a partial of a closed pane is fatal: the windows were reported without it", "[merge]") {
  const Settings settings = settings_of(1);
  MergeStage stage(settings);
  Outputs out;
  Progress progress;
  const auto give = [&](std::int64_t offset, const std::string& value) {
    InputRecord r = record(offset, value);
    r.topic = kPosts.partials;
    return stage.process(r, out);
  };
  const auto partial = [](const char* pane) {
    return concat({R"({"partial":{"dimension":"hashtag","key":"a","pane":)", pane, R"(,"from":)",
                   pane, R"(,"count":1,"sentiment":0}})"});
  };
  REQUIRE(give(0, partial("5")));
  REQUIRE(give(1, R"({"frontiers":{"frontiers":[{"partition":0,"offset":"9","pane":7}]}})"));
  REQUIRE(stage.finish_batch({}, out, progress));
  CHECK(give(2, partial("7")));
  const auto result = give(3, partial("6"));
  REQUIRE_FALSE(result);
  CHECK(result.error().code == "partial_after_close");
  CHECK(result.error().disposition == Disposition::kFatal);
}

TEST_CASE("an empty input has no trends", "[chain]") {
  const Settings settings = settings_of(6);
  std::istringstream nothing("\n");
  const auto output = simulation::run_chain(nothing, settings, 10);
  CHECK(output.trends.empty());
  CHECK(output.partials.empty());
}

TEST_CASE("the stages before are options of the form GROUP:TOPIC", "[settings]") {
  WindowOptions options;
  options.upstream = {"a:b"};
  const auto settings = make_settings(options, 1, 1);
  REQUIRE(settings);
  CHECK(settings->upstream == std::vector<UpstreamStage>{{"a", "b"}});
  for (const char* wrong : {"a", ":b", "a:", "a:b:c"}) {
    options.upstream = {wrong};
    const auto refused = make_settings(options, 1, 1);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message.find(wrong) != std::string::npos);
  }
}

}  // namespace
}  // namespace rookery::hashtag_window
