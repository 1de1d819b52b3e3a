#include "common/records/post_reader.hpp"

#include <catch2/catch.hpp>

namespace rookery {
namespace {

constexpr std::string_view kWhole =
    R"({"id":"7","text":"hi #a","created_at":"2026-11-21T10:00:00Z","lang":"en",)"
    R"("author":{"id":"9","location":"NYC","time_zone":"Bern"},"entities":{"hashtags":[{"start":3,"end":5,"tag":"a"}],)"
    R"("urls":[{"url":"https://t.co/x","expanded_url":"https://example.org/"}]},)"
    R"("coordinates":{"lat":1.5,"lon":-2},"place":{"full_name":"Vienna, Austria",)"
    R"("name":"Vienna","country_code":"AT","bounding_box":)"
    R"({"south":1,"west":2,"north":3,"east":4}},"unknown":{"kept":[1,2]}})";

TEST_CASE("an amendment says why") {
  PostReader reader;
  const auto post = reader.read(
      R"({"id":"1","text":"a","created_at":"2026-01-01T00:00:00Z","amendment":"scrub_geo"})");
  REQUIRE(post);
  CHECK((*post)->amendment == "scrub_geo");
}

TEST_CASE("a record is read field by field", "[records]") {
  PostReader reader;
  const auto post = reader.read(kWhole);
  REQUIRE(post);
  CHECK((*post)->id == "7");
  CHECK((*post)->text == "hi #a");
  CHECK((*post)->lang == "en");
  CHECK((*post)->author_id == "9");
  CHECK((*post)->author_location == "NYC");
  CHECK((*post)->author_time_zone == "Bern");
  CHECK((*post)->hashtags == std::vector<std::string_view>{"a"});
  CHECK((*post)->expanded_urls == std::vector<std::string_view>{"https://example.org/"});
  CHECK((*post)->lat == 1.5);
  CHECK((*post)->lon == -2.0);
  CHECK((*post)->place_full_name == "Vienna, Austria");
  CHECK((*post)->place_name == "Vienna");
  CHECK((*post)->place_box->north == 3);
  CHECK_FALSE((*post)->has_geo);
}

TEST_CASE("nothing of an earlier record shines through", "[records]") {
  PostReader reader;
  REQUIRE(reader.read(kWhole));
  const auto post = reader.read(R"({"id":"8","text":"","created_at":"2026-11-21T10:00:00Z"})");
  REQUIRE(post);
  CHECK((*post)->hashtags.empty());
  CHECK_FALSE((*post)->lat);
  CHECK((*post)->author_id.empty());
}

TEST_CASE("a record that breaks the contract is refused with a reason", "[records]") {
  struct Case {
    std::string json;
    const char* code;
  };
  const std::string head = R"({"id":"7","text":"x","created_at":"2026-11-21T10:00:00Z")";
  const auto c = GENERATE_COPY(
      Case{"", "json_malformed"}, Case{"{\"id\":", "json_malformed"}, Case{"[]", "not_an_object"},
      Case{"7", "not_an_object"}, Case{"{}", "field_missing"},
      Case{"{\"id\":\"7\",\"text\":\"\xff\"}", "json_malformed"},
      Case{std::string(100, '[') + std::string(100, ']'), "json_malformed"},
      Case{head + "} {}", "json_malformed"},
      Case{R"({"id":7,"text":"x","created_at":"2026-11-21T10:00:00Z"})", "field_type"},
      Case{R"({"id":"7","id":"7","text":"x"})", "field_missing"},
      Case{R"({"id":"7","text":"x","created_at":"yesterday"})", "field_range"},
      Case{head + R"(,"coordinates":{"lat":91,"lon":0}})", "field_range"},
      Case{head + R"(,"coordinates":{"lat":1}})", "field_missing"},
      Case{head + R"(,"coordinates":[1,2]})", "field_type"},
      Case{head + R"(,"place":{"full_name":7}})", "field_type"},
      Case{head + R"(,"entities":{"hashtags":[{"tag":1}]}})", "field_type"},
      Case{head + R"(,"author":"me"})", "field_type"},
      Case{head + R"(,"sentiment":{"score":1e300}})", "field_range"});
  INFO(c.json);
  PostReader reader;
  const auto post = reader.read(c.json);
  REQUIRE_FALSE(post);
  CHECK(post.error().code == c.code);
  CHECK(post.error().disposition == Disposition::kDeadLetter);
}

TEST_CASE("the keys of an enriched record are noticed, also when they are null", "[records]") {
  PostReader reader;
  const std::string head = R"({"id":"7","text":"x","created_at":"2026-11-21T10:00:00Z")";
  const auto geo = reader.read(head + R"(,"geo":null})");
  REQUIRE(geo);
  CHECK((*geo)->has_geo);
  CHECK_FALSE((*geo)->has_quality);
  const auto quality = reader.read(head + R"(,"quality":{}})");
  REQUIRE(quality);
  CHECK_FALSE((*quality)->has_geo);
  CHECK((*quality)->has_quality);
}

TEST_CASE("a cleansed text and cleansed addresses go before the original ones", "[records]") {
  PostReader reader;
  const std::string post =
      R"({"id":"7","quality":{"text":"a & b","urls":["https://a.b/"]},"text":"a &amp; b",)"
      R"("created_at":"2026-11-21T10:00:00Z",)"
      R"("entities":{"urls":[{"start":0,"end":1,"url":"https://a.b/?utm_source=x"}]}})";
  const auto read = reader.read(post);
  REQUIRE(read);
  CHECK((*read)->text == "a & b");
  CHECK((*read)->expanded_urls == std::vector<std::string_view>{"https://a.b/"});
  const std::string head = R"({"id":"7","text":"x","created_at":"2026-11-21T10:00:00Z")";
  const auto plain = reader.read(head + R"(,"quality":{}})");
  REQUIRE(plain);
  CHECK((*plain)->text == "x");
  for (const char* wrong :
       {R"(,"quality":{"text":7}})", R"(,"quality":{"urls":7}})", R"(,"quality":{"urls":[7]}})"}) {
    const auto refused = reader.read(head + wrong);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == "field_type");
  }
  CHECK(reader.read(head + R"(,"quality":7})"));
}

TEST_CASE("a record of clustered_urls has links in place of a text", "[records]") {
  PostReader reader;
  const auto post = reader.read(
      R"({"id":"7","created_at":"2026-03-01T12:00:00Z","author":{"id":"u"},"lang":"de",)"
      R"("sentiment":{"label":"positive","score":0.5},"text":["of no concern"],"urls":)"
      R"([{"url":"https://a.b/","cluster":{"id":"c1","label":"ski"}},{"url":"x"},)"
      R"({"url":"y","cluster":{"id":"c2"}}],"cluster_model":"m"})",
      RecordKind::kLinks);
  REQUIRE(post);
  CHECK((*post)->id == "7");
  CHECK((*post)->author_id == "u");
  CHECK((*post)->sentiment_score == 0.5);
  REQUIRE((*post)->url_clusters.size() == 2);
  CHECK((*post)->url_clusters[0].id == "c1");
  CHECK((*post)->url_clusters[0].label == "ski");
  CHECK((*post)->url_clusters[1].label.empty());
  // Of a record of the chain `urls` is a field that nobody knows.
  const auto other =
      reader.read(R"({"id":"7","created_at":"2026-03-01T12:00:00Z","text":"","urls":"anything"})");
  REQUIRE(other);
  CHECK((*other)->url_clusters.empty());

  struct Case {
    const char* fields;
    const char* code;
  };
  const auto c =
      GENERATE(Case{R"("text":"")", "field_missing"}, Case{R"("urls":null)", "field_missing"},
               Case{R"("urls":{})", "field_type"}, Case{R"("urls":[1])", "field_type"},
               Case{R"("urls":[{"cluster":{}}])", "field_type"},
               Case{R"("urls":[{"cluster":"c1"}])", "field_type"},
               Case{R"("urls":[{"cluster":{"id":1}}])", "field_type"},
               Case{R"("urls":[{"cluster":{"id":"c","label":1}}])", "field_type"});
  INFO(c.fields);
  const std::string json =
      R"({"id":"7","created_at":"2026-03-01T12:00:00Z",)" + std::string(c.fields) + "}";
  const auto refused = reader.read(json, RecordKind::kLinks);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == c.code);
  CHECK(refused.error().disposition == Disposition::kDeadLetter);
}

TEST_CASE("a long record is read, and a short one after it", "[records]") {
  PostReader reader;
  const std::string text(3'000'000, 'x');
  const auto post =
      reader.read(R"({"id":"7","created_at":"2026-11-21T10:00:00Z","text":")" + text + "\"}");
  REQUIRE(post);
  CHECK((*post)->text.size() == text.size());
  CHECK(reader.read(kWhole));
}

TEST_CASE("a splice adds before the closing brace and touches nothing else", "[records]") {
  const auto spliced = [](std::string_view json) {
    std::string out = "kept ";
    splice(out, json, R"("b":2)");
    return out;
  };
  CHECK(spliced(R"({"a":{"x":1} } )") == R"(kept {"a":{"x":1} ,"b":2})");
  CHECK(spliced("{}") == R"(kept {"b":2})");
  CHECK(spliced("{ \n}") == "kept { \n\"b\":2}");
}

}  // namespace
}  // namespace rookery
