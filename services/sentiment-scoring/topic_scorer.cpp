#include "services/sentiment-scoring/topic_scorer.hpp"

#include <algorithm>
#include <cmath>

#include "common/records/json_writer.hpp"

namespace rookery::sentiment_scoring {
namespace {

/// Rounds of votes. Short texts settle in five; the bound keeps the cost known.
constexpr int kRounds = 12;

using Four = float __attribute__((vector_size(16)));

Four load(const float* from) {
  Four value;
  __builtin_memcpy(&value, from, sizeof value);
  return value;
}
void store(float* to, Four value) {
  __builtin_memcpy(to, &value, sizeof value);
}
float sum(Four value) {
  return (value[0] + value[1]) + (value[2] + value[3]);
}

}  // namespace

const std::vector<float>& TopicScorer::mixture(const TopicModel& model,
                                               const std::vector<std::uint32_t>& words) {
  words_.assign(words.begin(),
                words.begin() + static_cast<std::ptrdiff_t>(std::min(words.size(), kWordsMax)));
  std::sort(words_.begin(), words_.end());
  known_.clear();
  for (const std::uint32_t word : words_) {
    if (known_.empty() || known_.back().word != word) known_.push_back({word, 0});
    known_.back().count += 1;
  }
  const std::size_t stride = model.stride();
  votes_.assign(stride, 0);
  next_.resize(stride);
  std::copy(model.prior().begin(), model.prior().end(), votes_.begin());
  own_.assign(known_.size() * stride, 0);
  for (int round = 0; round < kRounds; ++round) vote(model);
  float total = 0;
  for (const float votes : votes_) total += votes;
  mixture_.resize(model.topics());
  for (std::size_t topic = 0; topic < mixture_.size(); ++topic) {
    mixture_[topic] = votes_[topic] / total;
  }
  return mixture_;
}

/// One round: each word spreads its votes anew, one of its occurrences left
/// aside, as a sampler takes one token out.
void TopicScorer::vote(const TopicModel& model) {
  const std::size_t stride = model.stride();
  constexpr Four kNothing{};
  for (std::size_t i = 0; i < known_.size(); ++i) {
    const float* weights = model.weights(known_[i].word);
    float* own = own_.data() + i * stride;
    const float count = known_[i].count;
    const float one = 1 / count;
    Four total{};
    for (std::size_t at = 0; at < stride; at += 4) {
      const Four others = load(votes_.data() + at) - load(own + at) * one;
      const Four share = (others > kNothing ? others : kNothing) * load(weights + at);
      store(next_.data() + at, share);
      total += share;
    }
    const float all = sum(total);
    const float scale = all > 0 ? count / all : 0.0F;
    for (std::size_t at = 0; at < stride; at += 4) {
      const Four next = load(next_.data() + at) * scale;
      store(votes_.data() + at, load(votes_.data() + at) + (next - load(own + at)));
      store(own + at, next);
    }
  }
}

const std::vector<TopicShare>& TopicScorer::score(const TopicModel& model,
                                                  const std::vector<Token>& tokens, int least,
                                                  std::size_t most) {
  shares_.clear();
  model.vocabulary().read(tokens, text_words_);
  if (text_words_.empty()) return shares_;
  const std::vector<float>& shares = mixture(model, text_words_);
  for (std::size_t topic = 0; topic < shares.size(); ++topic) {
    shares_.push_back({topic, static_cast<int>(std::lround(shares[topic] * 1000))});
  }
  const auto last = shares_.begin() + static_cast<std::ptrdiff_t>(std::min(most, shares_.size()));
  std::partial_sort(shares_.begin(), last, shares_.end(), [](const auto& a, const auto& b) {
    return a.thousandths != b.thousandths ? a.thousandths > b.thousandths : a.topic < b.topic;
  });
  shares_.erase(last, shares_.end());
  while (shares_.size() > 1 && shares_.back().thousandths < least) shares_.pop_back();
  return shares_;
}

void append_topics(std::string& out, const TopicModel& model,
                   const std::vector<TopicShare>& topics) {
  out.push_back('[');
  for (const TopicShare& share : topics) {
    if (out.back() != '[') out.push_back(',');
    out.append("{\"id\":").append(std::to_string(share.topic)).append(",\"label\":");
    json::append_string(out, model.label(share.topic));
    out.append(",\"probability\":");
    json::append_thousandths(out, share.thousandths);
    out.push_back('}');
  }
  out.push_back(']');
}

}  // namespace rookery::sentiment_scoring
