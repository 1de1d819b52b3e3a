#include "services/hashtag-window/rank_stage.hpp"

#include <algorithm>
#include <utility>

#include "common/core/fault.hpp"

namespace rookery::hashtag_window {
/// Where the pairs of cell and hashtag of a cell dimension are; nowhere for another.
RankStage::Which RankStage::pairs_beside(const Which& which) {
  const auto& [end, window, dimension] = which;
  const auto counted = dimension_named(dimension);
  const bool cells = counted && cell_level(*counted);
  return {end, window, cells ? std::string(name_of(pairs_of(*counted))) : std::string()};
}

RankStage::RankStage(const Settings& settings) : settings_(settings) {
  forget();
}

Result<void> RankStage::process(const InputRecord& record, Outputs& out) {
  if (!record.value) return dead_letter("rank_malformed", "expected a value, got none");
  auto read = reader_.read_rank(*record.value);
  ROOKERY_RETURN_IF_ERROR(read);
  if (auto* rank = std::get_if<Rank>(&*read)) {
    if (window_named(rank->window) == nullptr) {
      return dead_letter("rank_malformed", "field \"window\": expected a configured one, got \"" +
                                               rank->window + "\"");
    }
    if (rank->early && !planted_mistake("early_taken_for_final")) {
      put_early(std::move(*rank));
    } else {
      put(std::move(*rank), record.offset.value());
    }
    return {};
  }
  const auto& closed = std::get<Closed>(*read);
  if (closed.partition >= settings_.partial_partitions) {
    return dead_letter("rank_malformed", "field \"partition\": expected less than " +
                                             std::to_string(settings_.partial_partitions) +
                                             ", got " + std::to_string(closed.partition));
  }
  if (closed.early && !planted_mistake("early_taken_for_final")) {
    Pane& told = previewed_[static_cast<std::size_t>(closed.partition)];
    told = std::max(told, closed.pane);
    return {};
  }
  Pane& known = reported_[static_cast<std::size_t>(closed.partition)];
  known = std::max(known, closed.pane);
  const bool early = planted_mistake("rank_at_one_report_less") && reported_.size() > 1;
  std::vector<Pane> reports = reported_;
  std::nth_element(reports.begin(), reports.begin() + (early ? 1 : 0), reports.end());
  const Pane ready = reports[early ? 1 : 0];
  if (ready > done_) {
    emit(ready, &out);
    done_ = ready;
    forget_early(done_);
  }
  return {};
}

Result<void> RankStage::finish_batch(const BatchContext& context, Outputs& out,
                                     Progress& progress) {
  const TopicPartition ranks{std::string(settings_.family->ranks), kRanksPartition};
  const auto read = progress.find(ranks);
  if (read != progress.end()) position_ = read->second.offset.value();
  // Early results need an offset too: without one they would not be fenced.
  if (emit_early(context, out)) progress.try_emplace(ranks, Offset(position_), "");
  for (auto& [at, committed] : progress) {
    if (at.topic != settings_.family->ranks) continue;
    std::int64_t replay_from = committed.offset.value();
    for (const auto& [end, offset] : first_) replay_from = std::min(replay_from, offset);
    auto text = write_metadata(settings_, RankMetadata{done_, reported_, replay_from});
    ROOKERY_RETURN_IF_ERROR(text);
    committed.metadata = *std::move(text);
  }
  return {};
}

Result<std::optional<Offset>> RankStage::assign(const TopicPartition& partition,
                                                const std::optional<CommittedOffset>& committed) {
  if (partition.partition.value() != 0) {
    return misconfigured("window_state", "topic " + std::string(settings_.family->ranks) +
                                             ": expected one partition, got one with number " +
                                             std::to_string(partition.partition.value()) +
                                             "; create the topic anew with one partition");
  }
  forget();
  if (!committed) return std::optional<Offset>{};
  auto read = read_rank_metadata(settings_, partition, *committed);
  ROOKERY_RETURN_IF_ERROR(read);
  position_ = committed->offset.value();
  done_ = read->done;
  reported_ = std::move(read->reported);
  if (read->replay_from >= committed->offset.value()) return std::optional<Offset>{};
  return std::optional<Offset>(read->replay_from);
}

Result<void> RankStage::replay(const InputRecord& record) {
  if (!record.value) return {};
  auto read = reader_.read_rank(*record.value);
  if (!read) return {};  // A dead letter then, too.
  auto* rank = std::get_if<Rank>(&*read);
  if (rank == nullptr || window_named(rank->window) == nullptr) return {};
  // Early reports are not restored: the next ones take their place.
  if (!rank->early) put(std::move(*rank), record.offset.value());
  return {};
}

Result<void> RankStage::restored(const TopicPartition& /*partition*/) {
  if (planted_mistake("previous_ranks_not_restored")) {
    waiting_.erase(waiting_.begin(), waiting_.upper_bound({done_, "~", "~"}));
  }
  if (done_ != kNoPane) emit(done_, nullptr);
  return {};
}

void RankStage::revoke(const TopicPartition& /*partition*/) {
  forget();
}

void RankStage::forget() {
  done_ = kNoPane;
  position_ = 0;
  reported_.assign(static_cast<std::size_t>(settings_.partial_partitions), kNoPane);
  previewed_ = reported_;
  waiting_.clear();
  first_.clear();
  places_.clear();
  early_.clear();
  early_new_.clear();
  early_places_.clear();
  emitted_new_.clear();
}

void RankStage::on_commit() {
  for (const auto& [window, count] : emitted_new_) emitted_[window] += count;
  emitted_new_.clear();
}

std::vector<Measurement> RankStage::measure() const {
  std::vector<Measurement> all;
  for (const Window& window : settings_.windows) {
    const auto emitted = emitted_.find(window.name);
    all.push_back({.measure = Measure::kWindowsEmitted,
                   .value = emitted == emitted_.end() ? 0 : emitted->second,
                   .label = window.name});
  }
  return all;
}

const Window* RankStage::window_named(std::string_view name) const {
  for (const Window& window : settings_.windows) {
    if (window.name == name) return &window;
  }
  return nullptr;
}

void RankStage::put(Rank rank, std::int64_t offset) {
  if (done_ != kNoPane && rank.end <= done_ - settings_.slide_max) return;
  first_.try_emplace(rank.end, offset);
  const std::int32_t partition = rank.partition;
  waiting_[{rank.end, rank.window, rank.dimension}].insert_or_assign(partition, std::move(rank));
}

void RankStage::emit(Pane upto, Outputs* out) {
  while (!waiting_.empty() && std::get<Pane>(waiting_.begin()->first) <= upto) {
    rank(waiting_.begin()->first, waiting_.begin()->second, out);
    waiting_.erase(waiting_.begin());
  }
  const Pane dead = upto - settings_.slide_max;
  first_.erase(first_.begin(), first_.upper_bound(dead));
  std::erase_if(places_, [&](const auto& place) { return std::get<Pane>(place.first) <= dead; });
}

void RankStage::add_hotspots(const Which& which, const Parts* pairs, Trend& trend) const {
  const auto& [end, window, dimension] = which;
  const auto counted = dimension_named(dimension);
  if (!counted || !cell_level(*counted)) return;
  std::vector<std::pair<std::string_view, std::int64_t>> cells;
  for (const TrendEntry& place : trend.top)
    cells.emplace_back(place.entry->key, place.entry->count);
  trend.hotspots = find_hotspots(cells, trend.total);
  if (pairs == nullptr) return;
  std::vector<PairCounts> all;
  for (const auto& [partition, part] : *pairs) {
    trend.approximate = trend.approximate || part.approximate;
    auto& counts = all.emplace_back();
    counts.missing_max = part.missing_max;
    for (const Rank::Pair& pair : part.pairs) counts.pairs.emplace_back(pair.key, pair.count);
  }
  name_hashtags(trend.hotspots, all, settings_.hotspot_hashtags);
}

Trend RankStage::join(const Which& which, const Parts& parts) const {
  const auto& [end, name, dimension] = which;
  const Window& window = *window_named(name);
  Trend trend{.dimension = dimension,
              .window = name,
              .start = WallTime((end - window.length) * settings_.pane),
              .end = WallTime(end * settings_.pane),
              .top = {}};
  float sum = 0;
  for (const auto& [partition, part] : parts) {
    trend.total += part.total;
    trend.sentiment += part.sentiment;
    sum += static_cast<float>(part.sentiment) * .1F;
    trend.approximate = trend.approximate || part.approximate;
    for (const RankEntry& entry : part.top) trend.top.push_back({&entry, 0});
  }
  if (planted_mistake("sums_in_floating_point"))
    trend.sentiment = static_cast<std::int64_t>(sum / .1F);
  std::sort(trend.top.begin(), trend.top.end(), [](const TrendEntry& a, const TrendEntry& b) {
    if (a.entry->count != b.entry->count) return a.entry->count > b.entry->count;
    return a.entry->key < b.entry->key && !planted_mistake("ties_by_arrival");
  });
  trend.top.resize(std::min(trend.top.size(), window.top_k));
  score(trend);
  return trend;
}

/// Here, as only the whole ranking tells how busy everything is.
void RankStage::score(Trend& trend) const {
  std::vector<KeyBlocks> keys;
  keys.reserve(trend.top.size());
  for (const TrendEntry& place : trend.top) {
    keys.push_back({place.entry->newest, place.entry->past, place.entry->yesterday});
  }
  const auto scores = trend_scores(keys, settings_.trend_history);
  for (std::size_t i = 0; i < scores.size(); ++i) trend.top[i].trend = scores[i];
}

void RankStage::number(Trend& trend, const Places* previous, Places& places) {
  for (std::size_t i = 0; i < trend.top.size(); ++i) {
    const std::string& key = trend.top[i].entry->key;
    places.emplace(key, static_cast<std::int64_t>(i + 1));
    if (previous == nullptr) continue;
    const auto place = previous->find(key);
    if (place != previous->end()) trend.top[i].previous_rank = place->second;
  }
}

const RankStage::Places* RankStage::places_before(const Which& which) const {
  const auto& [end, name, dimension] = which;
  const auto found = places_.find({end - window_named(name)->slide, name, dimension});
  return found == places_.end() ? nullptr : &found->second;
}

void RankStage::rank(const Which& which, const Parts& parts, Outputs* out) {
  const auto& [end, name, dimension] = which;
  const auto counted = dimension_named(dimension);
  if (counted && is_pairs(*counted)) return;  // For the hotspots, which came just before.
  Trend trend = join(which, parts);
  number(trend, places_before(which), places_[which]);
  if (out == nullptr) return;
  ++emitted_new_[name];
  const auto pairs = waiting_.find(pairs_beside(which));
  add_hotspots(which, pairs == waiting_.end() ? nullptr : &pairs->second, trend);
  append_trend(out->start(kTrends, kTrendsPartition, name + "," + dimension), trend);
}

}  // namespace rookery::hashtag_window
