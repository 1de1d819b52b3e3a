#include "services/rookery-train/topic_sampler.hpp"

#include <algorithm>
#include <cmath>

#include "common/core/check.hpp"

namespace rookery::train {
namespace {

using Four = float __attribute__((vector_size(16)));

Four load(const float* from) {
  Four value;
  __builtin_memcpy(&value, from, sizeof value);
  return value;
}
void store(float* to, Four value) {
  __builtin_memcpy(to, &value, sizeof value);
}

/// psi(x + n) - psi(x) for n tokens; by Stirling's series where n is large.
double rise(double x, std::int64_t n) {
  if (n < 32) {
    double sum = 0;
    for (std::int64_t i = 0; i < n; ++i) sum += 1 / (x + static_cast<double>(i));
    return sum;
  }
  const auto digamma = [](double value) {
    double below = 0;
    while (value < 6) {
      below += 1 / value;
      value += 1;
    }
    const double square = 1 / (value * value);
    return std::log(value) - 0.5 / value -
           square * (1.0 / 12 - square * (1.0 / 120 - square / 252)) - below;
  };
  return digamma(x + static_cast<double>(n)) - digamma(x);
}

/// How many documents (or topics, or words) have each count from 1 on.
struct Histogram {
  std::vector<double> of;

  void add(std::size_t count) {
    if (count == 0) return;
    if (of.size() <= count) of.resize(count + 1);
    of[count] += 1;
  }
  /// The sum of rise(x, count) over all, in one pass.
  [[nodiscard]] double rises(double x) const {
    double sum = 0;
    double step = 0;
    for (std::size_t count = 1; count < of.size(); ++count) {
      step += 1 / (x + static_cast<double>(count) - 1);
      sum += of[count] * step;
    }
    return sum;
  }
};

constexpr int kFitRounds = 10;
constexpr double kPriorMin = 1e-4;

}  // namespace

TopicSampler::TopicSampler(std::size_t vocabulary, const SamplerSettings& settings)
    : vocabulary_(vocabulary),
      topics_(settings.topics),
      stride_((settings.topics + 3) / 4 * 4),
      word_prior_(settings.word_prior),
      prior_(topics_, settings.prior_sum / static_cast<float>(topics_)),
      state_(settings.seed * 0x9E3779B97F4A7C15 + 1),
      counts_(vocabulary * stride_),
      totals_(topics_),
      per_token_(stride_),
      mixed_(stride_),
      running_(stride_) {
  ROOKERY_CHECK(topics_ > 0 && topics_ <= sentiment_scoring::kTopicsMax, "options are checked");
  for (std::size_t topic = 0; topic < topics_; ++topic) {
    per_token_[topic] = 1 / (word_prior_ * static_cast<float>(vocabulary_));
  }
}

/// SplitMix64 (Steele, Lea and Flood 2014).
std::uint64_t TopicSampler::random() {
  std::uint64_t z = state_ += 0x9E3779B97F4A7C15;
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EB;
  return z ^ (z >> 31U);
}

/// A topic, by mixed_ x (counts + word prior) x per_token_. Every fourth topic
/// has a running sum of its own; one random number chooses among the four and
/// then the place in it.
std::size_t TopicSampler::draw(const float* counts) {
  Four sum{};
  const Four word_prior = Four{} + word_prior_;
  for (std::size_t at = 0; at < stride_; at += 4) {
    sum +=
        load(mixed_.data() + at) * (load(counts + at) + word_prior) * load(per_token_.data() + at);
    store(running_.data() + at, sum);
  }
  const float all = (sum[0] + sum[1]) + (sum[2] + sum[3]);
  float target = static_cast<float>(random() >> 40U) * 0x1p-24F * all;
  std::size_t lane = 0;
  while (lane < 3 && target >= sum[lane]) target -= sum[lane++];
  std::size_t topic = lane;
  while (topic + 4 < topics_ && running_[topic] <= target) topic += 4;
  return topic;
}

void TopicSampler::move(std::size_t topic, float* counts, int by) {
  counts[topic] += static_cast<float>(by);
  mixed_[topic] += static_cast<float>(by);
  totals_[topic] += by;
  per_token_[topic] =
      1 / (static_cast<float>(totals_[topic]) + word_prior_ * static_cast<float>(vocabulary_));
}

void TopicSampler::count_document(std::size_t document) {
  std::copy(prior_.begin(), prior_.end(), mixed_.begin());
  for (std::size_t i = begins_[document]; i < begins_[document + 1]; ++i) mixed_[assigned_[i]] += 1;
}

void TopicSampler::add(const Documents& documents) {
  for (std::size_t document = 0; document < documents.size(); ++document) {
    std::copy(prior_.begin(), prior_.end(), mixed_.begin());
    for (std::size_t i = documents.begins[document]; i < documents.begins[document + 1]; ++i) {
      const std::uint32_t word = documents.words[i];
      ROOKERY_CHECK(word < vocabulary_, "the documents are of this vocabulary");
      float* counts = counts_.data() + word * stride_;
      const std::size_t topic = draw(counts);
      words_.push_back(word);
      assigned_.push_back(static_cast<std::uint16_t>(topic));
      move(topic, counts, 1);
    }
    begins_.push_back(words_.size());
  }
}

void TopicSampler::sweep() {
  for (std::size_t document = 0; document + 1 < begins_.size(); ++document) {
    count_document(document);
    for (std::size_t i = begins_[document]; i < begins_[document + 1]; ++i) {
      float* counts = counts_.data() + words_[i] * stride_;
      move(assigned_[i], counts, -1);
      const std::size_t topic = draw(counts);
      assigned_[i] = static_cast<std::uint16_t>(topic);
      move(topic, counts, 1);
    }
  }
}

/// The document's words are in no topic's counts. Each word is as likely as the
/// topic makes it once the words before it have joined.
std::size_t TopicSampler::draw_for_document(std::size_t document, double temperature) {
  constexpr double kTooSmall = 1e-150;
  const double word_prior = static_cast<double>(word_prior_);
  const double all = word_prior * static_cast<double>(vocabulary_);
  const std::size_t begin = begins_[document];
  const std::size_t end = begins_[document + 1];
  products_.assign(topics_, 1);
  for (std::size_t i = begin; i < end; ++i) {
    const float* counts = counts_.data() + words_[i] * stride_;
    const auto same = std::count(words_.begin() + static_cast<std::ptrdiff_t>(begin),
                                 words_.begin() + static_cast<std::ptrdiff_t>(i), words_[i]);
    const double joined = word_prior + static_cast<double>(same);
    const double before = all + static_cast<double>(i - begin);
    double most = 0;
    for (std::size_t topic = 0; topic < topics_; ++topic) {
      products_[topic] *= (static_cast<double>(counts[topic]) + joined) /
                          (static_cast<double>(totals_[topic]) + before);
      most = std::max(most, products_[topic]);
    }
    if (most > kTooSmall) continue;
    for (double& product : products_) product /= most;
  }
  double sum = 0;
  for (double& product : products_) {
    sum += temperature > 1 ? std::pow(product, 1 / temperature) : product;
    product = sum;
  }
  const double target = static_cast<double>(random() >> 11U) * 0x1p-53 * sum;
  const auto found = std::upper_bound(products_.begin(), products_.end(), target);
  return std::min(static_cast<std::size_t>(found - products_.begin()), topics_ - 1);
}

void TopicSampler::sweep_documents(double temperature) {
  for (std::size_t document = 0; document + 1 < begins_.size(); ++document) {
    const std::size_t begin = begins_[document];
    const std::size_t end = begins_[document + 1];
    for (std::size_t i = begin; i < end; ++i) {
      move(assigned_[i], counts_.data() + words_[i] * stride_, -1);
    }
    const std::size_t topic = draw_for_document(document, temperature);
    for (std::size_t i = begin; i < end; ++i) {
      assigned_[i] = static_cast<std::uint16_t>(topic);
      move(topic, counts_.data() + words_[i] * stride_, 1);
    }
  }
}

void TopicSampler::fit_priors() {
  fit_topic_prior();
  fit_word_prior();
  for (std::size_t topic = 0; topic < topics_; ++topic) {
    per_token_[topic] =
        1 / (static_cast<float>(totals_[topic]) + word_prior_ * static_cast<float>(vocabulary_));
  }
}

void TopicSampler::fit_topic_prior() {
  std::vector<Histogram> by_topic(topics_);
  Histogram lengths;
  std::vector<std::uint32_t> own(topics_);
  for (std::size_t document = 0; document + 1 < begins_.size(); ++document) {
    const std::size_t begin = begins_[document];
    const std::size_t end = begins_[document + 1];
    for (std::size_t i = begin; i < end; ++i) ++own[assigned_[i]];
    for (std::size_t i = begin; i < end; ++i) {
      by_topic[assigned_[i]].add(own[assigned_[i]]);
      own[assigned_[i]] = 0;
    }
    lengths.add(end - begin);
  }
  for (int round = 0; round < kFitRounds; ++round) {
    double sum = 0;
    for (const float prior : prior_) sum += static_cast<double>(prior);
    const double all = lengths.rises(sum);
    if (!(all > 0)) return;
    for (std::size_t topic = 0; topic < topics_; ++topic) {
      const auto prior = static_cast<double>(prior_[topic]);
      prior_[topic] =
          static_cast<float>(std::max(kPriorMin, prior * by_topic[topic].rises(prior) / all));
    }
  }
}

void TopicSampler::fit_word_prior() {
  Histogram histogram;
  for (std::size_t word = 0; word < vocabulary_; ++word) {
    for (std::size_t topic = 0; topic < topics_; ++topic) {
      histogram.add(static_cast<std::size_t>(counts_[word * stride_ + topic]));
    }
  }
  const auto words = static_cast<double>(vocabulary_);
  auto prior = static_cast<double>(word_prior_);
  for (int round = 0; round < kFitRounds; ++round) {
    double all = 0;
    for (const std::int64_t total : totals_) all += rise(words * prior, total);
    if (!(all > 0)) return;
    prior = std::max(kPriorMin, prior * histogram.rises(prior) / (words * all));
  }
  word_prior_ = static_cast<float>(prior);
}

void TopicSampler::sample() {
  sums_.resize(counts_.size());
  total_sums_.resize(topics_);
  for (std::size_t i = 0; i < counts_.size(); ++i) sums_[i] += counts_[i];
  for (std::size_t topic = 0; topic < topics_; ++topic) {
    total_sums_[topic] += static_cast<double>(totals_[topic]);
  }
  samples_ += 1;
}

std::vector<float> TopicSampler::estimate() const {
  std::vector<float> estimate(vocabulary_ * topics_);
  const double samples = samples_ > 0 ? samples_ : 1;
  const std::vector<float>& sums = samples_ > 0 ? sums_ : counts_;
  const double prior = static_cast<double>(word_prior_) * samples;
  for (std::size_t topic = 0; topic < topics_; ++topic) {
    const double total = samples_ > 0 ? total_sums_[topic] : static_cast<double>(totals_[topic]);
    const double all = total + prior * static_cast<double>(vocabulary_);
    for (std::size_t word = 0; word < vocabulary_; ++word) {
      const auto count = static_cast<double>(sums[word * stride_ + topic]);
      estimate[word * topics_ + topic] = static_cast<float>((count + prior) / all);
    }
  }
  return estimate;
}

double TopicSampler::joint_log_likelihood() const {
  double sum = 0;
  double prior_sum = 0;
  for (const float prior : prior_) prior_sum += static_cast<double>(prior);
  // log of x (x + 1) ... (x + n - 1)
  const auto rising = [](double x, double n) { return std::lgamma(x + n) - std::lgamma(x); };
  std::vector<std::uint32_t> own(topics_);
  for (std::size_t document = 0; document + 1 < begins_.size(); ++document) {
    const std::size_t begin = begins_[document];
    const std::size_t end = begins_[document + 1];
    for (std::size_t i = begin; i < end; ++i) ++own[assigned_[i]];
    for (std::size_t i = begin; i < end; ++i) {
      const std::size_t topic = assigned_[i];
      if (own[topic] > 0) sum += rising(static_cast<double>(prior_[topic]), own[topic]);
      own[topic] = 0;
    }
    sum -= rising(prior_sum, static_cast<double>(end - begin));
  }
  const auto word_prior = static_cast<double>(word_prior_);
  for (std::size_t word = 0; word < vocabulary_; ++word) {
    for (std::size_t topic = 0; topic < topics_; ++topic) {
      const auto count = static_cast<double>(counts_[word * stride_ + topic]);
      if (count > 0) sum += rising(word_prior, count);
    }
  }
  for (const std::int64_t total : totals_) {
    sum -= rising(word_prior * static_cast<double>(vocabulary_), static_cast<double>(total));
  }
  return words_.empty() ? 0 : sum / static_cast<double>(words_.size());
}

double TopicSampler::log_likelihood() const {
  double sum = 0;
  double prior_sum = 0;
  for (const float prior : prior_) prior_sum += static_cast<double>(prior);
  std::vector<float> shares(topics_);
  for (std::size_t document = 0; document + 1 < begins_.size(); ++document) {
    std::copy(prior_.begin(), prior_.end(), shares.begin());
    const std::size_t begin = begins_[document];
    const std::size_t end = begins_[document + 1];
    for (std::size_t i = begin; i < end; ++i) shares[assigned_[i]] += 1;
    for (std::size_t topic = 0; topic < topics_; ++topic) shares[topic] *= per_token_[topic];
    const double all = prior_sum + static_cast<double>(end - begin);
    for (std::size_t i = begin; i < end; ++i) {
      const float* counts = counts_.data() + words_[i] * stride_;
      float probability = 0;
      for (std::size_t topic = 0; topic < topics_; ++topic) {
        probability += shares[topic] * (counts[topic] + word_prior_);
      }
      sum += std::log(static_cast<double>(probability) / all);
    }
  }
  return words_.empty() ? 0 : sum / static_cast<double>(words_.size());
}

}  // namespace rookery::train
