#include "tests/unit/services/hashtag-window/simulation/instance.hpp"

#include <algorithm>

#include "common/core/fault.hpp"
#include "services/hashtag-window/json_fields.hpp"
#include "services/hashtag-window/records.hpp"

namespace rookery::simulation {
namespace {

InputRecord as_input(const TopicPartition& at, std::int64_t offset, const Stored& stored) {
  InputRecord record{.topic = at.topic,
                     .partition = at.partition,
                     .offset = Offset(offset),
                     .timestamp = stored.timestamp,
                     .key = stored.key,
                     .value = std::nullopt,
                     .headers = {}};
  if (stored.value) record.value = *stored.value;
  return record;
}

/// How far below the closed pane of a merge's metadata the oldest of its records lies.
std::int64_t depth_of(const CommittedOffset& committed, const FakeBroker::Read& replayed) {
  hashtag_window::JsonParser parser;
  const auto metadata = parser.object(committed.metadata);
  if (!metadata) return 0;
  const hashtag_window::FieldReader fields(*metadata);
  if (!fields.has("closed")) return 0;
  const std::int64_t closed = hashtag_window::FieldReader(*metadata).int64("closed");
  hashtag_window::RecordReader reader;
  hashtag_window::AuthorSet authors;
  std::int64_t depth = 0;
  for (const auto& [offset, stored] : replayed.records) {
    const auto record = reader.read_partial(*stored->value, authors, 64);
    const auto* partial = std::get_if<hashtag_window::Partial>(&*record);
    if (partial != nullptr) depth = std::max(depth, closed - partial->pane);
  }
  return depth;
}

/// Likewise of the first of the sums alone.
std::int64_t depth_of_first(const CommittedOffset& committed, const FakeBroker::Read& replayed) {
  FakeBroker::Read first;
  if (!replayed.records.empty()) first.records.push_back(replayed.records.front());
  return depth_of(committed, first);
}

}  // namespace

Instance::Instance(FakeBroker& broker, Dice& dice, const Stage& stage, std::int64_t slot)
    : broker_(broker), dice_(dice), stage_(&stage), slot_(slot) {}

bool Instance::step() {
  switch (phase_) {
    case Phase::kStart:
      start();
      return true;
    case Phase::kPoll:
      poll();
      return true;
    case Phase::kProcess:
      process_batch();
      return true;
    case Phase::kBegin: {
      bool fenced = false;
      txn_ = broker_.begin(stage_->group + "-" + std::to_string(slot_), epoch_, fenced);
      if (txn_ != nullptr) phase_ = Phase::kProduce;
      return !fenced;
    }
    case Phase::kProduce:
      return produce();
    case Phase::kOffsets:
      return send_offsets();
    case Phase::kCommit:
      if (broker_.commit(*txn_) != FakeBroker::Answer::kOk) return false;
      phase_ = Phase::kAfter;
      return true;
    case Phase::kAfter:
      if (planted_mistake("offsets_outside_transaction")) {
        broker_.set_offsets(stage_->group, progress_);
      }
      processor_->on_commit();
      phase_ = Phase::kPoll;
      return true;
  }
  return false;
}

void Instance::crash() {
  phase_ = Phase::kStart;
  processor_.reset();
  held_.clear();
  paused_.clear();
  member_ = 0;
}

void Instance::start() {
  processor_ = stage_->make();
  epoch_ = broker_.init_producer(stage_->group + "-" + std::to_string(slot_));
  member_ = broker_.join(stage_->group, slot_, dice_.chance(.5));
  phase_ = Phase::kPoll;
}

void Instance::poll() {
  if (!broker_.is_member(stage_->group, member_)) {  // Thrown out: nothing is kept.
    member_ = broker_.join(stage_->group, slot_, true);
    if (!planted_mistake("silent_rejoin_not_noticed")) revoke_all();
  }
  generation_ = broker_.generation(stage_->group);
  update_assignment();
  read_batch();
}

void Instance::update_assignment() {
  const auto mine = broker_.owned(stage_->group, member_);
  for (auto it = held_.begin(); it != held_.end();) {
    const auto owned = mine.find(it->first);
    const bool stays = owned != mine.end() && (owned->second == it->second.since ||
                                               planted_mistake("silent_rejoin_not_noticed"));
    if (!stays) {
      processor_->revoke(at(it->first));
      paused_.clear();  // As a consumer forgets pauses at a rebalance.
    }
    it = stays ? std::next(it) : held_.erase(it);
  }
  for (const auto& [partition, since] : mine) {
    if (held_.contains(partition)) continue;
    const auto committed = broker_.committed(stage_->group, at(partition));
    if (!committed.stable) continue;
    restore(partition, committed.offset);
    held_[partition].since = since;
  }
}

void Instance::restore(std::int32_t partition, const std::optional<CommittedOffset>& committed) {
  const TopicPartition where = at(partition);
  const std::int64_t position = committed ? committed->offset.value() : 0;
  paused_.clear();
  const bool from_snapshots = read_snapshots(where, committed);
  const auto from = processor_->assign(where, committed);
  if (!from) {
    violation_ = std::string(from.error().code) + ": " + from.error().message;
    return;
  }
  if (*from) {
    const auto read = broker_.read(where, (*from)->value(), SIZE_MAX, position);
    if (stage_->topic.starts_with("window_partials")) {
      deepest_restore_ = std::max(deepest_restore_, depth_of(*committed, read));
      if (from_snapshots) {
        deepest_resume_ = std::max(deepest_resume_, depth_of_first(*committed, read));
      }
    }
    for (const auto& [offset, stored] : read.records) {
      expect(processor_->replay(as_input(where, offset, *stored)));
    }
  }
  expect(processor_->restored(where));
  held_[partition].position = position;
}

/// Returns whether they were of use.
bool Instance::read_snapshots(const TopicPartition& where,
                              const std::optional<CommittedOffset>& committed) {
  const auto snapshots = processor_->snapshots(where, committed);
  if (!snapshots) return false;  // What is wrong is told by assign().
  if (!snapshots->lacking.empty()) {
    ++snapshots_refused_;
    ++snapshots_late_;
  }
  if (snapshots->topic.empty()) return false;
  const TopicPartition at{snapshots->topic, where.partition};
  const auto read = broker_.read(at, 0, SIZE_MAX);
  std::map<std::string, std::int64_t> newest;
  for (const auto& [offset, stored] : read.records) newest[stored->key] = offset;
  const bool compacted = committed->offset.value() % 2 == 0;  // Or not yet.
  for (const auto& [offset, stored] : read.records) {
    if (compacted && newest.at(stored->key) != offset) continue;
    expect(processor_->take_snapshot(where, as_input(at, offset, *stored)));
  }
  const bool used = processor_->snapshots_read(where).empty();
  ++(used ? snapshots_used_ : snapshots_refused_);
  return used;
}

MonotonicTime Instance::clock() const {
  return MonotonicTime() + std::chrono::milliseconds(250 * broker_.now());
}

void Instance::read_batch() {
  polled_at_ = clock();
  batch_.clear();
  for (auto& [partition, held] : held_) {
    if (paused_.contains(Partition(partition))) continue;
    const auto max = static_cast<std::size_t>(dice_.between(1, stage_->batch_max));
    const auto read = broker_.read(at(partition), held.position, max);
    held.ended = read.records.empty() && read.at_end;
    for (const auto& [offset, stored] : read.records)
      batch_.emplace_back(partition, offset, *stored);
  }
  phase_ = Phase::kProcess;
}

void Instance::process_batch() {
  phase_ = Phase::kPoll;
  outputs_.clear();
  produced_ = 0;
  progress_.clear();
  for (const auto& [partition, offset, stored] : batch_) {
    const TopicPartition where = at(partition);
    process(as_input(where, offset, stored));
    held_.at(partition).position = offset + 1;
    progress_[where] = {Offset(offset + 1), ""};
  }
  if (planted_mistake("idle_by_stale_end")) polled_at_ = clock();
  Outputs out;
  expect(processor_->finish_batch({.polled_at = polled_at_, .group = this}, out, progress_));
  for (std::size_t i = 0; i < out.size(); ++i) {
    const OutputRecord record = out.at(i);
    outputs_.push_back({{std::string(record.topic), record.partition.value_or(Partition(0))},
                        {.key = std::string(record.key), .value = std::string(*record.value)}});
  }
  if (!outputs_.empty() && progress_.empty()) violation_ = "outputs without progress";
  if (!progress_.empty()) phase_ = Phase::kBegin;
}

void Instance::process(const InputRecord& record) {
  Outputs out;
  const auto result = processor_->process(record, out);
  if (!result && result.error().disposition == Disposition::kDeadLetter) return;
  expect(result);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const OutputRecord made = out.at(i);
    outputs_.push_back(
        {{std::string(made.topic), made.partition.value_or(Partition(0))},
         {.key = std::string(made.key),
          .value = made.value ? std::optional(std::string(*made.value)) : std::nullopt,
          .timestamp = record.timestamp}});
  }
}

