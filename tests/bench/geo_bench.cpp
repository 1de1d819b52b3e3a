#include <algorithm>
#include <array>
#include <cstdlib>
#include <random>
#include <string>
#include <string_view>
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

/// What stands in profiles: places in many forms, and as often none.
constexpr std::array<std::string_view, 20> kProfiles = {
    "Paris, TX",        "London",   "NYC ✈ LDN",        "São Paulo, Brasil",  "she/her",
    "somewhere",        "İstanbul", "Los Angeles, CA",  "your mom's house",   "東京都渋谷区",
    "Lagos, Nigeria",   "🇧🇷",       "Toronto, Ontario", "in your heart",      "Москва",
    "downtown Chicago", "Earth",    "Bengaluru, India", "just outside Leeds", "dreaming | Vienna"};

enum class Told : std::uint8_t { kNothing, kPoint, kProfile };

/// Compact posts, each with its own id and text; batches of 1,000.
std::vector<std::pair<std::string, std::string>> make_posts(Told told,
                                                            const std::vector<Point>& points) {
  std::vector<std::pair<std::string, std::string>> posts;
  for (std::size_t i = 0; i < 100'000; ++i) {
    std::string id = std::to_string(1'000'000'000'000'000'000 + i);
    std::string json = R"({"id":")" + id + R"(","text":"post )" + std::to_string(i * 7919) +
                       R"( of the usual length, with a #tag and an address in )"
                       R"(it https://t.co/abcdefghij","created_at":"2026-11-21T10:00:00Z",)"
                       R"("lang":"en","author":{"id":"123456789","username":"someone",)";
    if (told == Told::kProfile) {
      json.append(R"("location":")").append(kProfiles[i % kProfiles.size()]).append(R"(",)");
    }
    json += R"("followers_count":321},"entities":{"hashtags":[{"start":35,"end":39,"tag":"tag"}]})";
    if (told == Told::kPoint) {
      json += R"(,"coordinates":{"lat":)" + std::to_string(points[i].lat) + R"(,"lon":)" +
              std::to_string(points[i].lon) + "}";
    }
    posts.emplace_back(std::move(id), json + "}");
  }
  return posts;
}

void process_posts(benchmark::State& state, Told told) {
  const Gazetteer gazetteer = world();
  const auto posts = make_posts(told, points_near_cities(gazetteer));
  GeoEnrich stage(world(), GateOptions{});
  Outputs out;
  std::size_t i = 0;
  for (auto _ : state) {
    const auto& [key, value] = posts[i];
    const InputRecord record{.topic = "raw_tweets",
                             .partition = Partition(0),
                             .offset = Offset(static_cast<std::int64_t>(i)),
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
BENCHMARK_CAPTURE(process_posts, nothing, Told::kNothing);
BENCHMARK_CAPTURE(process_posts, points, Told::kPoint);
BENCHMARK_CAPTURE(process_posts, profiles, Told::kProfile);

}  // namespace
}  // namespace rookery::geo_enrich

BENCHMARK_MAIN();
