#include "services/hashtag-window/partial_stage.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "common/core/check.hpp"
#include "common/core/fault.hpp"
#include "common/records/timestamp.hpp"
#include "services/hashtag-window/hashing.hpp"

namespace rookery::hashtag_window {
namespace {

TopicPartition source(const Settings& settings, Partition partition) {
  return {std::string(settings.family->input), partition};
}

}  // namespace

Result<void> PartialStage::process(const InputRecord& record, Outputs& out) {
  return apply(held(record.partition), record, &out);
}

Result<void> PartialStage::finish_batch(const BatchContext& context, Outputs& out,
                                        Progress& progress) {
  note_batch(context, progress);
  if (context.end_of_input) {
    close_all(context);
  } else if (context.group != nullptr) {
    ROOKERY_RETURN_IF_ERROR(raise_idle(context));
    ROOKERY_RETURN_IF_ERROR(limit_skew(context));
  }
  if (planted_mistake("watermark_before_its_data")) write_frontiers(out);
  write_sums(out);
  write_refusals(out);
  write_frontiers(out);  // After all data that they promise to be complete.
  for (auto& [partition, held] : held_) {
    const bool moved =
        (held.frontier != held.frontier_finished || held.idle != held.idle_finished) &&
        !planted_mistake("idle_mark_without_offset");
    if (!held.touched && !moved) continue;
    auto text = metadata(held);
    ROOKERY_RETURN_IF_ERROR(text);
    // Explicit also where no record came: a mark without an offset would not be fenced.
    progress[source(settings_, partition)] = {Offset(held.position), *std::move(text)};
    held.frontier_finished = held.frontier;
    held.idle_finished = held.idle;
    held.touched = false;
  }
  sums_.clear();
  refused_.clear();
  return {};
}

Result<std::optional<Offset>> PartialStage::assign(
    const TopicPartition& partition, const std::optional<CommittedOffset>& committed) {
  assigned_any_ = true;
  waiting_.clear();
  late_new_ = 0;
  left_out_new_.clear();
  for (auto& [other, held] : held_) held.paused = false;  // The group forgets at a rebalance.
  if (partition.partition.value() >= settings_.source_partitions) {
    return misconfigured(
        "window_state",
        "topic " + partition.topic + ": expected " + std::to_string(settings_.source_partitions) +
            " partitions, got one with number " + std::to_string(partition.partition.value()) +
            "; partitions were added, start again to see how to go on");
  }
  Held fresh;
  std::optional<Offset> replay_from;
  if (committed) {
    auto read = read_partial_metadata(settings_, partition, *committed);
    ROOKERY_RETURN_IF_ERROR(read);
    fresh.position = committed->offset.value();
    fresh.frontier = read->replay_frontier;
    if (read->replay_from < fresh.position) replay_from = Offset(read->replay_from);
    fresh.restoring = *std::move(read);
    if (!replay_from) finish_restore(fresh);
  }
  held_[partition.partition] = std::move(fresh);
  return replay_from;
}

Result<void> PartialStage::replay(const InputRecord& record) {
  Held& held = this->held(record.partition);
  if (!held.restoring || planted_mistake("deletion_index_not_restored")) return {};
  const auto& marks = held.restoring->marks;
  while (held.next_mark < marks.size() && marks[held.next_mark].offset <= record.offset.value()) {
    held.frontier = std::max(held.frontier, marks[held.next_mark++].frontier);
    held.admission.forget();
  }
  // A record that cannot be read went to the dead letters then, and changed nothing.
  static_cast<void>(apply(held, record, nullptr));
  return {};
}

Result<void> PartialStage::restored(const TopicPartition& partition) {
  finish_restore(held(partition.partition));
  return {};
}

void PartialStage::revoke(const TopicPartition& partition) {
  held_.erase(partition.partition);
  waiting_.clear();
  for (auto& [other, held] : held_) held.paused = false;
  sums_.clear();  // What an aborted batch left.
  refused_.clear();
  late_new_ = 0;
  left_out_new_.clear();
}

void PartialStage::on_commit() {
  late_ += std::exchange(late_new_, 0);
  for (auto& [dimension, count] : left_out_new_) left_out_[dimension] += std::exchange(count, 0);
}

PartialStage::Held& PartialStage::held(Partition partition) {
  const auto found = held_.find(partition);
  if (found != held_.end()) return found->second;
  ROOKERY_CHECK(!assigned_any_, "records come from assigned partitions");
  return held_[partition];
}

Result<void> PartialStage::apply(Held& held, const InputRecord& record, Outputs* out) {
  if (!record.value) {
    if (!record.key) return dead_letter("key_missing", "a deletion: expected a key, got none");
    erase(held, *record.key, out);
    return {};
  }
  const auto post = reader_.read(*record.value, settings_.family->record);
  ROOKERY_RETURN_IF_ERROR(post);
  // The post was counted when it came first.
  if (!(*post)->amendment.empty()) return {};
  ROOKERY_RETURN_IF_ERROR(check_time(**post, record));
  const Pane pane = settings_.pane_of((*post)->created_at.time_since_epoch());
  count(held, **post, record, pane, out);
  held.newest = std::max(held.newest, pane - settings_.lateness);
  held.frontier = std::max(held.frontier, held.newest);
  if (planted_mistake("watermark_by_instance")) {
    for (auto& [partition, other] : held_) other.frontier = std::max(other.frontier, held.frontier);
  }
  held.index.evict_below(held.frontier - settings_.deletion_horizon);
  held.admission.close_below(held.frontier);
  return {};
}

Result<void> PartialStage::check_time(const PostView& post, const InputRecord& record) const {
  const Pane pane = settings_.pane_of(post.created_at.time_since_epoch());
  // On the wire a pane has 32 bits; an idle mark may lie a lateness and a window later.
  constexpr auto kLimit = std::numeric_limits<std::int32_t>::max() - 1'000'000;
  if (pane < -kLimit || pane > kLimit) {
    return dead_letter("field_range", "field \"created_at\": expected a time that fits a pane of " +
                                          std::to_string(settings_.pane.count()) + " ms, got " +
                                          to_rfc3339(post.created_at));
  }
  // Without this one wrong clock would move the frontier, and make all later posts late.
  const bool checked = settings_.future_max.count() > 0 && record.timestamp > WallTime();
  if (checked && post.created_at > record.timestamp + settings_.future_max) {
    return dead_letter("time_in_future",
                       "field \"created_at\": expected at most " +
                           std::to_string(settings_.future_max.count()) + " ms after the record (" +
                           to_rfc3339(record.timestamp) + "), got " + to_rfc3339(post.created_at));
  }
  return {};
}

void PartialStage::count(Held& held, const PostView& post, const InputRecord& record, Pane pane,
                         Outputs* out) {
  const Pane border = planted_mistake("late_by_batch") ? held.frontier_finished : held.frontier;
  if (pane < border && !planted_mistake("late_decided_at_merge")) {
    if (out == nullptr) return;
    ++late_new_;
    append_late(out->start(kLateTweets, std::nullopt, post.id),
                {.id = post.id, .record = record, .pane = pane, .frontier = held.frontier});
    return;
  }
  const auto sentiment = static_cast<std::int32_t>(std::llround(post.sentiment_score * 1000));
  const auto& all = keys_.read(post, settings_.dimensions, settings_.key_bytes_max);
  if (out != nullptr) {
    for (const auto& left : keys_.left_out()) left_out_new_[left.dimension] += left.count;
  }
  const auto& keys = admit(held, pane, record.offset, all, out == nullptr);
  if (out != nullptr && !keys.empty()) {
    const std::uint64_t author = stable_hash(post.author_id.empty() ? post.id : post.author_id);
    const auto in_pane = static_cast<std::uint32_t>(
        (post.created_at.time_since_epoch() - pane * settings_.pane).count());
    for (const auto& key : keys) {
      Sums::Sum& sum = sums_.add(key, pane, pane, 1, sentiment);
      if (is_pairs(key.dimension)) continue;  // Only their posts are asked for.
      sum.times.see(in_pane);
      sum.authors.insert(author, settings_.authors_exact_max);
    }
  }
  held.index.insert(post.id,
                    {.offset = record.offset.value(),
                     .frontier = held.frontier,
                     .pane = pane,
                     .sentiment = sentiment},
                    planted_mistake("refused_keys_deleted") ? all : keys);
}

const std::vector<PostKeys::Key>& PartialStage::admit(Held& held, Pane pane, Offset offset,
                                                      const std::vector<PostKeys::Key>& keys,
                                                      bool in_replay) {
  if (in_replay && planted_mistake("admission_not_restored")) return keys;
  const auto& counted = held.admission.admit(
      pane, offset.value(), keys, {.places_max = settings_.open_keys_max, .index = held.index});
  if (in_replay) return counted;
  for (const Admission::Refusal& refusal : held.admission.refusals()) {
    left_out_new_[refusal.dimension] += refusal.keys;
    if (refusal.first) refused_.emplace(pane, refusal.dimension);
  }
  return counted;
}

void PartialStage::erase(Held& held, std::string_view id, Outputs* out) {
  const auto post = held.index.take(id, deleted_keys_);
  // The horizon counts, not whether the index still holds the post.
  if (!post || out == nullptr) return;
  if (held.frontier != kNoPane && post->pane < held.frontier - settings_.deletion_horizon) return;
  // Windows that end by the frontier may be closed already, in some partitions; all others
  // are open everywhere. Authors stay: a sketch cannot forget.
  const Pane from = planted_mistake("deletion_in_whatever_is_open")
                        ? post->pane
                        : std::max(post->pane, held.frontier);
  for (const auto& key : deleted_keys_) sums_.add(key, post->pane, from, -1, -post->sentiment);
  if (planted_mistake("deletion_frees_a_place")) {
    held.admission.free_places(post->pane, deleted_keys_);
  }
}

void PartialStage::finish_restore(Held& held) {
  if (!held.restoring) return;
  held.frontier = held.frontier_finished = held.restoring->frontier;
  held.newest = held.restoring->newest;
  if (planted_mistake("watermark_lost_with_owner")) held.frontier = held.newest = kNoPane;
  held.idle = held.idle_finished = held.restoring->idle;
  held.marks = std::move(held.restoring->marks);
  if (held.next_mark < held.marks.size()) held.admission.forget();
  held.restoring.reset();
  held.next_mark = 0;
}

std::int64_t PartialStage::replay_from(const Held& held) const {
  const auto oldest = held.index.oldest();
  return oldest ? oldest->offset : held.position;
}

Result<std::string> PartialStage::metadata(Held& held) {
  const auto oldest = held.index.oldest();
  PartialMetadata metadata{.frontier = held.frontier,
                           .newest = held.newest,
                           .idle = held.idle,
                           .replay_from = replay_from(held),
                           .replay_frontier = oldest ? oldest->frontier : held.frontier,
                           .marks = {}};
  std::erase_if(held.marks,
                [&](const IdleMark& mark) { return mark.offset <= metadata.replay_from; });
  if (!planted_mistake("idle_marks_not_in_metadata")) metadata.marks = held.marks;
  return write_metadata(settings_, metadata);
}

void PartialStage::write_sums(Outputs& out) {
  const auto partitions = static_cast<std::uint64_t>(settings_.partial_partitions);
  for (const Sums::Sum& sum : sums_.all()) {
    const Partition partition(static_cast<std::int32_t>(sum.key_hash % partitions));
    const std::string_view text = sums_.text_of(sum);
    append_partial(out.start(settings_.partials_topic, partition, text),
                   {.dimension = name_of(sum.dimension),
                    .key = text,
                    .spelling = sums_.spelling_of(sum),
                    .pane = sum.pane,
                    .from = sum.from,
                    .count = sum.count,
                    .sentiment = sum.sentiment,
                    .times = sum.times},
                   sum.authors);
  }
}

/// To all partitions: one that has the key alone might have nothing to report, and not tell.
void PartialStage::write_refusals(Outputs& out) {
  for (const auto& [pane, dimension] : refused_) {
    for (std::int32_t q = 0; q < settings_.partial_partitions; ++q) {
      if (q > 0 && planted_mistake("refusal_to_one_partition")) break;
      append_refused(out.start(settings_.partials_topic, Partition(q), ""),
                     {.dimension = name_of(dimension), .pane = pane});
    }
  }
}

void PartialStage::write_frontiers(Outputs& out) {
  std::vector<Frontier> moved;
  for (const auto& [partition, held] : held_) {
    const bool told = held.frontier == held.frontier_finished;
    if (told && !planted_mistake("idle_excluded_from_min")) continue;
    moved.push_back({partition, Offset(held.position), held.frontier, held.idle});
  }
  if (moved.empty()) return;
  for (std::int32_t q = 0; q < settings_.partial_partitions; ++q) {
    const auto same = [&](const Sums::Sum& sum) {
      return sum.key_hash % static_cast<std::uint64_t>(settings_.partial_partitions) ==
             static_cast<std::uint64_t>(q);
    };
    if (planted_mistake("watermark_to_touched_partitions") &&
        std::none_of(sums_.all().begin(), sums_.all().end(), same)) {
      continue;
    }
    append_frontiers(out.start(settings_.partials_topic, Partition(q), ""), settings_.family->input,
                     moved);
  }
}

}  // namespace rookery::hashtag_window
