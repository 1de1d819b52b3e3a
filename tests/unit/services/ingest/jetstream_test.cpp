#include <catch2/catch.hpp>

#include "services/ingest/file_feed.hpp"
#include "tests/unit/services/ingest/support.hpp"

namespace rookery::ingest {
namespace {

using Catch::Matchers::Contains;

/// A commit of v1 with `record` as its record.
std::string commit(const std::string& record, const std::string& operation = "create",
                   const std::string& collection = "app.bsky.feed.post") {
  return R"({"did":"did:plc:a","time_us":1779719009157119,"kind":"commit","commit":{"rev":"3m","operation":")" +
         operation + R"(","collection":")" + collection + R"(","rkey":"3k")" +
         (record.empty() ? "" : R"(,"record":)" + record) + "}}";
}

std::string post(const std::string& text, const std::string& more = "") {
  return commit(R"({"$type":"app.bsky.feed.post","text":")" + text +
                R"(","createdAt":"2026-05-25T14:23:28.757Z")" + more + "}");
}

std::string facet(int begin, int end, const std::string& feature) {
  return R"(,"facets":[{"index":{"byteStart":)" + std::to_string(begin) + R"(,"byteEnd":)" +
         std::to_string(end) + R"(},"features":[)" + feature + "]}]";
}

std::string tag(const std::string& name) {
  return R"({"$type":"app.bsky.richtext.facet#tag","tag":")" + name + R"("})";
}

TEST_CASE("a post of Jetstream v1 becomes a record", "[jetstream]") {
  CHECK(parsed(post(
            "hi #caf\xc3\xa9",
            R"(,"langs":["pt-BR"],"reply":{"parent":{"uri":"at://p"},"root":{"uri":"at://r"}})" +
                facet(3, 9, tag("caf\xc3\xa9")))) ==
        "{\"id\":\"at://did:plc:a/app.bsky.feed.post/3k\",\"text\":\"hi #caf\xc3\xa9\","
        "\"created_at\":\"2026-05-25T14:23:28.757Z\",\"lang\":\"pt\","
        "\"author\":{\"id\":\"did:plc:a\"},"
        "\"entities\":{\"hashtags\":[{\"start\":3,\"end\":8,\"tag\":\"caf\xc3\xa9\"}]},"
        "\"referenced_tweets\":[{\"type\":\"replied_to\",\"id\":\"at://p\"}],"
        "\"conversation_id\":\"at://r\",\"origin\":{\"source\":\"file\"}}");
}

TEST_CASE("a post of Jetstream v2 becomes the same record", "[jetstream]") {
  const std::string v2 =
      R"({"$type":"message","payload":{"$type":"network.bsky.jetstream.subscribeEvents#commit","seq":7,"did":"did:plc:a","time":"2026-05-25T14:23:29.157119Z","rev":"3m","operation":"create","collection":"app.bsky.feed.post","rkey":"3k","record":{"text":"hi","createdAt":"2026-05-25T14:23:28.757Z"}}})";
  CHECK(parsed(v2) == parsed(post("hi")));
  CHECK(parsed(R"({"$type":"error","error":"ConsumerTooSlow"})") == "notice");
  CHECK(
      parsed(
          R"({"$type":"message","payload":{"$type":"network.bsky.jetstream.subscribeEvents#info","name":"OutdatedCursor"}})") ==
      "notice");
}

TEST_CASE("a deletion of Jetstream is a deletion, of other collections a notice", "[jetstream]") {
  CHECK(parsed(commit("", "delete")) == "deleted at://did:plc:a/app.bsky.feed.post/3k");
  CHECK(parsed(commit("", "delete", "app.bsky.feed.like")) == "notice");
  CHECK(parsed(commit(R"({"subject":{}})", "create", "app.bsky.feed.like")) == "notice");
  CHECK(parsed(commit(R"({"text":"new","createdAt":"2026-05-25T14:23:28Z"})", "update"))
            .find(R"("text":"new")") != std::string::npos);
}

TEST_CASE("facets count UTF-8 bytes and may be anything", "[jetstream]") {
  // One byte into the emoji: taken for its beginning.
  CHECK_THAT(parsed(post("\xf0\x9f\x98\x80#x", facet(1, 6, tag("x")))),
             Contains(R"({"start":0,"end":3,"tag":"x"})"));
  for (const auto& [begin, end] : {std::pair(5, 3), std::pair(0, 999), std::pair(2, 2)}) {
    CHECK_THAT(parsed(post("abc", facet(begin, end, tag("x")))), Contains(R"([{"tag":"x"}])"));
  }
  CHECK_THAT(
      parsed(post("abc", R"(,"facets":[{"index":{"byteStart":-1},"features":[{"tag":1}]}, 5])")),
      !Contains("entities"));
  CHECK_THAT(
      parsed(post(
          "see x.example",
          facet(4, 13, R"({"$type":"app.bsky.richtext.facet#link","uri":"https://x.example/"})"))),
      Contains(R"("urls":[{"start":4,"end":13,"url":"https://x.example/")"));
  CHECK_THAT(
      parsed(post("hi @b",
                  facet(3, 5, R"({"$type":"app.bsky.richtext.facet#mention","did":"did:plc:b"})"))),
      Contains(R"("mentions":[{"start":3,"end":5,"id":"did:plc:b"}])"));
}

TEST_CASE("what breaks the shape of Jetstream is a dead letter", "[jetstream]") {
  CHECK(parsed(commit("")) == "field_missing");
  CHECK(parsed(commit(R"({"createdAt":"2026-05-25T14:23:28Z"})")) == "field_missing");
  CHECK(parsed(commit(R"({"text":5})")) == "field_type");
  CHECK(parsed(commit(R"({"text":"x"})", "upsert")) == "field_range");
  // Behind the year 9999 a time has no text that the contract takes.
  for (const char* time : {"9223372036854775807", "253402300800000000", "-9223372036854775808"}) {
    CHECK(parsed(std::string(R"({"did":"did:plc:a","time_us":)") + time +
                 R"(,"kind":"account","account":{"active":true}})") == "field_range");
  }
  CHECK(parsed(R"({"id":"1","text":"x","created_at":"2026-01-01T00:00:00Z"})",
               LineFormat::kJetstream) == "not_a_post");
}

TEST_CASE(
    "real events of Jetstream: posts and what becomes of accounts are read, all others are notices",
    "[jetstream]") {
  ManualClock clock;
  FileFeed feed({.paths = {"tests/fixtures/jetstream/events_v1.jsonl"}, .limits = {}, .pace = {}},
                clock);
  PostParser parser({});
  std::size_t posts = 0;
  std::size_t deletions = 0;
  std::size_t demands = 0;
  std::size_t notices = 0;
  for (const auto& line : drain(feed)) {
    Outputs out;
    const auto result = parser.parse(line, out);
    REQUIRE(result);
    posts += result->posts;
    deletions += result->deletions;
    demands += result->demands;
    notices += result->notices;
  }
  CHECK(posts + deletions + demands + notices == 162);
  CHECK(demands == 2);
  CHECK(posts == 18);
  CHECK(deletions == 1);
}

}  // namespace
}  // namespace rookery::ingest