void Instance::revoke_all() {
  for (const auto& [partition, held] : held_) processor_->revoke(at(partition));
  held_.clear();
  paused_.clear();
}

bool Instance::produce() {
  while (produced_ < outputs_.size()) {
    const auto& [where, record] = outputs_[produced_++];
    if (where.topic == "window_ranks" && planted_mistake("emit_outside_transaction")) {
      broker_.append(where, record);
      continue;
    }
    if (broker_.produce(*txn_, where, record) != FakeBroker::Answer::kOk) return false;
    if (dice_.chance(.25)) return true;
  }
  phase_ = Phase::kOffsets;
  return true;
}

bool Instance::send_offsets() {
  if (planted_mistake("offsets_outside_transaction")) {
    phase_ = Phase::kCommit;
    return true;
  }
  if (planted_mistake("group_metadata_at_commit")) {
    generation_ = broker_.generation(stage_->group);
  }
  switch (broker_.send_offsets(*txn_, stage_->group, member_, generation_, progress_)) {
    case FakeBroker::Answer::kOk:
      phase_ = Phase::kCommit;
      return true;
    case FakeBroker::Answer::kFenced:
      return false;
    case FakeBroker::Answer::kIllegalGeneration:  // One path: restore all that is owned.
      broker_.abort(*txn_);
      if (!planted_mistake("no_rewind")) revoke_all();
      phase_ = Phase::kPoll;
      return true;
  }
  return false;
}

Result<std::vector<std::optional<CommittedOffset>>> Instance::committed(
    std::string_view /*topic*/) {
  std::vector<std::optional<CommittedOffset>> all;
  for (std::int32_t p = 0; p < stage_->partitions; ++p) {
    all.push_back(broker_.committed(stage_->group, at(p)).offset);
  }
  return all;
}

Result<bool> Instance::at_end(const TopicPartition& partition) {
  if (planted_mistake("idle_by_stale_end")) return held_.at(partition.partition.value()).ended;
  const auto read = broker_.read(partition, held_.at(partition.partition.value()).position, 1);
  return read.records.empty() && read.at_end;
}

Result<bool> Instance::has_drained(const UpstreamStage& stage, Partition partition) {
  return broker_.has_drained(stage.group, {stage.topic, partition});
}

void Instance::expect(const Result<void>& result) {
  if (!result) violation_ = std::string(result.error().code) + ": " + result.error().message;
}

}  // namespace rookery::simulation
