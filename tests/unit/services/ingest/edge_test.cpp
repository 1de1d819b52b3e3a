// What real streams were seen to send, one case each.
#include <catch2/catch.hpp>

#include "tests/unit/services/ingest/support.hpp"

namespace rookery::ingest {
namespace {

using Catch::Matchers::Contains;

/// A v1.1 post with further members.
std::string v1(const std::string& text, const std::string& more = "") {
  return R"({"id":70000000000001,"id_str":"70000000000001","created_at":"Sat Aug 10 11:00:01 +0000 2013","text":")" +
         text + R"(","user":{"id":5,"id_str":"5","screen_name":"ada"})" + more + "}";
}

/// A v2 stream message: members of the post, and of the message.
std::string v2(const std::string& text, const std::string& post = "",
               const std::string& message = "") {
  return R"({"data":{"id":"1300000000000000001","created_at":"2026-11-21T10:00:00.250Z","text":")" +
         text + "\"" + post + "}" + message + "}";
}

TEST_CASE("edge case 4: bytes that are no JSON are refused, and the next line is read", "[edge]") {
  PostParser parser({});
  for (const char* line :
       {"<html><body>Over capacity</body></html>", "{\"text\":\"broken\nline\"}",
        R"({"limit":{"track":1}}{"id":1})", R"({"data":{"id":"1","te)", "[{}]", "NaN",
        R"({"id":"1","text":NaN,"created_at":"2026-11-21T10:00:00.250Z"})"}) {
    INFO(line);
    Outputs out;
    const auto refused = parser.parse(line, out);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().disposition == Disposition::kDeadLetter);
    CHECK(out.empty());
    CHECK(parser.parse(v1("whole"), out));
    CHECK(out.size() == 1);
  }
}

TEST_CASE("edge case 13: posts out of order and deletions before their post go on", "[edge]") {
  PostParser parser({});
  Outputs out;
  REQUIRE(parser.parse(R"({"delete":{"status":{"id":70000000000001}}})", out));
  REQUIRE(parser.parse(v2("newer"), out));
  REQUIRE(parser.parse(v1("older"), out));
  REQUIRE(out.size() == 3);
  CHECK_FALSE(out.at(0).value);
  CHECK(out.at(0).key == "70000000000001");
  CHECK(out.at(1).key == "1300000000000000001");
  CHECK(out.at(2).key == "70000000000001");
}

