#include <algorithm>
#include <utility>

#include "common/core/fault.hpp"
#include "services/hashtag-window/partial_stage.hpp"

namespace rookery::hashtag_window {
namespace {

/// Idle marks that the metadata has room for; see raise().
constexpr std::size_t kMarksMax = 128;

/// How often the committed metadata of the other owners is read, and the broker asked for
/// the end of a silent partition.
constexpr std::chrono::seconds kAskInterval(1);

}  // namespace

void PartialStage::note_batch(const BatchContext& context, const Progress& progress) {
  for (const auto& [at, committed] : progress) {
    if (at.topic != settings_.family->input) continue;
    Held& held = this->held(at.partition);
    held.position = committed.offset.value();
    held.seen = context.polled_at;
    held.idle = false;
    held.touched = true;
    held.waits_for = nullptr;
  }
  for (auto& [partition, held] : held_) {
    if (!held.seen) held.seen = context.polled_at;
  }
}

/// Whether nothing lies on the way to a silent partition either: an earlier stage that stands
/// still looks like silence, and its backlog would be late. Asked in the order of the chain,
/// so that no post can slip past a question; the own end comes last.
Result<bool> PartialStage::is_silent_for_good(Partition partition, Held& held,
                                              InputGroup& group) const {
  if (planted_mistake("upstream_not_asked")) {
    return group.at_end({std::string(settings_.family->input), partition});
  }
  for (const UpstreamStage& stage : settings_.upstream) {
    const auto drained = group.has_drained(stage, partition);
    ROOKERY_RETURN_IF_ERROR(drained);
    if (*drained) continue;
    held.waits_for = &stage;
    return false;
  }
  return group.at_end({std::string(settings_.family->input), partition});
}

void PartialStage::show_waiting(InputGroup& group) {
  std::string text;
  for (const auto& [partition, held] : held_) {
    if (held.waits_for == nullptr) continue;
    text.append(text.empty() ? "windows are held open: " : ", ")
        .append(held.waits_for->group)
        .append(" has yet to read ")
        .append(held.waits_for->topic)
        .append("[" + std::to_string(partition.value()) + "]");
  }
  if (text == waiting_) return;
  waiting_ = std::move(text);
  group.show_waiting(waiting_);
}

/// Carries the silent partitions along, so that they do not hold the windows open. The clock
/// was read before the poll, and the broker is asked for the end after it: a batch that
/// waited between the two shows, and a partition is never silent by an old end.
Result<void> PartialStage::raise_idle(const BatchContext& context) {
  if (settings_.idle.count() == 0) return {};
  show_waiting(*context.group);
  const auto interval = std::min<MonotonicTime::duration>(kAskInterval, settings_.idle / 4);
  if (idle_checked_ && context.polled_at - *idle_checked_ < interval) return {};
  const auto silent = [&](const Held& held) {
    return !held.touched && !held.paused && context.polled_at - *held.seen >= settings_.idle;
  };
  if (std::none_of(held_.begin(), held_.end(), [&](const auto& h) { return silent(h.second); })) {
    return {};
  }
  idle_checked_ = context.polled_at;
  ROOKERY_RETURN_IF_ERROR(ask_others(context));
  const std::vector<Known> all = known();
  for (auto& [partition, held] : held_) {
    if (!silent(held)) continue;
    const Pane to =
        carry(static_cast<std::size_t>(partition.value()), all, context.polled_at - *held.seen);
    held.waits_for = nullptr;
    if (held.idle && to <= held.frontier) continue;
    const auto silent_for_good = is_silent_for_good(partition, held, *context.group);
    ROOKERY_RETURN_IF_ERROR(silent_for_good);
    if (!*silent_for_good) continue;
    // Idle also where nothing tells how far to carry it: two partitions that never had a
    // post would otherwise wait for each other, and hold the windows for ever.
    held.idle = true;
    raise(held, to);
  }
  return {};
}

/// Raises a silent partition's frontier by a mark that lies in the log and in the metadata.
void PartialStage::raise(Held& held, Pane frontier) {
  if (frontier <= held.frontier || planted_mistake("idle_excluded_from_min")) return;
  held.frontier = frontier;
  held.index.evict_below(frontier - settings_.deletion_horizon);
  // What lies before the oldest mark may not be read again: see below.
  held.admission.forget();
  const std::int64_t lo = replay_from(held);
  std::erase_if(held.marks, [&](const IdleMark& mark) {
    return mark.offset <= lo || mark.offset == held.position;
  });
  held.marks.push_back({held.position, frontier});
  if (held.marks.size() <= kMarksMax) return;
  // Posts before the oldest mark can no longer be deleted: the metadata is bounded.
  held.index.evict_before(held.marks.front().offset);
  held.marks.erase(held.marks.begin());
}

/// How far a silent partition is carried: along with the slowest that is not silent, and if
/// all are silent, by the wall clock, at most until every window is closed.
Pane PartialStage::carry(std::size_t partition, const std::vector<Known>& known,
                         MonotonicTime::duration silence) const {
  Pane slowest = kNoPane;
  Pane newest = kNoPane;
  bool active = false;
  for (std::size_t i = 0; i < known.size(); ++i) {
    newest = std::max(newest, known[i].newest);
    if (i == partition || known[i].idle) continue;
    slowest = active ? std::min(slowest, known[i].frontier) : known[i].frontier;
    active = true;
  }
  if (active) return slowest;
  if (newest == kNoPane) return kNoPane;
  const Pane end = newest + settings_.lateness + settings_.length_max;
  return settings_.idle_policy == IdlePolicy::kJump
             ? end
             : std::min<Pane>(newest + silence / settings_.pane, end);
}

/// Bounds how many panes the merges keep open, and read again after a restart.
Result<void> PartialStage::limit_skew(const BatchContext& context) {
  const auto limit = [&] {
    Pane slowest = kNoPane;
    for (const Known& partition : known()) {
      if (partition.frontier == kNoPane) continue;
      slowest = slowest == kNoPane ? partition.frontier : std::min(slowest, partition.frontier);
    }
    return slowest == kNoPane ? slowest : slowest + settings_.skew_panes;
  };
  const auto beyond = [&](Pane last) {
    return std::any_of(held_.begin(), held_.end(),
                       [&](const auto& h) { return !h.second.idle && h.second.frontier > last; });
  };
  Pane last = limit();
  const bool guessing =
      others_.empty() || std::any_of(others_.begin(), others_.end(),
                                     [](const Known& other) { return other.frontier == kNoPane; });
  // What is remembered of the others is a lower bound, where it is anything at all.
  if (guessing || beyond(last)) {
    ROOKERY_RETURN_IF_ERROR(ask_others(context));
    last = limit();
  }
  for (auto& [partition, held] : held_) {
    const bool ahead = !held.idle && held.frontier != kNoPane && held.frontier > last;
    if (ahead) held.seen = context.polled_at;  // Not silent: it is not read.
    if (ahead == held.paused) continue;
    held.paused = ahead;
    const TopicPartition at{std::string(settings_.family->input), partition};
    ahead ? context.group->pause(at) : context.group->resume(at);
  }
  return {};
}

/// A finite input has ended: all windows close.
void PartialStage::close_all(const BatchContext& context) {
  if (context.group == nullptr) {
    for (std::int32_t p = 0; p < settings_.source_partitions; ++p) held_.try_emplace(Partition(p));
  }
  Pane newest = kNoPane;
  for (const auto& [partition, held] : held_) newest = std::max(newest, held.newest);
  if (newest == kNoPane) return;
  for (auto& [partition, held] : held_) {
    held.idle = true;
    raise(held, newest + settings_.lateness + settings_.length_max);
  }
}

/// Reads the committed metadata of the partitions that others hold, at most once a second.
Result<void> PartialStage::ask_others(const BatchContext& context) {
  if (held_.size() == static_cast<std::size_t>(settings_.source_partitions)) return {};
  if (others_asked_ && context.polled_at - *others_asked_ < kAskInterval) return {};
  const auto committed = context.group->committed(settings_.family->input);
  ROOKERY_RETURN_IF_ERROR(committed);
  others_.assign(static_cast<std::size_t>(settings_.source_partitions), Known{});
  for (std::size_t i = 0; i < std::min(committed->size(), others_.size()); ++i) {
    if (!(*committed)[i]) continue;
    const TopicPartition at{std::string(settings_.family->input),
                            Partition(static_cast<std::int32_t>(i))};
    const auto metadata = read_partial_metadata(settings_, at, *(*committed)[i]);
    ROOKERY_RETURN_IF_ERROR(metadata);
    others_[i] = {metadata->frontier, metadata->newest, metadata->idle};
  }
  others_asked_ = context.polled_at;
  return {};
}

std::vector<PartialStage::Known> PartialStage::known() const {
  std::vector<Known> all = others_;
  all.resize(static_cast<std::size_t>(settings_.source_partitions));
  for (const auto& [partition, held] : held_) {
    all[static_cast<std::size_t>(partition.value())] = {held.frontier, held.newest, held.idle};
  }
  return all;
}

std::vector<Measurement> PartialStage::measure() const {
  std::vector<Measurement> all = {{.measure = Measure::kLateRecords, .value = late_}};
  for (const Dimension dimension : settings_.dimensions) {
    const auto found = left_out_.find(dimension);
    if (is_pairs(dimension)) continue;
    all.push_back({.measure = Measure::kLeftOutKeys,
                   .value = found == left_out_.end() ? 0 : found->second,
                   .label = std::string(name_of(dimension))});
  }
  std::size_t bytes = 0;
  for (const auto& [partition, held] : held_) {
    bytes += held.index.bytes() + held.admission.bytes();
    if (held.frontier == kNoPane) continue;
    all.push_back({.measure = Measure::kWatermark,
                   .value = (held.frontier * settings_.pane).count(),
                   .partition = {std::string(settings_.family->input), partition}});
  }
  all.push_back({.measure = Measure::kStateBytes, .value = static_cast<std::int64_t>(bytes)});
  all.push_back({.measure = Measure::kHeldPartitions,
                 .value = std::count_if(held_.begin(), held_.end(), [](const auto& h) {
                   return h.second.waits_for != nullptr;
                 })});
  return all;
}

}  // namespace rookery::hashtag_window
