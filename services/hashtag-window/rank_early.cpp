// Windows that are still open: what the merge partitions have reported of them so far.
#include <algorithm>
#include <utility>

#include "services/hashtag-window/rank_stage.hpp"

namespace rookery::hashtag_window {

/// A window that is final already has nothing early after it.
void RankStage::put_early(Rank rank) {
  if (settings_.early.count() == 0 || (done_ != kNoPane && rank.end <= done_)) return;
  const std::int32_t partition = rank.partition;
  Which which{rank.end, rank.window, rank.dimension};
  early_[which].insert_or_assign(partition, std::move(rank));
  early_new_.insert(std::move(which));
}

/// Whether each partition has said what it has of the windows that end at `end`: else a ranking
/// would lack the keys of some.
bool RankStage::all_told(Pane end) const {
  for (std::size_t i = 0; i < reported_.size(); ++i) {
    if (std::max(reported_[i], previewed_[i]) < end) return false;
  }
  return true;
}

bool RankStage::emit_early(const BatchContext& context, Outputs& out) {
  if (early_new_.empty()) return false;
  if (early_at_ && context.polled_at - *early_at_ < settings_.early) return false;
  const std::size_t before = out.size();
  std::erase_if(early_new_, [&](const Which& which) {
    const bool told = all_told(std::get<Pane>(which));
    if (told) rank_early(which, out);
    return told;
  });
  if (out.size() > before) early_at_ = context.polled_at;
  return out.size() > before;
}

/// Partitions that have closed the window say better what they have than an early report.
RankStage::Parts RankStage::parts_so_far(const Which& which) const {
  Parts parts;
  if (const auto closed = waiting_.find(which); closed != waiting_.end()) parts = closed->second;
  if (const auto open = early_.find(which); open != early_.end()) {
    parts.insert(open->second.begin(), open->second.end());
  }
  return parts;
}

void RankStage::rank_early(const Which& which, Outputs& out) {
  const auto& [end, name, dimension] = which;
  const auto counted = dimension_named(dimension);
  if (counted && is_pairs(*counted)) return;
  const Parts parts = parts_so_far(which);
  Trend trend = join(which, parts);
  trend.final = false;
  const Places* previous = places_before(which);
  const auto early = early_places_.find({end - window_named(name)->slide, name, dimension});
  if (previous == nullptr && early != early_places_.end()) previous = &early->second;
  Places places;
  number(trend, previous, places);
  early_places_.insert_or_assign(which, std::move(places));
  const Parts pairs = parts_so_far(pairs_beside(which));
  add_hotspots(which, &pairs, trend);
  for (TrendEntry& place : trend.top) {
    // Of the newest block a part is yet to come: what rises already does, the rest is not known.
    const auto state = place.trend.state;
    if (state == TrendState::kPeak || state == TrendState::kFalling) {
      place.trend.state = TrendState::kSteady;
    }
  }
  append_trend(out.start(kTrends, kTrendsPartition, name + "," + dimension), trend);
}

void RankStage::forget_early(Pane upto) {
  const auto closed = [&](const auto& item) { return std::get<Pane>(item.first) <= upto; };
  std::erase_if(early_, closed);
  std::erase_if(early_places_, closed);
  std::erase_if(early_new_, [&](const Which& which) { return std::get<Pane>(which) <= upto; });
}

}  // namespace rookery::hashtag_window
