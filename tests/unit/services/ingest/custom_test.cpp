#include <catch2/catch.hpp>

#include "services/ingest/live/settings.hpp"
#include "services/ingest/ws/custom_fields.hpp"
#include "tests/unit/services/ingest/support.hpp"

namespace rookery::ingest {
namespace {

using Catch::Matchers::Contains;

const std::vector<std::string> kFields = {
    "id=/event/id",       "text=/msg",      "created_at=/ts",    "lang=/l",
    "author_id=/user/id", "hashtags=/tags", "author=/user/name", "url=/links/0/href",
    "lat=/where/1",       "lon=/where/0"};

/// The record that `message` gives, or the code and the text of its refusal.
std::string read(const std::vector<std::string>& fields, std::string_view message) {
  const auto parsed = parse_custom_fields(fields);
  REQUIRE(parsed);
  const std::optional<CustomFields> custom = *parsed;
  PostParser parser({.format = LineFormat::kCustom, .source = "websocket", .custom = &custom});
  Outputs out;
  const auto result = parser.parse(message, out, WallTime(std::chrono::seconds(60)));
  if (!result) {
    CHECK(result.error().disposition == Disposition::kDeadLetter);
    return std::string(result.error().code) + " " + result.error().message;
  }
  REQUIRE(out.size() == 1);
  return std::string(*out.at(0).value);
}

TEST_CASE("a message of an own feed becomes a record by its pointers", "[ws][custom]") {
  CHECK(
      read(
          kFields,
          R"({"event":{"id":9007199254740993},"msg":"a &amp; #b","ts":"2026-01-01T10:00:00.5Z","l":"in","user":{"id":7,"name":"ada"},"tags":["#x","y",""],"links":[{"href":"https://a.example/"}],"where":[15.5,47.25]})") ==
      R"({"id":"9007199254740993","text":"a &amp; #b","created_at":"2026-01-01T10:00:00.500Z","lang":"id",)"
      R"("author":{"id":"7","username":"ada"},"entities":{"hashtags":[{"tag":"x"},{"tag":"y"}],)"
      R"("urls":[{"url":"https://a.example/","expanded_url":"https://a.example/"}]},)"
      R"("coordinates":{"lat":47.25,"lon":15.5},)"
      R"("origin":{"source":"websocket","received_at":"1970-01-01T00:01:00Z"}})");
}

TEST_CASE("what has no pointer is left out, and what is absent too", "[ws][custom]") {
  CHECK(read({"id=/i", "text=/t"}, R"({"i":"1","t":"hi #tag"})") ==
        R"({"id":"1","text":"hi #tag","created_at":"1970-01-01T00:01:00Z",)"
        R"("entities":{"hashtags":[{"start":3,"end":7,"tag":"tag"}]},)"
        R"("origin":{"source":"websocket","received_at":"1970-01-01T00:01:00Z"}})");
  const std::string bare =
      read(kFields,
           R"({"event":{"id":"1"},"msg":"hi","ts":0,"l":null,"user":5,"links":[],"where":[1]})");
  CHECK_THAT(bare, Contains(R"("text":"hi","created_at":"1970-01-01T00:00:00Z","origin")"));
}

TEST_CASE("pointers are those of RFC 6901", "[ws][custom]") {
  // The document and the values of section 5.
  simdjson::dom::parser parser;
  const simdjson::padded_string text(std::string(
      R"({"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,"k\"l":6," ":7,"m~n":8,"~1":9,"n":null})"));
  simdjson::dom::object root;
  REQUIRE(parser.parse(text).get_object().get(root) == simdjson::SUCCESS);
  const auto at = [&](std::string_view pointer) -> std::string {
    const auto parsed = parse_json_pointer(pointer);
    REQUIRE(parsed);
    const Field found = at_pointer(root, *parsed);
    return found ? std::string(simdjson::minify(*found)) : "absent";
  };
  CHECK(at("/foo") == R"(["bar","baz"])");
  CHECK(at("/foo/0") == R"("bar")");
  CHECK(at("/foo/1") == R"("baz")");
  for (const char* index : {"2", "-", "01", "00", "-1", "+1", "1 ", "", "18446744073709551616"}) {
    INFO(index);
    CHECK(at("/foo/" + std::string(index)) == "absent");
  }
  CHECK(at("/") == "0");
  CHECK(at("/a~1b") == "1");
  CHECK(at("/c%d") == "2");
  CHECK(at("/e^f") == "3");
  CHECK(at("/g|h") == "4");
  CHECK(at("/i\\j") == "5");
  CHECK(at("/k\"l") == "6");
  CHECK(at("/ ") == "7");
  CHECK(at("/m~0n") == "8");
  CHECK(at("/~01") == "9");
  CHECK(at("/n") == "absent");
  CHECK(at("/a~1b/c") == "absent");
  CHECK(at("/foo/0/bar") == "absent");
  CHECK(at("/foo/") == "absent");
}

TEST_CASE("times of own feeds are texts or numbers since 1970", "[ws][custom]") {
  const auto time = [](const std::string& ts) {
    return read({"id=/i", "text=/t", "created_at=/c"}, R"({"i":"1","t":"x","c":)" + ts + "}");
  };
  const auto* const same = R"("created_at":"2026-01-01T00:00:00Z")";
  for (const char* ts :
       {"1767225600", "1767225600000", "1767225600000000", R"("2026-01-01T01:00:00+01:00")",
        R"("2026-01-01T00:00:00")", R"("Thu Jan 01 00:00:00 +0000 2026")"}) {
    INFO(ts);
    CHECK_THAT(time(ts), Contains(same));
  }
  CHECK_THAT(time("-1"), Contains("field_range") && Contains("/c"));
  CHECK_THAT(time("100000000000000000"), Contains("field_range"));
  CHECK_THAT(time(R"("soon")"), Contains("field_range") && Contains("soon"));
  CHECK_THAT(time("1.5"), Contains("field_type"));
  CHECK_THAT(time("null"), Contains("field_missing"));
}

TEST_CASE("a message of an own feed that lacks or bends a field is a dead letter", "[ws][custom]") {
  const auto with = [](const std::string& more, const std::string& id = "\"1\"") {
    return read(kFields, R"({"event":{"id":)" + id + R"(},"ts":0,)" + more + "}");
  };
  CHECK_THAT(with(R"("x":1)"), Contains("field_missing") && Contains("/msg"));
  CHECK_THAT(with(R"("msg":null)"), Contains("field_missing") && Contains("/msg"));
  CHECK_THAT(with(R"("msg":5)"), Contains("field_type") && Contains("/msg"));
  CHECK_THAT(with(R"("msg":"x")", "null"), Contains("field_missing") && Contains("/event/id"));
  CHECK_THAT(with(R"("msg":"x")", "\"\""), Contains("field_missing") && Contains("/event/id"));
  CHECK_THAT(with(R"("msg":"x")", "1.5"), Contains("field_type") && Contains("/event/id"));
  CHECK_THAT(with(R"("msg":"x")", "{}"), Contains("field_type"));
  CHECK_THAT(with(R"("msg":"x","l":[])"), Contains("field_type") && Contains("/l"));
  CHECK_THAT(with(R"("msg":"x","tags":"a")"), Contains("field_type") && Contains("/tags"));
  CHECK_THAT(with(R"("msg":"x","tags":["a",1])"), Contains("field_type") && Contains("/tags"));
  CHECK_THAT(with(R"("msg":"x","user":{"id":true})"), Contains("field_type"));
  CHECK_THAT(with(R"("msg":"x","links":[{"href":1}])"), Contains("field_type"));
  CHECK_THAT(with(R"("msg":"x","where":[0,91])"), Contains("field_range") && Contains("/where/1"));
  CHECK_THAT(with(R"("msg":"x","where":["0",1])"), Contains("field_type") && Contains("/where/0"));
  CHECK_THAT(read(kFields, "[1]"), Contains("not_an_object"));
  CHECK_THAT(read(kFields, "{"), Contains("json_malformed"));
}

TEST_CASE("fields of own feeds that cannot work stop the start", "[ws][custom][settings]") {
  ManualClock clock;
  Log log("ingest", clock);
  struct Case {
    std::vector<std::string> fields;
    const char* named;
  };
  const auto c =
      GENERATE(Case{{}, "\"id\""}, Case{{"id=/i"}, "\"text\""}, Case{{"text=/t"}, "\"id\""},
               Case{{"id=/i", "text"}, "FIELD=POINTER"}, Case{{"id=/i", "text="}, "begins with"},
               Case{{"id=i", "text=/t"}, "\"i\""}, Case{{"id=/i~", "text=/t"}, "\"/i~\""},
               Case{{"id=/i~2", "text=/t"}, "\"/i~2\""}, Case{{"name=/i", "text=/t"}, "name=/i"},
               Case{{"id=/i", "id=/j", "text=/t"}, "once"},
               Case{{"id=/i", "text=/t", "lat=/a"}, "lat and lon"});
  Settings settings;
  settings.source = "websocket";
  settings.live.ws_url = "ws://localhost:1";
  settings.live.ws_profile = "custom";
  settings.live.ws_fields = c.fields;
  Session session;
  const auto feed = make_feed(settings, Standalone::kPipe, "0", session, clock, log);
  REQUIRE_FALSE(feed);
  CHECK(feed.error().disposition == Disposition::kMisconfigured);
  CHECK_THAT(feed.error().message, Contains("ws_fields") && Contains(c.named));
}

TEST_CASE("fields belong to the profile of own feeds alone", "[ws][custom][settings]") {
  ManualClock clock;
  Log log("ingest", clock);
  Settings settings;
  settings.source = "websocket";
  settings.live.ws_url = "ws://localhost:1";
  settings.live.ws_fields = {"id=/i", "text=/t"};
  Session session;
  CHECK_FALSE(make_feed(settings, Standalone::kPipe, "0", session, clock, log));
  settings.live.ws_profile = "custom";
  REQUIRE(make_feed(settings, Standalone::kPipe, "0", session, clock, log));
  PostParser parser(parser_options(settings, session));
  Outputs out;
  CHECK(parser.parse(R"({"i":"1","t":"x"})", out));
}

}  // namespace
}  // namespace rookery::ingest
