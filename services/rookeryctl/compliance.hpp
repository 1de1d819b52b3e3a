#pragma once

#include <cstdint>

#include "services/rookeryctl/context.hpp"

namespace rookery::rookeryctl {

struct ComplianceOptions {
  enum class Mode : std::uint8_t { kDoIt, kDryRun };
  Mode mode = Mode::kDoIt;
};

struct ComplianceReport {
  std::uint64_t events = 0;   ///< New ones.
  std::uint64_t unknown = 0;  ///< Of them, such as say nothing that is understood.
  std::uint64_t deleted = 0;  ///< Posts.
  std::uint64_t amended = 0;  ///< Likewise.
};

/// Does what the events of compliance_events demand that came since the last time:
/// reads raw_tweets through, and writes into it a deletion or an amended record for
/// each post that is meant, so that every stage and store hears of it as of any other
/// change. The position (group rookeryctl-compliance) is committed at the end: what is
/// interrupted is done again, to the same end. Memory: the posts to be amended of one
/// partition.
Result<ComplianceReport> apply_compliance(Context& context, const ComplianceOptions& options);

}  // namespace rookery::rookeryctl
