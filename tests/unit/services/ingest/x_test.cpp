#include <catch2/catch.hpp>

#include "services/ingest/live/settings.hpp"
#include "services/ingest/v2_post.hpp"
#include "services/ingest/x/http_client.hpp"
#include "services/ingest/x/search_feed.hpp"
#include "services/ingest/x/x_messages.hpp"
#include "services/ingest/x/x_rules.hpp"
#include "tests/unit/services/ingest/support.hpp"

namespace rookery::ingest {
namespace {

TEST_CASE("edge case 7: both kinds of operational disconnect end the connection", "[x][edge]") {
  for (const std::string kind : {"UpstreamOperationalDisconnect", "OperationalDisconnect"}) {
    CHECK(
        meaning_of(
            R"({"errors":[{"title":"operational-disconnect","disconnect_type":")" + kind +
            R"(","detail":"d","type":"https://api.x.com/2/problems/operational-disconnect"}]})") ==
        LineMeaning::kDisconnect);
  }
  CHECK(meaning_of(
            R"({"title":"operational-disconnect","detail":"This stream has been disconnected"})") ==
        LineMeaning::kDisconnect);
  CHECK(meaning_of(R"({"disconnect":{"code":4,"stream_name":"","reason":""}})") ==
        LineMeaning::kDisconnect);
  CHECK(meaning_of(R"({"data":{"id":"1","text":"operational-disconnect"},"errors":[]})") ==
        LineMeaning::kMessage);
  CHECK(meaning_of("disconnect") == LineMeaning::kMessage);
  CHECK(meaning_of("") == LineMeaning::kKeepAlive);
  CHECK(meaning_of("\r") == LineMeaning::kKeepAlive);
}

RefusalKind kind(int status, const std::string& body) {
  return refusal_of({.status = status, .body = body, .rate_limit_reset_in = {}}).kind;
}

TEST_CASE("edge case 8: refusals are told apart by what they say", "[x][edge]") {
  CHECK(
      kind(
          429,
          R"({"title":"ConnectionException","detail":"d","connection_issue":"TooManyConnections"})") ==
      RefusalKind::kTooManyConnections);
  CHECK(kind(429, R"({"errors":[{"code":88,"message":"Rate limit exceeded"}]})") ==
        RefusalKind::kRateLimited);
  CHECK(kind(420, "") == RefusalKind::kRateLimited);
  CHECK(kind(429, "<html>") == RefusalKind::kRateLimited);
  CHECK(
      kind(409, R"({"title":"ConnectionException","connection_issue":"RuleConfigurationIssue"})") ==
      RefusalKind::kNoRules);
  CHECK(
      kind(
          503,
          R"({"title":"x","detail":"Your subscription is being provisioned, please try again"})") ==
      RefusalKind::kProvisioning);
  CHECK(kind(401, R"({"title":"Unauthorized"})") == RefusalKind::kUnauthorized);
  CHECK(kind(400, R"({"title":"Invalid Request"})") == RefusalKind::kBadRequest);
  CHECK(kind(503, "<!DOCTYPE html>") == RefusalKind::kServerTrouble);
  CHECK(kind(500, "") == RefusalKind::kServerTrouble);
}

TEST_CASE("only what no other try mends ends the service", "[x]") {
  const auto end = [](int status, const std::string& body) {
    const HttpReply reply{
        .status = status, .body = body, .rate_limit_reset_in = std::chrono::seconds(7)};
    return end_of(refusal_of(reply), reply);
  };
  CHECK(end(401, "").fatal->code == "token_refused");
  CHECK(end(400, "").fatal->code == "request_refused");
  CHECK_FALSE(end(503, "").fatal);
  CHECK(end(429, "").kind == LossKind::kRateLimited);
  CHECK(end(429, "").reset_in == std::chrono::seconds(7));
  CHECK(end(429, R"({"connection_issue":"TooManyConnections"})").kind == LossKind::kHttp);
}

using Rules = std::vector<StreamRule>;

Rules made(const RuleWishes& wishes) {
  auto rules = wanted_rules(wishes);
  REQUIRE(rules);
  return *rules;
}

