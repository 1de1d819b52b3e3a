// What the stages do as members of a group: silent partitions are carried along, those too far
// ahead are paused.
#include <optional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "services/hashtag-window/merge_stage.hpp"
#include "services/hashtag-window/partial_stage.hpp"
#include "tests/unit/services/hashtag-window/stages_support.hpp"

namespace rookery::hashtag_window {
namespace {

using simulation::concat;

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
  const TopicPartition only{std::string(kPosts.input), Partition(0)};
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

TEST_CASE("a silent partition is carried along only after its end is confirmed", "[idle]") {
  const Settings settings = settings_of(2);
  PartialStage stage(settings);
  FakeGroup group;
  const TopicPartition first{std::string(kPosts.input), Partition(0)};
  const TopicPartition second{std::string(kPosts.input), Partition(1)};
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
  const TopicPartition mine{std::string(kPosts.input), Partition(0)};
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
  REQUIRE(stage.assign({std::string(kPosts.input), Partition(0)}, std::nullopt));
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

TEST_CASE("an idle mark gives an open pane its places anew, in a restore too", "[idle]") {
  Settings settings = settings_of(2);
  settings.open_keys_max = 1;
  FakeGroup group;
  const TopicPartition quiet{std::string(kPosts.input), Partition(0)};
  const TopicPartition busy{std::string(kPosts.input), Partition(1)};
  std::vector<std::string> log;  // Of the quiet partition.
  MonotonicTime now{};
  // Whether a post of the quiet partition is counted for its only key.
  const auto counts = [&](PartialStage& stage, const std::string& tag, Progress& progress) {
    const auto offset = static_cast<std::int64_t>(log.size());
    log.push_back(post(tag, kNoon, tag));
    Outputs out;
    REQUIRE(stage.process(record(offset, log.back(), tag), out));
    progress = {{quiet, {Offset(offset + 1), ""}}};
    REQUIRE(stage.finish_batch({.polled_at = now, .group = &group}, out, progress));
    for (std::size_t i = 0; i < out.size(); ++i) {
      const std::string value(*out.at(i).value);
      if (value.find(concat({R"("key":")", tag, "\""})) != std::string::npos) return true;
    }
    return false;
  };
  PartialStage stage(settings);
  REQUIRE(stage.assign(quiet, std::nullopt));
  REQUIRE(stage.assign(busy, std::nullopt));
  Progress progress;
  CHECK(counts(stage, "a", progress));
  CHECK_FALSE(counts(stage, "b", progress));

  // The other partition is 50 s further: the quiet one is carried, and its pane is still open.
  now += std::chrono::seconds(40);
  Outputs out;
  const std::string further = post("f", kNoon + 50'000, "f");
  REQUIRE(stage.process(record(0, further, "f", 1), out));
  progress = {{busy, {Offset(1), ""}}};
  REQUIRE(stage.finish_batch({.polled_at = now, .group = &group}, out, progress));
  REQUIRE(progress.contains(quiet));

  const auto restored = [&](const CommittedOffset& committed) {
    PartialStage other(settings);
    const auto from = other.assign(quiet, committed);
    REQUIRE(from);
    for (auto i = from->value_or(committed.offset).value(); i < committed.offset.value(); ++i) {
      REQUIRE(other.replay(record(i, log[static_cast<std::size_t>(i)])));
    }
    REQUIRE(other.restored(quiet));
    return other;
  };
  PartialStage at_mark = restored(progress.at(quiet));
  CHECK(counts(stage, "c", progress));
  PartialStage behind_mark = restored(progress.at(quiet));
  for (PartialStage* each : {&stage, &at_mark, &behind_mark}) {
    log.resize(each == &at_mark ? 2 : 3);
    CHECK(counts(*each, "c", progress));
    CHECK_FALSE(counts(*each, "d", progress));
  }
}

TEST_CASE("sums too far ahead are paused until the slowest partition follows", "[skew]") {
  Settings settings = settings_of(1);
  settings.partial_partitions = 2;
  settings.skew_panes = 10;
  MergeStage stage(settings);
  FakeGroup group;
  Outputs out;
  for (int i = 0; i < 2; ++i) {
    const TopicPartition at{settings.partials_topic, Partition(i)};
    REQUIRE(stage.assign(at, std::nullopt));
    REQUIRE(stage.restored(at));
  }
  std::int64_t offset = 0;
  const auto told = [&](std::int32_t partition, Pane frontier) {
    const std::string value = concat({R"({"frontiers":{"frontiers":[{"partition":0,"offset":"0",)",
                                      R"("pane":)", std::to_string(frontier), "}]}}"});
    InputRecord r = record(offset++, value);
    r.topic = settings.partials_topic;
    r.partition = Partition(partition);
    REQUIRE(stage.process(r, out));
    Progress progress;
    REQUIRE(stage.finish_batch({.polled_at = {}, .group = &group}, out, progress));
  };
  told(1, 1000);
  CHECK(group.paused.empty());  // Of the other nothing is known.
  told(0, 990);
  CHECK(group.paused.empty());
  told(1, 1001);
  CHECK(group.paused == std::vector<std::int32_t>{1});
  told(0, 991);
  CHECK(group.paused.size() == 1);
  CHECK(group.resumed == std::vector<std::int32_t>{1});
}

}  // namespace
}  // namespace rookery::hashtag_window
