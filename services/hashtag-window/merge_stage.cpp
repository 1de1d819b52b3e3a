#include "services/hashtag-window/merge_stage.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "common/core/check.hpp"
#include "common/core/fault.hpp"

namespace rookery::hashtag_window {
namespace {

/// How many panes more than the lateness stay open while a state is read again; a partition that
/// lies further behind has its panes packed anew with each newer one.
constexpr Pane kOpenInReplay = 10;

/// Of a deliberate mistake: an idle partition no longer counts.
constexpr Pane kPaneOfIdle = 1'000'000'000'000;

}  // namespace

Result<void> MergeStage::process(const InputRecord& record, Outputs& /*out*/) {
  if (!record.value) return dead_letter("partial_malformed", "expected a value, got none");
  Held& held = this->held(record.partition);
  const auto read = reader_.read_partial(*record.value, authors_, settings_.authors_exact_max);
  ROOKERY_RETURN_IF_ERROR(read);
  if (const auto* frontiers = std::get_if<std::vector<Frontier>>(&*read)) {
    return advance(held, *frontiers);
  }
  const auto* partial = std::get_if<Partial>(&*read);
  const Pane from = partial != nullptr ? partial->from : std::get<Refused>(*read).pane;
  if (held.closed != kNoPane && from < held.closed) {
    if (planted_mistake("late_decided_at_merge")) return {};
    return fatal("partial_after_close", settings_.partials_topic + "[" +
                                            std::to_string(record.partition.value()) + "] offset " +
                                            std::to_string(record.offset.value()) +
                                            ": expected panes from " + std::to_string(held.closed) +
                                            " on, got " + std::to_string(from));
  }
  return put(held, *read, record.offset.value());
}

Result<void> MergeStage::finish_batch(const BatchContext& context, Outputs& out,
                                      Progress& progress) {
  for (const auto& [at, committed] : progress) {
    if (at.topic != settings_.partials_topic) continue;
    Held& held = this->held(at.partition);
    held.position = committed.offset.value();
    held.touched = true;
  }
  const bool early = early_is_due(context);
  for (auto& [partition, held] : held_) {
    if (planted_mistake("merge_closes_by_own_clock")) close_by_clock(held, context);
    close(partition.value(), held, out);
    const bool moved = held.closed != held.closed_finished;
    if (moved || held.touched) held.told_early = false;
    const bool tells_early = early && !held.told_early;
    // Early reports need an offset too: without one they would not be fenced.
    // Without a group nothing is ever restored.
    const bool saved = context.group != nullptr && save(partition.value(), held, out);
    if (!moved && !saved && !held.touched && !tells_early) continue;
    if (moved) {
      const std::string key = std::to_string(partition.value());
      append_closed(out.start(settings_.family->ranks, kRanksPartition, key),
                    {.partition = partition.value(), .pane = held.closed});
    }
    if (tells_early) report_early(partition.value(), held, out);
    auto text = write_metadata(settings_, metadata_of(held));
    ROOKERY_RETURN_IF_ERROR(text);
    progress[{settings_.partials_topic, partition}] = {Offset(held.position), *std::move(text)};
    held.closed_finished = held.closed;
    held.touched = false;
  }
  if (context.group != nullptr) limit_skew(*context.group);
  return {};
}

Pane MergeStage::complete_until(const Held& held) {
  return *std::min_element(held.frontiers.begin(), held.frontiers.end());
}

/// Bounds how many rankings the last stage keeps until all partitions have told theirs: in a
/// catch-up one would be read hours ahead of another.
void MergeStage::limit_skew(InputGroup& group) {
  Pane slowest = std::numeric_limits<Pane>::max();
  for (const auto& [partition, held] : held_) slowest = std::min(slowest, complete_until(held));
  for (auto& [partition, held] : held_) {
    const bool ahead = slowest != kNoPane && complete_until(held) > slowest + settings_.skew_panes;
    if (ahead == held.paused) continue;
    held.paused = ahead;
    const TopicPartition at{settings_.partials_topic, partition};
    ahead ? group.pause(at) : group.resume(at);
  }
}

MergeMetadata MergeStage::metadata_of(const Held& held) const {
  MergeMetadata metadata{.closed = held.closed,
                         .frontiers = held.frontiers,
                         .replay_from = held.position,
                         .saved = held.saved,
                         .resume_from = held.position};
  for (const auto& [pane, offset] : held.first) {
    metadata.replay_from = std::min(metadata.replay_from, offset);
    if (pane >= held.saved_until()) metadata.resume_from = std::min(metadata.resume_from, offset);
  }
  if (held.closed != kNoPane && held.span_begin == span_of_oldest(held.closed)) {
    metadata.replay_from = std::min(metadata.replay_from, held.span_first);
  }
  if (planted_mistake("restore_offset_too_late")) {
    metadata.replay_from = metadata.resume_from = held.position;
  }
  if (planted_mistake("snapshot_resume_too_late")) metadata.resume_from = held.position;
  if (planted_mistake("snapshot_resume_too_early")) metadata.resume_from = metadata.replay_from;
  if (planted_mistake("restore_from_beginning")) metadata.replay_from = metadata.resume_from = 0;
  return metadata;
}

Result<std::optional<Offset>> MergeStage::assign(const TopicPartition& partition,
                                                 const std::optional<CommittedOffset>& committed) {
  assigned_any_ = true;
  std::fill(dropped_new_.begin(), dropped_new_.end(), 0);
  if (partition.partition.value() >= settings_.partial_partitions) {
    return misconfigured("window_state",
                         "topic " + settings_.partials_topic + ": expected " +
                             std::to_string(settings_.partial_partitions) +
                             " partitions, got one with number " +
                             std::to_string(partition.partition.value()) +
                             "; partitions were added, start again to see how to go on");
  }
  auto snapshots = loaded(partition.partition);
  const bool from_snapshots = snapshots.has_value();
  Held restored = from_snapshots ? *std::move(snapshots) : fresh();
  std::optional<Offset> replay_from;
  if (committed) {
    auto read = read_merge_metadata(settings_, partition, *committed);
    ROOKERY_RETURN_IF_ERROR(read);
    restored.position = committed->offset.value();
    restored.closed = restored.closed_finished = read->closed;
    if (planted_mistake("closed_not_restored")) restored.closed = kNoPane;
    if (!planted_mistake("frontiers_not_restored")) restored.frontiers = std::move(read->frontiers);
    const std::int64_t from = from_snapshots ? read->resume_from : read->replay_from;
    if (from < restored.position) replay_from = Offset(from);
    restored.restoring = replay_from || from_snapshots;
    restored.replayed.assign(restored.frontiers.size(), kNoPane);
    if (from_snapshots) {  // They do not tell of panes that are no longer kept.
      restored.span_begin = span_of_oldest(read->closed);
      restored.span_first = read->replay_from;
    }
  }
  held_.insert_or_assign(partition.partition, std::move(restored));
  return replay_from;
}

Result<void> MergeStage::replay(const InputRecord& record) {
  if (!record.value) return {};
  const auto read = reader_.read_partial(*record.value, authors_, settings_.authors_exact_max);
  if (!read) return {};  // A dead letter then, and still none of ours.
  // The frontiers are in the metadata: those that lie before `replay_from` count too.
  if (const auto* frontiers = std::get_if<std::vector<Frontier>>(&*read)) {
    settle_replayed(held(record.partition), *frontiers);
    return {};
  }
  static_cast<void>(put(held(record.partition), *read, record.offset.value()));
  return {};
}

Result<void> MergeStage::restored(const TopicPartition& partition) {
  Held& held = this->held(partition.partition);
  if (held.restoring && held.closed != kNoPane) {
    for (WindowKernel& kernel : held.kernels) kernel.rebuild(held.closed);
    drop_through(held, held.closed - settings_.keep);
  }
  held.restoring = false;
  return {};
}

void MergeStage::revoke(const TopicPartition& partition) {
  held_.erase(partition.partition);
  loading_.reset();
  std::fill(dropped_new_.begin(), dropped_new_.end(), 0);
}

void MergeStage::on_commit() {
  for (std::size_t i = 0; i < dropped_.size(); ++i)
    dropped_[i] += std::exchange(dropped_new_[i], 0);
}

std::vector<Measurement> MergeStage::measure() const {
  std::vector<Measurement> all;
  std::size_t bytes = 0;
  std::vector<std::int64_t> keys(settings_.dimensions.size());
  std::vector<std::int64_t> open(settings_.windows.size());
  for (const auto& [partition, held] : held_) {
    for (std::size_t i = 0; i < held.kernels.size(); ++i) {
      keys[i] += static_cast<std::int64_t>(held.kernels[i].live_keys());
      bytes += held.kernels[i].bytes();
    }
    if (held.first.empty()) continue;
    for (std::size_t i = 0; i < open.size(); ++i) {
      // Panes are of the same sign all of them, but for a moment in 1970.
      const Window& window = settings_.windows[i];
      const Pane closed = std::max(held.closed, held.first.begin()->first);
      const Pane last = held.first.rbegin()->first + window.length;
      open[i] = std::max(open[i], std::max<Pane>(last / window.slide - closed / window.slide, 0));
    }
  }
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const std::string name(name_of(settings_.dimensions[i]));
    all.push_back({.measure = Measure::kLiveKeys, .value = keys[i], .label = name});
    all.push_back({.measure = Measure::kDroppedKeys, .value = dropped_[i], .label = name});
  }
  for (std::size_t i = 0; i < open.size(); ++i) {
    all.push_back(
        {.measure = Measure::kWindowsOpen, .value = open[i], .label = settings_.windows[i].name});
  }
  all.push_back({.measure = Measure::kStateBytes, .value = static_cast<std::int64_t>(bytes)});
  return all;
}

