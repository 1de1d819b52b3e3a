// Options that the chosen source does not hear, and addresses that no connection can have.
#include <functional>

#include <catch2/catch.hpp>

#include "services/ingest/settings.hpp"
#include "tests/unit/services/ingest/support.hpp"

namespace rookery::ingest {
namespace {

using Catch::Matchers::Contains;
using Change = std::function<void(Settings&)>;

/// What is said of the settings; empty: they are taken.
std::string refusal(const Settings& settings) {
  const auto checked = check(settings);
  if (checked) return "";
  CHECK(checked.error().disposition == Disposition::kMisconfigured);
  CHECK(checked.error().code == "option_invalid");
  return checked.error().message;
}

Settings from(const std::string& source) {
  Settings settings;
  settings.source = source;
  if (source.starts_with("x-")) settings.live.x_token = "t";
  if (source == "x-stream") settings.live.x_keywords = {"cat"};
  if (source == "x-search") settings.live.x_query = "cat";
  if (source == "websocket") settings.live.ws_url = "wss://example.org";
  return settings;
}

TEST_CASE("what a source hears is taken", "[settings]") {
  for (const char* source :
       {"file", "simulator", "websocket", "x-stream", "x-sample", "x-search"}) {
    INFO(source);
    CHECK(refusal(from(source)).empty());
  }
  Settings file = from("file");
  file.csv_columns = {"id=1", "text=2", "created_at=3"};
  file.follow = true;
  file.rate = 5;
  CHECK(refusal(file).empty());
  file.file_format = "csv";
  CHECK(refusal(file).empty());
  Settings stream = from("x-stream");
  stream.live.x_languages = {"en"};
  stream.live.x_rules = {"dog"};
  stream.live.x_backfill_minutes = 5;
  stream.live.x_fill_posts_max = 5;
  CHECK(refusal(stream).empty());
  Settings socket = from("websocket");
  socket.live.ws_dids = {"did:plc:a"};
  socket.live.ws_collections.emplace_back("a.b");
  CHECK(refusal(socket).empty());
  // Several instances may share an environment: a token of another source says nothing.
  socket.live.x_token = "t";
  socket.live.x_proxy = "http://proxy:3128";
  CHECK(refusal(socket).empty());
}

TEST_CASE("an option that the source does not hear stops the start and is named", "[settings]") {
  struct Case {
    const char* source;
    const char* named;
    const char* expected;
    Change change;
  };
  const auto c = GENERATE(values<Case>({
      {"websocket", "file", "source \"file\"", [](Settings& s) { s.file = {"a"}; }},
      {"x-stream", "file_format", "source \"file\"", [](Settings& s) { s.file_format = "v2"; }},
      {"x-sample", "follow", "source \"file\"", [](Settings& s) { s.follow = true; }},
      {"websocket", "rate", "\"simulator\"", [](Settings& s) { s.rate = 5; }},
      {"x-search", "speed", "\"simulator\"", [](Settings& s) { s.speed = 5; }},
      {"file", "csv_columns", "\"csv\"",
       [](Settings& s) {
         s.csv_columns = {"id=1", "text=2", "created_at=3"};
         s.file_format = "v1";
       }},
      {"file", "sim_posts", "source \"simulator\"", [](Settings& s) { s.sim_posts = 5; }},
      {"file", "ws_url", "source \"websocket\"", [](Settings& s) { s.live.ws_url = "wss://h"; }},
      {"x-stream", "ws_compress", "source \"websocket\"",
       [](Settings& s) { s.live.ws_compress = true; }},
      {"websocket", "ws_zstd_dictionary", "ws_compress true",
       [](Settings& s) { s.live.ws_zstd_dictionary = "d"; }},
      {"websocket", "ws_dids", "ws_profile \"jetstream\"",
       [](Settings& s) {
         s.live.ws_profile = "mastodon";
         s.live.ws_dids = {"did:plc:a"};
       }},
      {"websocket", "ws_collections", "ws_profile \"jetstream\"",
       [](Settings& s) {
         s.live.ws_profile = "mastodon";
         s.live.ws_collections.clear();
       }},
      {"x-sample", "x_keywords", "source \"x-stream\"",
       [](Settings& s) { s.live.x_keywords = {"a"}; }},
      {"x-search", "x_hashtags", "source \"x-stream\"",
       [](Settings& s) { s.live.x_hashtags = {"a"}; }},
      {"x-stream", "x_keywords", "x_rules_mode \"sync\"",
       [](Settings& s) { s.live.x_rules_mode = "keep"; }},
      {"x-stream", "x_languages", "x_keywords or x_hashtags",
       [](Settings& s) {
         s.live.x_keywords.clear();
         s.live.x_rules = {"cat"};
         s.live.x_languages = {"en"};
       }},
      {"file", "x_rules_mode", "source \"x-stream\"",
       [](Settings& s) { s.live.x_rules_mode = "keep"; }},
      {"x-search", "x_backfill_minutes", "\"x-sample\"",
       [](Settings& s) { s.live.x_backfill_minutes = 1; }},
      {"x-sample", "x_fill_posts_max", "source \"x-stream\"",
       [](Settings& s) { s.live.x_fill_posts_max = 1; }},
      {"x-stream", "x_query", "source \"x-search\"", [](Settings& s) { s.live.x_query = "cat"; }},
  }));
  Settings settings = from(c.source);
  c.change(settings);
  CHECK_THAT(refusal(settings), Catch::Matchers::StartsWith(std::string(c.named) + ": expected ") &&
                                    Contains(c.expected) && Contains(c.source));
}

TEST_CASE("an address or a proxy that cannot be one stops the start", "[settings]") {
  const auto address = [](const std::string& url) {
    Settings settings = from("websocket");
    settings.live.ws_url = url;
    return refusal(settings);
  };
  for (const char* url : {"wss://h:1", "wss://h:65535/p?q=a:b", "wss://[::1]:8765/", "wss://[::1]",
                          "ws://127.0.0.1:80/x@y"}) {
    INFO(url);
    CHECK(address(url).empty());
  }
  for (const char* url : {"wss://h:0", "wss://h:65536", "wss://h:a", "wss://h:", "wss://h:1x/",
                          "wss://:80", "wss://user:secret@h", "wss://a b", "wss://[::1]:a"}) {
    INFO(url);
    CHECK_THAT(address(url), Contains("wss://HOST[:PORT]") && !Contains("secret"));
  }
  const auto proxy = [](const std::string& url) {
    Settings settings = from("x-sample");
    settings.live.x_proxy = url;
    return refusal(settings);
  };
  for (const char* url :
       {"http://p:3128", "proxy.example:3128", "socks5h://p:1080", "http://me:word@p:3128"}) {
    INFO(url);
    CHECK(proxy(url).empty());
  }
  for (const char* url : {"ftp://p", "http://", "not a proxy", "http://p:99999"}) {
    INFO(url);
    CHECK_THAT(proxy(url), Contains("x_proxy") && Contains(url));
  }
  CHECK_THAT(proxy("ftp://me:word@p"), Contains("x_proxy") && !Contains("word@"));
}

}  // namespace
}  // namespace rookery::ingest
