// The window kernel alone: additions per second with many live keys, and what a slide costs.
#include <algorithm>
#include <ctime>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "services/hashtag-window/hashing.hpp"
#include "services/hashtag-window/kernel.hpp"
#include "tests/bench/zipf.hpp"

namespace rookery::hashtag_window {
namespace {

/// A stream and the window in which it is counted.
struct Load {
  std::vector<std::string> windows;
  std::size_t keys;        ///< How many there are, of which Zipf's law makes some rare.
  std::size_t pane_posts;  ///< Posts in one pane.
  int panes;               ///< Until all is full.
};

/// 10 million posts in an hour: 800,000 live keys.
const Load kHour{{"1h/10s"}, 1'425'000, 27'778, 400};
/// 1,000 posts a second for a day: nearly all of 300,000 keys live.
const Load kDay{{"24h/1m"}, 300'000, 60'000, 1'500};
/// Likewise in the default windows, over panes of 10 s.
const Load kDefault{{"5m/1m", "1h/10s", "24h/1m"}, 300'000, 10'000, 8'750};

Settings settings_of(const Load& load) {
  WindowOptions options;
  options.windows = load.windows;
  options.top_k = 100;
  options.pane_keys_max = 1'000'000;
  options.window_keys_max = 100'000'000;  // All keys are in one partition here.
  return *make_settings(options, 6, 1);
}

/// Keys as hashtags come.
class Keys {
 public:
  explicit Keys(std::size_t count) : numbers_(count) {
    for (std::size_t i = 0; i < count; ++i) {
      names_.push_back("tag" + std::to_string(i * 2'654'435'761U % 100'000'007U));
    }
  }
  const std::string& next() { return names_[numbers_.next()]; }

 private:
  bench::Zipf numbers_;
  std::vector<std::string> names_;
};

struct Steady {
  Load load;
  Settings settings = settings_of(load);
  WindowKernel kernel{settings};
  Keys keys{load.keys};
  Pane pane = 0;
  std::vector<std::string> batch;
  std::vector<AuthorSet> authors;

  explicit Steady(const Load& what) : load(what) {
    for (std::size_t i = 0; i < load.pane_posts; ++i) {
      authors.emplace_back();
      authors.back().insert(stable_hash(std::to_string(i)), 64);
    }
    for (int i = 0; i < load.panes; ++i) {
      draw();
      add();
      slide();
    }
  }
  void draw() {
    batch.clear();
    for (std::size_t i = 0; i < load.pane_posts; ++i) batch.push_back(keys.next());
  }
  void add() {
    for (std::size_t i = 0; i < load.pane_posts; ++i) kernel.add(post(i), authors[i]);
  }
  [[nodiscard]] Partial post(std::size_t i) const {
    const auto ms =
        static_cast<std::uint32_t>(i * 7'919 % static_cast<std::size_t>(settings.pane.count()));
    return {.dimension = "hashtag",
            .key = batch[i],
            .pane = pane,
            .from = pane,
            .count = 1,
            .sentiment = static_cast<std::int64_t>(i * 104'729 % 2'001) - 1'000,
            .times = {ms, ms}};
  }
  void slide() {
    ++pane;
    kernel.slide(pane);
    for (std::size_t i = 0; i < settings.windows.size(); ++i) {
      if (pane % settings.windows[i].slide == 0) benchmark::DoNotOptimize(kernel.top(i, pane));
    }
    kernel.drop_through(pane - settings.keep);
  }
};

/// One at a time: the memory of the process is measured.
Steady& steady(const Load& load) {
  static std::unique_ptr<Steady> state;
  if (!state || state->load.windows != load.windows) {
    state.reset();
    state = std::make_unique<Steady>(load);
  }
  return *state;
}

/// Memory of the whole process, with the benchmark's own lists: some 48 bytes a key.
double resident_mib() {
  std::ifstream file("/proc/self/statm");
  double whole = 0;
  double resident = 0;
  file >> whole >> resident;
  return resident * 4096 / (1 << 20);
}

void additions(benchmark::State& state, const Load& load) {
  Steady& s = steady(load);
  for (auto _ : state) {
    state.PauseTiming();
    s.draw();
    state.ResumeTiming();
    s.add();
    state.PauseTiming();
    s.slide();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(load.pane_posts));
  state.counters["live_keys"] = static_cast<double>(s.kernel.live_keys());
}
BENCHMARK_CAPTURE(additions, 1h_10s, kHour)->Unit(benchmark::kMillisecond);

void slides(benchmark::State& state, const Load& load) {
  Steady& s = steady(load);
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
  state.counters["live_keys"] = static_cast<double>(s.kernel.live_keys());
  state.counters["table_mib"] = static_cast<double>(s.kernel.bytes()) / (1 << 20);
  state.counters["process_mib"] = resident_mib();
}
BENCHMARK_CAPTURE(slides, 1h_10s, kHour)->Unit(benchmark::kMillisecond)->Iterations(300);
BENCHMARK_CAPTURE(additions, 24h_1m, kDay)->Unit(benchmark::kMillisecond)->Iterations(20);
BENCHMARK_CAPTURE(slides, 24h_1m, kDay)->Unit(benchmark::kMillisecond)->Iterations(100);
BENCHMARK_CAPTURE(additions, default, kDefault)->Unit(benchmark::kMillisecond)->Iterations(60);
BENCHMARK_CAPTURE(slides, default, kDefault)->Unit(benchmark::kMillisecond)->Iterations(300);

/// A kernel from snapshots, as a restore makes it of the records of window_panes: without Kafka,
/// and without what is not in snapshots yet.
void restores(benchmark::State& state, const Load& load) {
  std::vector<std::string> records;
  std::size_t bytes = 0;
  Pane folded_until = 0;
  {
    Steady& s = steady(load);
    Pane begin = floor_to(s.pane - s.settings.keep + 1, s.settings.snapshots.front().block);
    folded_until = s.pane;
    for (const SnapshotLevel& level : s.settings.snapshots) {
      for (; begin + level.block <= s.pane - level.settled; begin += level.block) {
        s.kernel.save(
            begin, begin + level.block, [](Pane) { return 0; },
            [&](const std::string& panes) {
              append_panes(records.emplace_back(), {.dimension = "hashtag",
                                                    .begin = begin,
                                                    .end = begin + level.block,
                                                    .panes = panes});
              bytes += records.back().size();
            });
      }
      folded_until = std::min(folded_until, begin);
    }
  }
  const Settings& settings = steady(load).settings;
  const Pane closed = steady(load).pane;
  RecordReader reader;
  for (auto _ : state) {
    WindowKernel kernel(settings);
    for (const std::string& record : records) {
      const auto saved = reader.read_panes(record, [](const SavedPanes&) { return true; });
      if (!saved || !kernel.load(saved->panes, folded_until, [](Pane, std::int64_t) {})) {
        state.SkipWithError("a snapshot is not read");
      }
    }
    kernel.rebuild(closed);
    benchmark::DoNotOptimize(kernel.live_keys());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes));
  state.counters["records"] = static_cast<double>(records.size());
  state.counters["mib"] = static_cast<double>(bytes) / (1 << 20);
}
BENCHMARK_CAPTURE(restores, default, kDefault)->Unit(benchmark::kMillisecond)->Iterations(1);

}  // namespace
}  // namespace rookery::hashtag_window

BENCHMARK_MAIN();
