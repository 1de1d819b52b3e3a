#pragma once

#include <string>

#include "common/core/result.hpp"
#include "services/ingest/simulator.hpp"

namespace rookery::ingest {

/// What a whole pipeline must find in the simulator's stream, as JSON:
/// - "items", "posts", "duplicates", "late", "malformed", "deletions": counts;
///   "posts" are those that are on time and seen for the first time;
/// - "bursts": planted hashtags with start and end, "hotspots": planted spots
///   with centre, radius and time, both as far as the stream goes;
/// - "hashtags": for each tag the number of such posts in each minute of event
///   time. Deleted posts are counted.
/// Goes through the whole stream; `options.posts` is above 0.
[[nodiscard]] std::string simulator_truth(const SimOptions& options);

/// Writes it to a file. Error codes: truth_endless, truth_unwritable (both
/// kMisconfigured).
Result<void> write_simulator_truth(const SimOptions& options, const std::string& path);

}  // namespace rookery::ingest
