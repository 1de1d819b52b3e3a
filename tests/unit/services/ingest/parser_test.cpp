#include <catch2/catch.hpp>

#include "services/ingest/v1_entities.hpp"
#include "services/ingest/v2_post.hpp"
#include "tests/unit/services/ingest/support.hpp"

namespace rookery::ingest {
namespace {

using Catch::Matchers::Contains;

const std::string kTime = R"("created_at":"Sat Aug 10 11:00:01 +0000 2013")";

/// A v1.1 post with further members.
std::string v1(const std::string& more, const std::string& text = "hi") {
  return R"({"id":70000000000001,"id_str":"70000000000001",)" + kTime + R"(,"text":")" + text +
         R"(","user":{"id":5,"id_str":"5","screen_name":"ada"})" + more + "}";
}

/// A v2 stream message: members of the post, and of the message.
std::string v2(const std::string& post, const std::string& message = "") {
  return R"({"data":{"id":"1300000000000000001","created_at":"2026-11-21T10:00:00.250Z","text":"hi")" +
         post + "}" + message + "}";
}

TEST_CASE("a plain v1.1 post becomes a record", "[parser]") {
  CHECK(
      parsed(v1(R"(,"lang":"und","retweet_count":3,"favorite_count":0,"place":null,"geo":null)")) ==
      R"({"id":"70000000000001","text":"hi","created_at":"2013-08-10T11:00:01Z",)"
      R"("author":{"id":"5","username":"ada"},"public_metrics":{"retweet_count":3,"like_count":0},)"
      R"("origin":{"source":"file"}})");
}

TEST_CASE("the account of a v1.1 post keeps its time zone", "[parser]") {
  const auto by = [](const std::string& zone) {
    return parsed(R"({"id_str":"7",)" + kTime + R"(,"text":"hi","user":{"id_str":"5",)" +
                  R"("location":"Graz","utc_offset":7200,"time_zone":)" + zone + "}}");
  };
  CHECK_THAT(by(R"("Vienna")"),
             Contains(R"("author":{"id":"5","location":"Graz","time_zone":"Vienna"})"));
  CHECK_THAT(by("null"), Contains(R"("author":{"id":"5","location":"Graz"})"));
  CHECK_THAT(by("\"\""), Contains(R"("author":{"id":"5","location":"Graz"})"));
}

