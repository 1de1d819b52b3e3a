#include "services/hashtag-window/score.hpp"

#include <algorithm>
#include <vector>

#include <catch2/catch.hpp>

namespace rookery::hashtag_window {
namespace {

TEST_CASE("the square root of an integer is rounded down", "[score]") {
  for (std::uint64_t root : {0ULL, 1ULL, 2ULL, 3ULL, 1000ULL, 65'535ULL, 4'294'967'295ULL}) {
    CHECK(integer_sqrt(root * root) == root);
    CHECK(integer_sqrt(root * root + 2 * root) == root);
    if (root > 1) CHECK(integer_sqrt(root * root - 1) == root - 1);
  }
  CHECK(integer_sqrt(~std::uint64_t{0}) == 4'294'967'295ULL);
  CHECK(integer_sqrt(Wide{1} << 100U) == std::uint64_t{1} << 50U);
  CHECK(integer_sqrt((Wide{1} << 100U) - 1) == (std::uint64_t{1} << 50U) - 1);
}

TEST_CASE("a score tells what rises from what is always there", "[score]") {
  const auto trend = [](std::int64_t newest, std::vector<std::int64_t> past) {
    for (std::int64_t& block : past) block *= 1000;
    return trend_score(newest, past, 1'000'000'000);  // How busy it is, is known for sure.
  };
  CHECK(trend(0, {0, 0, 0}).score == 0);
  CHECK(trend(0, {0, 0, 0}).state == TrendState::kSteady);
  CHECK(trend(100, {0, 0, 0}).score == 100'000);  // As many deviations as authors.
  CHECK(trend(100, {0, 0, 0}).state == TrendState::kNew);
  CHECK(trend(100, {100, 100, 100}).score == 0);
  CHECK(trend(100, {100, 100, 100}).state == TrendState::kSteady);
  CHECK(trend(200, {100, 100, 100}).score == 9'951);  // 100 / sqrt(101), Poisson's spread.
  CHECK(trend(200, {100, 100, 100}).state == TrendState::kRising);
  CHECK(trend(200, {200, 0, 0}).state == TrendState::kPeak);
  CHECK(trend(130, {131, 100, 100, 100, 100}).state == TrendState::kSteady);
  CHECK(trend(900, {100, 100, 100, 100, 100}).state == TrendState::kRising);
  CHECK(trend(30, {31, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}).score < 3'000);
  CHECK(trend(0, {100, 100, 100}).score == -9'952);  // Rounded down, not towards zero.
  CHECK(trend(0, {100, 100, 100}).state == TrendState::kFalling);
  // What varies by itself surprises less, and so does what lies not far back.
  CHECK(trend(100, {0, 100, 0, 100}).score < trend(100, {50, 50, 50, 50}).score);
  CHECK(trend(100, {100, 0, 0}).score < trend(100, {0, 0, 100}).score);
}

TEST_CASE("what came at that hour yesterday explains what lies above the mean", "[score]") {
  constexpr std::int64_t kSure = 1'000'000'000;
  const std::vector<std::int64_t> past = {4'000, 4'000, 4'000};
  const auto trend = [&](std::int64_t newest, std::vector<std::int64_t> yesterday) {
    return trend_score(newest, past, kSure, yesterday);
  };
  CHECK(trend(100, {0, 0}).score == trend_score(100, past, kSure).score);
  CHECK(trend(100, {0, 0}).state == TrendState::kRising);
  CHECK(trend(100, {100'000, 0}).score == 1'048);  // 10 / sqrt(91): less a deviation of ten.
  CHECK(trend(100, {0, 100'000}).score == 1'048);  // It may be earlier than yesterday.
  CHECK(trend(100, {100'000, 50'000}).state == TrendState::kSteady);
  CHECK(trend(200, {100'000, 0}).state == TrendState::kRising);  // More than yesterday.
  CHECK(trend(60, {100'000, 0}).score == 0);                     // Less: as ever.
  CHECK(trend(0, {100'000, 0}).score == trend(0, {}).score);     // It did not come: no fall.
  // Who came yesterday at that time is not new; of one author nothing is to be expected.
  const std::vector<std::int64_t> nobody = {0, 0};
  const auto fresh = [&](std::vector<std::int64_t> yesterday) {
    return trend_score(9, nobody, kSure, yesterday);
  };
  CHECK(fresh({9'000, 0}).state == TrendState::kSteady);
  CHECK(fresh({1'000, 0}).score == 9'000);
  CHECK(fresh({1'000, 0}).state == TrendState::kRising);
  CHECK(fresh({0, 0}).state == TrendState::kNew);
}

TEST_CASE("where few tell how busy it is, less is surprising", "[score]") {
  const std::vector<std::int64_t> expected = {100'000, 100'000, 100'000};
  // 100 / sqrt(100 + 1 + 1.5 * 100^2 / (10 + 20)).
  CHECK(trend_score(200, expected, 10).score == 4'079);
  CHECK(trend_score(200, expected, 1'000'000).score == 9'950);
}

using Counts = std::vector<std::vector<std::int64_t>>;  // By key: the newest block, the past.

/// What is expected of each key from the one block of the past.
std::vector<std::int64_t> expected_of(const Counts& counts) {
  std::vector<KeyBlocks> keys;
  for (const auto& row : counts) keys.push_back({row[0], std::span(row).subspan(1)});
  const Busyness busyness(keys, 0);
  std::vector<std::int64_t> all;
  for (std::size_t i = 0; i < keys.size(); ++i) all.push_back(busyness.expected(i));
  return all;
}

TEST_CASE("what all keys do together is expected of each", "[score]") {
  using Expected = std::vector<std::int64_t>;
  // Twice as busy: the steady twenty are outvoted.
  CHECK(expected_of({{200, 100}, {100, 50}, {80, 40}}) == Expected{200'000, 100'000, 80'000});
  CHECK(expected_of({{50, 100}, {25, 50}, {20, 40}, {4, 9}}) ==
        Expected{50'000, 25'000, 20'000, 4'500});
  // One rises alone: it is not expected to, and it moves the others little.
  CHECK(expected_of({{900, 100}, {100, 100}, {110, 100}, {90, 100}}) ==
        Expected{100'000, 110'000, 100'000, 110'000});
  // Alone, or among few, nobody tells how busy it is.
  CHECK(expected_of({{900, 100}}) == Expected{100'000});
  CHECK(expected_of({{900, 100}, {19, 0}}) == Expected{100'000, 0});
  CHECK(expected_of({{0, 0}, {0, 0}}) == Expected{0, 0});
  CHECK(expected_of({}).empty());
  // A key that nobody wrote then, or now, has no say.
  CHECK(expected_of({{90, 1}, {100, 0}, {100, 0}}) == Expected{1000, 0, 0});
  CHECK(expected_of({{9, 160}, {0, 100}, {0, 100}}) == Expected{160'000, 100'000, 100'000});
  // More than sixteen-fold is not believed.
  CHECK(expected_of({{5000, 100}, {5000, 100}}) == Expected{1'600'000, 1'600'000});
  CHECK(expected_of({{100, 5000}, {100, 5000}}) == Expected{312'500, 312'500});
}

TEST_CASE("the busyness of a key is that of the others, whichever they are", "[score]") {
  std::uint64_t state = 1;
  const auto below = [&](std::uint64_t bound) {
    state = state * 6'364'136'223'846'793'005U + 1'442'695'040'888'963'407U;
    return static_cast<std::int64_t>((state >> 33U) % bound);
  };
  for (int round = 0; round < 300; ++round) {
    Counts counts(static_cast<std::size_t>(1 + below(12)));
    for (auto& row : counts) row = {below(3) * below(40), below(3) * below(40)};
    const auto all = expected_of(counts);
    for (std::size_t i = 0; i < counts.size(); ++i) {
      // Twice half of the others' authors lie at or below the quotient that was used, and at or
      // above it.
      const auto near = [&](std::int64_t newest, std::int64_t past, int sign) {
        const std::int64_t a = 1000 * counts[i][1] * newest;
        const std::int64_t b = all[i] * past;
        return sign > 0 ? a >= b : a <= b + past;  // It was rounded down.
      };
      std::int64_t weight = 20;
      std::int64_t low = near(1, 1, -1) ? 20 : 0;
      std::int64_t high = near(1, 1, 1) ? 20 : 0;
      for (std::size_t j = 0; j < counts.size(); ++j) {
        if (j == i) continue;
        const std::int64_t sum = std::min(counts[j][0], counts[j][1]);
        weight += sum;
        if (near(counts[j][0], counts[j][1], -1)) low += sum;
        if (near(counts[j][0], counts[j][1], 1)) high += sum;
      }
      INFO("round " << round << " key " << i);
      const bool most = all[i] == 16'000 * counts[i][1] || all[i] == 1000 * counts[i][1] / 16;
      CHECK((most || (2 * low >= weight && 2 * high >= weight)));
    }
  }
}

}  // namespace
}  // namespace rookery::hashtag_window
