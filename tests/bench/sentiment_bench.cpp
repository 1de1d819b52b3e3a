// What a post costs in sentiment-scoring: the whole transform, and the score alone.
#include <array>
#include <string>

#include <benchmark/benchmark.h>

#include "services/sentiment-scoring/score_sentiment.hpp"

namespace rookery::sentiment_scoring {
namespace {

constexpr std::array<std::string_view, 6> kTexts{
    "Just landed in Vienna and the coffee is already better than I remembered, what a morning :)",
    "@railway third cancelled train this week, nobody answers the phone. Never again!",
    "Road works on the ring from Monday 06:00 to Friday 22:00 https://example.org/roads #traffic",
    "so proud of the team tonight \xF0\x9F\x98\x8D\xF0\x9F\x98\x8D they never gave up #WeAreOne",
    "I don't think this update fixed anything, the app still crashes when I open the map",
    "New episode is out now: we talk about elections, rents and the price of bread"};

void score_a_text(benchmark::State& state, const char* file) {
  const auto loaded = Model::load(std::string(ROOKERY_MODELS) + file);
  if (!loaded) std::abort();
  const Model& model = *loaded;
  Scorer scorer(10'000);
  std::size_t i = 0;
  for (auto _ : state) {
    scorer.read(kTexts[i++ % kTexts.size()]);
    benchmark::DoNotOptimize(scorer.score(model));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK_CAPTURE(score_a_text, en, "/en.model");
BENCHMARK_CAPTURE(score_a_text, polarity, "/en-polarity.model");

void extract_features(benchmark::State& state) {
  FeatureExtractor extractor(10'000);
  std::size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(&extractor.extract(kTexts[i++ % kTexts.size()]));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(extract_features);

void transform_a_post(benchmark::State& state) {
  auto store = ModelStore::open({{ROOKERY_MODELS}, ""});
  if (!store) std::abort();
  ScoreSentiment stage(std::move(*store), {});
  std::array<std::string, kTexts.size()> posts;
  for (std::size_t i = 0; i < posts.size(); ++i) {
    posts[i] = R"({"id":"1460323737035677698","text":")" + std::string(kTexts[i]) +
               R"(","created_at":"2026-11-21T10:00:00Z","lang":"en","author":{"id":"99"}})";
  }
  Outputs out;
  std::size_t i = 0;
  for (auto _ : state) {
    const InputRecord record{"enriched_tweets",
                             Partition(0),
                             Offset(0),
                             WallTime{},
                             "1460323737035677698",
                             posts[i++ % posts.size()],
                             {}};
    out.clear();
    benchmark::DoNotOptimize(stage.process(record, out));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(transform_a_post);

}  // namespace
}  // namespace rookery::sentiment_scoring

BENCHMARK_MAIN();
