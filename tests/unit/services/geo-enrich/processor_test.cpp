#include "services/geo-enrich/processor.hpp"

#include <catch2/catch.hpp>

#include "common/records/timestamp.hpp"
#include "tests/unit/services/geo-enrich/sample.hpp"

namespace rookery::geo_enrich {
namespace {

const WallTime kRecordTime = *parse_rfc3339("2026-11-21T10:00:00Z");

InputRecord record(std::optional<std::string_view> key, std::optional<std::string_view> value) {
  return {.topic = "raw_tweets",
          .partition = Partition(4),
          .offset = Offset(17),
          .timestamp = kRecordTime,
          .key = key,
          .value = value,
          .headers = {}};
}

/// A post with id 7; `rest` follows its fields.
std::string post(std::string_view created_at, std::string_view rest = "",
                 std::string_view text = "hi") {
  std::string json = R"({"id":"7","text":")";
  return json.append(text)
      .append(R"(","created_at":")")
      .append(created_at)
      .append("\"")
      .append(rest)
      .append("}");
}

GateOptions short_texts() {
  GateOptions options;
  options.limits.text_bytes_max = 10;
  return options;
}

constexpr std::string_view kNow = "2026-11-21T10:00:00Z";

TEST_CASE("a post keeps its key, its partition and all of its bytes", "[processor]") {
  GeoEnrich stage(world(), GateOptions{});
  Outputs out;
  const std::string value = post(kNow, R"( , "coordinates":{"lat":48.2,"lon":16.4},"new":[1e2] )");
  REQUIRE(stage.process(record("7", value), out));
  REQUIRE(out.size() == 1);
  CHECK(out.at(0).topic == "enriched_tweets");
  CHECK(out.at(0).partition == Partition(4));
  CHECK(out.at(0).key == "7");
  const std::string head = value.substr(0, value.size() - 1);
  CHECK_THAT(std::string(*out.at(0).value), Catch::StartsWith(head + ",\"geo\":{\"lat\":48.2,"));
  CHECK_THAT(std::string(*out.at(0).value), Catch::EndsWith("},\"quality\":{}}"));
}

TEST_CASE("posts after each other do not mix", "[processor]") {
  GeoEnrich stage(world(), GateOptions{});
  Outputs out;
  REQUIRE(stage.process(record("7", post(kNow, R"(,"coordinates":{"lat":48.2,"lon":16.4})")), out));
  REQUIRE(stage.process(
      record("8", R"({"id":"8","text":"hi","created_at":"2026-11-21T10:00:00Z"})"), out));
  REQUIRE(out.size() == 2);
  CHECK(out.at(1).value == R"({"id":"8","text":"hi","created_at":"2026-11-21T10:00:00Z",)"
                           R"("quality":{"geo_reason":"no_place"}})");
}

TEST_CASE("a deletion is passed on to the same partition", "[processor]") {
  GeoEnrich stage(world(), GateOptions{});
  Outputs out;
  REQUIRE(stage.process(record("7", std::nullopt), out));
  REQUIRE(out.size() == 1);
  CHECK(out.at(0).topic == "enriched_tweets");
  CHECK(out.at(0).partition == Partition(4));
  CHECK(out.at(0).key == "7");
  CHECK_FALSE(out.at(0).value);
}

TEST_CASE("what a post may not be is a dead letter with its reason", "[processor]") {
  struct Case {
    std::optional<std::string> key;
    std::optional<std::string> value;
    std::string_view code;
    std::string said;
  };
  const auto c = GENERATE(
      Case{"7", "", "json_malformed", ""}, Case{"7", "{", "json_malformed", ""},
      Case{"7", "7", "not_an_object", "object"}, Case{"7", "{}", "field_missing", "id"},
      Case{"7", post("never"), "field_range", "never"},
      Case{"7", post(kNow, R"(,"coordinates":{"lat":"x","lon":1})"), "field_type", "coordinates"},
      Case{"8", post(kNow), "key_mismatch", "expected the id \"7\", got \"8\""},
      Case{"", post(kNow), "key_mismatch", "got \"\""},
      Case{"\xff\n", post(kNow), "key_mismatch", "got \"\?\?\""},
      Case{std::string(65, 'k'), post(kNow), "key_mismatch", "k...\""},
      Case{std::nullopt, post(kNow), "key_mismatch", "got none"},
      Case{std::nullopt, std::nullopt, "key_mismatch", "a deletion"},
      Case{"7", post(kNow, R"(,"geo":{"lat":1,"lon":1})"), "already_enriched", "\"geo\""},
      Case{"7", post(kNow, R"(,"geo":null)"), "already_enriched", "\"geo\""},
      Case{"7", post(kNow, R"(,"quality":{})"), "already_enriched", "\"quality\""},
      Case{"7", post(kNow, R"(,"qualit\u0079":7)"), "already_enriched", "\"quality\""},
      Case{"7", post(kNow, "", std::string(11, 'x')), "text_too_long", "at most 10 bytes, got 11"},
      Case{"7", post("2006-03-20T23:59:59.999Z"), "created_at_too_old", "2006-03-21T00:00:00Z"},
      Case{"7", post("1970-01-01T00:00:00Z"), "created_at_too_old", "1970-01-01T00:00:00Z"},
      Case{"7", post("2026-11-21T10:10:00.001Z"), "created_at_in_future",
           "600000 ms after the record's time 2026-11-21T10:00:00Z"});
  GeoEnrich stage(world(), short_texts());
  Outputs out;
  const auto result = stage.process(record(c.key, c.value), out);
  REQUIRE_FALSE(result);
  CHECK(result.error().disposition == Disposition::kDeadLetter);
  CHECK(result.error().code == c.code);
  CHECK_THAT(result.error().message, Catch::Contains(c.said));
  CHECK(out.empty());
}

TEST_CASE("what lies on the limit is let through", "[processor]") {
  const auto value = GENERATE(post(kNow, "", std::string(10, 'x')),
                              post(kNow, "", R"(\u00e4\u00e4\u00e4\u00e4\u00e4)"),
                              post("2006-03-21T00:00:00Z"), post("2026-11-21T10:10:00Z"));
  GeoEnrich stage(world(), short_texts());
  Outputs out;
  CHECK(stage.process(record("7", value), out));
}

TEST_CASE("without a record time the future is not checked", "[processor]") {
  GeoEnrich stage(world(), GateOptions{});
  Outputs out;
  const std::string value = post("2126-01-01T00:00:00Z");
  InputRecord input = record("7", value);
  input.timestamp = WallTime{};
  CHECK(stage.process(input, out));
  input.timestamp = WallTime(std::chrono::milliseconds(-1));
  const std::string other = post("2126-01-01T00:00:00Z", "", "another text");
  input.value = other;
  CHECK(stage.process(input, out));
}

}  // namespace
}  // namespace rookery::geo_enrich
