// Whether the score tells bursts: keys of known frequency, with bursts planted among them.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "services/hashtag-window/hashing.hpp"
#include "services/hashtag-window/kernel.hpp"
#include "tests/unit/services/hashtag-window/simulation/text.hpp"

namespace rookery::hashtag_window {
namespace {

using simulation::concat;

constexpr Pane kMinute = 6;  // Panes of 10 s.
constexpr Pane kEnd = 240 * kMinute;
constexpr int kPostsPerPane = 400;

/// A key that nobody or few wrote rises within ten minutes to a multiple of the tenth place.
struct Burst {
  std::string key;
  Pane start;
  double peak;  ///< Posts a pane.
};

/// How many posts come: ever as many, or five times more after the morning than at night.
enum class Day { kFlat, kMorning };
constexpr Pane kMorningBegin = 120 * kMinute;
constexpr Pane kMorningEnd = 180 * kMinute;

/// The share of kPostsPerPane at a time: half of the rise lies within 26 minutes.
double share_of(Day day, Pane ten_seconds) {
  if (day == Day::kFlat) return 1;
  const auto middle = static_cast<double>(kMorningBegin + kMorningEnd) / 2;
  return .2 + .8 / (1 + std::exp((middle - static_cast<double>(ten_seconds)) / (12 * kMinute)));
}

/// Posts by Zipf's law over 5000 keys, some with a wave of their own, and the bursts.
class Stream {
 public:
  explicit Stream(std::uint64_t seed, Day day = Day::kFlat) : dice_(seed), day_(day) {
    double sum = 0;
    for (int i = 0; i < 5000; ++i) cumulated_.push_back(sum += std::pow(i + 1, -1.0));
    for (int i = 0; i < 12; ++i) {
      bursts_.push_back({concat({"burst", std::to_string(i)}), (90 + 10 * i) * kMinute,
                         static_cast<double>(30 + dice_() % 30)});
    }
  }

