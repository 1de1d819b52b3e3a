#include "services/sink/encoder.hpp"

#include <catch2/catch.hpp>

#include "services/sink/csv.hpp"

namespace rookery::sink {
namespace {

InputRecord record(std::optional<std::string_view> key, std::optional<std::string_view> value) {
  return {"t", Partition(0), Offset(0), WallTime{}, key, value, {}};
}

std::string encoded(Encoder& encoder, const InputRecord& input) {
  std::string out;
  const auto done = encoder.encode(input, out);
  return done ? out : std::string(done.error().code) + ": " + done.error().message;
}

std::string cell(std::string_view text) {
  std::string out;
  {
    CsvRow row(out);
    row.text(text);
  }
  out.resize(out.size() - 2);
  return out;
}

TEST_CASE("CSV cells are quoted where RFC 4180 asks for it", "[sink][csv]") {
  CHECK(cell("") == "");
  CHECK(cell("plain text") == "plain text");
  CHECK(cell("a,b") == "\"a,b\"");
  CHECK(cell("say \"hi\"") == "\"say \"\"hi\"\"\"");
  CHECK(cell("two\nlines") == "\"two\nlines\"");
  CHECK(cell("two\r\nlines") == "\"two\r\nlines\"");
  CHECK(cell("日本,語") == "\"日本,語\"");
}

TEST_CASE("a text that a spreadsheet takes for a formula gets an apostrophe", "[sink][csv]") {
  CHECK(cell("=1+1") == "'=1+1");
  CHECK(cell("+41") == "'+41");
  CHECK(cell("-5") == "'-5");
  CHECK(cell("@cmd") == "'@cmd");
  CHECK(cell("\tx") == "'\tx");
  CHECK(cell("\rx") == "\"'\rx\"");
  CHECK(cell("=HYPERLINK(\"x\",\"y\")") == "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\"");
  CHECK(cell("a=b") == "a=b");
}

TEST_CASE("CSV numbers stay numbers, also below zero", "[sink][csv]") {
  std::string out;
  {
    CsvRow row(out);
    row.number(-1.5);
    row.number(std::int64_t{-3});
    row.empty();
    row.text("");
  }
  CHECK(out == "-1.5,-3,,\r\n");
}

TEST_CASE("a JSON line is the record as it is, in one line", "[sink][jsonl]") {
  const auto encoder = make_jsonl_encoder();
  CHECK(encoded(*encoder, record("1", R"({"id": "1", "n":1.50})")) ==
        "{\"id\": \"1\", \"n\":1.50}\n");
  CHECK(encoded(*encoder, record("1", "{\n  \"text\": \"a b\"\r\n}")) == "{\"text\":\"a b\"}\n");
  CHECK(encoded(*encoder, record("7", std::nullopt)) == "{\"id\":\"7\",\"deleted\":true}\n");
  CHECK(encoded(*encoder, record("a\"b", std::nullopt)) ==
        "{\"id\":\"a\\\"b\",\"deleted\":true}\n");
}

TEST_CASE("what is not a JSON object is a dead letter", "[sink][jsonl]") {
  const auto encoder = make_jsonl_encoder();
  for (const std::string_view value :
       {"", "nonsense", "{\"a\":1", "[1]", "7", "{} {}", "{\"a\":\"\xff\"}"}) {
    CAPTURE(value);
    CHECK(encoded(*encoder, record("1", value)).starts_with("record_malformed: expected"));
  }
  CHECK(encoded(*encoder, record("\xff", std::nullopt)).starts_with("record_malformed:"));
}

TEST_CASE("a ranking is one CSV row per key", "[sink][csv]") {
  const auto encoder = make_csv_encoder("trends");
  CHECK(encoder->header() ==
        "window,dimension,start,end,rank,key,count,authors,sentiment,previous_rank,score,total,"
        "spelling,state,approximate,final\r\n");
  CHECK(
      encoded(
          *encoder,
          record(
              "k",
              R"({"dimension":"hashtag","window":"5m/1m",)"
              R"("start":"2026-01-01T00:00:00Z","end":"2026-01-01T00:05:00Z",)"
              R"("final":true,"total":5,"top":[{"key":"cats","count":3,)"
              R"("authors":2,"sentiment":-0.25,"previous_rank":2,"score":1.5,"spelling":"Cats","state":"peak"},)"
              R"({"key":"=dogs"}]})")) ==
      "5m/1m,hashtag,2026-01-01T00:00:00Z,2026-01-01T00:05:00Z,1,cats,3,2,-0.25,2,1.5,5,"
      "Cats,peak,false,true\r\n"
      "5m/1m,hashtag,2026-01-01T00:00:00Z,2026-01-01T00:05:00Z,2,'=dogs,0,0,0,,0,5,,,"
      "false,true\r\n");
}

TEST_CASE("a ranking without keys has no rows", "[sink][csv]") {
  const auto encoder = make_csv_encoder("trends");
  CHECK(encoded(*encoder, record("k", R"({"dimension":"d","window":"w","start":"s","end":"e"})"))
            .empty());
}

TEST_CASE("a malformed ranking is a dead letter that names the field", "[sink][csv]") {
  const auto encoder = make_csv_encoder("trends");
  CHECK(encoded(*encoder, record("k", R"({"window":"w","start":"s","end":"e"})")) ==
        "record_malformed: field \"dimension\": expected a text that is not empty");
  CHECK(encoded(*encoder,
                record("k", R"({"dimension":"d","window":"w","start":"s","end":"e","top":1})")) ==
        "record_malformed: field \"top\": expected an array");
  CHECK(encoded(*encoder, record("k", R"({"dimension":"d","window":"w","start":"s","end":"e",)"
                                      R"("top":[{"count":"3"}]})")) ==
        "record_malformed: field \"count\": expected an integer");
  CHECK(encoded(*encoder, record("k", std::nullopt)) ==
        "record_malformed: expected a ranking, got a deletion");
}

TEST_CASE("a post is one CSV row", "[sink][csv]") {
  const auto encoder = make_csv_encoder("processed_tweets");
  CHECK(encoder->header() ==
        "id,created_at,lang,text,author_id,lat,lon,country_code,city,"
        "sentiment,score,hashtags,deleted\r\n");
  CHECK(
      encoded(*encoder,
              record("1", R"({"id":"1","text":"-a, \"b\"","created_at":"2026-01-01T00:00:00Z",)"
                          R"("lang":"en","author":{"id":"9"},"coordinates":{"lat":1,"lon":2},)"
                          R"("entities":{"hashtags":[{"tag":"x"},{"tag":"ÿ"}]},)"
                          R"("geo":{"lat":-33.5,"lon":151,"country_code":"AU","city":"Sydney"},)"
                          R"("sentiment":{"label":"negative","score":-0.5}})")) ==
      "1,2026-01-01T00:00:00Z,en,\"'-a, \"\"b\"\"\",9,-33.5,151,AU,Sydney,negative,-0.5,x ÿ,\r\n");
}

TEST_CASE("a post without a place has the coordinates it came with, or none", "[sink][csv]") {
  const auto encoder = make_csv_encoder("processed_tweets");
  CHECK(encoded(*encoder,
                record("1", R"({"id":"1","created_at":"t","coordinates":{"lat":1,"lon":2}})")) ==
        "1,t,,,,1,2,,,,,,\r\n");
  CHECK(encoded(*encoder, record("1", R"({"id":"1","created_at":"t"})")) == "1,t,,,,,,,,,,,\r\n");
}

TEST_CASE("a deleted post is a row that says so", "[sink][csv]") {
  const auto encoder = make_csv_encoder("processed_tweets");
  CHECK(encoded(*encoder, record("1", std::nullopt)) == "1,,,,,,,,,,,,true\r\n");
}

TEST_CASE("a malformed post is a dead letter that names the field", "[sink][csv]") {
  const auto encoder = make_csv_encoder("processed_tweets");
  CHECK(encoded(*encoder, record("1", "{")).starts_with("record_malformed: expected JSON"));
  CHECK(encoded(*encoder, record("1", R"({"created_at":"t"})")) ==
        "record_malformed: field /id: expected a text that is not empty");
  CHECK(encoded(*encoder, record("1", R"({"id":"1","created_at":"t","lang":5})")) ==
        "record_malformed: field /lang: expected a text");
  CHECK(encoded(*encoder, record("1", R"({"id":"1","created_at":"t","geo":{"lat":"x"}})")) ==
        "record_malformed: field /geo/lat: expected a number");
}

TEST_CASE("topics without columns have no CSV", "[sink][csv]") {
  CHECK(make_csv_encoder("raw_tweets") == nullptr);
}

}  // namespace
}  // namespace rookery::sink
