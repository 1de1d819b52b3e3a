#include <catch2/catch.hpp>

#include "services/ingest/feed_posts.hpp"
#include "services/ingest/live/settings.hpp"
#include "services/ingest/ws/profile.hpp"
#include "tests/unit/services/ingest/support.hpp"

namespace rookery::ingest {
namespace {

TEST_CASE("edge case 20: Jetstream goes on five seconds before its cursor", "[ws][edge]") {
  CHECK(connect_url(FeedProfile::kJetstream, "wss://h/subscribe", {"app.bsky.feed.post", "a.*"}, {},
                    "1779719009157119") ==
        "wss://h/subscribe?wantedCollections=app.bsky.feed.post&wantedCollections=a.%2A&cursor="
        "1779719004157119");
  CHECK(connect_url(FeedProfile::kJetstreamV2, "wss://h/x", {"c"}, {"did:plc:a"}, "7") ==
        "wss://h/x?collections=c&dids=did%3Aplc%3Aa&cursor=7");
  CHECK(connect_url(FeedProfile::kJetstream, "wss://h/?a=b", {}, {}, "") == "wss://h/?a=b");
  CHECK(connect_url(FeedProfile::kJetstream, "wss://h/", {}, {}, "odd") == "wss://h/");
  CHECK(connect_url(FeedProfile::kMastodon, "wss://h/", {"c"}, {}, "7") == "wss://h/");
}

TEST_CASE("edge case 20: events that are no posts move the cursor too", "[ws][edge]") {
  for (const char* kind : {"account", "identity", "commit"}) {
    CHECK(cursor_behind(FeedProfile::kJetstream,
                        std::string(R"({"did":"d","time_us":1779719009157119,"kind":")") + kind +
                            R"("})") == "1779719009157119");
  }
  CHECK(cursor_behind(FeedProfile::kJetstreamV2,
                      R"({"$type":"message","payload":{"seq":31527015322,"did":"d"}})") ==
        "31527015322");
  CHECK(cursor_behind(FeedProfile::kJetstream, "no JSON").empty());
  // A rewind of five seconds from there would leave the numbers.
  CHECK(cursor_behind(FeedProfile::kJetstream, R"({"time_us":-9223372036854775808})").empty());
  CHECK(cursor_behind(FeedProfile::kMastodon, R"({"time_us":5})").empty());
}

TEST_CASE("frames of errors end the connection", "[ws]") {
  CHECK(meaning_of_frame(FeedProfile::kJetstreamV2,
                         R"({"$type":"error","error":"ConsumerTooSlow"})") == FrameMeaning::kError);
  CHECK(meaning_of_frame(FeedProfile::kJetstreamV2,
                         R"({"$type":"message","payload":{"name":"OutdatedCursor"}})") ==
        FrameMeaning::kCursorOutdated);
  CHECK(
      meaning_of_frame(FeedProfile::kMastodon, R"({"error":"Unknown stream type","status":400})") ==
      FrameMeaning::kError);
  CHECK(meaning_of_frame(FeedProfile::kMastodon, R"({"event":"delete","payload":"1"})") ==
        FrameMeaning::kMessage);
  CHECK(meaning_of_frame(FeedProfile::kNowPlaying, R"({"error":"x"})") == FrameMeaning::kMessage);
}

TEST_CASE("edge case 21: Mastodon's deletions are bare ids, and its advice is no JSON",
          "[ws][edge]") {
  const auto mastodon = [](std::string_view frame) { return parsed(frame, LineFormat::kMastodon); };
  CHECK(mastodon(R"({"stream":["public"],"event":"delete","payload":"106692867363994015"})") ==
        "deleted 106692867363994015");
  CHECK(mastodon(R"({"stream":["user"],"event":"filters_changed"})") == "notice");
  CHECK(mastodon(R"({"stream":["user"],"event":"filters_changed","payload":"undefined"})") ==
        "notice");
  CHECK(mastodon(R"({"event":"update","payload":"undefined"})") == "json_malformed");
  CHECK(mastodon(R"({"event":"update","payload":"{\"id\":\"1\"}"})") == "field_missing");
  CHECK(mastodon(R"({"event":"update","payload":"{\"id\":\"1\",\"created_at\":\"x\"}"})") ==
        "field_range");
  CHECK_THAT(
      mastodon(
          R"({"event":"update","payload":"{\"id\":\"1\",\"created_at\":\"2026-01-01T00:00:00Z\",\"content\":\"\",\"reblog\":{\"id\":\"9\",\"content\":\"<p>whole</p>\"}}"})"),
      Catch::Matchers::Contains(R"("text":"whole")") &&
          Catch::Matchers::Contains(R"([{"type":"retweeted","id":"9"}])"));
}

TEST_CASE("the text of HTML is what people read", "[ws]") {
  const auto text = [](std::string_view html) {
    std::string out;
    append_html_text(out, html);
    return out;
  };
  CHECK(text("<p>a</p><p>b<br />c</p>") == "a\nb\nc");
  CHECK(text("a &amp; b &lt;3 &#39;x&#x1F600; &quot;") == "a & b <3 'x\xf0\x9f\x98\x80 \"");
  CHECK(text("&unknown; &# &#; &#xZZ; & &#999999999999;") ==
        "&unknown; &# &#; &#xZZ; & &#999999999999;");
  CHECK(text("&#0;&#xD800;&#x110000;") == "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
  CHECK(text("<span class=\"h-card\"><a href=\"x\">@<span>ada</span></a></span> hi") == "@ada hi");
  CHECK(text("cut <a href=\"") == "cut ");
  CHECK(text("") == "");
}

TEST_CASE("a song without what makes it one is a dead letter", "[ws]") {
  const auto song = [](std::string_view line) { return parsed(line, LineFormat::kNowPlaying); };
  CHECK(song(R"({"artist_name":"a"})") == "field_missing");
  CHECK(song(R"({"track_name":"a"})") == "field_missing");
  CHECK(song(R"({"track_name":"a","artist_name":"b","timestamp":"noon"})") == "field_range");
  CHECK_THAT(
      song(
          R"({"track_name":"a","artist_name":"b","user_id":"7","popularity":"","timestamp":"2025-05-11T19:11:05.123456"})"),
      Catch::Matchers::Contains(R"("id":"song-7-2025-05-11T19:11:05.123456")"));
}

TEST_CASE("settings of a WebSocket that cannot work stop the start", "[ws][settings]") {
  ManualClock clock;
  Log log("ingest", clock);
  Session session;
  const auto code = [&](const std::string& url) {
    Settings settings;
    settings.source = "websocket";
    settings.live.ws_url = url;
    const auto feed = make_feed(settings, Standalone::kPipe, "0", session, clock, log);
    return feed ? std::string("ok") : std::string(feed.error().code);
  };
  CHECK(code("wss://jetstream1.us-east.bsky.network/subscribe") == "ok");
  CHECK(code("ws://localhost:8765") == "ok");
  CHECK(code("") == "option_missing");
  CHECK(code("ws://example.org") == "option_invalid");
  CHECK(code("https://example.org") == "option_invalid");
}

}  // namespace
}  // namespace rookery::ingest
