#pragma once

#include <cstddef>

#include "services/rookery-train/topic_sampler.hpp"
#include "services/rookery-train/training_progress.hpp"

namespace rookery::train {

/// Where sampling sets out from. Short texts leave a sampler that moves one word
/// at a time where it happened to begin: with 8 topics over search snippets one
/// start in two found two subjects in one topic. So several starts are tried, and
/// the likeliest is taken.
///
/// A start is plain (word by word), or draws one topic a document while it cools
/// down from a temperature (a Dirichlet multinomial mixture with even shares; Yin
/// and Wang 2014), and is then sampled word by word for a while. Only so many
/// documents, evenly chosen, are used for it. The seed decides everything.
/// Takes a step of `progress` for each sweep.
TopicSampler best_start(const SamplerSettings& settings, std::size_t vocabulary,
                        const Documents& documents, std::size_t starts, TrainingProgress& progress);

/// How many sweeps best_start() makes.
[[nodiscard]] std::size_t start_sweeps(std::size_t starts);

}  // namespace rookery::train
