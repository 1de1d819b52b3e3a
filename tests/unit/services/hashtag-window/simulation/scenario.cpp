#include "tests/unit/services/hashtag-window/simulation/scenario.hpp"

#include <algorithm>
#include <map>

#include "common/records/timestamp.hpp"
#include "tests/unit/services/hashtag-window/simulation/text.hpp"

namespace rookery::simulation {
namespace {

using hashtag_window::Dimension;
using hashtag_window::IdlePolicy;
using hashtag_window::Settings;

Settings make_settings(Dice& dice, bool silent) {
  Settings s;
  s.windows = {{"60s/20s", 6, 2}, {"120s/10s", 12, 1}, {"90s/30s", 9, 3, 2}};
  s.dimensions = {Dimension::kHashtag, Dimension::kLang};
  s.lateness = 3;
  s.deletion_horizon = dice.pick({10, 25});
  s.idle = std::chrono::milliseconds((silent ? 200 : 400) * 250);
  s.idle_policy = dice.chance(.25) ? IdlePolicy::kJump : IdlePolicy::kFollow;
  s.top_k = static_cast<std::size_t>(dice.pick({1, 2, 3, 20}));
  s.trend_history = static_cast<std::size_t>(dice.pick({2, 3, 8}));
  s.authors_exact_max = 4;
  s.pane_keys_max = dice.chance(.3) ? 1 : 1000;
  s.skew_panes = 8;
  s.slides_max = 6;
  s.source_partitions = static_cast<std::int32_t>(dice.between(1, 4));
  s.partial_partitions = static_cast<std::int32_t>(dice.between(1, 4));
  hashtag_window::derive(s);
  return s;
}

/// By dice of its own: what is known of rare seeds stays.
void limit_open_keys(Settings& s, std::uint64_t seed) {
  Dice dice(seed + 7'000'000);
  s.open_keys_max = static_cast<std::size_t>(dice.pick({1, 2, 3, 5, 1000, 1000, 1000, 1000}));
  s.window_keys_max = dice.pick({800'000, 800'000, 800'000, 8, 12, 20, 30, 50});
  if (dice.chance(.5)) s.place_cell_bytes = dice.pick({20, 40, 80});
}

struct Silence {
  std::int64_t begin = 0;
  std::int64_t end = 0;
};

class Writer {
 public:
  Writer(Dice& dice, Scenario& scenario) : dice_(dice), scenario_(scenario) {
    partitions_ = scenario.settings.source_partitions;
    ids_.resize(static_cast<std::size_t>(partitions_));
    last_.resize(ids_.size());
    newest_.resize(ids_.size());
    base_ms_ = 10'000 * dice.between(100, 10'000);
    if (!scenario.silent) return;
    // Each throw in a statement of its own: the order must not be the compiler's.
    for (auto n = dice.between(1, 2); n > 0; --n) {
      const auto begin = dice.between(100, 899);
      const auto length = dice.chance(.5) ? dice.between(280, 399) : dice.between(500, 1499);
      silences_[any()] = {begin, begin + length};
    }
    if (partitions_ > 1 && dice.chance(.4)) silences_[any()] = {0, kForever};
    if (partitions_ > 1 && dice.chance(.4)) {
      const auto end = dice.chance(.5) ? 900 : kForever;
      silences_[any()] = {0, end};
    }
    if (!scenario.rescales.empty()) silences_.erase(0);  // Without any post there is no state.
    if (dice.chance(.5)) all_silent_at_ = dice.between(300, 899);
  }

  void write(std::int64_t posts) {
    for (written_ = 0; written_ < posts && tick_ < 100'000;) {
      pass_time();
      grow();
      const std::int32_t p = choose();
      const auto silence = silences_.find(p);
      if (silence != silences_.end() && tick_ >= silence->second.begin) {
        if (tick_ < silence->second.end) {
          last_[index(p)] = tick_;
          continue;
        }
        resume(p);
        silences_.erase(silence);
      }
      last_[index(p)] = tick_;
      ++written_;
      record(p);
    }
    std::stable_sort(scenario_.arrivals.begin(), scenario_.arrivals.end(),
                     [](const Arrival& a, const Arrival& b) { return a.tick < b.tick; });
  }

 private:
  static constexpr std::int64_t kForever = 1'000'000'000;

  static std::size_t index(std::int32_t p) { return static_cast<std::size_t>(p); }
  std::int32_t any() { return static_cast<std::int32_t>(dice_.below(partitions_)); }
  [[nodiscard]] std::int64_t time_ms(std::int64_t tick) const { return base_ms_ + tick * 250; }

  /// What comes after a rescale may come to a new partition.
  void grow() {
    for (const Rescale& rescale : scenario_.rescales) {
      if (rescale.tick > tick_ || rescale.killed) continue;
      partitions_ = std::max(partitions_, rescale.sources.value_or(0));
    }
    ids_.resize(static_cast<std::size_t>(partitions_));
    newest_.resize(ids_.size());
    last_.resize(ids_.size(), tick_);
  }

  void pass_time() {
    const std::int64_t step = dice_.pick({0, 0, 1, 2, 5, 20}) * (scenario_.silent ? 3 : 1);
    tick_ += dice_.chance(.9) ? step : 30;
    if (all_silent_at_ && tick_ > *all_silent_at_) {
      tick_ += dice_.between(450, 2499);
      all_silent_at_.reset();
    }
  }

  /// No partition falls silent by chance.
  std::int32_t choose() {
    const auto oldest = std::min_element(last_.begin(), last_.end());
    return tick_ - *oldest > 150 ? static_cast<std::int32_t>(oldest - last_.begin()) : any();
  }

  void put(std::int64_t tick, std::int32_t p, std::string key, std::optional<std::string> value) {
    Stored stored;
    stored.key = std::move(key);
    stored.value = std::move(value);
    stored.timestamp = WallTime(std::chrono::milliseconds(time_ms(tick)));
    scenario_.arrivals.push_back({tick, p, std::move(stored)});
  }

  static std::string post(const std::string& id, std::int64_t ms, const std::string& tags,
                          std::int64_t author, std::int64_t sentiment, const char* lang) {
    return concat({R"({"id":")", id, R"(","text":"x","created_at":")",
                   to_rfc3339(WallTime(std::chrono::milliseconds(ms))), R"(","lang":")", lang,
                   R"(","author":{"id":"u)", std::to_string(author),
                   R"("},"entities":{"hashtags":[)", tags,
                   R"(]},"sentiment":{"label":"neutral","score":)",
                   std::to_string(static_cast<double>(sentiment) / 1000), "}}"});
  }

  /// A partition resumes with an old post, its owner is killed, and the post is deleted:
  /// without the idle marks in the metadata the deletion would be lost.
  void resume(std::int32_t p) {
    const std::string id = std::to_string(p) + "-old";
    const std::int64_t ms = newest_[index(p)] == 0 ? base_ms_ : newest_[index(p)];
    put(tick_, p, id, post(id, ms, R"({"tag":"a"})", 0, 50, "en"));
    scenario_.arrivals.push_back({tick_ + 60, -1, {}});
    put(tick_ + 100, p, id, std::nullopt);
  }

  std::string tags() {
    const auto wanted = dice_.chance(.8) ? dice_.pick({0, 1, 1, 2, 3}) : 1;
    std::string text;
    for (std::int64_t i = 0; i < wanted; ++i) {
      const char letter = static_cast<char>((dice_.chance(.5) ? 'a' : 'A') + dice_.below(8));
      text += concat({i == 0 ? "" : ",", R"({"tag":")", {&letter, 1}, R"("})"});
    }
    return text;
  }

  void record(std::int32_t p) {
    auto& ids = ids_[index(p)];
    if (dice_.chance(.03)) {  // Unreadable, or with a clock that is a day ahead.
      put(tick_, p, "x",
          dice_.chance(.5) ? std::string("{\"id\":")
                           : post("x", time_ms(tick_) + 86'400'000, "", 1, 0, "en"));
      return;
    }
    if (dice_.chance(.05)) {  // Markers of the writer's transactions: offsets have gaps.
      Stored marker;
      marker.marker = true;
      scenario_.arrivals.push_back({tick_, p, marker});
    }
    if (!ids.empty() && dice_.chance(written_ % 3 == 0 ? .2 : .04)) {
      const auto recent = std::min<std::int64_t>(12, static_cast<std::int64_t>(ids.size()));
      put(tick_, p, ids[ids.size() - 1 - static_cast<std::size_t>(dice_.below(recent))],
          std::nullopt);
      return;
    }
    const bool again = !ids.empty() && dice_.chance(.03);  // The same id once more.
    const std::string id =
        again ? ids.back() : concat({std::to_string(p), "-", std::to_string(written_)});
    if (!again) ids.push_back(id);
    const std::int64_t lag = dice_.chance(.7) ? dice_.below(3 * kTicksPerPane)
                             : dice_.chance(.8)
                                 ? 0
                                 : dice_.between(3 * kTicksPerPane, 9 * kTicksPerPane);
    const std::int64_t ms = time_ms(tick_ - lag);
    newest_[index(p)] = std::max(newest_[index(p)], ms);
    put(tick_, p, id,
        post(id, ms, tags(), dice_.below(20), dice_.between(-1000, 1000),
             dice_.pick({"en", "de"})));
  }

  Dice& dice_;
  Scenario& scenario_;
  std::int32_t partitions_ = 1;
  std::vector<std::vector<std::string>> ids_;
  std::vector<std::int64_t> last_;
  std::vector<std::int64_t> newest_;
  std::map<std::int32_t, Silence> silences_;
  std::optional<std::int64_t> all_silent_at_;
  std::int64_t base_ms_ = 0;
  std::int64_t tick_ = 0;
  std::int64_t written_ = 0;
};

}  // namespace

Scenario make_scenario(std::uint64_t seed) {
  Dice dice(seed);
  Scenario scenario;
  scenario.silent = seed % 2 == 1;
  scenario.settings = make_settings(dice, scenario.silent);
  limit_open_keys(scenario.settings, seed);
  if (seed % 8 == 4 || seed % 8 == 5) scenario.settings.early = std::chrono::seconds(5);
  Writer(dice, scenario).write(dice.pick({40, 80, 140}) * (scenario.silent ? 2 : 1));
  return scenario;
}

namespace {

/// Windows so long that panes are folded and saved; for some seeds a day fits into the longest.
void lengthen(Settings& s, std::uint64_t seed) {
  s.windows = {{"60s/20s", 6, 2}, {"120s/10s", 12, 1}, {"720s/20s", 72, 2}};
  if (seed % 8 == 1 || seed % 8 == 2) {
    s.windows.back() = {"960s/20s", 96, 2};
    s.day = std::chrono::seconds(960);
  }
  s.length_max = s.slide_max = s.keep = 0;
  hashtag_window::derive(s);
  s.snapshots = {{2 * s.fold, s.settled}};
  if (s.settled > s.deletion_horizon) s.snapshots.push_back({s.fold, s.deletion_horizon});
}

/// Deletions that reach nearly as far as the windows, so that what is saved begins behind the
/// border of a quarter at times; and few places in each, so that this matters.
void lengthen_deletions(Settings& s, std::uint64_t seed) {
  s.windows = {{"60s/20s", 6, 2}, {"120s/10s", 12, 1}, {"240s/20s", 24, 2}};
  s.deletion_horizon = seed / 8 % 2 == 0 ? 20 : 22;
  s.window_keys_max = 8 + static_cast<std::int64_t>(seed / 8 % 4) * 6;
  s.length_max = s.slide_max = s.keep = 0;
  hashtag_window::derive(s);
  s.snapshots = {{2, s.settled}};
}

}  // namespace

Scenario make_snapshot_scenario(std::uint64_t seed) {
  Dice dice(seed);
  Scenario scenario;
  scenario.damaged = seed % 2 == 1;
  scenario.silent = seed % 4 >= 2;
  scenario.settings = make_settings(dice, scenario.silent);
  limit_open_keys(scenario.settings, seed);
  const bool far_deletions = seed % 8 == 3 || seed % 8 == 4;
  far_deletions ? lengthen_deletions(scenario.settings, seed) : lengthen(scenario.settings, seed);
  Writer(dice, scenario).write(dice.pick({140, 220}));
  return scenario;
}

Scenario make_rescale_scenario(std::uint64_t seed) {
  Dice dice(seed);
  Scenario scenario;
  scenario.silent = true;  // While it waits for all to be read, nothing new comes.
  Settings& s = scenario.settings;
  s = make_settings(dice, true);
  limit_open_keys(s, seed);
  if (seed % 2 == 1) lengthen(s, seed);
  scenario.damaged = seed % 4 == 3;
  s.idle = std::chrono::seconds(200);
  s.pane_keys_max = 1000;  // Which keys go depends on the number of partitions.
  s.window_keys_max = 800'000;
  s.fingerprint = concat({"simulated P=", std::to_string(s.source_partitions),
                          " Q=", std::to_string(s.partial_partitions)});
  std::int64_t tick = dice.between(100, 700);
  std::int32_t sources = s.source_partitions;
  for (auto n = dice.between(1, 3); n > 0; --n) {
    Rescale rescale;
    rescale.tick = tick;
    rescale.partials = static_cast<std::int32_t>(dice.between(1, 5));
    rescale.killed = n > 1 && dice.chance(.7);
    if (dice.chance(.5)) {
      rescale.sources = sources + static_cast<std::int32_t>(dice.between(0, 2));
      if (!rescale.killed) sources = *rescale.sources;
    }
    scenario.rescales.push_back(rescale);
    tick += dice.between(100, 700);
  }
  Writer(dice, scenario).write(dice.pick({140, 220}));
  return scenario;
}

Scenario make_upstream_scenario(std::uint64_t seed) {
  Dice dice(seed);
  Scenario scenario;
  scenario.input = "enriched_tweets";
  scenario.settings = make_settings(dice, false);
  limit_open_keys(scenario.settings, seed);
  scenario.settings.upstream = {{"sentiment-scoring", scenario.input}};
  Writer(dice, scenario).write(140);
  return scenario;
}

}  // namespace rookery::simulation
