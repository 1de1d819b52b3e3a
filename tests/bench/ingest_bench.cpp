// Posts a second of the parser and of the simulator. The real lines lie outside
// of the repository; without them the simulator's are parsed alone.
#include <filesystem>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "common/core/clock.hpp"
#include "common/records/timestamp.hpp"
#include "services/ingest/file_feed.hpp"
#include "services/ingest/post_parser.hpp"
#include "services/ingest/simulator_feed.hpp"

namespace rookery::ingest {
namespace {

std::vector<std::string> all_lines(Feed& feed) {
  std::vector<std::string> lines;
  bool finished = false;
  while (!finished) {
    const auto batch = feed.read(std::chrono::milliseconds(100), 10'000);
    if (!batch) break;
    for (const auto item : batch->items) lines.emplace_back(item);
    finished = batch->finished;
  }
  return lines;
}

SimOptions sim_options() {
  return {.seed = 1, .posts = 20'000, .rate = 50, .start = *parse_rfc3339("2026-01-01T00:00:00Z")};
}

void parse_all(benchmark::State& state, const std::vector<std::string>& lines, LineFormat format) {
  PostParser parser({.format = format});
  Outputs out;
  std::int64_t bytes = 0;
  std::int64_t posts = 0;
  for (auto _ : state) {
    for (const auto& line : lines) {
      out.clear();
      const auto parsed = parser.parse(line, out);
      if (parsed) posts += static_cast<std::int64_t>(parsed->posts);
      bytes += static_cast<std::int64_t>(line.size());
      benchmark::DoNotOptimize(out.size());
    }
  }
  state.SetItemsProcessed(posts);
  state.SetBytesProcessed(bytes);
}

void parse_real(benchmark::State& state, const std::vector<std::string>& paths) {
  SystemClock clock;
  for (const auto& path : paths) {
    if (!std::filesystem::exists(path)) {
      state.SkipWithError("the real lines are not here");
      return;
    }
  }
  FileFeed feed({.paths = paths, .limits = {}, .pace = {}}, clock);
  parse_all(state, all_lines(feed), LineFormat::kAuto);
}

void parse_v1(benchmark::State& state) {
  parse_real(state, {"../shared/data/tweets/stream_2013/00.json.bz2",
                     "../shared/data/tweets/stream_2017/00.json.bz2"});
}
BENCHMARK(parse_v1)->Unit(benchmark::kMillisecond);

void parse_v2_flat(benchmark::State& state) {
  parse_real(state, {"../shared/data/tweets/twarc_csv_v2/flat.jsonl"});
}
BENCHMARK(parse_v2_flat)->Unit(benchmark::kMillisecond);

void parse_v2_pages(benchmark::State& state) {
  parse_real(state, {"../shared/data/tweets/twarc_csv_v2/noflat.jsonl",
                     "../shared/data/tweets/twarc_csv_v2/kpop.jsonl"});
}
BENCHMARK(parse_v2_pages)->Unit(benchmark::kMillisecond);

void parse_records(benchmark::State& state) {
  SystemClock clock;
  SimulatorFeed feed(sim_options(), {}, clock);
  parse_all(state, all_lines(feed), LineFormat::kRecord);
}
BENCHMARK(parse_records)->Unit(benchmark::kMillisecond);

void simulate(benchmark::State& state) {
  Simulator simulator(sim_options());
  std::uint64_t n = 0;
  for (auto _ : state) benchmark::DoNotOptimize(simulator.item(n++).line.size());
  state.SetItemsProcessed(static_cast<std::int64_t>(n));
}
BENCHMARK(simulate);

}  // namespace
}  // namespace rookery::ingest

BENCHMARK_MAIN();
