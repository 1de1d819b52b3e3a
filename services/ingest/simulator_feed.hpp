#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/clock.hpp"
#include "common/runtime/feed.hpp"
#include "services/ingest/pace.hpp"
#include "services/ingest/simulator.hpp"

namespace rookery::ingest {

/// The simulator as a feed of raw_tweets records. Its position is the number of
/// the next item. One thread uses it.
class SimulatorFeed final : public Feed {
 public:
  /// `clock` outlives the feed.
  SimulatorFeed(SimOptions options, Pace::Options pace, Clock& clock);

  [[nodiscard]] std::string_view source() const override { return "simulator"; }
  /// The options as a short text: another stream has another location.
  [[nodiscard]] std::string location() const override;
  /// Error code: position_invalid (kMisconfigured).
  Result<void> seek(const std::optional<std::string>& position) override;
  Result<FeedBatch> read(std::chrono::milliseconds timeout, std::size_t items_max) override;
  [[nodiscard]] std::string position() const override { return std::to_string(next_); }

 private:
  [[nodiscard]] bool finished() const;

  Simulator simulator_;
  Pace pace_;
  std::uint64_t next_ = 0;
  std::string bytes_;                ///< The lines of the last batch.
  std::vector<std::size_t> bounds_;  ///< Where each of them ends.
};

}  // namespace rookery::ingest
