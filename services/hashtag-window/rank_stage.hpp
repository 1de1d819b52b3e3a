#pragma once

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "common/runtime/measurement.hpp"
#include "common/runtime/processor.hpp"
#include "services/hashtag-window/metadata.hpp"
#include "services/hashtag-window/records.hpp"
#include "services/hashtag-window/settings.hpp"

namespace rookery::hashtag_window {

/// The third stage: when every merge partition has closed a window, the exact global
/// ranking of it. Reads window_ranks, which has one partition; writes trends in the order
/// (end, window, dimension), each once.
class RankStage final : public Processor {
 public:
  /// `settings` must outlive the stage.
  explicit RankStage(const Settings& settings);

  /// Error code: rank_malformed (a dead letter).
  Result<void> process(const InputRecord& record, Outputs& out) override;
  Result<void> finish_batch(const BatchContext& context, Outputs& out, Progress& progress) override;
  Result<std::optional<Offset>> assign(const TopicPartition& partition,
                                       const std::optional<CommittedOffset>& committed) override;
  Result<void> replay(const InputRecord& record) override;
  Result<void> restored(const TopicPartition& partition) override;
  void revoke(const TopicPartition& partition) override;
  void on_commit() override;

  [[nodiscard]] std::vector<Measurement> measure() const;

 private:
  /// End, window, dimension: the order of trends.
  using Which = std::tuple<Pane, std::string, std::string>;
  using Places = std::unordered_map<std::string, std::int64_t>;

  void forget();
  [[nodiscard]] const Window* window_named(std::string_view name) const;
  Result<void> put(Rank rank, std::int64_t offset);
  /// Ranks all windows that end at or before `upto`; without `out` only remembers places.
  void emit(Pane upto, Outputs* out);
  void add_hotspots(const Which& which, Trend& trend) const;
  void rank(const Which& which, const std::map<std::int32_t, Rank>& parts, Outputs* out);

  const Settings& settings_;
  Pane done_ = kNoPane;
  std::vector<Pane> reported_;  ///< By partition of window_partials.
  std::map<Which, std::map<std::int32_t, Rank>> waiting_;
  std::map<Pane, std::int64_t> first_;               ///< Offset of the first report of each end.
  std::map<Which, Places> places_;                   ///< Of the rankings of the last slide.
  std::map<std::string, std::int64_t> emitted_;      ///< By window; all committed,
  std::map<std::string, std::int64_t> emitted_new_;  ///< but for these.
  RecordReader reader_;
};

}  // namespace rookery::hashtag_window
