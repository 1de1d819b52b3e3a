#include <algorithm>
#include <cstdlib>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include "services/geo-enrich/gazetteer/gazetteer.hpp"
#include "services/geo-enrich/processor.hpp"

namespace rookery::geo_enrich {
namespace {

Gazetteer world() {
  auto gazetteer = Gazetteer::open(ROOKERY_GAZETTEER);
  if (!gazetteer) std::abort();
  return *std::move(gazetteer);
}

/// Around cities, as posts are: a normal step of 0.2 degrees in each direction.
std::vector<Point> points_near_cities(const Gazetteer& gazetteer) {
  std::mt19937 random(7);
  std::uniform_int_distribution<std::size_t> any(0, gazetteer.city_table().size() - 1);
  std::normal_distribution<double> step(0, 0.2);
  std::vector<Point> points(100'000);
  for (Point& point : points) {
    const Point city = position(gazetteer.city(any(random)));
    point = {std::clamp(city.lat + step(random), -90.0, 90.0),
             std::clamp(city.lon + step(random), -180.0, 180.0)};
  }
  return points;
}

std::vector<Point> points_anywhere() {
  std::mt19937 random(7);
  std::uniform_real_distribution<double> lat(-90, 90);
  std::uniform_real_distribution<double> lon(-180, 180);
  std::vector<Point> points(100'000);
  for (Point& point : points) point = {lat(random), lon(random)};
  return points;
}

void find_all(benchmark::State& state, const Gazetteer& gazetteer,
              const std::vector<Point>& points) {
  std::size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(gazetteer.find(points[i]));
    i = i + 1 == points.size() ? 0 : i + 1;
  }
  state.SetItemsProcessed(state.iterations());
}

void find_near_cities(benchmark::State& state) {
  const Gazetteer gazetteer = world();
  find_all(state, gazetteer, points_near_cities(gazetteer));
}
BENCHMARK(find_near_cities);

void find_anywhere(benchmark::State& state) {
  find_all(state, world(), points_anywhere());
}
BENCHMARK(find_anywhere);

void open_gazetteer(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(Gazetteer::open(ROOKERY_GAZETTEER));
}
BENCHMARK(open_gazetteer)->Unit(benchmark::kMillisecond);

/// Compact posts, `located` percent of them with a point; batches of 1,000.
void process_posts(benchmark::State& state) {
  const Gazetteer gazetteer = world();
  const auto points = points_near_cities(gazetteer);
  std::vector<std::pair<std::string, std::string>> posts;
  for (std::size_t i = 0; i < 10'000; ++i) {
    std::string id = std::to_string(1'000'000'000'000'000'000 + i);
    std::string json = R"({"id":")" + id +
                       R"(","text":"a post of the usual length, with a #tag and an address in )"
                       R"(it https://t.co/abcdefghij","created_at":"2026-11-21T10:00:00Z",)"
                       R"("lang":"en","author":{"id":"123456789","username":"someone",)"
                       R"("location":"somewhere","followers_count":321},"entities":{"hashtags":)"
                       R"([{"start":35,"end":39,"tag":"tag"}]})";
    if (static_cast<std::int64_t>(i % 100) < state.range(0)) {
      json += R"(,"coordinates":{"lat":)" + std::to_string(points[i].lat) + R"(,"lon":)" +
              std::to_string(points[i].lon) + "}";
    }
    posts.emplace_back(std::move(id), json + "}");
  }
  GeoEnrich stage(world(), Limits{});
  Outputs out;
  std::size_t i = 0;
  for (auto _ : state) {
    const auto& [key, value] = posts[i];
    const InputRecord record{.topic = "raw_tweets",
                             .partition = Partition(0),
                             .offset = Offset(0),
                             .timestamp = WallTime{},
                             .key = key,
                             .value = value,
                             .headers = {}};
    benchmark::DoNotOptimize(stage.process(record, out));
    if (out.size() == 1000) out.clear();
    i = i + 1 == posts.size() ? 0 : i + 1;
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(process_posts)->Arg(0)->Arg(2)->Arg(100);

}  // namespace
}  // namespace rookery::geo_enrich

BENCHMARK_MAIN();
