#include "services/hashtag-window/rescale.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "services/hashtag-window/metadata.hpp"
#include "services/hashtag-window/records.hpp"
#include "services/hashtag-window/sums.hpp"

namespace rookery::hashtag_window {
namespace {

Settings settings_of(std::int32_t sources, std::int32_t partials) {
  auto settings = make_settings(WindowOptions{}, sources, partials);
  REQUIRE(settings);
  return *std::move(settings);
}

TopicPartition at(std::string_view topic, std::int32_t partition) {
  return {std::string(topic), Partition(partition)};
}

CommittedOffset committed(std::int64_t offset, const Result<std::string>& metadata) {
  REQUIRE(metadata);
  return {Offset(offset), *metadata};
}

/// Two partitions of posts, two of sums, all read and closed up to pane 90.
CommittedState drained(const Settings& s) {
  const Family& f = *s.family;
  CommittedState state;
  for (std::int32_t p = 0; p < 2; ++p) {
    PartialMetadata metadata;
    metadata.frontier = metadata.newest = 100 - 10 * p;
    metadata.replay_from = 3;
    state.partial[at(f.input, p)] = committed(50, write_metadata(s, metadata));
  }
  for (std::int32_t q = 0; q < 2; ++q) {
    const MergeMetadata metadata{.closed = 90,
                                 .frontiers = {100, 90},
                                 .replay_from = 20 + q,
                                 .saved = {{60, {1, 2}}, {70, {}}},
                                 .resume_from = 40};
    state.merge[at(f.partials, q)] = committed(70, write_metadata(s, metadata));
  }
  const RankMetadata rank{.done = 90, .reported = {90, 90}, .replay_from = 5};
  state.rank[at(f.ranks, 0)] = committed(9, write_metadata(s, rank));
  return state;
}

TEST_CASE("a family is rescaled without the other", "[rescale]") {
  WindowOptions options;
  options.dimensions = {"hashtag", "url_cluster"};
  const auto settings = make_settings(options, 2, 2, kLinks);
  REQUIRE(settings);
  const CommittedState before = drained(*settings);
  const RescaleTarget target{.sources = 3, .partials = 5, .topic = "url_window_partials-2"};
  CHECK_FALSE(plan_rescale(before, target));
  const auto plan = plan_rescale(before, target, kLinks);
  REQUIRE(plan);
  CHECK(plan->copies[1].from == at(kLinks.partials, 1));
  const auto state = plan->after(std::vector<Offset>(5, Offset(30)));
  REQUIRE(state);
  CHECK(*partials_topic_of(state->rank, kLinks) == "url_window_partials-2");
  const auto now = make_settings(options, 3, 5, kLinks);
  for (std::int32_t p = 0; p < 3; ++p) {
    CHECK(read_partial_metadata(*now, at(kLinks.input, p), state->partial.at(at(kLinks.input, p))));
  }
  CHECK(state->merge.size() == 5);
  CHECK(state->merge.contains(at("url_window_partials-2", 4)));
  CHECK(state->rank.contains(at(kLinks.ranks, 0)));
}

TEST_CASE("a rescaled state is one that a service of the new numbers takes", "[rescale]") {
  const CommittedState before = drained(settings_of(2, 2));
  const auto plan =
      plan_rescale(before, {.sources = 3, .partials = 5, .topic = "window_partials-2"});
  REQUIRE(plan);
  REQUIRE(plan->copies.size() == 2);
  CHECK(plan->copies[1].from == at(kPosts.partials, 1));
  CHECK(plan->copies[1].begin == Offset(21));
  CHECK(plan->copies[1].end == Offset(70));

  std::vector<Offset> ends;
  for (std::int64_t q = 0; q < 5; ++q) ends.emplace_back(30 + q);
  const auto state = plan->after(ends);
  REQUIRE(state);
  Settings now = settings_of(3, 5);
  now.partials_topic = *partials_topic_of(state->rank);
  CHECK(now.partials_topic == "window_partials-2");

  const TopicPartition fresh = at(kPosts.input, 2);
  const auto partial = read_partial_metadata(now, fresh, state->partial.at(fresh));
  REQUIRE(partial);
  CHECK(state->partial.at(fresh).offset == Offset(0));
  CHECK(partial->frontier == 100);  // The highest, or it would take posts of closed panes.
  const TopicPartition last = at("window_partials-2", 4);
  const auto merge = read_merge_metadata(now, last, state->merge.at(last));
  REQUIRE(merge);
  CHECK(state->merge.at(last).offset == Offset(34));
  CHECK(*merge == MergeMetadata{.closed = 90, .frontiers = {100, 90, 100}, .replay_from = 0});
  const TopicPartition ranks = at(kPosts.ranks, 0);
  const auto rank = read_rank_metadata(now, ranks, state->rank.at(ranks));
  REQUIRE(rank);
  CHECK(*rank == RankMetadata{.done = 90, .reported = std::vector<Pane>(5, 90), .replay_from = 5});
}

TEST_CASE("more sources alone copy nothing", "[rescale]") {
  const auto plan =
      plan_rescale(drained(settings_of(2, 2)), {.sources = 4, .partials = {}, .topic = "unused"});
  REQUIRE(plan);
  CHECK(plan->copies.empty());
  CHECK(plan->topic == kPosts.partials);
  const auto state = plan->after({});
  REQUIRE(state);
  CHECK(state->merge.at(at(kPosts.partials, 1)).offset == Offset(70));
}

TEST_CASE("what cannot be rescaled is refused by name", "[rescale]") {
  const Settings s = settings_of(2, 2);
  CommittedState state = drained(s);
  RescaleTarget target{.sources = {}, .partials = 3, .topic = "window_partials-2"};
  std::string code = "not_drained";
  SECTION("nothing was counted yet") {
    state.rank.clear();
    code = "window_state";
  }
  SECTION("a partition of the sums was never read") {
    state.merge.erase(at(kPosts.partials, 1));
    code = "window_state";
  }
  SECTION("fewer sources") {
    target.sources = 1;
    code = "option_invalid";
  }
  SECTION("a merge partition has not closed what the other has") {
    const MergeMetadata behind{.closed = 89, .frontiers = {100, 90}, .replay_from = 20};
    state.merge[at(kPosts.partials, 1)] = committed(70, write_metadata(s, behind));
  }
  SECTION("a frontier has not arrived") {
    const MergeMetadata behind{.closed = 90, .frontiers = {99, 90}, .replay_from = 20};
    state.merge[at(kPosts.partials, 1)] = committed(70, write_metadata(s, behind));
  }
  SECTION("a window is closed and not ranked") {
    const RankMetadata behind{.done = 84, .reported = {90, 84}, .replay_from = 5};
    state.rank[at(kPosts.ranks, 0)] = committed(9, write_metadata(s, behind));
  }
  const auto plan = plan_rescale(state, target);
  REQUIRE_FALSE(plan);
  CHECK(plan.error().code == code);
  CHECK(plan.error().disposition == Disposition::kMisconfigured);
}

TEST_CASE("a sum goes where it would be sent, a refusal everywhere, a frontier nowhere",
          "[rescale]") {
  std::string text;
  append_partial(text, {.dimension = "hashtag", .key = "wien", .pane = 7, .from = 7, .count = 1},
                 {});
  const auto home = new_homes(text, 7);
  REQUIRE(home);
  REQUIRE(home->size() == 1);
  const auto share = key_hash(Dimension::kHashtag, "wien") % 7;
  CHECK(home->front() == Partition(static_cast<std::int32_t>(share)));
  text.clear();
  append_frontiers(text, kPosts.input,
                   {{.partition = Partition(0), .offset = Offset(1), .pane = 7}});
  const auto nowhere = new_homes(text, 7);
  REQUIRE(nowhere);
  CHECK(nowhere->empty());
  text.clear();
  append_refused(text, {.dimension = "hashtag", .pane = 7});
  const auto everywhere = new_homes(text, 3);
  REQUIRE(everywhere);
  CHECK(*everywhere == std::vector{Partition(0), Partition(1), Partition(2)});
  CHECK(new_homes("no record", 7).error().disposition == Disposition::kDeadLetter);
}

}  // namespace
}  // namespace rookery::hashtag_window
