#include "services/hashtag-window/authors.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "services/hashtag-window/hashing.hpp"
#include "tests/unit/services/hashtag-window/simulation/text.hpp"

namespace rookery::hashtag_window {
namespace {

using simulation::concat;

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

TEST_CASE("the standard error of an estimate is the 6.5 % that the contract states", "[authors]") {
  const auto [authors, sets] = GENERATE(
      table<int, int>({{100, 200}, {400, 100}, {640, 100}, {1000, 100}, {2000, 80}, {5000, 40}}));
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < sets; ++i) {
    AuthorSet set;
    for (int author = 0; author < authors; ++author) {
      set.insert(stable_hash(concat({std::to_string(i), "/", std::to_string(author)})), 64);
    }
    const double error = static_cast<double>(set.estimate()) / authors - 1;
    sum += error;
    squares += error * error;
  }
  INFO(authors << " authors: mean error " << sum / sets << ", rms " << std::sqrt(squares / sets));
  // Three deviations of what so many sets show of it.
  CHECK(std::abs(sum / sets) < .01 + 3 * .065 / std::sqrt(sets));
  CHECK(std::sqrt(squares / sets) < .065 * (1 + 3 / std::sqrt(2. * sets)));
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

}  // namespace
}  // namespace rookery::hashtag_window
