#include "services/hashtag-window/records.hpp"

#include <string>

#include <catch2/catch.hpp>
#include <google/protobuf/util/json_util.h>

#include "rookery/v1/late_tweets.pb.h"
#include "rookery/v1/trends.pb.h"
#include "rookery/v1/window_panes.pb.h"
#include "rookery/v1/window_partials.pb.h"
#include "rookery/v1/window_ranks.pb.h"
#include "services/hashtag-window/hashing.hpp"
#include "services/hashtag-window/metadata.hpp"
#include "tests/unit/services/hashtag-window/simulation/text.hpp"

namespace rookery::hashtag_window {
namespace {

/// Whether protobuf's own strict parser takes `json`; the message it gives else.
template <typename Message>
std::string strict(const std::string& json, Message& message) {
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = false;
  const auto status = google::protobuf::util::JsonStringToMessage(json, &message, options);
  return status.ok() ? "" : std::string(status.message());
}

Settings some_settings() {
  auto settings = make_settings(WindowOptions{}, 3, 2);
  REQUIRE(settings);
  return *settings;
}

const std::string kOddKey = "q\"\\\n\x01\xc3\xa4\xf0\x9f\x98\x80";

TEST_CASE("a partial is read as it was written, with a set and with a sketch", "[records]") {
  const auto authors_count = GENERATE(0U, 1U, 64U, 65U, 1000U);
  AuthorSet authors;
  for (std::uint32_t i = 0; i < authors_count; ++i) {
    authors.insert(stable_hash(std::to_string(i)), 64);
  }
  std::string json;
  append_partial(json,
                 {.dimension = "hashtag",
                  .key = kOddKey,
                  .pane = -3,
                  .from = 2'147'483'647,
                  .count = -7,
                  .sentiment = -12'345,
                  .times = {0, 4'294'967'295}},
                 authors);
  RecordReader reader;
  AuthorSet read_authors;
  const auto record = reader.read_partial(json, read_authors, 64);
  REQUIRE(record);
  const auto& partial = std::get<Partial>(*record);
  CHECK(partial.dimension == "hashtag");
  CHECK(partial.key == kOddKey);
  CHECK(partial.pane == -3);
  CHECK(partial.from == 2'147'483'647);
  CHECK(partial.times.first == 0);
  CHECK(partial.times.last == 4'294'967'295);
  CHECK(partial.count == -7);
  CHECK(partial.sentiment == -12'345);
  CHECK(read_authors.estimate() == authors.estimate());
  std::string again;
  append_partial(again, partial, read_authors);
  CHECK(again == json);

  v1::WindowPartial message;
  REQUIRE(strict(json, message) == "");
  CHECK(message.partial().key() == kOddKey);
  CHECK(message.partial().authors_size() == (authors_count <= 64 ? int(authors_count) : 0));
}

TEST_CASE("frontiers are read as they were written", "[records]") {
  std::string json;
  append_frontiers(json, kPosts.input,
                   {{Partition(0), Offset(9'007'199'254'740'993), -5, true},
                    {Partition(7), Offset(0), 176'000'000, false}});
  RecordReader reader;
  AuthorSet authors;
  const auto record = reader.read_partial(json, authors, 64);
  REQUIRE(record);
  const auto& frontiers = std::get<std::vector<Frontier>>(*record);
  REQUIRE(frontiers.size() == 2);
  CHECK(frontiers[0].offset == Offset(9'007'199'254'740'993));
  CHECK(frontiers[0].pane == -5);
  CHECK(frontiers[0].idle);
  CHECK(frontiers[1].partition == Partition(7));
  CHECK_FALSE(frontiers[1].idle);
  v1::WindowPartial message;
  REQUIRE(strict(json, message) == "");
  CHECK(message.frontiers().frontiers_size() == 2);
}

TEST_CASE("a refusal is read as it was written", "[records]") {
  std::string json;
  append_refused(json, {.dimension = "cell8+hashtag", .pane = -7});
  RecordReader reader;
  AuthorSet authors;
  const auto record = reader.read_partial(json, authors, 64);
  REQUIRE(record);
  const auto& refused = std::get<Refused>(*record);
  CHECK(refused.dimension == "cell8+hashtag");
  CHECK(refused.pane == -7);
  v1::WindowPartial message;
  REQUIRE(strict(json, message) == "");
  CHECK(message.refused().pane() == -7);
  CHECK_FALSE(reader.read_partial(R"({"refused":{"dimension":"lang"}})", authors, 64));
}

TEST_CASE("ranks and closures are read as they were written", "[records]") {
  const Rank rank{.partition = 3,
                  .end = 42,
                  .window = "5m/1m",
                  .dimension = "lang",
                  .total = 9'007'199'254'740'993,
                  .sentiment = -9'007'199'254'740'993,
                  .top = {{kOddKey,
                           "Q",
                           5'000'000'000,
                           -1,
                           70,
                           5'000'000'000,
                           {9, 0, 7, 0},
                           {3, 5},
                           WallTime(std::chrono::milliseconds(-5)),
                           WallTime()},
                          {.key = "b", .count = 1}}};
  std::string json;
  append_rank(json, rank);
  RecordReader reader;
  const auto record = reader.read_rank(json);
  REQUIRE(record);
  std::string again;
  append_rank(again, std::get<Rank>(*record));
  CHECK(again == json);
  v1::WindowRank message;
  REQUIRE(strict(json, message) == "");
  CHECK(message.rank().top(0).count() == 5'000'000'000);
  CHECK(message.rank().top(0).newest() == 4'294'967'295);
  CHECK(message.rank().top(0).past_size() == 3);
  CHECK(message.rank().top(0).yesterday(1) == 5);

  Rank open{.partition = 1, .end = 9, .window = "w", .dimension = "lang", .early = true};
  json.clear();
  append_rank(json, open);
  CHECK(std::get<Rank>(*reader.read_rank(json)).early);
  REQUIRE(strict(json, message) == "");
  CHECK(message.early().end() == 9);
  json.clear();
  append_closed(json, {.partition = 2, .pane = 7, .early = true});
  CHECK(std::get<Closed>(*reader.read_rank(json)).early);
  REQUIRE(strict(json, message) == "");
  CHECK(message.previewed().pane() == 7);

  json.clear();
  append_closed(json, {.partition = 2, .pane = -9});
  const auto closed = reader.read_rank(json);
  REQUIRE(closed);
  CHECK(std::get<Closed>(*closed).pane == -9);
  REQUIRE(strict(json, message) == "");
  CHECK(message.closed().partition() == 2);
}

TEST_CASE("a trend is the contract's record, its numbers decimal", "[records]") {
  const RankEntry rising{.key = "wien",
                         .spelling = "Wien",
                         .count = 3,
                         .sentiment = -1,
                         .authors = 2,
                         .first_seen = WallTime(std::chrono::milliseconds(1)),
                         .last_seen = WallTime(std::chrono::seconds(299))};
  const RankEntry new_one{.key = "a", .count = 1, .sentiment = 0, .authors = 1};
  std::string json;
  append_trend(json,
               {.dimension = "hashtag",
                .window = "5m/1m",
                .start = WallTime(),
                .end = WallTime(std::chrono::minutes(5)),
                .total = 5'000'000'000,
                .sentiment = 2'500'000'000,
                .approximate = true,
                .top = {{&rising, 2, {1500, TrendState::kRising}}, {&new_one, 0, {.score = -50}}},
                .hotspots = {{-1, 180'000, 12'300, 5'000'000'000, {"b0004", "b000c"}}}});
  CHECK(json == R"({"dimension":"hashtag","window":"5m/1m","start":"1970-01-01T00:00:00Z",)"
                R"("end":"1970-01-01T00:05:00Z","final":true,"total":4294967295,"sentiment":0,)"
                R"("approximate":true,"top":[)"
                R"({"key":"wien","spelling":"Wien","count":3,"authors":2,"sentiment":-0.001,)"
                R"("previous_rank":2,"score":1.5,"state":"rising",)"
                R"("first_seen":"1970-01-01T00:00:00.001Z","last_seen":"1970-01-01T00:04:59Z"},)"
                R"({"key":"a","count":1,"authors":1,"sentiment":0,"score":-0.05}],)"
                R"("hotspots":[{"lat":-0.001,"lon":180,"radius_km":12.3,"count":4294967295,)"
                R"("cells":["b0004","b000c"]}]})");
  v1::Trend message;
  REQUIRE(strict(json, message) == "");
  CHECK(message.top(0).previous_rank() == 2);
}

TEST_CASE("a late tweet carries the post and says why", "[records]") {
  const InputRecord record{.topic = "processed_tweets",
                           .partition = Partition(2),
                           .offset = Offset(77),
                           .timestamp = {},
                           .key = "5",
                           .value = "{\"id\":\"5\"}",
                           .headers = {}};
  std::string json;
  append_late(json, {.id = "5", .record = record, .pane = 8, .frontier = 9});
  v1::LateTweet message;
  REQUIRE(strict(json, message) == "");
  CHECK(message.post() == "{\"id\":\"5\"}");
  CHECK(message.offset() == "77");
  CHECK(message.frontier() == 9);
}

TEST_CASE("an internal record that is none is refused with its field", "[records]") {
  const std::string head = R"({"partial":{"dimension":"d","key":"k","pane":1,"from":1,"count":1)";
  struct Case {
    std::string json;
    const char* field;
  };
  const auto c = GENERATE_COPY(
      Case{"", "\"partial\""}, Case{"[]", "\"partial\""}, Case{"{}", "\"frontiers\""},
      Case{head + "}}", "\"sentiment\""}, Case{head + R"(,"sentiment":"x"}})", "\"sentiment\""},
      Case{head + R"(,"sentiment":3000000000}})", "\"sentiment\""},
      Case{head + R"(,"sentiment":1,"authors":["zz"]}})", "\"authors\""},
      Case{head + R"(,"sentiment":1,"sketch":"00"}})", "\"authors\""},
      Case{
          simulation::concat({head, R"(,"sentiment":1,"sketch":")", std::string(512, 'f'), "\"}}"}),
          "\"authors\""},
      Case{R"({"frontiers":{"frontiers":[7]}})", "\"frontiers\""},
      Case{R"({"frontiers":{"frontiers":[{"partition":-1,"offset":"0","pane":0}]}})",
           "\"partition\""});
  INFO(c.json);
  RecordReader reader;
  AuthorSet authors;
  const auto record = reader.read_partial(c.json, authors, 64);
  REQUIRE_FALSE(record);
  CHECK(record.error().code == "partial_malformed");
  CHECK(record.error().disposition == Disposition::kDeadLetter);
  CHECK(record.error().message.find(c.field) != std::string::npos);
}

TEST_CASE("metadata come back as they were written", "[metadata]") {
  const Settings settings = some_settings();
  const TopicPartition at{"processed_tweets", Partition(1)};
  const auto partial =
      GENERATE(PartialMetadata{},
               PartialMetadata{.frontier = 5,
                               .newest = 4,
                               .idle = true,
                               .replay_from = 90,
                               .replay_frontier = -3,
                               .marks = {{91, 2}, {95, 5}}},
               PartialMetadata{.frontier = kNoPane, .newest = kNoPane, .idle = true, .marks = {}});
  const auto text = write_metadata(settings, partial);
  REQUIRE(text);
  CHECK(*read_partial_metadata(settings, at, {Offset(100), *text}) == partial);

  const auto merge = GENERATE(MergeMetadata{kNoPane, {kNoPane, kNoPane, 7}, 0},
                              MergeMetadata{176'000'000, {176'000'001, kNoPane, -5}, 12},
                              MergeMetadata{176'000'000,
                                            {176'000'001, 176'000'000, 176'000'000},
                                            12,
                                            {{175'999'999, {0, 0xffff'ffffU, 0x00ab'cdefU}}},
                                            99},
                              MergeMetadata{5, {5, 6, 7}, 1, {{3, {7}}, {kNoPane, {}}}, 9});
  const auto merge_text = write_metadata(settings, merge);
  REQUIRE(merge_text);
  CHECK(*read_merge_metadata(settings, at, {Offset(100), *merge_text}) == merge);

  const RankMetadata rank{9, {9, kNoPane}, 3};
  const auto rank_text = write_metadata(settings, rank);
  REQUIRE(rank_text);
  CHECK(*read_rank_metadata(settings, at, {Offset(100), *rank_text}) == rank);
}

TEST_CASE("panes are read as they were written, and a change of any byte is noticed", "[records]") {
  const std::string bytes("\0\x01\xfe\xff panes", 10);
  const SavedPanes saved{.dimension = "hashtag",
                         .begin = -90,
                         .end = 0,
                         .block = 0x0123'4567'89ab'cdefULL,
                         .panes = bytes};
  std::string json;
  append_panes(json, saved);
  rookery::v1::WindowPanes message;
  REQUIRE(strict(json, message) == "");
  CHECK(message.panes() == bytes);
  CHECK(message.begin() == -90);
  RecordReader reader;
  const auto all = [](const SavedPanes&) { return true; };
  const auto read = reader.read_panes(json, all);
  REQUIRE(read);
  CHECK(read->panes == bytes);
  CHECK(read->begin == -90);
  CHECK(read->end == 0);
  CHECK(read->block == saved.block);
  CHECK(read->check() == saved.check());
  CHECK(reader.read_panes(json, [](const SavedPanes&) { return false; })->panes.empty());
  int refused = 0;
  for (const std::string_view field : {"\"end\":", "\"check\":\"", "\"panes\":\"", "\"begin\":"}) {
    std::string changed = json;
    char& digit = changed[changed.find(field) + field.size() + (field == "\"begin\":" ? 1 : 0)];
    digit = digit == '1' ? '2' : '1';
    if (!reader.read_panes(changed, all)) ++refused;
  }
  CHECK(refused == 4);
}

TEST_CASE("state of other settings is never continued", "[metadata]") {
  const Settings settings = some_settings();
  WindowOptions options;
  options.top_k = 49;
  const auto other = make_settings(options, 3, 2);
  REQUIRE(other);
  const auto written = write_metadata(*other, PartialMetadata{.frontier = 1, .marks = {}});
  REQUIRE(written);
  const TopicPartition at{"processed_tweets", Partition(1)};
  const auto text = GENERATE_COPY(std::string(), std::string("{"), std::string("{}"), *written);
  INFO(text);
  const auto read = read_partial_metadata(settings, at, {Offset(100), text});
  REQUIRE_FALSE(read);
  CHECK(read.error().disposition == Disposition::kMisconfigured);
  CHECK(read.error().code == "window_state");
  CHECK(read.error().message.find("top=50") != std::string::npos);
  CHECK(read.error().message.find("go back to the former options") != std::string::npos);
  if (text == *written) CHECK(read.error().message.find("top=49") != std::string::npos);
}

TEST_CASE("metadata beyond the broker's limit stop the start", "[metadata]") {
  const auto settings = make_settings(WindowOptions{}, 1000, 2);
  REQUIRE(settings);
  const auto text =
      write_metadata(*settings, MergeMetadata{0, std::vector<Pane>(1000, 1'000'000), 0});
  REQUIRE_FALSE(text);
  CHECK(text.error().code == "metadata_too_long");
}

TEST_CASE("windows are panes of their common divisor", "[settings]") {
  WindowOptions options;
  options.windows = {"5m/1m", "1h/10s", "90s/45s"};
  options.lateness = std::chrono::milliseconds(91'000);
  const auto settings = make_settings(options, 6, 4);
  REQUIRE(settings);
  CHECK(settings->pane == std::chrono::seconds(5));
  CHECK(settings->windows[0].length == 60);
  CHECK(settings->windows[2].slide == 9);
  CHECK(settings->lateness == 19);
  CHECK(settings->length_max == 720);
  CHECK(settings->keep == 721);
  CHECK(settings->pane_of(std::chrono::milliseconds(-1)) == -1);
  CHECK(settings->pane_of(std::chrono::milliseconds(-5'000)) == -1);
  CHECK(settings->pane_of(std::chrono::milliseconds(4'999)) == 0);
}

TEST_CASE("a window may have a top_k of its own, on which the state depends", "[settings]") {
  const auto made = [](std::vector<std::string> windows, std::int64_t top_k) {
    WindowOptions options;
    options.windows = std::move(windows);
    options.top_k = top_k;
    const auto settings = make_settings(options, 6, 4);
    REQUIRE(settings);
    return *settings;
  };
  const Settings own = made({"5m/1m", "1h/10s:1000", "24h/1m:1"}, 20);
  CHECK(own.windows[0].top_k == 20);
  CHECK(own.windows[1].top_k == 1000);
  CHECK(own.windows[1].name == "1h/10s");
  CHECK(own.windows[2].top_k == 1);
  CHECK(own.windows[2].pairs_max() == 10);
  CHECK(own.fingerprint.find(" windows=5m/1m,1h/10s,24h/1m ") != std::string::npos);
  CHECK(own.fingerprint.find(" top=20,1000,1 ") != std::string::npos);
  // Where all have the same, no matter how it was said, the state is that of before.
  CHECK(made({"5m/1m:7", "1h/10s:7"}, 20).fingerprint == made({"5m/1m", "1h/10s"}, 7).fingerprint);
  CHECK(made({"5m/1m:7", "1h/10s"}, 20).fingerprint != made({"5m/1m", "1h/10s:7"}, 20).fingerprint);
}

TEST_CASE("options that make no windows are refused by name", "[settings]") {
  const auto window = GENERATE("", "5m", "5m/", "/1m", "5/1", "1m/5m", "0m/0m", "-5m/1m", "5m/1y",
                               "40d/1m", "99999999999999999999s/1s", "31d/1ms", "5m/1m:", "5m/1m:0",
                               "5m/1m:1001", "5m/1m:-5", "5m/1m:5k", "5m/1m:5:6", "5m:5/1m");
  WindowOptions options;
  options.windows = {window};
  INFO(window);
  const auto settings = make_settings(options, 1, 1);
  REQUIRE_FALSE(settings);
  CHECK(settings.error().code == "option_invalid");
  CHECK(settings.error().disposition == Disposition::kMisconfigured);
  CHECK(settings.error().message.find(window) != std::string::npos);

  options.windows = {"5m/1m", "5m/1m"};
  CHECK_FALSE(make_settings(options, 1, 1));
  options.windows = {"5m/1m", "5m/1m:7"};  // Rankings of both would have the same name.
  CHECK_FALSE(make_settings(options, 1, 1));
  options.windows = {};
  CHECK_FALSE(make_settings(options, 1, 1));
  options.windows = {"5m/1m"};
  options.dimensions = {"hashtag", "colour"};
  CHECK_FALSE(make_settings(options, 1, 1));
  options.dimensions = {};
  CHECK_FALSE(make_settings(options, 1, 1));
}

}  // namespace
}  // namespace rookery::hashtag_window