  /// The posts of ten seconds, counted in `pane` of the kernel.
  void fill(WindowKernel& kernel, Pane ten_seconds, Pane pane) {
    const auto posts = static_cast<int>(kPostsPerPane * share_of(day_, ten_seconds));
    for (int i = 0; i < posts; ++i) {
      const double draw = std::uniform_real_distribution<double>(0, cumulated_.back())(dice_);
      const auto at = std::lower_bound(cumulated_.begin(), cumulated_.end(), draw);
      const auto rank = at - cumulated_.begin();
      // Every seventh key has a wave of an hour: more and less by a half.
      if (rank % 7 == 3 &&
          std::sin(static_cast<double>(ten_seconds) / (10 * kMinute)) < chance() - .5) {
        continue;
      }
      post(kernel, concat({"key", std::to_string(rank)}), pane, dice_() % 20'000);
    }
    for (const Burst& burst : bursts_) {
      const auto age = static_cast<double>(ten_seconds - burst.start) / (10 * kMinute);
      if (age < 0 || age > 2) continue;
      const double rate = burst.peak * (age < 1 ? age : 2 - age);
      for (auto n = std::poisson_distribution<int>(rate)(dice_); n > 0; --n) {
        post(kernel, burst.key, pane, dice_() % 20'000);
      }
    }
    // Three authors who write without pause, and begin in the middle: frequent, no trend.
    if (ten_seconds < kEnd / 2) return;
    for (int i = 0; i < 30; ++i) post(kernel, "spam", pane, dice_() % 3);
  }

  [[nodiscard]] const std::vector<Burst>& bursts() const { return bursts_; }

 private:
  double chance() { return std::uniform_real_distribution<double>(0, 1)(dice_); }
  static void post(WindowKernel& kernel, const std::string& key, Pane pane, std::uint64_t who) {
    AuthorSet author;
    author.insert(stable_hash(std::to_string(who)), 64);
    kernel.add({.dimension = "hashtag", .key = key, .pane = pane, .from = pane, .count = 1},
               author);
  }

  std::mt19937_64 dice_;
  Day day_;
  std::vector<double> cumulated_;
  std::vector<Burst> bursts_;
};

struct Found {
  std::map<std::string, Pane> flagged;  ///< First told to be new or rising by three deviations.
  std::map<std::string, Pane> in_top;   ///< First among the ten most frequent.
  std::map<std::string, std::set<TrendState>> states;
  std::int64_t entries = 0;      ///< Of keys that are no bursts,
  std::int64_t false_flags = 0;  ///< and those of them that were flagged;
  std::int64_t morning = 0;      ///< likewise while everything rises,
  std::int64_t morning_flags = 0;
  std::int64_t morning_plain = 0;  ///< and by a score that does not look at the other keys.
};

/// Three authors out of nowhere are three deviations: no more.
bool is_flag(const TrendScore& trend) {
  return trend.score > 3000 &&
         (trend.state == TrendState::kRising || trend.state == TrendState::kNew);
}

/// Three days of few posts: "morning" comes every day from eight to half past, "quake" on the last
/// one, at noon.
void fill_ten_minutes(WindowKernel& kernel, Pane pane, std::mt19937_64& dice) {
  const Pane day = pane / 144;
  const Pane minute = pane % 144 * 10;
  const auto write = [&](const std::string& key, int posts) {
    for (; posts > 0; --posts) {
      AuthorSet author;
      author.insert(stable_hash(std::to_string(dice() % 20'000)), 64);
      kernel.add({.dimension = "hashtag", .key = key, .pane = pane, .from = pane, .count = 1},
                 author);
    }
  };
  for (int key = 0; key < 20; ++key) {
    write(concat({"key", std::to_string(key)}), std::poisson_distribution<int>(10)(dice));
  }
  if (minute >= 480 && minute < 510) write("morning", std::poisson_distribution<int>(40)(dice));
  if (day == 2 && minute >= 720) write("quake", std::poisson_distribution<int>(40)(dice));
}

std::vector<TrendScore> scores_of(const WindowTop& top, std::size_t blocks) {
  std::vector<KeyBlocks> keys;
  for (const auto& entry : top.top) {
    keys.push_back({entry.newest, entry.past, entry.yesterday});
  }
  return trend_scores(keys, blocks);
}

TrendScore plain_score(const WindowTop::Entry& entry) {
  std::vector<std::int64_t> expected = entry.past;
  for (std::int64_t& block : expected) block *= 1000;
  return trend_score(entry.newest, expected, 1'000'000'000);
}

void look_at(const WindowTop& top, Pane end, std::size_t blocks, Found& found) {
  const auto scores = scores_of(top, blocks);
  for (std::size_t i = 0; i < top.top.size(); ++i) {
    const WindowTop::Entry& entry = top.top[i];
    const std::string key(entry.key);
    const bool flag = is_flag(scores[i]);
    if (flag) found.flagged.try_emplace(key, end);
    if (i < 10) found.in_top.try_emplace(key, end);
    if (key.starts_with("burst")) {
      found.states[key].insert(scores[i].state);
      continue;
    }
    ++found.entries;
    found.false_flags += flag ? 1 : 0;
    if (end < kMorningBegin || end > kMorningEnd) continue;
    ++found.morning;
    found.morning_flags += flag ? 1 : 0;
    found.morning_plain += is_flag(plain_score(entry)) ? 1 : 0;
  }
}

Found watch(const std::string& window, std::uint64_t seed, Day day) {
  WindowOptions options;
  options.windows = {window};
  const Settings settings = *make_settings(options, 1, 1);
  const Pane scale = settings.pane / std::chrono::seconds(10);
  REQUIRE(scale >= 1);
  WindowKernel kernel(settings);
  Stream stream(seed, day);
  Found found;
  for (Pane end = 1; end <= kEnd; ++end) {
    stream.fill(kernel, end - 1, (end - 1) / scale);
    if (end % scale != 0) continue;
    kernel.slide(end / scale);
    if ((end / scale) % settings.windows[0].slide == 0 && end > 70 * kMinute) {
      look_at(kernel.top(0, end / scale), end, settings.trend_history, found);
    }
    kernel.drop_through(end / scale - settings.keep);
  }
  return found;
}

/// How many bursts came among the first ten, and how many minutes before that they were flagged.
std::pair<int, double> check_bursts(const Found& found, const Stream& stream) {
  int reached = 0;
  double lead = 0;
  for (const Burst& burst : stream.bursts()) {
    INFO(burst.key);
    REQUIRE(found.flagged.contains(burst.key));
    CHECK(found.flagged.at(burst.key) - burst.start <= 10 * kMinute);
    const auto top = found.in_top.find(burst.key);
    if (top == found.in_top.end()) continue;
    CHECK(found.flagged.at(burst.key) < top->second);
    lead += static_cast<double>(top->second - found.flagged.at(burst.key)) / kMinute;
    ++reached;
  }
  CHECK(reached >= 6);
  return {reached, lead / reached};
}

TEST_CASE("bursts are told before they are among the ten most frequent", "[trend]") {
  const std::string window = GENERATE("5m/1m", "1h/1m");
  const auto seed = GENERATE(1U, 2U);
  const Found found = watch(window, seed, Day::kFlat);
  INFO(window << " seed " << seed);
  const Stream stream(seed);
  const auto [reached, lead] = check_bursts(found, stream);
  int peaks = 0;
  for (const Burst& burst : stream.bursts()) {
    INFO(burst.key);
    peaks += found.states.at(burst.key).contains(TrendState::kPeak) ? 1 : 0;
    if (window == "5m/1m") CHECK(found.states.at(burst.key).contains(TrendState::kFalling));
  }
  // In an hour, a burst of ten minutes and more is soon a good part of its own past.
  INFO(peaks << " bursts are told to be at their peak");
  CHECK((peaks >= 4 || window == "1h/1m"));
  const double false_share =
      static_cast<double>(found.false_flags) / static_cast<double>(found.entries);
  std::printf(
      "%s seed %u: %d of 12 bursts among the first ten, flagged %.1f min earlier on average; "
      "%.3f %% of other entries flagged\n",
      window.c_str(), static_cast<unsigned>(seed), reached, lead, 100 * false_share);
  CHECK(false_share < 0.01);
  // Frequent at once, and yet no more than three authors.
  CHECK(found.in_top.contains("spam"));
  CHECK_FALSE(found.flagged.contains("spam"));
}

TEST_CASE("a morning in which everything grows is no trend, and bursts in it are", "[trend]") {
  const std::string window = GENERATE("5m/1m", "1h/1m");
  const auto seed = GENERATE(1U, 2U);
  INFO(window << " seed " << seed);
  const Found found = watch(window, seed, Day::kMorning);
  const auto [reached, lead] = check_bursts(found, Stream(seed, Day::kMorning));
  const auto share = [&](std::int64_t flags) {
    return 100 * static_cast<double>(flags) / static_cast<double>(found.morning);
  };
  std::printf(
      "%s seed %u, in the morning: %d of 12 bursts among the first ten, flagged %.1f min earlier "
      "on average; %.3f %% of other entries flagged, %.3f %% without a look at the other keys\n",
      window.c_str(), static_cast<unsigned>(seed), reached, lead, share(found.morning_flags),
      share(found.morning_plain));
  CHECK(share(found.morning_flags) < 1);
  if (window == "1h/1m") CHECK(found.morning_plain > 5 * found.morning_flags);
}

TEST_CASE("what comes every day at the same hour is a trend on the first day alone", "[trend]") {
  WindowOptions options;
  options.windows = {"1h/10m", "6h/10m", "24h/10m"};
  const Settings settings = *make_settings(options, 1, 1);
  REQUIRE(settings.windows[0].day == 144);
  REQUIRE(settings.windows[1].day == 144);
  const auto window = GENERATE(std::size_t{0}, std::size_t{1});
  const auto seed = GENERATE(1U, 2U, 3U);
  INFO(options.windows[window] << " seed " << seed);
  std::mt19937_64 dice(seed);
  WindowKernel kernel(settings);
  std::map<std::string, std::set<Pane>> days;  // On which a key was flagged.
  for (Pane end = 1; end <= 3 * 144; ++end) {
    fill_ten_minutes(kernel, end - 1, dice);
    kernel.slide(end);
    const WindowTop top = kernel.top(window, end);
    const auto scores = scores_of(top, settings.trend_history);
    for (std::size_t i = 0; i < scores.size(); ++i) {
      if (is_flag(scores[i])) days[std::string(top.top[i].key)].insert((end - 1) / 144);
    }
    kernel.drop_through(end - settings.keep);
  }
  CHECK(days["morning"] == std::set<Pane>{0});
  CHECK(days["quake"] == std::set<Pane>{2});
}

}  // namespace
}  // namespace rookery::hashtag_window
