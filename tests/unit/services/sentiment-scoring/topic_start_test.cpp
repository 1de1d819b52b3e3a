#include "services/rookery-train/topic_start.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <sstream>

#include <catch2/catch.hpp>

namespace rookery::train {
namespace {

constexpr std::uint32_t kThemes = 12;
constexpr std::uint32_t kWordsOfTheme = 8;

/// Texts of three words, each of one theme of kThemes. Themes have unlike sizes,
/// as those of posts do.
Documents themed() {
  Documents documents;
  for (std::uint32_t theme = 0; theme < kThemes; ++theme) {
    const std::uint32_t word = theme * kWordsOfTheme;
    for (std::uint32_t i = 0; i < 40 + 10 * theme; ++i) {
      documents.add({word + i % 8, word + (i + 1 + i / 8) % 8, word + (i * 3 + i / 5) % 8});
    }
  }
  return documents;
}

SamplerSettings settings_of(std::uint64_t seed) {
  SamplerSettings settings;
  settings.topics = kThemes;
  settings.prior_sum = 0.05F * kThemes;
  settings.word_prior = 0.05F;
  settings.seed = seed;
  return settings;
}

/// How many topics are the largest one of some theme.
std::size_t themes_apart(TopicSampler& sampler) {
  sampler.sample();
  const std::vector<float> estimate = sampler.estimate();
  std::set<std::size_t> largest;
  for (std::uint32_t theme = 0; theme < kThemes; ++theme) {
    std::vector<float> shares(kThemes);
    for (std::uint32_t word = 0; word < kWordsOfTheme; ++word) {
      for (std::size_t topic = 0; topic < kThemes; ++topic) {
        shares[topic] += estimate[(theme * kWordsOfTheme + word) * kThemes + topic];
      }
    }
    largest.insert(
        static_cast<std::size_t>(std::max_element(shares.begin(), shares.end()) - shares.begin()));
  }
  return largest.size();
}

}  // namespace

TEST_CASE("tried starts tell short texts' themes apart, whatever the seed", "[topics]") {
  std::ostringstream log;
  const std::uint64_t seed = GENERATE(1U, 2U, 3U, 4U, 5U);
  std::optional<TopicSampler> started;
  {
    TrainingProgress progress(log, ProgressShape::kBar);
    progress.expect(start_sweeps(8));
    started = best_start(settings_of(seed), kThemes * kWordsOfTheme, themed(), 8, progress);
  }
  TopicSampler& sampler = *started;
  CHECK(themes_apart(sampler) == kThemes);
  CHECK_THAT(log.str(), Catch::Contains("start 8 of 8"));
  // start_sweeps() are as many as there were: the bar is full at the end, and no sooner.
  CHECK_THAT(log.str(), Catch::Contains("100 %"));
  CHECK(log.str().find("100 %") > log.str().find("start 7 of 8"));
}

TEST_CASE("a sweep over whole texts gives each one topic and keeps the counts", "[topics]") {
  const Documents documents = themed();
  TopicSampler sampler(kThemes * kWordsOfTheme, settings_of(1));
  sampler.add(documents);
  const double before = sampler.joint_log_likelihood();
  for (int i = 0; i < 20; ++i) sampler.sweep_documents(1);
  std::int64_t sum = 0;
  for (const std::int64_t total : sampler.totals()) {
    CHECK(total >= 0);
    CHECK(total % 3 == 0);  // all texts have three words
    sum += total;
  }
  CHECK(sum == static_cast<std::int64_t>(documents.words.size()));
  CHECK(sampler.joint_log_likelihood() > before);
}

}  // namespace rookery::train
