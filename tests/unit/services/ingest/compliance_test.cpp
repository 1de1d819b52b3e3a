// What sources demand for posts that they sent earlier.
#include <catch2/catch.hpp>

#include "services/ingest/raw_post.hpp"
#include "tests/unit/services/ingest/support.hpp"

namespace rookery::ingest {
namespace {

using Catch::Matchers::Contains;

TEST_CASE("each demand of v1.1 and v2 becomes an event", "[compliance]") {
  struct Case {
    const char* line;
    const char* expected;
  };
  const auto c = GENERATE(
      Case{
          R"({"scrub_geo":{"user_id":14090452,"user_id_str":"14090452","up_to_status_id":23260136625,"up_to_status_id_str":"23260136625"}})",
          R"({"kind":"scrub_geo","user_id":"14090452","up_to_post_id":"23260136625","source":"file"})"},
      Case{
          R"({"data":{"scrub_geo":{"user":{"id":"5"},"up_to_tweet_id":"9","event_at":"2021-07-06T18:40:40.000Z"}}})",
          R"({"kind":"scrub_geo","user_id":"5","up_to_post_id":"9","event_at":"2021-07-06T18:40:40Z","source":"file"})"},
      Case{
          R"({"status_withheld":{"id":1234567890,"user_id":123456,"withheld_in_countries":["DE","AR"]}})",
          R"({"kind":"post_withheld","user_id":"123456","post_id":"1234567890","countries":["DE","AR"],"source":"file"})"},
      Case{
          R"({"data":{"withheld":{"tweet":{"id":"7","author_id":"5"},"withheld_in_countries":["FR"],"event_at":"2021-07-06T18:40:40+00:00"}}})",
          R"({"kind":"post_withheld","user_id":"5","post_id":"7","countries":["FR"],"event_at":"2021-07-06T18:40:40Z","source":"file"})"},
      Case{
          R"({"user_withheld":{"id":123456,"withheld_in_countries":["DE","AR"]}})",
          R"({"kind":"user_withheld","user_id":"123456","countries":["DE","AR"],"source":"file"})"},
      Case{
          R"({"user_delete":{"id":771136850,"timestamp_ms":"1485446400746"}})",
          R"({"kind":"user_deleted","user_id":"771136850","event_at":"2017-01-26T16:00:00.746Z","source":"file"})"},
      Case{
          R"({"data":{"user_delete":{"user":{"id":"5"},"event_at":"2021-07-06T18:40:40.000Z"}}})",
          R"({"kind":"user_deleted","user_id":"5","event_at":"2021-07-06T18:40:40Z","source":"file"})"},
      Case{R"({"data":{"user_suspend":{"user":{"id":"5"}}}})",
           R"({"kind":"user_suspended","user_id":"5","source":"file"})"},
      Case{R"({"data":{"user_protect":{"user":{"id":"5"}}}})",
           R"({"kind":"user_protected","user_id":"5","source":"file"})"},
      Case{R"({"data":{"user_undelete":{"user":{"id":"5"}}}})",
           R"({"kind":"user_restored","user_id":"5","source":"file"})"},
      Case{R"({"data":{"undrop":{"tweet":{"id":"7","author_id":"5"}}}})",
           R"({"kind":"post_restored","user_id":"5","post_id":"7","source":"file"})"},
      Case{
          R"({"did":"did:plc:a","time_us":1779719010272410,"kind":"account","account":{"active":false,"status":"takendown","did":"did:plc:a"}})",
          R"({"kind":"user_suspended","user_id":"did:plc:a","event_at":"2026-05-25T14:23:30.272Z","source":"file"})"},
      Case{
          R"({"$type":"message","payload":{"$type":"network.bsky.jetstream.subscribeEvents#account","seq":7,"did":"did:plc:a","time":"2026-05-25T14:23:30.272Z","account":{"active":false,"status":"deleted"}}})",
          R"({"kind":"user_deleted","user_id":"did:plc:a","event_at":"2026-05-25T14:23:30.272Z","source":"file"})"});
  INFO(c.line);
  CHECK(parsed(c.line) == c.expected);
}

TEST_CASE("a demand whose time makes no sense is a demand without a time", "[compliance]") {
  for (const char* time :
       {"9223372036854775807", "-9223372036854775808", "abc", "", "99999999999999999999999999"}) {
    INFO(time);
    CHECK(parsed(std::string(R"({"user_delete":{"id":5,"timestamp_ms":")") + time + "\"}}") ==
          R"({"kind":"user_deleted","user_id":"5","source":"file"})");
  }
}

TEST_CASE("the key of an event is the author, else the post", "[compliance]") {
  PostParser parser({});
  Outputs out;
  REQUIRE(parser.parse(R"({"data":{"user_delete":{"user":{"id":"5"}}}})", out));
  REQUIRE(parser.parse(R"({"status_withheld":{"id":7,"withheld_in_countries":["DE"]}})", out));
  CHECK(out.at(0).key == "5");
  CHECK(out.at(0).topic == "compliance_events");
  CHECK(out.at(1).key == "7");
}

TEST_CASE("a demand that names nobody, or not as documented, is a dead letter", "[compliance]") {
  CHECK(parsed(R"({"data":{"user_delete":{"event_at":"2021-07-06T18:40:40.000Z"}}})") ==
        "field_missing");
  CHECK(parsed(R"({"status_withheld":{"user_id":5}})") == "field_missing");
  CHECK(parsed(R"({"scrub_geo":{"user_id":true}})") == "field_type");
  CHECK(parsed(R"({"scrub_geo":[]})") == "field_type");
  CHECK(parsed(R"({"data":{"user_delete":{"user":{"id":"5"},"event_at":"today"}}})") ==
        "field_range");
  CHECK(parsed(R"({"user_withheld":{"id":5,"withheld_in_countries":"DE"}})") == "field_type");
}

TEST_CASE("a post that is deleted or dropped is a deletion", "[compliance]") {
  CHECK(parsed(R"({"data":{"delete":{"tweet":{"id":"7","author_id":"5"}}}})") == "deleted 7");
  CHECK(parsed(R"({"data":{"drop":{"tweet":{"id":"7","author_id":"5"}}}})") == "deleted 7");
  CHECK(parsed(R"({"data":{"delete":{"post":{"id":"7","author_id":"5"}}}})") == "deleted 7");
}

TEST_CASE("accounts that are only throttled demand nothing", "[compliance]") {
  CHECK(
      parsed(
          R"({"did":"did:plc:a","time_us":1779719010272410,"kind":"account","account":{"active":false,"status":"throttled"}})") ==
      "notice");
}

TEST_CASE("the newest edit of a post of X takes the place of those before it", "[compliance]") {
  const std::string post = R"("created_at":"2026-11-21T10:00:00Z","text":"new")";
  CHECK_THAT(
      parsed(R"({"data":{"id":"3","edit_history_tweet_ids":["1","2","3"],)" + post + "}}"),
      Catch::Matchers::StartsWith("deleted 1\ndeleted 2\n{\"id\":\"3\"") && !Contains("deleted 3"));
  CHECK_THAT(parsed(R"({"data":{"id":"2","edit_history_post_ids":["1","2","3"],)" + post + "}}"),
             Catch::Matchers::StartsWith("deleted 1\n{\"id\":\"2\""));
  CHECK_THAT(parsed(R"({"data":{"id":"1","edit_history_tweet_ids":["1"],)" + post + "}}"),
             !Contains("deleted"));
}

TEST_CASE("lines of compliance jobs are read as what the option says", "[compliance]") {
  const std::string line =
      R"({"id":"7","action":"delete","created_at":"2019-09-06T17:25:54.667Z","redacted_at":"2021-08-17T17:26:15.788Z","reason":"deactivated"})";
  CHECK(parsed(line, LineFormat::kPostCompliance) == "deleted 7");
  CHECK(parsed(line, LineFormat::kUserCompliance) ==
        R"({"kind":"user_protected","user_id":"7","source":"file"})");
  CHECK(
      parsed(R"({"id":"7","action":"delete","reason":"scrub_geo"})", LineFormat::kPostCompliance) ==
      R"({"kind":"scrub_geo","post_id":"7","source":"file"})");
  CHECK(parsed(R"({"id":"7","action":"delete","reason":"bored"})", LineFormat::kUserCompliance) ==
        "field_range");
  CHECK(parsed(R"({"limit":{"track":1}})", LineFormat::kUserCompliance) == "not_a_post");
  // They do not say whether they are about posts or about users.
  CHECK(parsed(line) == "not_a_post");
}

TEST_CASE("a record tells which edit of its post it is", "[compliance]") {
  const auto edit = [](const std::string& text) {
    return parsed(
        R"({"did":"did:plc:a","time_us":1779719009157119,"kind":"commit","commit":{"rev":"3mrev","operation":"update","collection":"app.bsky.feed.post","rkey":"3k","record":{"text":")" +
        text + R"(","createdAt":"2026-05-25T14:23:28Z"}}})");
  };
  CHECK_THAT(edit("x"), Contains(R"("origin":{"source":"file","revision":"3mrev"}})"));
  CHECK(revision_of(edit("x")) == "3mrev");
  CHECK(revision_of(R"({"id":"1","origin":{"source":"file"}})").empty());
  CHECK(revision_of(R"({"text":"a \"revision\":\"b\"}}","origin":{"source":"f"}})").empty());
  CHECK(revision_of("").empty());
}

}  // namespace
}  // namespace rookery::ingest
