#include "common/records/post_reader_plain.hpp"

#include <array>
#include <random>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "common/records/json_scanner.hpp"

namespace rookery {
namespace {

const std::array<std::string, 3> kPosts = {
    R"({"id":"7","text":"hi #a","created_at":"2026-11-21T10:00:00Z","lang":"en",)"
    R"("author":{"id":"9","location":"NYC","time_zone":null,"followers_count":12},)"
    R"("entities":{"hashtags":[{"start":3,"end":5,"tag":"a"},{"tag":"ü"}],)"
    R"("urls":[{"url":"https://t.co/x","expanded_url":"https://example.org/"}]},)"
    R"("coordinates":{"lat":1.5,"lon":-2},"place":{"full_name":"Vienna, Austria",)"
    R"("name":"Vienna","country_code":"AT","bounding_box":)"
    R"({"south":1,"west":2,"north":3,"east":-0.0}},"unknown":{"kept":[1,2,{"a":"\n"}]}})",
    R"({"id":"8","text":"x","created_at":"2026-11-21T10:00:00.250+01:00","lang":null,)"
    R"("geo":{"lat":-1.2833,"lon":36.8167,"source":"profile","radius_km":20.969,)"
    R"("country_code":"KE","s2_cell":"182f1","s2_level":8,"admin1":"Nairobi County",)"
    R"("city":"Nairobi","population":4397073,"city_distance_km":0},)"
    R"("quality":{"text":"cleansed","urls":["https://a.example/"],"flags":[true,false]},)"
    R"("sentiment":{"label":"neutral","score":-0.027,"probabilities":{"negative":0.156}},)"
    R"("topics":[{"label":"a","probability":0.25},{"label":"b","probability":0.5}]})",
    R"( { "id" : "9" , "text" : "" , "created_at" : "2026-11-21T10:00:00Z" ,)"
    R"( "amendment" : "scrub_geo", "entities" : { } , "author" : { } } )"};

/// What is put into a post, among it all that has two meanings.
const std::vector<std::string> kPieces = {"\"",
                                          "\\",
                                          ",",
                                          ":",
                                          "{",
                                          "}",
                                          "[",
                                          "]",
                                          "null",
                                          "true",
                                          "fals",
                                          "0",
                                          "-",
                                          "-0",
                                          "00",
                                          "1.",
                                          ".5",
                                          "1e2",
                                          "1E400",
                                          "12345678901234567",
                                          "0.1234567890123456",
                                          "99999999999999999999",
                                          "\n",
                                          "\t",
                                          " ",
                                          std::string(1, '\0'),
                                          "\x01",
                                          "\x7f",
                                          "\xff",
                                          "\xc3",
                                          "\xed\xa0\x80",
                                          "\xf0\x9f\x98\x80",
                                          R"(\n)",
                                          R"(\u0041)",
                                          R"(\ud800)",
                                          R"(\x)",
                                          R"(\")",
                                          R"("id":"2")",
                                          R"("id":7)",
                                          R"("text":"z")",
                                          R"("quality":{"text":"q"},)",
                                          R"("quality":null,)",
                                          R"("geo":null,)",
                                          R"("\u0069d":"3",)",
                                          R"("entities":{"hashtags":[{"tag":"q","tag":"r"}]},)",
                                          R"("entities":{"urls":[{"url":"u"}]},)",
                                          R"("lang":"de",)",
                                          R"("topics":[],)",
                                          R"("lat":91,)",
                                          R"("lat":null,)",
                                          R"("tag":"t",)",
                                          R"("label":null,)",
                                          R"({"tag":"b"},)",
                                          "[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]",
                                          "\xef\xbb\xbf"};

std::string mutated(std::string text, std::mt19937& random) {
  const auto below = [&](std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random);
  };
  for (std::size_t left = below(4); left > 0 && !text.empty(); --left) {
    const std::size_t at = below(text.size());
    switch (below(4)) {
      case 0:
        text.erase(at, below(12) + 1);
        break;
      case 1:
        text[at] = static_cast<char>(below(256));
        break;
      case 2:  // Of two fields in another order, or one twice.
        text.insert(below(text.size()), text.substr(at, below(60)));
        break;
      default: {
        // Mostly where a value or a member begins.
        const std::size_t begin = below(3) == 0 ? at : text.find_first_of(",:{[", at);
        text.insert(begin == std::string::npos ? at : begin + 1, kPieces[below(kPieces.size())]);
      }
    }
  }
  return text;
}

/// All fields of a view, one after the other.
std::vector<std::string> told(const PostView& post) {
  std::vector<std::string> all;
  const auto add_text = [&](std::string_view text) { all.emplace_back(text); };
  const auto add = [&](double number) { all.push_back(std::to_string(number)); };
  for (const auto text :
       {post.id, post.text, post.lang, post.author_id, post.author_location, post.author_time_zone,
        post.place_full_name, post.place_name, post.place_country_code, post.country_code,
        post.admin1, post.city, post.s2_cell, post.sentiment_label, post.topic, post.amendment}) {
    add_text(text);
  }
  for (const auto& list : {post.hashtags, post.expanded_urls}) {
    all.push_back(std::to_string(list.size()));
    for (const auto text : list) add_text(text);
  }
  for (const bool has : {post.has_lang, post.has_entities, post.has_place, post.has_geo,
                         post.has_quality, post.has_sentiment, post.place_box.has_value()}) {
    all.emplace_back(has ? "yes" : "no");
  }
  for (const auto& number : {post.lat, post.lon, post.geo_lat, post.geo_lon}) {
    all.push_back(number ? std::to_string(*number) : "none");
  }
  const BoundingBoxView box = post.place_box.value_or(BoundingBoxView{});
  for (const double side : {box.south, box.west, box.north, box.east}) add(side);
  add(post.geo_radius_km);
  add(post.sentiment_score);
  add(static_cast<double>(post.created_at.time_since_epoch().count()));
  return all;
}

TEST_CASE("the short way reads of a post what the parser reads, or leaves it to that",
          "[records]") {
  std::mt19937 random(7);
  PostReader reader;
  int plain = 0;
  int refused = 0;
  for (int i = 0; i < 300'000; ++i) {
    const std::string text = mutated(kPosts[static_cast<std::size_t>(i) % kPosts.size()], random);
    const auto by_parser = reader.read_by_parser(text);
    const auto expected = by_parser ? told(**by_parser) : std::vector{by_parser.error().message};
    const auto read = reader.read(text);
    const auto found = read ? told(**read) : std::vector{read.error().message};
    if (found != expected) FAIL(text);
    std::string padded = text + std::string(json::scan::kBehind, '\0');
    PostView post;
    plain += read_plain_post(std::string_view(padded).substr(0, text.size()), post) ? 1 : 0;
    refused += by_parser ? 0 : 1;
  }
  // Else nothing was compared.
  CHECK(plain > 90'000);
  CHECK(refused > 90'000);
}

TEST_CASE("posts as the stages write them are read the short way", "[records]") {
  for (const std::string& text : kPosts) {
    std::string padded = text + std::string(json::scan::kBehind, '\0');
    PostView post;
    CHECK(read_plain_post(std::string_view(padded).substr(0, text.size()), post));
  }
}

TEST_CASE("a number is the double that is nearest to it", "[records]") {
  for (const std::string text :
       {"0", "-0", "-0.0", "0.1", "0.3", "123456789012345", "0.00000000000001", "-179.99999999999",
        "4397073", "20.969", "8.10000000000001"}) {
    std::string padded = text + std::string(json::scan::kBehind, '\0');
    double number = 7;
    REQUIRE(json::scan::number(padded.data(), number) == padded.data() + text.size());
    CHECK(number == std::stod(text));
  }
}

}  // namespace
}  // namespace rookery