MergeStage::Held MergeStage::fresh() const {
  Held held;
  held.saved.resize(settings_.snapshots.size());
  held.frontiers.assign(static_cast<std::size_t>(settings_.source_partitions), kNoPane);
  for (std::size_t i = 0; i < settings_.dimensions.size(); ++i) {
    held.kernels.emplace_back(settings_);
  }
  return held;
}

MergeStage::Held& MergeStage::held(Partition partition) {
  const auto found = held_.find(partition);
  if (found != held_.end()) return found->second;
  ROOKERY_CHECK(!assigned_any_, "records come from assigned partitions");
  return held_.emplace(partition, fresh()).first->second;
}

/// What a state that is read again begins with, so that its oldest pane keeps what it kept.
Pane MergeStage::oldest_needed(const Held& held) const {
  const Pane kept = held.closed - settings_.keep + 1;
  if (!held.restoring || planted_mistake("span_not_restored")) return kept;
  if (planted_mistake("trend_history_not_restored")) return held.closed - settings_.length_max + 1;
  return span_of_oldest(held.closed);
}

/// As far as all frontiers were read again, panes are cut to what they may keep at once: a flood
/// would not fit into the memory until all is read.
void MergeStage::settle_replayed(Held& held, const std::vector<Frontier>& frontiers) const {
  for (const Frontier& frontier : frontiers) {
    const auto partition = static_cast<std::size_t>(frontier.partition.value());
    if (partition >= held.replayed.size()) return;
    held.replayed[partition] = std::max(held.replayed[partition], frontier.pane);
  }
  if (held.closed == kNoPane) return;
  const Pane complete = *std::min_element(held.replayed.begin(), held.replayed.end());
  if (complete == kNoPane) return;
  for (WindowKernel& kernel : held.kernels) kernel.settle_below(std::min(complete, held.closed));
}

