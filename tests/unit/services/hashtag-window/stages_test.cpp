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

std::int64_t value_of(const std::vector<Measurement>& all, Measure measure,
                      std::string_view label = {}) {
  for (const Measurement& m : all) {
    if (m.measure == measure && m.label == label) return m.value;
  }
  FAIL("no such measurement");
  return 0;
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
  stage.revoke({std::string(kProcessedTweets), Partition(0)});  // The batch was undone.
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
  stage.revoke({std::string(kProcessedTweets), Partition(0)});  // The batch was undone.
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
    r.topic = kWindowPartials;
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
  Progress progress{{{std::string(kProcessedTweets), Partition(0)}, {Offset(1), ""}}};
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
  progress = {{{std::string(kProcessedTweets), Partition(0)}, {Offset(2), ""}}};
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
  CHECK(refused(partial, kProcessedTweets, 0, bare));
  CHECK(refused(merge, kWindowPartials, 0, bare));
  CHECK(refused(rank, kWindowRanks, 0, bare));
  CHECK(refused(partial, kProcessedTweets, 2, std::nullopt));
  CHECK(refused(merge, kWindowPartials, 2, std::nullopt));
  CHECK(refused(rank, kWindowRanks, 1, std::nullopt));
  CHECK_FALSE(refused(partial, kProcessedTweets, 1, std::nullopt));
}

