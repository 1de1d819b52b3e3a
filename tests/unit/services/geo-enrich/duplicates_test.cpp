#include "services/geo-enrich/quality/duplicates.hpp"

#include <bit>
#include <random>
#include <vector>

#include <catch2/catch.hpp>

#include "services/geo-enrich/quality/likeness.hpp"

namespace rookery::geo_enrich {
namespace {

using Verdict = RecentPosts::Verdict;

RecentPosts::Post make(std::uint64_t id, std::uint64_t text, std::int64_t offset,
                       std::uint64_t likeness = 0) {
  return {.id = id, .text = text, .likeness = likeness, .offset = offset};
}

TEST_CASE("a post that comes again is known while it is among the last") {
  RecentPosts recent(3);
  CHECK(recent.oldest() == -1);
  CHECK(recent.add(make(1, 10, 0)) == Verdict::kNew);
  CHECK(recent.add(make(1, 10, 5)) == Verdict::kDuplicate);
  CHECK(recent.add(make(1, 11, 6)) == Verdict::kEdited);
  CHECK(recent.add(make(1, 10, 7)) == Verdict::kEdited);
  CHECK(recent.oldest() == 0);
  CHECK(recent.add(make(2, 10, 8)) == Verdict::kNew);
  CHECK(recent.add(make(3, 10, 9)) == Verdict::kNew);
  CHECK(recent.add(make(1, 10, 10)) == Verdict::kDuplicate);
  CHECK(recent.add(make(4, 10, 11)) == Verdict::kNew);
  CHECK(recent.add(make(5, 10, 12)) == Verdict::kNew);
  CHECK(recent.add(make(6, 10, 13)) == Verdict::kNew);
  CHECK(recent.add(make(1, 10, 14)) == Verdict::kNew);
  CHECK(recent.oldest() == 0);
}

/// What RecentPosts promises, by comparing with every post of the window.
Verdict by_asking_all(const std::vector<RecentPosts::Post>& posts, std::size_t at,
                      std::size_t size) {
  const std::size_t begin = at > size ? at - size : 0;
  for (std::size_t i = at; i-- > begin;) {
    if (posts[i].id != posts[at].id) continue;
    return posts[i].text == posts[at].text ? Verdict::kDuplicate : Verdict::kEdited;
  }
  for (std::size_t i = begin; i < at && posts[at].likeness != 0; ++i) {
    if (posts[i].likeness != 0 &&
        std::popcount(posts[i].likeness ^ posts[at].likeness) <= NearTexts::kNearBits) {
      return Verdict::kNearDuplicate;
    }
  }
  return Verdict::kNew;
}

TEST_CASE("the index says what asking all posts says, but for a near one in a full bucket") {
  const std::size_t size = GENERATE(1U, 7U, 256U, 300U);
  std::mt19937_64 random(size);
  std::vector<RecentPosts::Post> posts;
  for (std::int64_t i = 0; i < 2000; ++i) {
    std::uint64_t likeness = random() % 5 == 0 ? 0 : random();
    if (random() % 3 == 0 && i > 0) {  // One that is near an earlier one, or just not.
      likeness = posts[random() % posts.size()].likeness;
      for (std::uint64_t flips = random() % 5; flips > 0; --flips) {
        likeness ^= std::uint64_t{1} << (random() % 64);
      }
    }
    posts.push_back(make(random() % 600, random() % 2, i, likeness));
  }
  RecentPosts recent(size);
  std::size_t hidden = 0;
  for (std::size_t i = 0; i < posts.size(); ++i) {
    const Verdict verdict = recent.add(posts[i]);
    const Verdict expected = by_asking_all(posts, i, size);
    if (verdict == Verdict::kNew && expected == Verdict::kNearDuplicate) {
      ++hidden;
    } else {
      CHECK(verdict == expected);
    }
    const std::int64_t oldest = posts[i + 1 > size ? i + 1 - size : 0].offset;
    CHECK(recent.oldest() <= oldest);
    CHECK(recent.oldest() > oldest - std::int64_t{RecentPosts::kOffsetStep});
  }
  CHECK(hidden <= 2);
}

/// Texts of which many share blocks, as those of a campaign do, and gaps without one.
std::vector<RecentPosts::Post> a_campaign(std::size_t count) {
  std::mt19937_64 random(11);
  std::vector<RecentPosts::Post> posts;
  for (std::size_t i = 0; i < count; ++i) {
    std::uint64_t likeness = random() % 4 == 0 ? 0 : random() & 0xffff'ffff;
    for (std::uint64_t flips = random() % 9; flips > 0; --flips) {
      likeness ^= std::uint64_t{1} << (random() % 32 + 32);
    }
    posts.push_back(make(i, 0, static_cast<std::int64_t>(i), likeness));
  }
  return posts;
}

TEST_CASE("what was there before the window does not matter, even in a flood of one kind") {
  const std::size_t size = GENERATE(5U, 100U, 700U);
  const auto posts = a_campaign(4000);
  RecentPosts all(size);
  for (std::size_t i = 0; i < 3000; ++i) all.add(posts[i]);
  RecentPosts restored(size);
  for (auto i = static_cast<std::size_t>(all.oldest()); i < 3000; ++i) restored.add(posts[i]);
  std::size_t near = 0;
  for (std::size_t i = 3000; i < posts.size(); ++i) {
    const Verdict verdict = all.add(posts[i]);
    near += verdict == Verdict::kNearDuplicate ? 1U : 0U;
    REQUIRE(restored.add(posts[i]) == verdict);
  }
  CHECK((near > 20 || size < 100));
}

TEST_CASE("what is nearly the same is sought among fewer posts than what is the same") {
  constexpr std::uint64_t kText = 0x0123'4567'89ab'cdef;
  RecentPosts recent(3 * NearTexts::kSizeMax);
  recent.add(make(1, 1, 0, kText));
  for (std::uint64_t i = 2; i < NearTexts::kSizeMax + 1; ++i) recent.add(make(i, 1, 0));
  CHECK(recent.add(make(1'000'000, 1, 0, kText ^ 1)) == Verdict::kNearDuplicate);
  for (std::uint64_t i = 0; i < NearTexts::kSizeMax; ++i) recent.add(make(2'000'000 + i, 1, 0));
  CHECK(recent.add(make(3'000'000, 1, 0, kText)) == Verdict::kNew);
  CHECK(recent.add(make(1, 1, 0)) == Verdict::kDuplicate);
}

TEST_CASE("texts that are nearly the same are alike, others are not") {
  const auto distance = [](std::string_view a, std::string_view b) {
    return std::popcount(likeness_of(a) ^ likeness_of(b));
  };
  const std::string_view spam =
      "Huge sale today only: get the best watches for half the price, click here now "
      "https://spam.example/aaa @someone";
  CHECK(distance(spam,
                 "HUGE SALE today only!! Get the best watches for half the price -- click here now "
                 "https://spam.example/zzz @other") == 0);
  CHECK(distance(spam,
                 "I walked along the river this morning and saw two herons and a kingfisher "
                 "near the old bridge") > NearTexts::kNearBits);
  CHECK(likeness_of("five words are too few") == 0);
  CHECK(likeness_of("six words are just enough here") != 0);
  CHECK(likeness_of("RT @a: a retweet says itself that it is the same") == 0);
  CHECK(likeness_of("https://a.b/one two three four five @six") == 0);
  CHECK(likeness_of("") == 0);
}

TEST_CASE("a text of many words counts each of them") {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "word" + std::to_string(i) + " ";
  CHECK(likeness_of(text) == likeness_of(text + "!"));
  CHECK(std::popcount(likeness_of(text) ^ likeness_of(text + "one more")) <= 4);
  CHECK(likeness_of("the same again the same again the same again") == 0x6b1f'e25c'128d'd635);
  CHECK(likeness_of("six words are just enough here") == 0xe50a'6a4a'7676'8b63);
}

TEST_CASE("hashes are the same on every machine") {
  CHECK(hash_of("") == hash_of(std::string_view{}));
  CHECK(hash_of("12345678") != hash_of("12345679"));
  CHECK(hash_of(std::string_view("a\0", 2)) != hash_of("a"));
}

}  // namespace
}  // namespace rookery::geo_enrich
