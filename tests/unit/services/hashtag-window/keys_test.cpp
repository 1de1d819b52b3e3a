#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "services/hashtag-window/authors.hpp"
#include "services/hashtag-window/deletion_index.hpp"
#include "services/hashtag-window/dimensions.hpp"
#include "services/hashtag-window/hash_index.hpp"
#include "services/hashtag-window/hashing.hpp"
#include "services/hashtag-window/key_folding.hpp"
#include "services/hashtag-window/sums.hpp"
#include "tests/unit/services/hashtag-window/simulation/text.hpp"

namespace rookery::hashtag_window {
namespace {

using simulation::concat;

TEST_CASE("letters of all scripts with cases fold", "[keys]") {
  const auto folded = [](std::string_view text) {
    std::string out;
    append_folded(out, text);
    return out;
  };
  struct Case {
    const char* text;
    const char* expected;
  };
  const auto c =
      GENERATE(Case{"", ""}, Case{"Wien2026_", "wien2026_"}, Case{"@[`{", "@[`{"},
               Case{"ÄÖÜß", "äöüß"}, Case{"×÷", "×÷"}, Case{"ŁÓDŹ", "łódź"}, Case{"ΑΘΉΝΑ", "αθήνα"},
               Case{"Σίσυφος", "σίσυφοσ"}, Case{"МОСКВА", "москва"}, Case{"ЀЏ", "ѐџ"},
               Case{"ԱԲԳ", "աբգ"}, Case{"ẞ", "ß"}, Case{"İ", "İ"}, Case{"ı", "ı"},
               Case{"Kelvin", "kelvin"}, Case{"Ⱥ", "ⱥ"}, Case{"ſ", "s"}, Case{"日本", "日本"},
               Case{"العربية", "العربية"}, Case{"𐐀", "𐐨"}, Case{"😀", "😀"}, Case{"Ａ", "ａ"});
  INFO(c.text);
  CHECK(folded(c.text) == c.expected);
  CHECK(folded(c.expected) == c.expected);
  CHECK(folded(c.text).size() <= folded_bytes_max(c.text));
}

TEST_CASE("a post has each of its keys once, and none that is too long", "[keys]") {
  const std::string long_tag(257, 'x');
  const std::string longest(256, 'X');
  PostView post;
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

std::vector<std::uint64_t> hashes(std::size_t count) {
  std::vector<std::uint64_t> all;
  for (std::size_t i = 0; i < count; ++i)
    all.push_back(stable_hash(concat({"u", std::to_string(i)})));
  return all;
}

TEST_CASE("authors are counted exactly up to the bound", "[authors]") {
  AuthorSet set;
  CHECK(set.estimate() == 0);
  for (const auto hash : hashes(64)) {
    set.insert(hash, 64);
    set.insert(hash, 64);
  }
  CHECK(set.estimate() == 64);
  CHECK_FALSE(set.is_sketch());
  set.insert(1, 64);
  CHECK(set.is_sketch());
}

TEST_CASE("the estimate of many authors is within its error", "[authors]") {
  for (const std::size_t count : {65U, 100U, 200U, 400U, 640U, 1000U, 10'000U, 100'000U}) {
    AuthorSet set;
    for (const auto hash : hashes(count)) set.insert(hash, 64);
    INFO(count << " estimated as " << set.estimate());
    CHECK(static_cast<double>(set.estimate()) == Approx(count).epsilon(0.15));
  }
}

TEST_CASE("the order of inserting and merging authors does not matter", "[authors]") {
  std::mt19937 dice(7);
  for (const std::size_t count : {1U, 3U, 4U, 5U, 6U, 40U, 500U}) {
    auto all = hashes(count);
    AuthorSet whole;
    for (const auto hash : all) whole.insert(hash, 4);
    for (int round = 0; round < 20; ++round) {
      std::shuffle(all.begin(), all.end(), dice);
      std::vector<AuthorSet> parts(1 + dice() % 6);
      for (const auto hash : all) parts[dice() % parts.size()].insert(hash, 4);
      AuthorSet joined;
      for (const auto& part : parts) joined.merge(part, 4);
      CHECK(joined.is_sketch() == whole.is_sketch());
      CHECK(joined.estimate() == whole.estimate());
      CHECK(std::equal(joined.registers().begin(), joined.registers().end(),
                       whole.registers().begin(), whole.registers().end()));
    }
  }
}

TEST_CASE("a cleared set is as a new one", "[authors]") {
  AuthorSet set;
  for (const auto hash : hashes(100)) set.insert(hash, 64);
  set.clear();
  for (const auto hash : hashes(2)) set.insert(hash, 64);
  CHECK(set.estimate() == 2);
  CHECK_FALSE(set.is_sketch());
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
    std::vector<std::string> keys;
    std::string id;
  };
  std::vector<Post> model;                   // In order of the log.
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
      REQUIRE(keys.size() == known->keys.size());
      for (std::size_t i = 0; i < keys.size(); ++i) CHECK(keys[i].text == known->keys[i]);
      model.erase(known);
    } else {
      if (known != model.end()) model.erase(known);
      Post post{offset, offset / 10 - static_cast<Pane>(dice() % 20), {}, id};
      for (auto n = dice() % 4; n > 0; --n) post.keys.push_back(text(dice() % 120));
      keys.clear();
      for (const auto& key : post.keys) keys.push_back({Dimension::kLang, key});
      index.insert(id, {.offset = offset, .pane = post.pane, .sentiment = 5}, keys);
      model.push_back(post);
    }
    if (dice() % 10 == 0) {
      const Pane horizon = offset / 10 - 12;
      index.evict_below(horizon);
      while (!model.empty() && model.front().pane < horizon) model.erase(model.begin());
    }
    CHECK(index.size() == model.size());
    REQUIRE((index.oldest() == nullptr) == model.empty());
    if (!model.empty()) CHECK(index.oldest()->offset == model.front().offset);
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
    REQUIRE(sums.all().size() == 5);
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