TEST_CASE("edge case 15: references are decoded after the indices were used", "[edge]") {
  CHECK_THAT(
      parsed(v1("&lt;3 &amp;amp; #ab",
                R"(,"entities":{"hashtags":[{"text":"ab","indices":[16,19]}]})")),
      Contains(R"("text":"<3 &amp; #ab")") && Contains(R"([{"start":9,"end":12,"tag":"ab"}])"));
}

TEST_CASE("edge case 16: indices are code points, of Jetstream bytes", "[edge]") {
  CHECK_THAT(parsed(v2(R"(\ud83d\ude00 #ab)",
                       R"(,"entities":{"hashtags":[{"start":2,"end":5,"tag":"ab"}]})")),
             Contains(R"([{"start":2,"end":5,"tag":"ab"}])"));
  CHECK_THAT(
      parsed(
          R"({"did":"did:plc:a","time_us":1779719009157119,"kind":"commit","commit":{"rev":"3m","operation":"create","collection":"app.bsky.feed.post","rkey":"3k","record":{"text":"\ud83d\ude00 #ab","createdAt":"2026-05-25T14:23:28Z","facets":[{"index":{"byteStart":5,"byteEnd":8},"features":[{"$type":"app.bsky.richtext.facet#tag","tag":"ab"}]}]}}})"),
      Contains(R"([{"start":2,"end":5,"tag":"ab"}])"));
}

TEST_CASE("edge case 17: a cut text gives way to the whole one and its entities", "[edge]") {
  CHECK_THAT(
      parsed(v1(
          R"(cut #lo\u2026)",
          R"(,"truncated":true,"entities":{"hashtags":[{"text":"lo","indices":[4,7]}]},)"
          R"("extended_tweet":{"full_text":"cut #long","entities":{"hashtags":[{"text":"long","indices":[4,9]}]}})")),
      Contains(R"("text":"cut #long")") &&
          Contains(R"("hashtags":[{"start":4,"end":9,"tag":"long"}])"));
  CHECK_THAT(
      parsed(v2(
          R"(cut\u2026)",
          R"(,"note_tweet":{"text":"cut #long","entities":{"hashtags":[{"start":4,"end":9,"tag":"long"}]}})")),
      Contains(R"("text":"cut #long")") &&
          Contains(R"("hashtags":[{"start":4,"end":9,"tag":"long"}])"));
  CHECK_THAT(parsed(v2(R"(cut\u2026)")), Contains("\"text\":\"cut\xe2\x80\xa6\""));
}

TEST_CASE("edge case 18: positions in both orders, without parts, and off the globe", "[edge]") {
  const std::string point = R"("coordinates":{"lat":51.25,"lon":-0.5})";
  CHECK_THAT(parsed(v1("x", R"(,"geo":{"type":"Point","coordinates":[51.25,-0.5]})")),
             Contains(point));
  CHECK_THAT(parsed(v1("x", R"(,"coordinates":{"type":"Point","coordinates":[-0.5,51.25]})")),
             Contains(point));
  CHECK_THAT(parsed(v1("x", R"(,"coordinates":{"type":"Point","coordinates":[0,0]})")),
             Contains(R"("coordinates":{"lat":0,"lon":0})"));
  CHECK_THAT(parsed(v1("x", R"(,"coordinates":{"type":"Point","coordinates":[5,88.02]})")),
             Contains(R"("lat":88.02)"));
  CHECK_THAT(parsed(v1("x", R"(,"coordinates":{"type":"Point","coordinates":[null,null]})")),
             !Contains("coordinates"));
  CHECK(parsed(v1("x", R"(,"coordinates":{"type":"Point","coordinates":[0,91]})")) ==
        "field_range");
}

TEST_CASE("edge case 19: the time of a client is never later than the server's", "[edge]") {
  const auto at = [](const std::string& created) {
    return parsed(
        R"({"did":"did:plc:a","time_us":1779719009157119,"kind":"commit","commit":{"rev":"3m","operation":"create","collection":"app.bsky.feed.post","rkey":"3k","record":{"text":"x","createdAt":")" +
        created + R"("}}})");
  };
  const std::string server = R"("created_at":"2026-05-25T14:23:29.157Z")";
  CHECK_THAT(at("2031-01-01T00:00:00Z"), Contains(server));
  CHECK_THAT(at("yesterday"), Contains(server));
  CHECK_THAT(at("2026-05-25T16:23:28.5+02:00"),
             Contains(R"("created_at":"2026-05-25T14:23:28.500Z")"));
  CHECK_THAT(at("2024-05-25T14:23:28+00:00"), Contains(R"("created_at":"2024-05-25T14:23:28Z")"));
}

TEST_CASE("edge case 23: odd and empty values are read", "[edge]") {
  CHECK_THAT(parsed(v2("x", R"(,"lang":"in","edit_controls":{"edits_remaining":"5"})",
                       R"(,"__twarc":{"version":"2"})")),
             Contains(R"("lang":"id")"));
  CHECK_THAT(parsed(v2("x", R"(,"lang":"iw")")), Contains(R"("lang":"he")"));
  CHECK_THAT(parsed(v2("x", R"(,"lang":"und")")), !Contains("lang"));
  CHECK_THAT(parsed(v2("x", R"(,"lang":"qst")")), !Contains("lang"));
  CHECK_THAT(parsed(v2("@bo", R"(,"entities":{"mentions":[{"start":0,"end":3,"username":"bo"}]})")),
             Contains(R"("mentions":[{"start":0,"end":3,"username":"bo"}])"));
  CHECK_THAT(parsed(v2("\xef\xbc\x83"
                       "ab",
                       R"(,"entities":{"hashtags":[{"start":0,"end":3,"tag":"ab"}]})")),
             Contains(R"([{"start":0,"end":3,"tag":"ab"}])"));
  CHECK_THAT(
      parsed(v2("#ab\xc2\xa0\\nx", R"(,"entities":{"hashtags":[{"start":0,"end":3,"tag":"ab"}]})")),
      Contains(R"([{"start":0,"end":3,"tag":"ab"}])"));
}

}  // namespace
}  // namespace rookery::ingest
