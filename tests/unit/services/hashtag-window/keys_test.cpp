#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "services/hashtag-window/deletion_index.hpp"
#include "services/hashtag-window/dimensions.hpp"
#include "services/hashtag-window/domain_names.hpp"
#include "services/hashtag-window/hash_index.hpp"
#include "services/hashtag-window/hashing.hpp"
#include "services/hashtag-window/key_folding.hpp"
#include "services/hashtag-window/s2_cell.hpp"
#include "services/hashtag-window/sums.hpp"
#include "services/hashtag-window/twitter_hashtags.hpp"
#include "tests/unit/services/hashtag-window/simulation/text.hpp"

namespace rookery::hashtag_window {
namespace {

using simulation::concat;

TEST_CASE("letters of all scripts with cases fold", "[keys]") {
  TextFolder folder;
  const auto folded = [&](std::string_view text) {
    std::string out;
    folder.append_folded(out, text);
    return out;
  };
  struct Case {
    const char* text;
    const char* expected;
  };
  const auto c = GENERATE(
      Case{"", ""}, Case{"Wien2026_", "wien2026_"}, Case{"@[`{", "@[`{"}, Case{"ÄÖÜß", "äöüss"},
      Case{"×÷", "×÷"}, Case{"ŁÓDŹ", "łódź"}, Case{"ΑΘΉΝΑ", "αθήνα"}, Case{"Σίσυφος", "σίσυφοσ"},
      Case{"МОСКВА", "москва"}, Case{"ЀЏ", "ѐџ"}, Case{"ԱԲԳ", "աբգ"}, Case{"ẞ", "ss"},
      Case{"İ", "i\u0307"}, Case{"ı", "ı"}, Case{"Kelvin", "kelvin"}, Case{"Ⱥ", "ⱥ"},
      Case{"ſ", "s"}, Case{"日本", "日本"}, Case{"العربية", "العربية"}, Case{"𐐀", "𐐨"},
      Case{"😀", "😀"}, Case{"Ａ", "ａ"});
  INFO(c.text);
  CHECK(folded(c.text) == c.expected);
  CHECK(folded(c.expected) == c.expected);
}

/// "id=label" of each key that a record of clustered_urls has.
std::vector<std::string> clusters_in(const std::string& urls, std::size_t key_bytes_max = 256) {
  PostReader reader;
  PostKeys keys;
  const std::string record =
      concat({R"({"id":"1","created_at":"2026-11-21T10:00:00Z","urls":)", urls, "}"});
  const auto post = reader.read(record, RecordKind::kLinks);
  REQUIRE(post);
  std::vector<std::string> found;
  for (const auto& key : keys.read(**post, {Dimension::kUrlCluster}, key_bytes_max)) {
    found.push_back(concat({std::string(key.text), "=", std::string(key.spelling)}));
  }
  return found;
}

TEST_CASE("a post counts once for a cluster, under its id and with its label", "[keys]") {
  using Keys = std::vector<std::string>;
  CHECK(clusters_in("[]") == Keys{});
  CHECK(clusters_in(R"([{"url":"a"},{"url":"b","cluster":null}])") == Keys{});
  CHECK(clusters_in(R"([{"cluster":{"id":"c1","label":"ski, snow"}},{"cluster":{"id":"c2"}},)"
                    R"({"cluster":{"id":"c1","label":"another"}}])") ==
        Keys{"c1=ski, snow", "c2="});
  // The first link tells the label; one that is the id says nothing more.
  CHECK(clusters_in(R"([{"cluster":{"id":"c1","label":"c1"}}])") == Keys{"c1="});
  CHECK(clusters_in(R"([{"cluster":{"id":"c1","label":null}}])") == Keys{"c1="});
  CHECK(clusters_in(R"([{"cluster":{"id":"","label":"none"}}])") == Keys{});
  // Too long an id is no key; too long a label is no label.
  CHECK(clusters_in(R"([{"cluster":{"id":"12345","label":"a"}},{"cluster":{"id":"1234","label":)"
                    R"("12345"}},{"cluster":{"id":"c2","label":"1234"}}])",
                    4) == Keys{"1234=", "c2=1234"});
  std::string many = "[";
  for (int i = 0; i < 150; ++i) {
    many += concat({i == 0 ? "" : ",", R"({"cluster":{"id":")", std::to_string(i), R"("}})"});
  }
  CHECK(clusters_in(many + "]").size() == kPostKeysMax);
}

TEST_CASE("what looks alike is one key, and is shown without tricks", "[keys]") {
  TextFolder folder;
  struct Case {
    const char* text;
    const char* key;
    const char* spelling;
  };
  const auto c =
      GENERATE(Case{"Caf\u0065\u0301", "caf\u00e9", "Caf\u00e9"},      // é of two code points.
               Case{"\u212bre", "\u00e5re", "\u00c5re"},               // The sign of the Angstrom.
               Case{"Stra\u00dfe", "strasse", "Stra\u00dfe"},          // Full folding.
               Case{"a\u0323\u0307", "\u1ea1\u0307", "\u1ea1\u0307"},  // Marks in either order,
               Case{"a\u0307\u0323", "\u1ea1\u0307", "\u1ea1\u0307"},  // one key.
               Case{"\u1100\u1161", "\uac00", "\uac00"},               // Hangul of two letters.
               Case{"wi\u200ben\u2060\ufeff", "wien", "wien"},         // Zero-width characters.
               Case{"\u202eneiw\u202c", "neiw", "neiw"},               // Written from the right.
               Case{"Wi\u00aden\ufe0f", "wien", "Wien"},               // A soft hyphen, a style.
               Case{"\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u062e", "\u0645\u06cc\u200c\u062e"},
               Case{"\u200b\u200d", "", "\u200d"});
  std::string key;
  std::string spelling;
  folder.append_folded(key, c.text);
  folder.append_spelling(spelling, c.text);
  CHECK(key == c.key);
  CHECK(spelling == c.spelling);
}

TEST_CASE("hashtags are found in a text by Twitter's rules", "[keys]") {
  struct Case {
    const char* text;
    std::vector<std::string> tags;
  };
  const auto c = GENERATE(
      Case{"", {}}, Case{"#Wien", {"Wien"}}, Case{"a #b c#d e", {"b"}},
      Case{"#1 #1st #2_", {"1st"}}, Case{"(#a) \"#b\" #c, #d.", {"a", "b", "c", "d"}},
      Case{"&#a #b&#c", {"b"}}, Case{"#a#b #c", {"c"}}, Case{"##a", {"a"}}, Case{"#", {}},
      Case{"#a://x #b", {"b"}}, Case{"\uff03\u65e5\u672c \u65e5#\u672c", {"\u65e5\u672c"}},
      Case{"http://x.org/#a HTTPS://y.org/#b #c", {"c"}}, Case{"xhttp://y/#a", {"a"}},
      Case{"#\ufe0f\u20e3 #\u20e3a", {}}, Case{"\u2764\ufe0f#love", {"love"}},
      Case{"#caf\u0065\u0301!", {"caf\u0065\u0301"}}, Case{"#\u0663\u0664 #a\u0663", {"a\u0663"}},
      Case{"#\u0645\u06cc\u200c\u062e", {"\u0645\u06cc\u200c\u062e"}}, Case{"#a\U0001F600b", {"a"}},
      Case{"#a-b #c'd", {"a", "c"}});
  INFO(c.text);
  std::vector<std::string_view> found;
  extract_hashtags(c.text, found);
  CHECK(std::vector<std::string>(found.begin(), found.end()) == c.tags);
}

TEST_CASE("a link counts for the domain that somebody registered", "[keys]") {
  struct Case {
    const char* url;
    const char* domain;
  };
  const auto c = GENERATE(
      Case{"https://www.Example.co.uk:8080/a?b#c", "example.co.uk"},
      Case{"http://orf.at", "orf.at"}, Case{"https://user:pw@news.orf.at/x", "orf.at"},
      Case{"https://orf.at./", "orf.at"}, Case{"https://a.github.io/", "a.github.io"},
      Case{"http://1.2.3.4/x", "1.2.3.4"}, Case{"http://[::1]/", ""}, Case{"http://localhost/", ""},
      Case{"https://co.uk/", ""}, Case{"orf.at/x", ""}, Case{"https:///x", ""}, Case{"", ""},
      Case{"https://www.xn--mnchen-3ya.de/", "xn--mnchen-3ya.de"});
  INFO(c.url);
  std::string domain;
  CHECK(append_registered_domain(domain, c.url) == (*c.domain != 0));
  CHECK(domain == c.domain);
}

TEST_CASE("a point lies in the cells of S2", "[cells]") {
  struct Case {
    double lat, lon;
    int level;
    const char* token;  // As the library S2 itself says.
  };
  const auto c = GENERATE(
      Case{48.2082, 16.3738, 10, "476d07"}, Case{40.75, -73.99, 12, "89c259b"},
      Case{-33.86, 151.2, 30, "6b12ae459551d5a9"}, Case{0, 0, 30, "1000000000000001"},
      Case{90, 0, 30, "5000000000000001"}, Case{-90, 77, 13, "b0000004"}, Case{0, 180, 8, "6ffff"},
      Case{0, -180, 8, "70001"}, Case{12.5, 179.9999, 11, "64d334c"},
      Case{12.5, -179.9999, 11, "7b2ccb4"}, Case{45, 45, 0, "5"}, Case{-35.3, -135, 1, "a4"},
      Case{51.5, -0.1, 20, "487604a41cf"}, Case{-54.8, -68.3, 16, "bc4c22dbf"});
  INFO(c.lat << " " << c.lon);
  CHECK(token_of(parent_of(cell_at(c.lat, c.lon), c.level)) == c.token);
  const auto read = cell_of_token(c.token);
  REQUIRE(read);
  CHECK(level_of(*read) == c.level);
  CHECK(token_of(*read) == c.token);
}

TEST_CASE("what is no token of a cell is told", "[cells]") {
  for (const char* token :
       {"", "0", "x", "476d07x", "12345678901234567", "f", "8000000000000002", "c1", "-1", "2"}) {
    INFO(token);
    CHECK_FALSE(cell_of_token(token).has_value());
  }
}

TEST_CASE("a post has the keys of its place, links and topic", "[keys]") {
  PostView post;
  PostKeys reader;
  const auto texts = [&](const char* dimension) {
    std::string all;
    for (const auto& key : reader.read(post, {*dimension_named(dimension)}, 256)) {
      all.append(key.text).append(key.spelling.empty() ? "" : "=").append(key.spelling) += ' ';
    }
    return all;
  };
  post.text = "#Wien #wien #Linz";
  CHECK(texts("hashtag") == "wien=Wien linz=Linz ");
  post.has_entities = true;
  CHECK(texts("hashtag").empty());
  CHECK(texts("city").empty());
  post.city = "Linz";
  CHECK(texts("city") == "Linz ");
  post.admin1 = "Upper Austria";
  post.country_code = "AT";
  CHECK(texts("city") == "Linz, Upper Austria, AT ");
  post.topic = "ski, snow";
  CHECK(texts("topic") == "ski, snow ");
  post.expanded_urls = {"https://a.orf.at/1", "https://b.orf.at/2", "x", "https://wien.gv.at/"};
  CHECK(texts("domain") == "orf.at wien.gv.at ");

  CHECK(texts("cell8").empty());
  post.geo_lat = 48.2082;
  post.geo_lon = 16.3738;
  CHECK(texts("cell8") == "476d1 ");
  CHECK(texts("cell10") == "476d07 ");
  post.geo_radius_km = 10;  // A cell of level 10 is about nine kilometres wide.
  CHECK(texts("cell10").empty());
  CHECK(texts("cell8") == "476d1 ");
  post.s2_cell = "89c25";  // What an earlier stage found has precedence.
  CHECK(texts("cell8") == "89c25 ");
  CHECK(texts("cell6") == "89c3 ");
  CHECK(texts("cell9").empty());
  post.s2_cell = "no token";
  CHECK(texts("cell6").empty());
}

/// (dimension, how many were left out) as text.
std::string left_out_of(const PostKeys& reader) {
  std::string all;
  for (const auto& left : reader.left_out()) {
    all.append(name_of(left.dimension)).append("=").append(std::to_string(left.count)) += ' ';
  }
  return all;
}

TEST_CASE("one post of junk gives no more than a hundred keys, and the rest is told", "[keys]") {
  // Without the limit these take minutes: each key was compared with all before it.
  std::vector<std::string> junk;
  for (int i = 0; i < 300'000; ++i) junk.push_back("j" + std::to_string(i));
  PostView post;
  post.has_entities = true;
  post.hashtags = {"J7", "\u200b", "a", "A"};
  post.hashtags.insert(post.hashtags.end(), junk.begin(), junk.end());
  for (int i = 0; i < 150; ++i) {
    post.expanded_urls.push_back(i % 2 == 0 ? "https://orf.at/" : std::string_view());
  }
  post.geo_lat = post.geo_lon = 5;
  PostKeys reader;
  const Dimension pairs = pairs_of(*dimension_named("cell0"));
  const auto& keys = reader.read(post, {Dimension::kHashtag, Dimension::kDomain, pairs}, 256);
  REQUIRE(keys.size() == 2 * kPostKeysMax + 1);
  CHECK(keys[0].text == "j7");
  CHECK(keys[99].text == "j98");  // j7 came twice.
  CHECK(keys[100].text == "orf.at");
  CHECK(left_out_of(reader) == "hashtag=299901 ");

  std::string text;
  for (const std::string& tag : junk) text.append("#").append(tag) += ' ';
  post.has_entities = false;
  post.text = text;
  CHECK(reader.read(post, {Dimension::kHashtag}, 256).size() == kPostKeysMax);
  CHECK(left_out_of(reader) == "hashtag=299900 ");
}

TEST_CASE("a hashtag of ten thousand characters is no key, whatever it folds to", "[keys]") {
  std::string combined = "a";
  std::string invisible = "wien";
  for (int i = 0; i < 5'000; ++i) {
    combined.append("\u0301");
    invisible.append("\u200b\u202e");
  }
  const std::string plain(10'000, 'x');
  PostView post;
  post.has_entities = true;
  post.hashtags = {plain, combined, invisible, "linz"};
  PostKeys reader;
  const auto& keys = reader.read(post, {Dimension::kHashtag}, 256);
  REQUIRE(keys.size() == 1);
  CHECK(keys[0].text == "linz");
  CHECK(left_out_of(reader) == "hashtag=3 ");
}

TEST_CASE("a post has each of its keys once, and none that is too long", "[keys]") {
  const std::string long_tag(257, 'x');
  const std::string longest(256, 'X');
  PostView post;
  post.has_entities = true;
  post.hashtags = {"Wien", "WIEN", "", "Ⱥ", long_tag, longest, "wien"};
  post.lang = "de";
  PostKeys reader;
  const auto texts = [&](const std::vector<Dimension>& dimensions) {
    std::vector<std::string> all;
    for (const auto& key : reader.read(post, dimensions, 256)) all.emplace_back(key.text);
    return all;
  };
  CHECK(texts({Dimension::kHashtag}) ==
        std::vector<std::string>{"wien", "ⱥ", std::string(256, 'x')});
  CHECK(texts({Dimension::kLang, Dimension::kCountry}) == std::vector<std::string>{"de"});
  post.country_code = "AT";
  post.sentiment_label = "positive";
  CHECK(texts({Dimension::kCountry, Dimension::kSentiment}) ==
        std::vector<std::string>{"AT", "positive"});
}

TEST_CASE("hashes are the same on every machine and in every release", "[keys]") {
  CHECK(stable_hash("") == 0);
  CHECK(stable_hash("a") == 0x071717d2d36b6b11ULL);
  CHECK(stable_hash("12345678") == 0x758f67d162b2d202ULL);
  CHECK(stable_hash("hashtag-window") == 0x254005a9846f0fae);
}

TEST_CASE("a hash index finds what is in it, also after erasures", "[index]") {
  std::mt19937 dice(3);
  HashIndex index;
  std::map<std::uint32_t, std::uint64_t> model;
  for (int i = 0; i < 20'000; ++i) {
    const auto number = static_cast<std::uint32_t>(dice() % 500);
    // Few different low bits: long runs of neighbours.
    const std::uint64_t hash = (number * 7ULL) % 32 + (std::uint64_t{number} << 32U);
    if (model.contains(number)) {
      index.erase(hash, number);
      model.erase(number);
    } else {
      index.insert(hash, number);
      model[number] = hash;
    }
    const auto sought = static_cast<std::uint32_t>(dice() % 500);
    const std::uint64_t sought_hash = (sought * 7ULL) % 32 + (std::uint64_t{sought} << 32U);
    const auto found = index.find(sought_hash, [&](std::uint32_t n) { return n == sought; });
    REQUIRE(found.has_value() == model.contains(sought));
  }
  CHECK(index.size() == model.size());
  index.clear();
  CHECK(index.size() == 0);
}

TEST_CASE("the index of deletions is a list of posts by id", "[index]") {
  const auto seed = GENERATE(range(1, 11));
  std::mt19937 dice(static_cast<unsigned>(seed));
  DeletionIndex index;
  struct Post {
    std::int64_t offset;
    Pane pane;
    std::vector<std::string> keys;  // A key, then its spelling.
    std::string id;
  };
  std::vector<Post> model;                   // In order of the log.
  std::vector<Post> places;                  // Likewise, with those that were taken or replaced.
  const auto text = [&](std::size_t size) {  // Every byte matters where the ring wraps.
    std::string bytes(size, ' ');
    for (char& c : bytes) c = static_cast<char>('a' + dice() % 26);
    return bytes;
  };
  std::vector<PostKeys::Key> keys;
  for (std::int64_t offset = 0; offset < 3000; ++offset) {
    const std::string id = concat({std::string(dice() % 40, 'x'), std::to_string(dice() % 400)});
    const auto known =
        std::find_if(model.begin(), model.end(), [&](const Post& post) { return post.id == id; });
    if (dice() % 3 == 0) {
      const auto taken = index.take(id, keys);
      REQUIRE(taken.has_value() == (known != model.end()));
      if (!taken) continue;
      CHECK(taken->offset == known->offset);
      CHECK(taken->pane == known->pane);
      REQUIRE(keys.size() * 2 == known->keys.size());
      for (std::size_t i = 0; i < keys.size(); ++i) {
        CHECK(keys[i].text == known->keys[2 * i]);
        CHECK(keys[i].spelling == known->keys[2 * i + 1]);
      }
      model.erase(known);
    } else {
      if (known != model.end()) model.erase(known);
      Post post{offset, offset / 10 - static_cast<Pane>(dice() % 20), {}, id};
      for (auto n = dice() % 4 * 2; n > 0; --n) post.keys.push_back(text(dice() % 120));
      keys.clear();
      for (std::size_t i = 0; i < post.keys.size(); i += 2) {
        keys.push_back({Dimension::kLang, post.keys[i], post.keys[i + 1]});
      }
      index.insert(id, {.offset = offset, .pane = post.pane, .sentiment = 5}, keys);
      model.push_back(post);
      places.push_back(post);
    }
    if (dice() % 10 == 0) {
      const Pane horizon = offset / 10 - 12;
      index.evict_below(horizon);
      while (!places.empty() && places.front().pane < horizon) {
        std::erase_if(model, [&](const Post& p) { return p.offset == places.front().offset; });
        places.erase(places.begin());
      }
    }
    CHECK(index.size() == model.size());
    REQUIRE(index.oldest().has_value() == !places.empty());
    if (!places.empty()) CHECK(index.oldest()->offset == places.front().offset);
  }
  index.evict_before(INT64_MAX);
  CHECK(index.size() == 0);
}

TEST_CASE("sums are kept apart by dimension, key, pane and effect", "[sums]") {
  Sums sums;
  for (int round = 0; round < 2; ++round) {
    sums.clear();
    sums.add({Dimension::kHashtag, "a"}, 5, 5, 1, 100).authors.insert(1, 64);
    sums.add({Dimension::kHashtag, "a"}, 5, 5, 1, -30).authors.insert(2, 64);
    sums.add({Dimension::kHashtag, "a"}, 6, 6, 1, 1);
    sums.add({Dimension::kHashtag, "a"}, 5, 7, -1, 1);
    sums.add({Dimension::kLang, "a"}, 5, 5, 1, 1);
    sums.add({Dimension::kHashtag, "ab"}, 5, 5, 1, 1);
    sums.add({Dimension::kHashtag, "ab", "AB"}, 5, 5, 1, 1).times.see(7);
    REQUIRE(sums.all().size() == 6);
    CHECK(sums.text_of(sums.all()[5]) == "ab");
    CHECK(sums.spelling_of(sums.all()[5]) == "AB");
    CHECK(sums.all()[5].key_hash == sums.all()[4].key_hash);
    CHECK_FALSE(sums.all()[0].times.any());
    CHECK(sums.all()[0].count == 2);
    CHECK(sums.all()[0].sentiment == 70);
    CHECK(sums.all()[0].authors.estimate() == 2);
    CHECK(sums.all()[1].authors.empty());
    CHECK(sums.text_of(sums.all()[4]) == "ab");
    CHECK(sums.all()[0].key_hash != sums.all()[3].key_hash);
  }
}

}  // namespace
}  // namespace rookery::hashtag_window
