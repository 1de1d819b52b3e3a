#include "services/sentiment-scoring/scorer.hpp"

#include <algorithm>
#include <cmath>

#include "common/records/json_writer.hpp"

namespace rookery::sentiment_scoring {

Score to_score(const PerLabel& probabilities, std::size_t classes) {
  Score score{};
  score.has_neutral = classes == kLabelCount;
  score.label = static_cast<Label>(std::max_element(probabilities.begin(), probabilities.end()) -
                                   probabilities.begin());
  std::array<float, kLabelCount> rest{};
  int sum = 0;
  for (std::size_t i = 0; i < kLabelCount; ++i) {
    const float exact = probabilities[i] * 1000;
    score.thousandths[i] = static_cast<int>(exact);
    rest[i] = exact - std::floor(exact);
    sum += score.thousandths[i];
  }
  // Sums of floats may miss 1 by a little either way.
  for (; sum < 1000; ++sum) {
    auto* const largest = std::max_element(rest.begin(), rest.end());
    ++score.thousandths[static_cast<std::size_t>(largest - rest.begin())];
    *largest = -1;
  }
  for (; sum > 1000; --sum) --score.thousandths[static_cast<std::size_t>(score.label)];
  return score;
}

void append_score(std::string& out, const Score& score) {
  out.append("\"label\":\"").append(name_of(score.label)).append("\",\"score\":");
  json::append_thousandths(out, score.balance());
  out.append(",\"probabilities\":{\"negative\":");
  json::append_thousandths(out, score.thousandths[0]);
  if (score.has_neutral) {
    out.append(",\"neutral\":");
    json::append_thousandths(out, score.thousandths[1]);
  }
  out.append(",\"positive\":");
  json::append_thousandths(out, score.thousandths[2]);
  out.push_back('}');
}

}  // namespace rookery::sentiment_scoring