TEST_CASE("each rule of v1.1 shows in the record", "[parser]") {
  struct Case {
    std::string more;
    const char* expected;
  };
  const auto c = GENERATE(
      Case{R"(,"timestamp_ms":"1376132401657")", R"("created_at":"2013-08-10T11:00:01.657Z")"},
      Case{R"(,"timestamp_ms":"1376132999657")", R"("created_at":"2013-08-10T11:00:01Z")"},
      Case{R"(,"lang":"in")", R"("lang":"id")"}, Case{R"(,"lang":"iw")", R"("lang":"he")"},
      Case{R"(,"lang":"pt")", R"("lang":"pt")"},
      Case{R"(,"coordinates":{"type":"Point","coordinates":[-0.5,51.25]},)"
           R"("geo":{"type":"Point","coordinates":[51.25,-0.5]})",
           R"("coordinates":{"lat":51.25,"lon":-0.5})"},
      Case{R"(,"coordinates":null,"geo":{"type":"Point","coordinates":[51.25,-0.5]})",
           R"("coordinates":{"lat":51.25,"lon":-0.5})"},
      Case{R"(,"in_reply_to_status_id_str":"9","quoted_status_id_str":"8")",
           R"("referenced_tweets":[{"type":"quoted","id":"8"},{"type":"replied_to","id":"9"}])"},
      Case{R"(,"in_reply_to_status_id":9007199254740993)",
           R"([{"type":"replied_to","id":"9007199254740993"}])"},
      Case{R"(,"retweeted_status":{"id_str":"7","text":"hi"},"quoted_status_id_str":"8")",
           R"("referenced_tweets":[{"type":"retweeted","id":"7"}])"},
      Case{R"(,"possibly_sensitive":true,"withheld_in_countries":["DE","XY"])",
           R"("possibly_sensitive":true,"withheld_in_countries":["DE","XY"])"},
      Case{
          R"(,"extended_tweet":{"full_text":"a longer &lt;text&gt; #ab","display_text_range":[0,23],)"
          R"("entities":{"hashtags":[{"text":"ab","indices":[23,26]}]}},"truncated":true)",
          R"("text":"a longer <text> #ab")"},
      Case{R"(,"full_text":"whole","display_text_range":[2,5])", R"("text":"whole")"},
      Case{
          R"(,"place":{"id":"p1","place_type":"city","name":"Graz","full_name":"Graz, Austria",)"
          R"("country_code":"AT","country":"Austria","bounding_box":{"type":"Polygon","coordinates":)"
          R"([[[15.25,47],[15.25,47.5],[15.75,47.5],[15.75,47]]]}})",
          R"("place":{"id":"p1","full_name":"Graz, Austria","name":"Graz","place_type":"city",)"
          R"("country":"Austria","country_code":"AT",)"
          R"("bounding_box":{"south":47,"west":15.25,"north":47.5,"east":15.75}})"});
  INFO(c.more);
  CHECK_THAT(parsed(v1(c.more)), Contains(c.expected));
}

TEST_CASE("a box of corners becomes four sides, also over the antimeridian", "[parser]") {
  struct Case {
    const char* corners;
    const char* expected;
  };
  const auto c = GENERATE(
      // As Fiji: the south-west corner first, the short way over 180.
      Case{"[177,-19],[177,-16],[-178,-16],[-178,-19]",
           R"({"south":-19,"west":177,"north":-16,"east":-178})"},
      Case{"[177,-19],[182,-19],[182,-16],[177,-16]",
           R"({"south":-19,"west":177,"north":-16,"east":-178})"},
      // As the United States: really that wide.
      Case{"[-179,13],[-179,71],[179.5,71],[179.5,13]",
           R"({"south":13,"west":-179,"north":71,"east":179.5})"},
      Case{"[15,47],[15,47],[15,47],[15,47]", R"({"south":47,"west":15,"north":47,"east":15})"},
      Case{"[-180,-90],[180,-90],[180,90],[-180,90]",
           R"({"south":-90,"west":-180,"north":90,"east":180})"});
  INFO(c.corners);
  const std::string place =
      std::string(R"(,"place":{"id":"p","bounding_box":{"coordinates":[[)") + c.corners + "]]}}";
  CHECK_THAT(parsed(v1(place)), Contains(c.expected));
}

TEST_CASE("entities of v1.1 count code points of the decoded text", "[parser]") {
  const std::string text = R"(\ud83d\ude00 &amp; #caf\u00e9 $ABC @bo https://t.co/x)";
  const std::string entities =
      R"(,"entities":{"hashtags":[{"text":"café","indices":[8,13]},{"text":"cut","indices":[90,99]}],)"
      R"("symbols":[{"text":"ABC","indices":[14,18]}],)"
      R"("user_mentions":[{"screen_name":"bo","id":77,"id_str":"77","indices":[19,22]}],)"
      R"("urls":[{"url":"https://t.co/x","expanded_url":"https://example.org/?a=1&b=2",)"
      R"("display_url":"example.org","indices":[23,37]}],"media":[]})";
  CHECK_THAT(
      parsed(v1(entities, text)),
      Contains(R"("text":"😀 & #café $ABC @bo https://t.co/x")") &&
          Contains(R"("hashtags":[{"start":4,"end":9,"tag":"café"},{"tag":"cut"}])") &&
          Contains(R"("cashtags":[{"start":10,"end":14,"tag":"ABC"}])") &&
          Contains(R"("mentions":[{"start":15,"end":18,"username":"bo","id":"77"}])") &&
          Contains(
              R"("urls":[{"start":19,"end":33,"url":"https://t.co/x",)"
              R"("expanded_url":"https://example.org/?a=1&b=2","display_url":"example.org"}])"));
}

TEST_CASE("a cut retweet says what its original says", "[parser]") {
  const std::string retweet =
      R"(,"entities":{"hashtags":[{"text":"lo","indices":[20,23]}],)"
      R"("user_mentions":[{"screen_name":"bo","indices":[3,6]},{"screen_name":"c","indices":[24,26]}]},)"
      R"("retweeted_status":{"id_str":"7","text":"short \u2026","extended_tweet":{"full_text":)"
      R"("&lt;3 this is the whole of it #long","entities":{"hashtags":[{"text":"long","indices":[30,35]}]}}})";
  CHECK_THAT(parsed(v1(retweet, R"(RT @bo: &lt;3 this #lo\u2026)")),
             Contains(R"("text":"RT @bo: <3 this is the whole of it #long")") &&
                 Contains(R"("hashtags":[{"start":35,"end":40,"tag":"long"}])") &&
                 Contains(R"("mentions":[{"start":3,"end":6,"username":"bo"}])"));
  // Uncut, it is left as it is.
  CHECK_THAT(parsed(v1(R"(,"retweeted_status":{"id_str":"7","text":"other"})", "RT @bo: hi")),
             Contains(R"("text":"RT @bo: hi")"));
}

TEST_CASE("the prefix of a cut retweet is found", "[parser]") {
  CHECK(cut_retweet_prefix("RT @bo: text\u2026") == 8);
  CHECK(cut_retweet_prefix("RT @bo: text\u2026 ") == 8);
  CHECK(cut_retweet_prefix("RT @bo: text") == 0);
  CHECK(cut_retweet_prefix("text\u2026") == 0);
  CHECK(cut_retweet_prefix("RT @bo\u2026") == 0);
  CHECK(cut_retweet_prefix("") == 0);
}

TEST_CASE("each rule of v2 shows in the record", "[parser]") {
  struct Case {
    std::string line;
    const char* expected;
  };
  const auto c = GENERATE(
      Case{
          v2(R"(,"author_id":"5","lang":"en")",
             R"(,"includes":{"users":[{"id":"4","username":"no"},{"id":"5","username":"ada",)"
             R"("name":"Ada","location":"Graz","verified":true,"public_metrics":{"followers_count":9}}]})"),
          R"("author":{"id":"5","username":"ada","name":"Ada","location":"Graz","followers_count":9,"verified":true})"},
      Case{v2(R"(,"author_id":"5")"), R"("author":{"id":"5"})"},
      Case{
          v2(R"(,"geo":{"place_id":"p","coordinates":{"type":"Point","coordinates":[15.5,47.25]}})",
             R"(,"includes":{"places":[{"id":"p","full_name":"Fiji","place_type":"country",)"
             R"("geo":{"type":"Feature","bbox":[177,-19,-178,-16],"properties":{}}}]})"),
          R"("coordinates":{"lat":47.25,"lon":15.5},"place":{"id":"p","full_name":"Fiji",)"
          R"("place_type":"country","bounding_box":{"south":-19,"west":177,"north":-16,"east":-178}})"},
      Case{
          v2(R"(,"geo":{"place_id":"p","id":"p","full_name":"Graz","geo":{"bbox":[1,2,3,4]}})"),
          R"("place":{"id":"p","full_name":"Graz","bounding_box":{"south":2,"west":1,"north":4,"east":3}})"},
      Case{v2(R"(,"geo":{"place_id":"q"})"), R"("place":{"id":"q"})"},
      Case{v2(R"(,"geo":{})"), R"("text":"hi")"},
      Case{v2(R"(,"geo":{"coordinates":{"type":"Point","coordinates":[null,null]}})"),
           R"("text":"hi")"},
      Case{
          v2(R"(,"note_tweet":{"text":"long &amp; whole #ab","entities":{"hashtags":[{"start":17,"end":20,"tag":"ab"}]}},)"
             R"("entities":{"hashtags":[]})"),
          R"("entities":{"hashtags":[{"start":13,"end":16,"tag":"ab"}]})"},
      Case{v2(R"(,"note_post":{"text":"renamed"})"), R"("text":"renamed")"},
      Case{v2(R"(,"referenced_posts":[{"type":"quoted","id":"9"}])"),
           R"("referenced_tweets":[{"type":"quoted","id":"9"}])"},
      Case{v2("", R"(,"matching_rules":[{"id":12,"tag":null},{"id":"13","tag":"cats & co"}])"),
           R"("origin":{"source":"file","rule_tags":["cats & co"]})"},
      Case{
          v2(R"(,"withheld":{"copyright":false,"country_codes":["IN"]},"possibly_sensitive":false)"),
          R"("possibly_sensitive":false,"withheld_in_countries":["IN"])"},
      Case{
          v2(R"(,"public_metrics":{"retweet_count":1,"reply_count":2,"like_count":3,"quote_count":4,"bookmark_count":-1},"conversation_id":"6")"),
          R"("public_metrics":{"retweet_count":1,"reply_count":2,"like_count":3,"quote_count":4},"conversation_id":"6")"},
      Case{v2(R"(,"lang":"qme")"), R"("created_at":"2026-11-21T10:00:00.250Z","origin")"},
      // Picture links come once per picture.
      Case{
          v2(R"(,"entities":{"urls":[{"start":0,"end":2,"url":"u"},{"start":0,"end":2,"url":"u"}]})"),
          R"("urls":[{"start":0,"end":2,"url":"u"}])"},
      // X leaves created_at out unless asked; the id has it.
      Case{R"({"data":{"id":"1578516068309794817","text":"x"}})",
           R"("created_at":"2022-10-07T22:42:12.752Z")"});
  INFO(c.line);
  CHECK_THAT(parsed(c.line), Contains(c.expected));
}

TEST_CASE("a cut retweet of v2 takes its original from includes or from itself", "[parser]") {
  const std::string head =
      R"({"data":{"id":"1300000000000000001","text":"RT @bo: wh\u2026","entities":{"mentions":[{"start":3,"end":6,"username":"bo"}]},)";
  const std::string original =
      R"("text":"whole #t","entities":{"hashtags":[{"start":6,"end":8,"tag":"t"}]})";
  const auto line = GENERATE_COPY(
      head +
          R"("referenced_tweets":[{"type":"retweeted","id":"7"}]},"includes":{"tweets":[{"id":"7",)" +
          original + "}]}}",
      head +
          R"("referenced_posts":[{"type":"retweeted","id":"7"}]},"includes":{"posts":[{"id":"7",)" +
          original + "}]}}",
      head + R"("referenced_tweets":[{"type":"retweeted","id":"7",)" + original + "}]}}");
  CHECK_THAT(parsed(line), Contains(R"("text":"RT @bo: whole #t")") &&
                               Contains(R"("hashtags":[{"start":14,"end":16,"tag":"t"}])") &&
                               Contains(R"("mentions":[{"start":3,"end":6,"username":"bo"}])"));
}

TEST_CASE("a page gives all its posts or, with a broken one, none", "[parser]") {
  const std::string good = R"({"id":"1300000000000000001","text":"a"})";
  CHECK_THAT(parsed(R"({"data":[)" + good + "," + good + "]}"), Contains("}\n{"));
  PostParser parser({});
  Outputs out;
  const auto result = parser.parse(R"({"data":[)" + good + R"(,{"id":"1","text":"a"}]})", out);
  REQUIRE_FALSE(result);
  CHECK(result.error().code == "field_missing");
  CHECK_THAT(result.error().message, Contains("data[1]"));
}

TEST_CASE("originals of retweets and quotes are records of their own only where that is wanted",
          "[parser]") {
  const std::string inner =
      R"("user":{"id":9},"created_at":"Sat Aug 10 11:00:00 +0000 2013","text":"orig)";
  const std::string v1_line = v1(R"(,"retweeted_status":{"id_str":"7",)" + inner +
                                 R"(","quoted_status":{"id_str":"8",)" + inner + R"("}})");
  const std::string v2_line = v2(
      R"(,"referenced_tweets":[{"type":"quoted","id":"9"}])",
      R"(,"includes":{"tweets":[{"id":"9","text":"orig","created_at":"2026-11-20T10:00:00Z"}]})");
  const auto ids = [](const std::string& line, Referenced referenced) {
    PostParser parser({.referenced = referenced});
    Outputs out;
    const auto result = parser.parse(line, out);
    REQUIRE(result);
    std::vector<std::string> keys;
    for (std::size_t i = 0; i < out.size(); ++i) keys.emplace_back(out.at(i).key);
    CHECK(result->posts == keys.size());
    return keys;
  };
  using Ids = std::vector<std::string>;
  CHECK(ids(v1_line, Referenced::kNamed) == Ids{"70000000000001"});
  CHECK(ids(v1_line, Referenced::kWritten) == Ids{"70000000000001", "7", "8"});
  CHECK(ids(v2_line, Referenced::kNamed) == Ids{"1300000000000000001"});
  CHECK(ids(v2_line, Referenced::kWritten) == Ids{"1300000000000000001", "9"});
}

TEST_CASE("what a line is decides what it gives", "[parser]") {
  struct Case {
    std::string line;
    std::string expected;
  };
  const std::string record =
      R"({"id":"7","text":"x","created_at":"2026-11-21T10:00:00Z","origin":{"source":"s"},"more":1})";
  const auto c = GENERATE_COPY(
      Case{"", "nothing"}, Case{" \r\n", "nothing"},
      Case{R"({"delete":{"status":{"id":12,"id_str":"12","user_id":3}}})", "deleted 12"},
      Case{R"({"delete":{"status":{"id":12},"timestamp_ms":"1"}})", "deleted 12"},
      Case{R"({"data":{"delete":{"tweet":{"id":"12","author_id":"3"},"event_at":"x"}}})",
           "deleted 12"},
      Case{R"({"id":"12","deleted":true})", "deleted 12"},
      Case{R"({"delete":{"status":{}}})", "field_missing"},
      Case{R"({"id":"12","deleted":false})", "not_a_post"},
      Case{R"({"limit":{"track":16}})", "notice"},
      Case{R"({"warning":{"code":"FALLING_BEHIND","percent_full":60}})", "notice"},
      Case{R"({"disconnect":{"code":4}})", "notice"},
      Case{R"({"user_profile_modification":{"user":{"id":"1"}}})", "notice"},
      Case{R"({"delete":{"favorite":{}}})", "notice"},
      Case{R"({"data":{"tweet_edit":{"tweet":{"id":"1"}}}})", "notice"},
      Case{R"({"errors":[{"title":"operational-disconnect"}]})", "notice"},
      Case{R"({"title":"ConnectionException","detail":"x","type":"y"})", "notice"},
      Case{R"({"meta":{"result_count":0}})", "notice"}, Case{R"({"data":[]})", "notice"},
      Case{record, record}, Case{"{}", "not_a_post"}, Case{R"({"a":1})", "not_a_post"},
      Case{R"({"data":[{"start":"x","tweet_count":3}]})", "not_a_post"},
      Case{"[]", "not_an_object"}, Case{"7", "not_an_object"}, Case{"null", "not_an_object"},
      Case{"{\"text\":", "json_malformed"}, Case{"<html>", "json_malformed"},
      Case{R"({"text":NaN})", "json_malformed"}, Case{"{\"text\":\"\xff\"}", "json_malformed"},
      Case{R"({"text":"\ud83d"})", "json_malformed"},
      Case{std::string(5000, '[') + std::string(5000, ']'), "json_malformed"},
      Case{R"({"a":1}{"a":1})", "json_malformed"},
      // Of a name that comes twice the first member says what the line is, null or not.
      Case{R"({"did":null,"did":"d","kind":"commit"})", "not_a_post"},
      Case{R"({"delete":{"status":{"id":12}},"delete":{"status":{"id":13}}})", "deleted 12"},
      Case{R"({"drop":{"tweet":{"id":"13"}},"delete":{"tweet":{"id":"12"}}})", "deleted 12"},
      Case{R"({"id":"12","deleted":null,"deleted":true})", "not_a_post"});
  INFO(c.line);
  CHECK(parsed(c.line) == c.expected);
}

TEST_CASE("a post that breaks its format is refused with a reason", "[parser]") {
  struct Case {
    std::string line;
    const char* code;
    const char* message;
  };
  const auto c = GENERATE(
      Case{R"({"id_str":"1","text":"x"})", "field_missing", "created_at"},
      Case{R"({"text":"x","user":{}})", "field_missing", "id_str"},
      Case{R"({"id_str":"1","created_at":"yesterday","text":"x"})", "field_range", "yesterday"},
      Case{R"({"id":1.5,"created_at":"x","text":"x","user":{}})", "field_type", "got 1.5"},
      Case{v1(R"(,"retweet_count":"100+")"), "field_type", "retweet_count"},
      Case{v1(R"(,"retweet_count":-1)"), "field_range", "-1"},
      Case{v1(R"(,"coordinates":{"type":"Point","coordinates":[0,91]})"), "field_range", "91"},
      Case{v1(R"(,"geo":{"type":"Point","coordinates":[91,0]})"), "field_range", "91"},
      Case{v1(R"(,"coordinates":{"type":"Point","coordinates":["1",2]})"), "field_type", "\"1\""},
      Case{v1(R"(,"entities":{"hashtags":{}})"), "field_type", "entities.hashtags"},
      Case{v1(R"(,"entities":{"hashtags":[{"text":"a","indices":[1]}]})"), "field_type", "indices"},
      Case{v1(R"(,"place":{"bounding_box":{"coordinates":[[[0,95]]]}})"), "field_range", "95"},
      Case{v1(R"(,"lang":7)"), "field_type", "lang"},
      Case{v1(R"(,"user":7)"), "field_type", "user"},
      Case{R"({"data":{"id":"1","text":"x"}})", "field_missing", "created_at"},
      Case{R"({"data":{"id":"1","text":7,"created_at":"2026-11-21T10:00:00Z"}})", "field_type",
           "text"},
      Case{v2(R"(,"geo":{"place_id":"p","geo":{"bbox":[1,2,3]}})"), "field_type", "bbox"},
      Case{v2("", R"(,"includes":[])"), "field_type", "includes"},
      Case{R"({"data":7})", "field_type", "data"},
      Case{R"({"id":"7","text":"x","created_at":"soon","origin":{}})", "field_range", "soon"});
  INFO(c.line);
  PostParser parser({});
  Outputs out;
  const auto result = parser.parse(c.line, out);
  REQUIRE_FALSE(result);
  CHECK(result.error().code == c.code);
  CHECK(result.error().disposition == Disposition::kDeadLetter);
  CHECK_THAT(result.error().message, Contains(c.message));
}

TEST_CASE("a format that is named is the only one taken", "[parser]") {
  const std::string record = R"({"id":"7","text":"x","created_at":"2026-11-21T10:00:00Z"})";
  CHECK(parsed(record, LineFormat::kRecord) == record);
  CHECK(parsed(R"({"id":"7","deleted":true})", LineFormat::kRecord) == "deleted 7");
  CHECK(parsed(R"({"id":"7","text":"x"})", LineFormat::kRecord) == "field_missing");
  // It has an id and a text, but not the time of a v2 post.
  CHECK(parsed(v1(""), LineFormat::kV2) == "field_range");
  CHECK(parsed(v2(""), LineFormat::kV1) == "not_a_post");
  CHECK_THAT(parsed(v1(""), LineFormat::kV1), Contains("70000000000001"));
  CHECK_THAT(parsed(v2(""), LineFormat::kV2), Contains("1300000000000000001"));
  CHECK(line_format("auto") == LineFormat::kAuto);
  CHECK_FALSE(line_format("v3"));
}

TEST_CASE("a line at the limit is read and one byte more is refused", "[parser]") {
  const std::string line = R"({"limit":{"track":16}})";
  for (const std::size_t slack : {0U, 1U}) {
    PostParser parser({.line_bytes_max = line.size() - slack});
    Outputs out;
    const auto result = parser.parse(line, out);
    CHECK(result.has_value() == (slack == 0));
    if (!result) CHECK(result.error().code == "line_too_long");
  }
}

TEST_CASE("nothing of an earlier line shines through", "[parser]") {
  PostParser parser({});
  Outputs first;
  REQUIRE(parser.parse(
      v2(R"(,"lang":"en","geo":{"place_id":"q"},"entities":{"hashtags":[{"start":0,"end":1,"tag":"h"}]})",
         R"(,"matching_rules":[{"tag":"t"}])"),
      first));
  Outputs second;
  REQUIRE(parser.parse(v1(""), second));
  CHECK(std::string(*second.at(0).value) == parsed(v1("")));
}

TEST_CASE("a Snowflake id tells its time", "[parser]") {
  CHECK(snowflake_time("29700859247"));
  CHECK_FALSE(snowflake_time("29700859246"));
  CHECK_FALSE(snowflake_time("99999999999999999999"));
  CHECK_FALSE(snowflake_time("12x"));
  CHECK_FALSE(snowflake_time(""));
}

}  // namespace
}  // namespace rookery::ingest
