#include "services/rookeryctl/letter.hpp"

#include <catch2/catch.hpp>

#include "common/records/base64.hpp"
#include "common/runtime/dead_letter.hpp"

namespace rookery::rookeryctl {
namespace {

TEST_CASE("base64 is read as RFC 4648 has it", "[rookeryctl][letter]") {
  struct Row {
    std::string_view text;
    std::optional<std::string> bytes;
  };
  const Row row = GENERATE(values<Row>({{"", ""},
                                        {"Zg==", "f"},
                                        {"Zm8=", "fo"},
                                        {"Zm9v", "foo"},
                                        {"Zm9vYmFy", "foobar"},
                                        {"//79", "\xff\xfe\xfd"},
                                        {"Zg", std::nullopt},
                                        {"Zg=a", std::nullopt},
                                        {"Z===", std::nullopt},
                                        {"Zm9 ", std::nullopt}}));
  CAPTURE(row.text);
  CHECK(from_base64(row.text) == row.bytes);
}

TEST_CASE("a letter gives back the bytes that a stage refused", "[rookeryctl][letter]") {
  const std::optional<std::string_view> value = GENERATE(values<std::optional<std::string_view>>(
      {std::nullopt, "", "{\"a\":1}", "\xff\x00\x01", "\n\"\\ tag"}));
  const std::vector<Header> headers = {{"trace", "\x01\x02"}};
  const InputRecord record{"raw_tweets", Partition(3), Offset(77),      WallTime{},
                           "k\xfe",      value,        Headers(headers)};
  Outputs out;
  append_dead_letter(out, "dead_letters", "geo-enrich", record,
                     {Disposition::kDeadLetter, "json_malformed", "expected JSON"}, WallTime{});
  const auto letter = parse_letter(*out.at(0).value);
  REQUIRE(letter);
  CHECK(letter->service == "geo-enrich");
  CHECK(letter->reason == "json_malformed");
  CHECK(letter->message == "expected JSON");
  CHECK(letter->origin == TopicPartition{"raw_tweets", Partition(3)});
  CHECK(letter->offset == "77");
  CHECK(letter->key == "k\xfe");
  CHECK(letter->value == value);
  REQUIRE(letter->headers.size() == 1);
  CHECK(letter->headers[0] == std::pair<std::string, std::string>("trace", "\x01\x02"));
}

TEST_CASE("what is not a letter is not taken for one", "[rookeryctl][letter]") {
  for (const std::string_view json :
       {"", "{", "[]", "{}", R"({"service":"s","reason":"r"})",
        R"({"service":"s","reason":"r","topic":1})",
        R"({"service":"s","reason":"r","topic":"t","value_base64":"?"})"}) {
    CAPTURE(json);
    CHECK_FALSE(parse_letter(json));
  }
}

}  // namespace
}  // namespace rookery::rookeryctl
