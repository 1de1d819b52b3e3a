// The window kernel alone: additions per second with many live keys, and what a slide costs.
#include <algorithm>
#include <cmath>
#include <ctime>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "services/hashtag-window/hashing.hpp"
#include "services/hashtag-window/kernel.hpp"

namespace rookery::hashtag_window {
namespace {

constexpr std::size_t kKeys = 1'000'000;
constexpr std::size_t kPerPane = 27'778;  // 20 million in 720 panes: about 800,000 live keys.

Settings hour_by_ten_seconds() {
  WindowOptions options;
  options.windows = {"1h/10s"};
  options.top_k = 100;
  options.pane_keys_max = 1'000'000;
  return *make_settings(options, 6, 1);
}

/// Keys by Zipf's law with exponent 1.05, as hashtags come.
class Keys {
 public:
  Keys() {
    double sum = 0;
    for (std::size_t i = 0; i < kKeys; ++i) {
      sum += std::pow(static_cast<double>(i + 1), -1.05);
      cumulated_.push_back(sum);
      names_.push_back("tag" + std::to_string(i * 2'654'435'761U % 100'000'007U));
    }
  }
  const std::string& next() {
    const double draw = std::uniform_real_distribution<double>(0, cumulated_.back())(dice_);
    const auto at = std::lower_bound(cumulated_.begin(), cumulated_.end(), draw);
    return names_[static_cast<std::size_t>(at - cumulated_.begin())];
  }

 private:
  std::mt19937_64 dice_{42};
  std::vector<double> cumulated_;
  std::vector<std::string> names_;
};

struct Steady {
  Settings settings = hour_by_ten_seconds();
  WindowKernel kernel{settings};
  Keys keys;
  Pane pane = 0;
  std::vector<std::string> batch;
  std::vector<AuthorSet> authors;

  Steady() {
    for (std::size_t i = 0; i < kPerPane; ++i) {
      authors.emplace_back();
      authors.back().insert(stable_hash(std::to_string(i)), 64);
    }
    for (int i = 0; i < 400; ++i) {
      draw();
      add();
      slide();
    }
  }
  void draw() {
    batch.clear();
    for (std::size_t i = 0; i < kPerPane; ++i) batch.push_back(keys.next());
  }
  void add() {
    for (std::size_t i = 0; i < kPerPane; ++i) kernel.add(post(i), authors[i]);
  }
  [[nodiscard]] Partial post(std::size_t i) const {
    const auto ms = static_cast<std::uint32_t>(i % 10'000);
    return {.dimension = "hashtag",
            .key = batch[i],
            .pane = pane,
            .from = pane,
            .count = 1,
            .sentiment = 5,
            .times = {ms, ms}};
  }
  void slide() {
    ++pane;
    kernel.slide(pane);
    benchmark::DoNotOptimize(kernel.top(0, pane));
    kernel.drop_through(pane - settings.keep);
  }
};

Steady& steady() {
  static Steady state;
  return state;
}

/// Memory of the whole process, with the benchmark's own list of keys (some 90 MiB).
double resident_mib() {
  std::ifstream file("/proc/self/statm");
  double whole = 0;
  double resident = 0;
  file >> whole >> resident;
  return resident * 4096 / (1 << 20);
}

void additions(benchmark::State& state) {
  Steady& s = steady();
  for (auto _ : state) {
    state.PauseTiming();
    s.draw();
    state.ResumeTiming();
    s.add();
    state.PauseTiming();
    s.slide();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kPerPane));
  state.counters["live_keys"] = static_cast<double>(s.kernel.live_keys());
}
BENCHMARK(additions)->Unit(benchmark::kMillisecond);

void slides(benchmark::State& state) {
  Steady& s = steady();
  std::vector<double> times;
  for (auto _ : state) {
    state.PauseTiming();
    s.draw();
    s.add();
    state.ResumeTiming();
    const std::clock_t began = std::clock();  // Of this thread alone: the machine is shared.
    s.slide();
    times.push_back(1000.0 * static_cast<double>(std::clock() - began) / CLOCKS_PER_SEC);
  }
  std::sort(times.begin(), times.end());
  state.counters["p99_ms"] = times[times.size() * 99 / 100];
  state.counters["table_mib"] = static_cast<double>(s.kernel.bytes()) / (1 << 20);
  state.counters["process_mib"] = resident_mib();
}
BENCHMARK(slides)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace rookery::hashtag_window

BENCHMARK_MAIN();
