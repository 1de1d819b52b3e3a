#include "services/hashtag-window/family.hpp"

#include <map>
#include <set>

#include <catch2/catch.hpp>

#include "common/core/check.hpp"
#include "services/hashtag-window/partial_stage.hpp"
#include "services/hashtag-window/service.hpp"
#include "tests/unit/services/hashtag-window/stages_support.hpp"

namespace rookery::hashtag_window {
namespace {

using simulation::concat;

WindowOptions counting(std::vector<std::string> dimensions) {
  WindowOptions options;
  options.dimensions = std::move(dimensions);
  return options;
}

Settings links_settings() {
  auto settings = make_settings(counting({"url_cluster"}), 2, 2, kLinks);
  REQUIRE(settings);
  return *std::move(settings);
}

/// A broker that has all topics, each with partitions of its own number.
class Broker final : public ServiceContext {
 public:
  enum class Mode : std::uint8_t { kKafka, kPipe };
  explicit Broker(Mode mode = Mode::kKafka) : mode_(mode) {}

  Clock& clock() override { ROOKERY_CHECK(false, "not asked for"); }
  Log& log() override { ROOKERY_CHECK(false, "not asked for"); }
  Metrics& metrics() override { ROOKERY_CHECK(false, "not asked for"); }
  std::string_view instance() const override { return "0"; }
  bool pipe() const override { return mode_ == Mode::kPipe; }
  Result<std::int32_t> partitions(std::string_view topic) override {
    asked.emplace(topic);
    const auto found = counts.find(topic);
    return found == counts.end() ? 4 : found->second;
  }
  Result<Progress> committed(const std::string& group) override {
    const auto found = progress.find(group);
    return found == progress.end() ? Progress{} : found->second;
  }

  std::set<std::string> asked;
  std::map<std::string, std::int32_t, std::less<>> counts;
  std::map<std::string, Progress> progress;

 private:
  Mode mode_;
};

/// A service with the option --dimensions.
class Counting {
 public:
  explicit Counting(const std::string& dimensions) {
    OptionSet options;
    service_.describe(options);
    REQUIRE(options.parse({"--dimensions", dimensions},
                          [](const char*) -> const char* { return nullptr; }));
  }
  auto stages(ServiceContext& context) { return service_.make_stages(context); }

