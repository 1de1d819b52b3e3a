#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "services/ingest/csv_columns.hpp"
#include "services/ingest/live/recent_ids.hpp"
#include "services/ingest/live/stream_gap.hpp"
#include "services/ingest/ws/custom_fields.hpp"

namespace rookery::ingest {

/// What feed and processor have in common while they run. The thread of the
/// pipeline alone uses it.
struct Session {
  std::optional<CsvColumns> csv = {};       ///< Set while the feed gives rows of CSV.
  std::vector<StreamGap> gaps = {};         ///< Found and not committed yet.
  std::optional<CustomFields> custom = {};  ///< Set while the feed is an own one.
  RecentIds recent{{}};                     ///< Of live feeds: what came lately.
  std::uint64_t duplicates = 0;             ///< Left out and not committed yet.
};

}  // namespace rookery::ingest