/// Of a sum or a refusal.
Result<void> MergeStage::put(Held& held, const PartialRecord& record, std::int64_t offset) {
  const auto* partial = std::get_if<Partial>(&record);
  const auto* refused = std::get_if<Refused>(&record);
  const Pane pane = partial != nullptr ? partial->pane : refused->pane;
  const std::string_view name = partial != nullptr ? partial->dimension : refused->dimension;
  const auto& dimensions = settings_.dimensions;
  const auto dimension = std::find_if(dimensions.begin(), dimensions.end(),
                                      [&](Dimension d) { return name_of(d) == name; });
  if (dimension == dimensions.end()) {
    return dead_letter(
        "partial_malformed",
        "field \"dimension\": expected a configured one, got \"" + std::string(name) + "\"");
  }
  if (held.restoring && pane < held.saved_until() && !planted_mistake("snapshot_counted_twice")) {
    return {};  // It is in a snapshot, with all that may be deleted of it.
  }
  if (held.closed != kNoPane && pane < oldest_needed(held)) return {};
  const bool newest = held.first.empty() || pane > held.first.rbegin()->first;
  held.first.try_emplace(pane, offset);
  if (newest && held.restoring) {  // A day of open panes would not fit into the memory.
    const Pane settled = pane - settings_.lateness - kOpenInReplay;
    for (WindowKernel& kernel : held.kernels) kernel.pack_below(settled);
  }
  WindowKernel& kernel = held.kernels[static_cast<std::size_t>(dimension - dimensions.begin())];
  if (partial == nullptr) {
    kernel.add_refusal(pane);
  } else if (partial->from > pane) {  // A deletion waits for its time; see rebuild() for replays.
    kernel.add_later(*partial);
  } else {
    kernel.add(*partial, authors_);
  }
  return {};
}

Result<void> MergeStage::advance(Held& held, const std::vector<Frontier>& frontiers) {
  for (const Frontier& frontier : frontiers) {
    if (frontier.partition.value() >= settings_.source_partitions) {
      return dead_letter("partial_malformed", "field \"partition\": expected less than " +
                                                  std::to_string(settings_.source_partitions) +
                                                  ", got " +
                                                  std::to_string(frontier.partition.value()));
    }
  }
  for (const Frontier& frontier : frontiers) {
    Pane& known = held.frontiers[static_cast<std::size_t>(frontier.partition.value())];
    if (planted_mistake("idle_excluded_from_min")) {
      known = frontier.idle ? kPaneOfIdle
                            : std::max(known == kPaneOfIdle ? kNoPane : known, frontier.pane);
      continue;
    }
    known = std::max(known, frontier.pane);
  }
  return {};
}