 private:
  HashtagWindowService service_;
};

TEST_CASE("a family starts where one of its dimensions is counted", "[family]") {
  const auto of = [](std::vector<std::string> dimensions) {
    return families_of(counting(std::move(dimensions)));
  };
  CHECK(of({"hashtag", "cell8"}) == std::vector<const Family*>{&kPosts});
  CHECK(of({"url_cluster"}) == std::vector<const Family*>{&kLinks});
  CHECK(of({"url_cluster", "lang"}) == std::vector<const Family*>{&kPosts, &kLinks});
  // What is no dimension is refused by whoever is there.
  CHECK(of({}) == std::vector<const Family*>{&kPosts});
  CHECK(of({"url_clusters"}) == std::vector<const Family*>{&kPosts});
  for (const char* wrong : {"url_clusters", "cell8+hashtag", ""}) {
    for (const Family* family : kFamilies) {
      const auto settings = make_settings(counting({"url_cluster", wrong}), 2, 2, *family);
      REQUIRE_FALSE(settings);
      CHECK(settings.error().disposition == Disposition::kMisconfigured);
    }
  }
  CHECK_FALSE(make_settings(counting({"url_cluster", "url_cluster"}), 2, 2, kLinks));
}

TEST_CASE("the state of a family depends on its own dimensions alone", "[family]") {
  const auto fingerprint = [](std::vector<std::string> dimensions, const Family& family) {
    const auto settings = make_settings(counting(std::move(dimensions)), 2, 3, family);
    REQUIRE(settings);
    return settings->fingerprint;
  };
  CHECK(fingerprint({"cell8", "url_cluster", "lang"}, kPosts) ==
        fingerprint({"cell8", "lang"}, kPosts));
  CHECK(fingerprint({"cell8", "url_cluster", "lang"}, kLinks) ==
        fingerprint({"url_cluster"}, kLinks));
  CHECK(links_settings().dimensions == std::vector{Dimension::kUrlCluster});
}

TEST_CASE("links wait for the posts' stages and for their own", "[family]") {
  WindowOptions options = counting({"hashtag", "url_cluster"});
  options.upstream = {"a:b"};
  options.url_upstream = {"c:d", "e:f"};
  const auto groups = [&](const Family& family) {
    const auto settings = make_settings(options, 2, 2, family);
    REQUIRE(settings);
    std::vector<std::string> all;
    for (const auto& stage : settings->upstream) all.push_back(stage.group + ":" + stage.topic);
    return all;
  };
  CHECK(groups(kPosts) == std::vector<std::string>{"a:b"});
  CHECK(groups(kLinks) == std::vector<std::string>{"a:b", "c:d", "e:f"});
  CHECK(links_settings().upstream.back().group == "url-cluster");
  options.url_upstream = {"c"};
  const auto refused = make_settings(options, 2, 2, kLinks);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("\"url_upstream\"") != std::string::npos);
}

TEST_CASE("the step that sums posts up has larger transactions than those behind it", "[family]") {
  Broker broker;
  Counting both("hashtag,url_cluster");
  const auto stages = both.stages(broker);
  REQUIRE(stages);
  for (const Stage& stage : *stages) {
    const bool first = stage.group.ends_with("-partial");
    CHECK(stage.batch_records_max == (first ? std::optional<std::size_t>(20'000) : std::nullopt));
  }
}

TEST_CASE("two inputs are counted by loops that share nothing", "[family]") {
  Broker broker;
  Counting both("hashtag,url_cluster,lang");
  const auto stages = both.stages(broker);
  REQUIRE(stages);
  REQUIRE(stages->size() == 6);
  std::set<std::string> groups;
  std::set<std::string> inputs;
  for (const Stage& stage : *stages) {
    REQUIRE(stage.inputs.size() == 1);
    groups.insert(stage.group);
    inputs.insert(stage.inputs.front());
  }
  CHECK(groups == std::set<std::string>{"hashtag-window-partial", "hashtag-window-merge",
                                        "hashtag-window-rank", "hashtag-window-urls-partial",
                                        "hashtag-window-urls-merge", "hashtag-window-urls-rank"});
  CHECK(inputs == std::set<std::string>{"processed_tweets", "window_partials", "window_ranks",
                                        "clustered_urls", "url_window_partials",
                                        "url_window_ranks"});
}

TEST_CASE("an input that is not counted is not asked for", "[family]") {
  Broker of_links;
  Counting links("url_cluster");
  const auto stages = links.stages(of_links);
  REQUIRE(stages);
  CHECK(stages->size() == 3);
  CHECK(of_links.asked ==
        std::set<std::string>{"clustered_urls", "url_window_partials", "url_window_panes"});
  Broker of_posts;
  Counting posts("hashtag");
  CHECK(posts.stages(of_posts)->size() == 3);
  CHECK(of_posts.asked ==
        std::set<std::string>{"processed_tweets", "window_partials", "window_panes"});
}

TEST_CASE("each family finds its own generation of the sums", "[family]") {
  Broker broker;
  Settings rescaled = links_settings();
  rescaled.partials_topic = "url_window_partials-2";
  const auto metadata =
      write_metadata(rescaled, RankMetadata{.done = 9, .reported = {9, 9}, .replay_from = 0});
  REQUIRE(metadata);
  const TopicPartition ranks{"url_window_ranks", Partition(0)};
  broker.progress["hashtag-window-urls-rank"][ranks] = {Offset(4), *metadata};
  Counting both("hashtag,url_cluster");
  const auto stages = both.stages(broker);
  REQUIRE(stages);
  CHECK(stages->at(1).inputs.front() == "window_partials");
  CHECK(stages->at(4).inputs.front() == "url_window_partials-2");

  broker.counts["url_window_panes"] = 3;  // The sums have four.
  Counting again("hashtag,url_cluster");
  const auto refused = again.stages(broker);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("rescale --url-partials 4") != std::string::npos);
}

TEST_CASE("a filter counts one input", "[family]") {
  Broker pipe(Broker::Mode::kPipe);
  Counting links("url_cluster");
  CHECK(links.stages(pipe));
  Counting both("url_cluster,hashtag");
  const auto refused = both.stages(pipe);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().disposition == Disposition::kMisconfigured);
  CHECK(refused.error().code == "option_invalid");
}

std::string linked(const std::string& id, std::int64_t ms, const std::string& cluster) {
  return concat({R"({"id":")", id, R"(","created_at":")",
                 to_rfc3339(WallTime(std::chrono::milliseconds(ms))),
                 R"(","urls":[{"url":"u","cluster":{"id":")", cluster, R"("}}]})"});
}

TEST_CASE("what the first stage writes names the input", "[family]") {
  const Settings settings = links_settings();
  PartialStage stage(settings);
  const TopicPartition only{"clustered_urls", Partition(0)};
  REQUIRE(stage.assign(only, std::nullopt));
  const std::string first = linked("1", kNoon, "c1");
  const std::string late = linked("2", kNoon - 3'600'000, "c1");
  Outputs out;
  InputRecord input = record(0, first);
  input.topic = kLinks.input;
  REQUIRE(stage.process(input, out));
  input.offset = Offset(1);
  input.value = late;
  REQUIRE(stage.process(input, out));
  Progress progress{{only, {Offset(2), ""}}};
  REQUIRE(stage.finish_batch({}, out, progress));

  std::multiset<std::string> topics;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const OutputRecord made = out.at(i);
    topics.emplace(made.topic);
    const bool names_it = made.value->find(R"("topic":"clustered_urls")") != std::string_view::npos;
    const bool sum = made.value->find(R"("partial":)") != std::string_view::npos;
    CHECK(names_it != sum);
  }
  // A sum, and the frontiers to both partitions.
  CHECK(topics == std::multiset<std::string>{"late_tweets", "url_window_partials",
                                             "url_window_partials", "url_window_partials"});
  REQUIRE(progress.size() == 1);
  CHECK_FALSE(progress.at(only).metadata.empty());
}

TEST_CASE("a post of the other input is a dead letter", "[family]") {
  const Settings settings = links_settings();
  PartialStage links(settings);
  const std::string text = post("1", kNoon, "wien");
  Outputs out;
  const auto refused = links.process(record(0, text), out);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().disposition == Disposition::kDeadLetter);
  CHECK(refused.error().code == "field_missing");
}

}  // namespace
}  // namespace rookery::hashtag_window
