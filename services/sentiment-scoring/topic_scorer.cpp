#include "services/sentiment-scoring/topic_scorer.hpp"

#include <algorithm>
#include <cmath>

#include "common/records/json_writer.hpp"

namespace rookery::sentiment_scoring {
namespace {

/// Rounds of votes at most, so that the cost is known.
constexpr int kRoundsMax = 12;
/// A text has settled when a round moves no topic's share by more than this: shares are
/// written in thousandths.
constexpr float kSettled = 0.001F;

/// Lanes that are worked on at once; models have a multiple of them.
using Eight = float __attribute__((vector_size(32)));
constexpr std::size_t kLanes = TopicModel::kLanes;
static_assert(sizeof(Eight) == kLanes * sizeof(float));

// Everything here is inlined into its callers, so that the same lines become one
// instruction on processors with AVX2 and two on others. Each lane is rounded alike and
// the lanes are added in one order: both give the same bits.

[[gnu::always_inline]] inline void load(const float* from, Eight& value) {
  __builtin_memcpy(&value, from, sizeof value);
}
[[gnu::always_inline]] inline void store(float* to, const Eight& value) {
  __builtin_memcpy(to, &value, sizeof value);
}

/// What one word's turn needs; `topics` numbers in each array.
struct Turn {
  std::size_t topics;
  const float* weights;
  float count;  ///< How often the word stands in the text.
  float* own;   ///< How its votes are spread.
  float* votes;
  float* next;
};

/// The word spreads its votes anew, one of its occurrences left aside, as a sampler takes
/// one token out.
[[gnu::always_inline]] inline void spread_lanes(const Turn& turn) {
  const float one = 1 / turn.count;
  constexpr Eight kNothing{};
  Eight total{};
  Eight votes;
  Eight own;
  Eight weights;
  for (std::size_t at = 0; at < turn.topics; at += kLanes) {
    load(turn.votes + at, votes);
    load(turn.own + at, own);
    load(turn.weights + at, weights);
    const Eight others = votes - own * one;
    const Eight share = (others > kNothing ? others : kNothing) * weights;
    store(turn.next + at, share);
    total += share;
  }
  const float all = ((total[0] + total[4]) + (total[1] + total[5])) +
                    ((total[2] + total[6]) + (total[3] + total[7]));
  const float scale = all > 0 ? turn.count / all : 0.0F;
  Eight next;
  for (std::size_t at = 0; at < turn.topics; at += kLanes) {
    load(turn.next + at, next);
    load(turn.votes + at, votes);
    load(turn.own + at, own);
    next *= scale;
    store(turn.votes + at, votes + (next - own));
    store(turn.own + at, next);
  }
}

void spread_anywhere(const Turn& turn) {
  spread_lanes(turn);
}

#if defined(__x86_64__)
[[gnu::target("avx2")]] void spread_avx2(const Turn& turn) {
  spread_lanes(turn);
}
#endif

/// The quickest one for this processor.
auto choose_spread() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) return spread_avx2;
#endif
  return spread_anywhere;
}

/// Whether no two numbers in the same place are further apart than `distance`.
bool near(const std::vector<float>& a, const std::vector<float>& b, float distance) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (std::abs(a[i] - b[i]) > distance) return false;
  }
  return true;
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
  vote(model);
  for (int round = 1; round < kRoundsMax; ++round) {
    before_ = votes_;
    vote(model);
    if (near(before_, votes_, kSettled * static_cast<float>(words_.size()))) break;
  }
  float total = 0;
  for (const float votes : votes_) total += votes;
  mixture_.resize(model.topics());
  for (std::size_t topic = 0; topic < mixture_.size(); ++topic) {
    mixture_[topic] = votes_[topic] / total;
  }
  return mixture_;
}

/// One round: each word has its turn.
void TopicScorer::vote(const TopicModel& model) {
  static const auto spread = choose_spread();
  const std::size_t stride = model.stride();
  for (std::size_t i = 0; i < known_.size(); ++i) {
    spread({stride, model.weights(known_[i].word), known_[i].count, own_.data() + i * stride,
            votes_.data(), next_.data()});
  }
}

const std::vector<TopicShare>& TopicScorer::score(const TopicModel& model,
                                                  const std::vector<Token>& tokens, int least,
                                                  std::size_t most) {
  shares_.clear();
  model.vocabulary().read(tokens, text_words_);
  if (text_words_.empty()) return shares_;
  const std::vector<float>& shares = mixture(model, text_words_);
  // Most topics have next to nothing: what cannot be written is not even rounded.
  const float largest = *std::max_element(shares.begin(), shares.end());
  const float enough = std::min(largest, (static_cast<float>(least) - 1) / 1000);
  for (std::size_t topic = 0; topic < shares.size(); ++topic) {
    if (shares[topic] < enough) continue;
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
