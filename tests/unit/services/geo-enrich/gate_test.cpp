#include <catch2/catch.hpp>

#include "services/geo-enrich/processor.hpp"
#include "tests/unit/services/geo-enrich/sample.hpp"

namespace rookery::geo_enrich {
namespace {

struct Raw {
  std::string key;
  std::optional<std::string> value;
};

/// Posts that come again at different distances, edits, deletions, broken ones.
std::vector<Raw> a_log() {
  std::vector<Raw> log;
  const auto post = [&](int id, const std::string& text) {
    log.push_back({std::to_string(id), R"({"id":")" + std::to_string(id) + R"(","text":")" + text +
                                           R"(","created_at":"2026-11-21T10:00:00Z"})"});
  };
  for (int i = 0; i < 40; ++i) {
    post(i, "text " + std::to_string(i));
    if (i % 3 == 0) post(i, "text " + std::to_string(i));
    if (i % 5 == 4) post(i - 4, "text " + std::to_string(i - 4));
    if (i % 7 == 6) post(i, "another text");
    if (i % 9 == 8) log.push_back({std::to_string(i), "{broken"});
    if (i % 10 == 9) log.push_back({std::to_string(i - 1), std::nullopt});
    if (i % 13 == 12) log.push_back({std::to_string(i), std::nullopt});
    if (i % 2 == 0) post(1000 + i, "buy the same thing as everybody else does today");
  }
  return log;
}

GateOptions small_window() {
  GateOptions options;
  options.duplicate_window = 6;
  return options;
}

/// The partition's offsets have gaps, as transaction markers make them.
Offset offset_of(std::size_t i) {
  return Offset(static_cast<std::int64_t>(i * 3 + 2));
}

InputRecord record_at(const std::vector<Raw>& log, std::size_t i) {
  return {.topic = "raw_tweets",
          .partition = Partition(0),
          .offset = offset_of(i),
          .timestamp = WallTime{},
          .key = log[i].key,
          .value = log[i].value ? std::optional<std::string_view>(*log[i].value) : std::nullopt,
          .headers = {}};
}

/// What the stage makes of one record: its output, or the reason of the refusal.
std::string outcome(GeoEnrich& stage, const InputRecord& record) {
  Outputs out;
  const auto result = stage.process(record, out);
  if (!result) return std::string(result.error().code);
  return std::string(out.at(0).value.value_or("deleted"));
}

CommittedOffset commit(GeoEnrich& stage, std::size_t next) {
  const TopicPartition at{"raw_tweets", Partition(0)};
  Progress progress{{at, {offset_of(next), ""}}};
  Outputs out;
  REQUIRE(stage.finish_batch({}, out, progress));
  CHECK(out.empty());
  return progress.at(at);
}

TEST_CASE("after a crash anywhere the same posts are duplicates") {
  const Gazetteer gazetteer = world();
  const TopicPartition at{"raw_tweets", Partition(0)};
  const auto log = a_log();
  GeoEnrich undisturbed(world(), small_window());
  REQUIRE(undisturbed.assign(at, std::nullopt));
  std::vector<std::string> expected;
  std::vector<CommittedOffset> commits;
  for (std::size_t i = 0; i < log.size(); ++i) {
    commits.push_back(commit(undisturbed, i));
    expected.push_back(outcome(undisturbed, record_at(log, i)));
  }
  CHECK(std::count(expected.begin(), expected.end(), "duplicate") > 10);
  const std::string all = [&] {
    std::string text;
    for (const auto& line : expected) text += line;
    return text;
  }();
  CHECK_THAT(all, Catch::Contains("\"edited\"") && Catch::Contains("\"near_duplicate\""));
  for (std::size_t crash = 0; crash < log.size(); crash += 3) {
    GeoEnrich restarted(world(), small_window());
    const auto from = restarted.assign(at, commits[crash]);
    REQUIRE(from);
    for (std::size_t i = 0; *from && i < crash; ++i) {
      if (offset_of(i) >= **from) REQUIRE(restarted.replay(record_at(log, i)));
    }
    REQUIRE(restarted.restored(at));
    for (std::size_t i = crash; i < std::min(crash + 12, log.size()); ++i) {
      INFO("crash before " << crash << ", record " << i);
      CHECK(outcome(restarted, record_at(log, i)) == expected[i]);
    }
  }
}

TEST_CASE("partitions do not know of each other, and a revoked one is forgotten") {
  GeoEnrich stage(world(), small_window());
  const std::vector<Raw> log = {
      {"1", R"({"id":"1","text":"a","created_at":"2026-11-21T10:00:00Z"})"}};
  InputRecord record = record_at(log, 0);
  CHECK(outcome(stage, record) != "duplicate");
  CHECK(outcome(stage, record) == "duplicate");
  record.partition = Partition(1);
  CHECK(outcome(stage, record) != "duplicate");
  stage.revoke({"raw_tweets", Partition(1)});
  CHECK(outcome(stage, record) != "duplicate");
  GateOptions open_gate;
  open_gate.duplicate_window = 0;
  GeoEnrich open(world(), open_gate);
  CHECK(outcome(open, record) != "duplicate");
  CHECK(outcome(open, record) != "duplicate");
  CHECK(commit(open, 7).metadata.empty());
}

TEST_CASE("a post that a filter refused is no duplicate when it is put back") {
  GateOptions options = small_window();
  options.filters.keywords = {"wanted"};
  GeoEnrich stage(world(), options);
  const std::vector<Raw> log = {
      {"1", R"({"id":"1","text":"a","created_at":"2026-11-21T10:00:00Z"})"}};
  CHECK(outcome(stage, record_at(log, 0)) == "keyword_missing");
  CHECK(outcome(stage, record_at(log, 0)) == "keyword_missing");
}

TEST_CASE("a letter that is put back passes, unless it was a duplicate") {
  const std::vector<Raw> log = {
      {"1", R"({"id":"1","text":"a","created_at":"2026-11-21T10:00:00Z"})"}};
  const InputRecord record = record_at(log, 0);
  GeoEnrich stage(world(), small_window());
  // As after a start with other options, under which the refused post would have passed.
  REQUIRE(stage.replay(record));
  InputRecord redriven = record;
  const std::vector<Header> for_its_length = {{"redriven-reason", "duplicate"},
                                              {"redriven-reason", "text_too_long"}};
  redriven.headers = Headers(for_its_length);
  CHECK(outcome(stage, redriven) != "duplicate");
  const std::vector<Header> for_its_copy = {{"redriven-reason", "duplicate"}};
  redriven.headers = Headers(for_its_copy);
  CHECK(outcome(stage, redriven) == "duplicate");
}

TEST_CASE("an amended post is no duplicate, and a scrubbed one has no place") {
  const std::string start =
      R"({"id":"1","text":"a","created_at":"2026-11-21T10:00:00Z","author":{"id":"2","location":"Vienna"})";
  const std::string point = R"(,"coordinates":{"lat":48.2,"lon":16.37})";
  const std::string scrub = R"(,"amendment":"scrub_geo")";
  const std::vector<Raw> log = {{"1", start + point + "}"},
                                {"1", start + scrub + "}"},
                                {"1", start + scrub + "}"},
                                {"1", start + point + scrub + "}"},
                                {"1", start + point + R"(,"amendment":"withheld"})"},
                                {"1", start + point + "}"}};
  GeoEnrich stage(world(), small_window());
  CHECK_THAT(outcome(stage, record_at(log, 0)), Catch::Contains(R"("city":"Vienna")"));
  const std::string scrubbed = start + scrub + R"(,"quality":{"geo_reason":"scrubbed"}})";
  CHECK(outcome(stage, record_at(log, 1)) == scrubbed);
  CHECK(outcome(stage, record_at(log, 2)) == scrubbed);
  // What nobody may know does not pass, even where it was left in the record.
  const std::string left = outcome(stage, record_at(log, 3));
  CHECK_THAT(left, !Catch::Contains("48.2") && Catch::Contains(R"("geo_reason":"scrubbed")"));
  CHECK_THAT(outcome(stage, record_at(log, 4)), Catch::Contains(R"("city":"Vienna")"));
  CHECK(outcome(stage, record_at(log, 5)) == "duplicate");
}

TEST_CASE("metadata of another kind begins an empty window") {
  const TopicPartition at{"raw_tweets", Partition(0)};
  for (const char* metadata :
       {"", "{\"replay_from\":", "{\"replay_from\":-1}", "{\"replay_from\":x}", "other"}) {
    GeoEnrich stage(world(), small_window());
    const auto from = stage.assign(at, CommittedOffset{Offset(9), metadata});
    REQUIRE(from);
    CHECK_FALSE(*from);
  }
  GeoEnrich stage(world(), small_window());
  CHECK(*stage.assign(at, CommittedOffset{Offset(9), "{\"replay_from\":4}"}) == Offset(4));
  CHECK_FALSE(stage.needs_whole_replay());
}

TEST_CASE("the cleansed text stands beside the original") {
  GeoEnrich stage(world(), GateOptions{});
  const std::vector<Raw> log = {
      {"1", R"({"id":"1","text":"a &amp; b","created_at":"2026-11-21T10:00:00Z",)"
            R"("entities":{"urls":[{"start":0,"end":1,"url":"https://t.co/a","expanded_url":)"
            R"("https://a.b/?utm_source=x"},{"start":0,"end":1,"url":"https://t.co/b"}]}})"}};
  const std::string enriched = outcome(stage, record_at(log, 0));
  CHECK_THAT(
      enriched,
      Catch::EndsWith(R"("quality":{"geo_reason":"no_place","changes":["entities",)"
                      R"("tracking"],"text":"a & b","urls":["https://a.b/","https://t.co/b"]}})"));
  CHECK_THAT(enriched, Catch::StartsWith(log[0].value->substr(0, log[0].value->size() - 1)));
  PostReader reader;
  const auto post = reader.read(enriched);
  REQUIRE(post);
  CHECK((*post)->text == "a & b");
  CHECK((*post)->expanded_urls == std::vector<std::string_view>{"https://a.b/", "https://t.co/b"});
}

}  // namespace
}  // namespace rookery::geo_enrich
