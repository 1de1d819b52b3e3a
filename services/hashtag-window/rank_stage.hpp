#pragma once

#include <map>
#include <optional>
#include <set>
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
/// (end, window, dimension), each once; and, marked as not final, what the merge partitions
/// report early.
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

  using Parts = std::map<std::int32_t, Rank>;  ///< By partition of window_partials.

  void forget();
  [[nodiscard]] const Window* window_named(std::string_view name) const;
  void put(Rank rank, std::int64_t offset);
  /// Ranks all windows that end at or before `upto`; without `out` only remembers places.
  void emit(Pane upto, Outputs* out);
  void add_hotspots(const Which& which, const Parts* pairs, Trend& trend) const;
  /// The trend without the earlier places and hotspots; it refers to `parts`.
  [[nodiscard]] Trend join(const Which& which, const Parts& parts) const;
  void score(Trend& trend) const;
  /// Fills in the places of the slide before, where it is known, and remembers the present ones.
  static void number(Trend& trend, const Places* previous, Places& places);
  void rank(const Which& which, const Parts& parts, Outputs* out);
  static Which pairs_beside(const Which& which);
  [[nodiscard]] const Places* places_before(const Which& which) const;

  // rank_early.cpp: windows that are still open.
  void put_early(Rank rank);
  [[nodiscard]] bool all_told(Pane end) const;
  bool emit_early(const BatchContext& context, Outputs& out);
  void rank_early(const Which& which, Outputs& out);
  [[nodiscard]] Parts parts_so_far(const Which& which) const;
  void forget_early(Pane upto);

  const Settings& settings_;
  Pane done_ = kNoPane;
  std::vector<Pane> reported_;  ///< By partition of window_partials.
  std::int64_t position_ = 0;
  std::map<Which, Parts> waiting_;
  std::map<Pane, std::int64_t> first_;               ///< Offset of the first report of each end.
  std::map<Which, Places> places_;                   ///< Of the rankings of the last slide.
  std::map<std::string, std::int64_t> emitted_;      ///< By window; all committed,
  std::map<std::string, std::int64_t> emitted_new_;  ///< but for these.
  std::map<Which, Parts> early_;                     ///< The latest reports of open windows,
  std::set<Which> early_new_;                        ///< and those that were not emitted yet.
  std::vector<Pane> previewed_;  ///< By partition: its open windows until there were reported.
  std::map<Which, Places> early_places_;
  std::optional<MonotonicTime> early_at_;  ///< When they were emitted last.
  RecordReader reader_;
};

}  // namespace rookery::hashtag_window