TEST_CASE("keywords, hashtags and languages become rules", "[x][rules]") {
  CHECK(made({.keywords = {"cat"}}) == Rules{{"", "cat", "rookery:keywords"}});
  CHECK(
      made({.keywords = {"cat", "big dog"},
            .hashtags = {"pet", "#vet"},
            .languages = {"en", "de"}}) ==
      Rules{{"", "(cat OR \"big dog\" OR #pet OR #vet) (lang:en OR lang:de)", "rookery:keywords"}});
  CHECK(made({.rules = {"cats=cat has:images", "url:\"a=b\"", "cat has:images"}}) ==
        Rules{{"", "cat has:images", "rookery:cats"}, {"", "url:\"a=b\"", "rookery:rule"}});
  const auto split =
      made({.keywords = {"aaaaaa", "bbbbbb", "cccccc"}, .languages = {"en"}, .length_max = 26});
  CHECK(split == Rules{{"", "(aaaaaa OR bbbbbb) lang:en", "rookery:keywords"},
                       {"", "cccccc lang:en", "rookery:keywords"}});
}

TEST_CASE("edge case 11: rules too long or too many are refused before any request",
          "[x][rules][edge]") {
  CHECK(wanted_rules({.rules = {std::string(1025, 'x')}}).error().code == "option_invalid");
  CHECK(wanted_rules({.rules = {std::string(1024, 'x')}}));
  CHECK(wanted_rules({.keywords = {std::string(30, 'x')}, .length_max = 20}).error().code ==
        "option_invalid");
  CHECK(wanted_rules({.rules = {"a", "b"}, .rules_max = 1}).error().code == "option_invalid");
  CHECK(wanted_rules({.rules = {"tag="}}).error().code == "option_invalid");
  // Code points, not bytes.
  std::string thai;
  for (int i = 0; i < 1024; ++i) thai += "\xe0\xb8\x81";
  CHECK(wanted_rules({.rules = {thai}}));
}

TEST_CASE("the rules of the server become those wanted", "[x][rules]") {
  const StreamRule cat{"", "cat", "rookery:a"};
  const StreamRule dog{"", "dog", "rookery:b"};
  const auto there = [](const StreamRule& rule, const std::string& id) {
    return StreamRule{id, rule.value, rule.tag};
  };
  CHECK(plan_rules({there(cat, "1"), there(dog, "2")}, {cat, dog}, 10).empty());
  auto plan = plan_rules({there(cat, "1")}, {dog}, 10);
  CHECK(plan.add == Rules{dog});
  CHECK(plan.delete_after == Rules{there(cat, "1")});
  CHECK(plan.delete_first.empty());
  // No room for both at once.
  plan = plan_rules({there(cat, "1")}, {dog}, 1);
  CHECK(plan.delete_first == Rules{there(cat, "1")});
  CHECK(plan.delete_after.empty());
  // Tags cannot be changed: away with the old one first.
  plan = plan_rules({{"1", "cat", "rookery:old"}}, {cat}, 10);
  CHECK(plan.delete_first == Rules{{"1", "cat", "rookery:old"}});
  CHECK(plan.add == Rules{cat});
  // Other people's rules stay, and their text is not added twice.
  plan = plan_rules({{"1", "cat", "theirs"}, {"2", "bird", ""}}, {cat, dog}, 10);
  CHECK(plan.add == Rules{dog});
  CHECK(plan.delete_first.empty());
  CHECK(plan.delete_after.empty());
}

TEST_CASE("edge case 11: an addition may succeed in part", "[x][rules][edge]") {
  CHECK(read_added(
      R"({"data":[{"id":"1","value":"cat","tag":"t"}],"meta":{"summary":{"created":1,"not_created":0}}})"));
  CHECK(read_added(
      R"({"meta":{"summary":{"created":0,"not_created":1}},"errors":[{"value":"from:a","id":"1605612339621163008","title":"DuplicateRule","type":"https://api.twitter.com/2/problems/duplicate-rules"}]})"));
  const auto refused = read_added(
      R"({"errors":[{"value":"a","title":"DuplicateRule"},{"value":"lang:en","title":"UnprocessableEntity","details":["Rules must contain a standalone operator"],"type":"https://api.x.com/2/problems/invalid-rules"}]})");
  CHECK(refused.error().code == "rule_refused");
  CHECK_THAT(refused.error().message, Catch::Matchers::Contains("lang:en") &&
                                          Catch::Matchers::Contains("standalone operator"));
  CHECK(read_added("<html>").error().disposition == Disposition::kRetryBatch);
}

TEST_CASE("edge case 14: ids of rules may be numbers, and their tags null", "[x][rules][edge]") {
  const auto rules = read_rules(
      R"({"data":[{"id":1273026480692322304,"value":"cat","tag":null},{"id":"2","value":"dog","tag":"t"}]})");
  REQUIRE(rules);
  CHECK(*rules == Rules{{"1273026480692322304", "cat", ""}, {"2", "dog", "t"}});
  CHECK(read_rules(R"({"meta":{"sent":"x"}})")->empty());
  CHECK(delete_body(*rules) == R"({"delete":{"ids":["1273026480692322304","2"]}})");
  CHECK(add_body({{"", "a \"b\"", "t"}}) == R"({"add":[{"value":"a \"b\"","tag":"t"}]})");
}

