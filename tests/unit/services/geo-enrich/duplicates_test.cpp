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
  CHECK(recent.oldest() == 5);
  CHECK(recent.add(make(2, 10, 8)) == Verdict::kNew);
  CHECK(recent.add(make(3, 10, 9)) == Verdict::kNew);
  CHECK(recent.add(make(1, 10, 10)) == Verdict::kDuplicate);
  CHECK(recent.add(make(4, 10, 11)) == Verdict::kNew);
  CHECK(recent.add(make(5, 10, 12)) == Verdict::kNew);
  CHECK(recent.add(make(6, 10, 13)) == Verdict::kNew);
  CHECK(recent.add(make(1, 10, 14)) == Verdict::kNew);
  CHECK(recent.oldest() == 12);
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
        std::popcount(posts[i].likeness ^ posts[at].likeness) <= RecentPosts::kNearBits) {
      return Verdict::kNearDuplicate;
    }
  }
  return Verdict::kNew;
}

TEST_CASE("the index says what asking all posts of the window says") {
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
  for (std::size_t i = 0; i < posts.size(); ++i) {
    CHECK(recent.add(posts[i]) == by_asking_all(posts, i, size));
    CHECK(recent.oldest() == posts[i + 1 > size ? i + 1 - size : 0].offset);
  }
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
                 "near the old bridge") > RecentPosts::kNearBits);
  CHECK(likeness_of("five words are too few") == 0);
  CHECK(likeness_of("six words are just enough here") != 0);
  CHECK(likeness_of("RT @a: a retweet says itself that it is the same") == 0);
  CHECK(likeness_of("https://a.b/one two three four five @six") == 0);
  CHECK(likeness_of("") == 0);
}

TEST_CASE("hashes are the same on every machine") {
  CHECK(hash_of("") == hash_of(std::string_view{}));
  CHECK(hash_of("12345678") != hash_of("12345679"));
  CHECK(hash_of(std::string_view("a\0", 2)) != hash_of("a"));
}

}  // namespace
}  // namespace rookery::geo_enrich