TEST_CASE("a partial of a closed pane is fatal: the windows were reported without it", "[merge]") {
  const Settings settings = settings_of(1);
  MergeStage stage(settings);
  Outputs out;
  Progress progress;
  const auto give = [&](std::int64_t offset, const std::string& value) {
    InputRecord r = record(offset, value);
    r.topic = kWindowPartials;
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

/// A group whose answers a test sets.
class FakeGroup final : public InputGroup {
 public:
  Result<std::vector<std::optional<CommittedOffset>>> committed(std::string_view) override {
    ++asked;
    return others;
  }
  Result<bool> at_end(const TopicPartition&) override {
    ++ends_asked;
    return end;
  }
  Result<bool> has_drained(const UpstreamStage& stage, Partition partition) override {
    drained_asked.push_back(stage.group + std::to_string(partition.value()));
    return stage.group != behind;
  }
  void show_waiting(const std::string& for_what) override { shown.push_back(for_what); }
  void pause(const TopicPartition& at) override { paused.push_back(at.partition.value()); }
  void resume(const TopicPartition& at) override { resumed.push_back(at.partition.value()); }

  std::vector<std::optional<CommittedOffset>> others;
  std::string behind;  ///< The group that has not read all.
  std::vector<std::string> drained_asked;
  std::vector<std::string> shown;
  bool end = true;
  int asked = 0;
  int ends_asked = 0;
  std::vector<std::int32_t> paused;
  std::vector<std::int32_t> resumed;
};

TEST_CASE("a partition is held while an earlier stage has records for it, and says so", "[idle]") {
  const Settings settings = settings_of(1);
  PartialStage stage(settings);
  FakeGroup group;
  const TopicPartition only{std::string(kProcessedTweets), Partition(0)};
  REQUIRE(stage.assign(only, std::nullopt));
  MonotonicTime now{};
  Outputs out;
  const auto finish = [&](Progress progress) {
    out.clear();
    REQUIRE(stage.finish_batch({.polled_at = now, .group = &group}, out, progress));
    return progress;
  };
  const std::string value = post("p", kNoon, "a");
  REQUIRE(stage.process(record(0, value), out));
  finish({{only, {Offset(1), ""}}});
  const auto held = [&] { return value_of(stage.measure(), Measure::kHeldPartitions); };

  group.behind = "sentiment-scoring";
  now += std::chrono::seconds(40);
  CHECK(finish({}).empty());
  CHECK(group.drained_asked == std::vector<std::string>{"geo-enrich0", "sentiment-scoring0"});
  CHECK(held() == 1);
  now += std::chrono::seconds(1);
  finish({});
  REQUIRE(group.shown.size() == 1);
  CHECK(group.shown[0] ==
        "windows are held open: sentiment-scoring has yet to read enriched_tweets[0]");

  group.behind.clear();
  now += std::chrono::seconds(1);
  CHECK(finish({}).contains(only));  // The idle mark.
  CHECK(held() == 0);
  now += std::chrono::seconds(1);
  finish({});
  CHECK(group.shown.size() == 2);
  CHECK(group.shown.back().empty());
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

TEST_CASE("a silent partition is carried along only after its end is confirmed", "[idle]") {
  const Settings settings = settings_of(2);
  PartialStage stage(settings);
  FakeGroup group;
  const TopicPartition first{std::string(kProcessedTweets), Partition(0)};
  const TopicPartition second{std::string(kProcessedTweets), Partition(1)};
  REQUIRE(stage.assign(first, std::nullopt));
  REQUIRE(stage.assign(second, std::nullopt));
  MonotonicTime now{};
  Outputs out;
  const auto finish = [&](Progress progress) {
    out.clear();
    REQUIRE(stage.finish_batch({.polled_at = now, .group = &group}, out, progress));
    return progress;
  };
  finish({});
  std::int64_t offset = 0;
  const auto busy = [&](std::int64_t ms) {
    const std::string value = post("p", ms, "a");
    REQUIRE(stage.process(record(offset++, value), out));
    return finish({{first, {Offset(offset), ""}}});
  };
  busy(kNoon);
  now += std::chrono::milliseconds(29'999);
  CHECK(busy(kNoon).size() == 1);
  CHECK(group.ends_asked == 0);

  now += std::chrono::milliseconds(1);
  group.end = false;  // Something lies there that was not handed out yet.
  CHECK(busy(kNoon).size() == 1);
  CHECK(group.ends_asked == 1);

  now += std::chrono::seconds(1);
  group.end = true;
  const Progress marked = busy(kNoon);
  REQUIRE(marked.size() == 2);
  CHECK(marked.at(second).offset == Offset(0));  // Explicit, though nothing was read.
  const auto metadata = read_partial_metadata(settings, second, marked.at(second));
  REQUIRE(metadata);
  CHECK(metadata->idle);
  CHECK(metadata->frontier == kNoon / 10'000 - 9);

  now += std::chrono::seconds(1);
  CHECK(busy(kNoon).size() == 1);  // Nothing to raise: nobody is asked.
  CHECK(group.ends_asked == 2);
  CHECK(group.asked == 0);  // All partitions are held here.
}

TEST_CASE("a silent partition is carried to the slowest that others read", "[idle]") {
  const Settings settings = settings_of(4);
  PartialStage stage(settings);
  FakeGroup group;
  const TopicPartition mine{std::string(kProcessedTweets), Partition(0)};
  REQUIRE(stage.assign(mine, std::nullopt));
  const auto other = [&](Pane frontier, bool idle) -> std::optional<CommittedOffset> {
    const PartialMetadata metadata{
        .frontier = frontier, .newest = frontier, .idle = idle, .marks = {}};
    return CommittedOffset{Offset(1), *write_metadata(settings, metadata)};
  };
  struct Case {
    std::vector<std::optional<CommittedOffset>> others;
    Pane frontier;
  };
  const auto c = GENERATE_COPY(
      Case{{{}, other(50, false), other(40, false), other(30, true)}, 40},
      Case{{{}, other(50, false), std::nullopt, other(30, true)}, kNoPane},
      Case{{{}, other(50, false), other(kNoPane, true), other(30, true)}, 50},
      // All are silent: by the wall clock from the newest post on, at most to the end.
      Case{{{}, other(50, true), other(kNoPane, true), other(30, true)}, 53},
      Case{{{}, other(kNoPane, true), other(kNoPane, true), other(kNoPane, true)}, kNoPane});
  group.others = c.others;
  Outputs out;
  Progress progress;
  REQUIRE(stage.finish_batch({.polled_at = {}, .group = &group}, out, progress));
  const MonotonicTime later{std::chrono::seconds(30)};
  REQUIRE(stage.finish_batch({.polled_at = later, .group = &group}, out, progress));
  REQUIRE(progress.size() == 1);
  const auto metadata = read_partial_metadata(settings, mine, progress.at(mine));
  REQUIRE(metadata);
  CHECK(metadata->idle);
  CHECK(metadata->frontier == c.frontier);
}

TEST_CASE("a partition too far ahead is paused until the slowest follows", "[skew]") {
  Settings settings = settings_of(2);
  settings.skew_panes = 10;
  PartialStage stage(settings);
  FakeGroup group;
  REQUIRE(stage.assign({std::string(kProcessedTweets), Partition(0)}, std::nullopt));
  const auto slow = [&](Pane frontier) {
    const auto text = write_metadata(settings, PartialMetadata{.frontier = frontier, .marks = {}});
    group.others = {std::nullopt, CommittedOffset{Offset(1), *text}};
  };
  const Pane noon = kNoon / 10'000;
  slow(noon - 20);
  MonotonicTime now{};
  Outputs out;
  Progress progress;
  const std::string value = post("p", kNoon, "a");
  REQUIRE(stage.process(record(0, value), out));
  REQUIRE(stage.finish_batch({.polled_at = now, .group = &group}, out, progress));
  CHECK(group.paused == std::vector<std::int32_t>{0});
  slow(noon - 19);
  now += std::chrono::milliseconds(999);
  REQUIRE(stage.finish_batch({.polled_at = now, .group = &group}, out, progress));
  CHECK(group.asked == 1);  // At most once a second.
  now += std::chrono::milliseconds(1);
  REQUIRE(stage.finish_batch({.polled_at = now, .group = &group}, out, progress));
  CHECK(group.resumed == std::vector<std::int32_t>{0});
}

}  // namespace
}  // namespace rookery::hashtag_window
