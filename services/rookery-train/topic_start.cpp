#include "services/rookery-train/topic_start.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <sstream>

namespace rookery::train {
namespace {

constexpr std::size_t kTriedMax = 20'000;  ///< Documents that a start is tried on.
constexpr int kCoolingSweeps = 60;
constexpr double kCooledAt = 0.7;  ///< Of those sweeps.
constexpr int kWordSweeps = 60;
/// Which temperature is best depends on the texts: many small topics need a high
/// one, few large ones a low one. 0: a plain start.
constexpr std::array<double, 4> kTemperatures{2, 4, 0, 1};

/// Some documents, and the others.
struct Parts {
  Documents tried, others;
};

Parts part(const Documents& documents) {
  Parts parts;
  const std::size_t step = (documents.size() + kTriedMax - 1) / std::max<std::size_t>(kTriedMax, 1);
  for (std::size_t i = 0; i < documents.size(); ++i) {
    (step <= 1 || i % step == 0 ? parts.tried : parts.others).add(documents.at(i));
  }
  return parts;
}

void cool_down(TopicSampler& sampler, double temperature, TrainingProgress& progress) {
  for (int i = 0; i < kCoolingSweeps; ++i) {
    const double done = std::min(1.0, i / (kCooledAt * kCoolingSweeps));
    sampler.sweep_documents(temperature + (1 - temperature) * done);
    progress.step();
  }
}

double temperature_of(std::size_t start) {
  return kTemperatures[start % kTemperatures.size()];
}

}  // namespace

TopicSampler best_start(const SamplerSettings& settings, std::size_t vocabulary,
                        const Documents& documents, std::size_t starts,
                        TrainingProgress& progress) {
  if (starts <= 1) {
    TopicSampler plain(vocabulary, settings);
    plain.add(documents);
    return plain;
  }
  const Parts parts = part(documents);
  std::optional<TopicSampler> best;
  double likelihood = 0;
  for (std::size_t start = 0; start < starts; ++start) {
    SamplerSettings own = settings;
    own.seed = settings.seed + start * 0x100000001;  // far from the next seeds that a user may try
    TopicSampler sampler(vocabulary, own);
    sampler.add(parts.tried);
    const double temperature = temperature_of(start);
    if (temperature > 0) cool_down(sampler, temperature, progress);
    for (int i = 0; i < kWordSweeps; ++i) {
      sampler.sweep();
      progress.step();
    }
    const double reached = sampler.joint_log_likelihood();
    std::ostringstream line;
    line << "start " << start + 1 << " of " << starts << ": log likelihood a token " << reached;
    progress.line(line.str());
    if (best && reached <= likelihood) continue;
    best.emplace(std::move(sampler));
    likelihood = reached;
  }
  best->add(parts.others);
  return std::move(*best);
}

std::size_t start_sweeps(std::size_t starts) {
  std::size_t sweeps = 0;
  for (std::size_t start = 0; starts > 1 && start < starts; ++start) {
    sweeps += static_cast<std::size_t>(kWordSweeps);
    if (temperature_of(start) > 0) sweeps += static_cast<std::size_t>(kCoolingSweeps);
  }
  return sweeps;
}

}  // namespace rookery::train