/// A deliberate mistake: after a while without records all that has come is closed.
void MergeStage::close_by_clock(Held& held, const BatchContext& context) const {
  if (held.touched || !held.seen) held.seen = context.polled_at;
  const auto& frontiers = held.frontiers;
  if (context.polled_at - *held.seen <= settings_.idle / 4 ||
      std::find(frontiers.begin(), frontiers.end(), kNoPane) != frontiers.end()) {
    return;
  }
  held.frontiers.assign(frontiers.size(), *std::max_element(frontiers.begin(), frontiers.end()));
}

void MergeStage::close(std::int32_t partition, Held& held, Outputs& out) {
  Pane ready = planted_mistake("close_at_max")
                   ? *std::max_element(held.frontiers.begin(), held.frontiers.end())
                   : complete_until(held);
  if (ready == kNoPane || (ready == kPaneOfIdle && held.first.empty())) return;
  if (ready == kPaneOfIdle) ready = held.first.rbegin()->first + settings_.length_max + 1;
  // Bounded: a long catch-up in one transaction would outlive its time-out, again and again.
  for (std::int64_t left = settings_.slides_max; left > 0 && held.closed < ready; --left) {
    const Pane lowest = held.first.empty() ? ready : held.first.begin()->first;
    if (held.closed == kNoPane || lowest > held.closed) {
      held.closed = std::min(lowest, ready);  // Nothing lives before: a jump costs nothing.
    }
    if (held.closed >= ready) break;
    slide(partition, held, held.closed + 1, out);
  }
}

void MergeStage::slide(std::int32_t partition, Held& held, Pane end, Outputs& out) {
  for (std::size_t i = 0; i < held.kernels.size(); ++i) {
    held.kernels[i].slide(end);
    dropped_new_[i] += static_cast<std::int64_t>(held.kernels[i].dropped_keys(end));
  }
  for (std::size_t i = 0; i < settings_.windows.size(); ++i) {
    if (end % settings_.windows[i].slide == 0) report(partition, held, i, end, out);
  }
  held.closed = end;
  drop_through(held, end - settings_.keep);
}

/// Forgets the panes up to `dead`. Those that are folded together go with the last of them: until
/// then they are in the totals, and close() must not jump.
void MergeStage::drop_through(Held& held, Pane dead) const {
  for (WindowKernel& kernel : held.kernels) kernel.drop_through(dead);
  const Pane unit = planted_mistake("jump_over_folded") ? 1 : settings_.fold;
  const Pane span = floor_to(dead + 1, settings_.span);
  const auto live = held.first.lower_bound(floor_to(dead + 1, unit));
  if (held.span_begin != span) held.span_first = std::numeric_limits<std::int64_t>::max();
  held.span_begin = span;
  for (auto at = held.first.begin(); at != live; ++at) {
    if (at->first >= span) held.span_first = std::min(held.span_first, at->second);
  }
  held.first.erase(held.first.begin(), live);
}

void MergeStage::report(std::int32_t partition, Held& held, std::size_t window, Pane end,
                        Outputs& out) {
  for (std::size_t i = 0; i < held.kernels.size(); ++i) {
    const Dimension dimension = settings_.dimensions[i];
    WindowKernel& kernel = held.kernels[i];
    const WindowTop top =
        is_pairs(dimension) ? kernel.counts(window, end) : kernel.top(window, end);
    append_top({.partition = partition, .end = end, .window = settings_.windows[window].name},
               dimension, top, out);
  }
}

void MergeStage::append_top(Rank rank, Dimension dimension, const WindowTop& top,
                            Outputs& out) const {
  if (top.top.empty()) return;
  rank.dimension = name_of(dimension);
  rank.total = top.total;
  rank.sentiment = top.sentiment;
  rank.approximate = top.approximate;
  rank.missing_max = top.missing_max;
  for (const WindowTop::Entry& entry : top.top) {
    if (is_pairs(dimension)) {
      rank.pairs.push_back({std::string(entry.key), entry.count});
      continue;
    }
    RankEntry& row = rank.top.emplace_back();
    row.key = entry.key;
    row.spelling = entry.spelling;
    row.count = entry.count;
    row.sentiment = entry.sentiment;
    row.authors = static_cast<std::int64_t>(entry.authors);
    row.newest = entry.newest;
    row.past = entry.past;
    row.yesterday = entry.yesterday;
    if (!entry.seen.any()) continue;
    row.first_seen = WallTime(std::chrono::milliseconds(entry.seen.first));
    row.last_seen = WallTime(std::chrono::milliseconds(entry.seen.last));
  }
  append_rank(out.start(settings_.family->ranks, kRanksPartition, std::to_string(rank.partition)),
              rank);
}

}  // namespace rookery::hashtag_window