TEST_CASE("a search goes on behind an id that is within its reach", "[x]") {
  // 2026-11-28T12:00:00Z, and ids of a day and of eight days before.
  const WallTime now{std::chrono::milliseconds(1'795'867'200'000)};
  const std::string yesterday = std::to_string(snowflake_at(now - std::chrono::hours(24)));
  const std::string long_ago = std::to_string(snowflake_at(now - std::chrono::hours(8 * 24)));
  CHECK(reachable_id(yesterday, now) == yesterday);
  const std::string begin = reachable_id(long_ago, now);
  CHECK(snowflake_time(begin) == now - std::chrono::hours(7 * 24) + std::chrono::seconds(60));
  CHECK(reachable_id("", now).empty());
  CHECK(reachable_id("no number", now) == "no number");
}

TEST_CASE("a page of the search says how to go on", "[x]") {
  auto page =
      read_search_page(R"({"data":[],"meta":{"newest_id":"9","next_token":"t","result_count":1}})");
  REQUIRE(page);
  CHECK(page->newest == "9");
  CHECK(page->next == "t");
  page = read_search_page(R"({"meta":{"result_count":0}})");
  REQUIRE(page);
  CHECK(page->newest.empty());
  CHECK_FALSE(read_search_page("<html>"));
}

TEST_CASE("plain http goes to this machine alone", "[x]") {
  for (const char* url : {"https://api.x.com", "wss://h/p", "http://localhost:1/",
                          "http://127.0.0.1:80", "ws://[::1]:8765/x", "http://localhost"}) {
    INFO(url);
    CHECK(is_secure(url));
  }
  for (const char* url :
       {"http://api.x.com", "ws://h", "http://localhost.evil.com/", "ftp://localhost",
        "http://127.0.0.1@evil.com/", "http://127.0.0.1.evil.com", "", "localhost"}) {
    INFO(url);
    CHECK_FALSE(is_secure(url));
  }
  CHECK(url_encoded("a b#\xc3\xa9~") == "a%20b%23%C3%A9~");
}

TEST_CASE("settings of X that cannot work stop the start", "[x][settings]") {
  ManualClock clock;
  Log log("ingest", clock);
  Session session;
  const auto refused = [&](const std::function<void(Settings&)>& change) {
    Settings settings;
    settings.source = "x-stream";
    settings.live.x_token = "t";
    settings.live.x_keywords = {"cat"};
    change(settings);
    const auto feed = make_feed(settings, Standalone::kPipe, "0", session, clock, log);
    return feed ? std::string("ok") : std::string(feed.error().code);
  };
  CHECK(refused([](Settings&) {}) == "ok");
  CHECK(refused([](Settings& s) { s.live.x_token.clear(); }) == "option_missing");
  CHECK(refused([](Settings& s) { s.live.x_keywords.clear(); }) == "option_missing");
  CHECK(refused([](Settings& s) { s.live.x_url = "http://api.x.com"; }) == "option_invalid");
  CHECK(refused([](Settings& s) { s.live.x_rules = {std::string(2000, 'x')}; }) ==
        "option_invalid");
  CHECK(refused([](Settings& s) {
          s.source = "x-search";
          s.live.x_keywords.clear();
        }) == "option_missing");
  CHECK(refused([](Settings& s) { s.live.wait_scale = 0.1; }) == "option_invalid");
}

}  // namespace
}  // namespace rookery::ingest
