// The part of KafkaSource that serves the group: what it holds, and from where each partition goes
// on.
#include <algorithm>
#include <span>
#include <utility>

#include "common/core/fault.hpp"
#include "common/kafka/error.hpp"
#include "common/kafka/partition_list.hpp"
#include "common/kafka/replay.hpp"
#include "common/kafka/source.hpp"

namespace rookery::kafka {
namespace {

using std::chrono::milliseconds;

constexpr int kRequestTimeoutMs = 5'000;
constexpr int kSeekTimeoutMs = 10'000;

}  // namespace

void KafkaSource::on_rebalance(rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t& list) {
  crash_point("during_rebalance");
  ++rebalances_;
  joining_.reset();
  topic_missing_ = false;
  joined_ = rd_kafka_assignment_lost(client_.get()) == 0;
  note_broker_is_back();
  if (!closing_) forget_pauses();
  if (what == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS && closing_) {
    // It can still arrive inside a close, which takes it for an unassign; to ask
    // for committed offsets here would wait for ever.
    const ErrorHandle error(rd_kafka_incremental_assign(client_.get(), &list));
    return;
  }
  if (what == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
    around_.log.info("partitions assigned", {{"partitions", to_text(list)}});
    notice_member_change();
    take(list);
  } else {
    around_.log.info("partitions revoked", {{"partitions", to_text(list)},
                                            {"lost", rd_kafka_assignment_lost(client_.get())}});
    give_up(list);
  }
  // A group that was left does not answer any more, and the call has no time-out.
  if (!closing_) group_metadata_.reset(rd_kafka_consumer_group_metadata(client_.get()));
}

/// When the broker comes back, the group may have given this member a new id in an answer that was
/// lost on the way, and takes the old id for another process of the same name.
void KafkaSource::on_unreachable() {
  echo_until_ = MonotonicTime::max();
}

void KafkaSource::note_broker_is_back() {
  if (echo_until_ != MonotonicTime::max()) return;
  echo_until_ = around_.clock.monotonic_now() + 3 * options_.session_timeout;
}

void KafkaSource::notice_member_change() {
  char* id = rd_kafka_memberid(client_.get());
  const std::string member = id == nullptr ? "" : id;
  if (id != nullptr) rd_kafka_mem_free(client_.get(), id);
  if (!member_.empty() && member != member_ && !held_.empty()) {
    around_.log.warn("the group took this member for lost; restoring what it holds",
                     {{"partitions", held_.size()}});
    rewind_pending_ = true;
  }
  member_ = member;
}

void KafkaSource::take(rd_kafka_topic_partition_list_t& list) {
  auto committed = fetch_committed(list);
  for (std::size_t i = 0; committed && i < elements(list).size(); ++i) {
    auto& element = elements(list)[i];
    const TopicPartition partition = to_partition(element);
    const auto start = restore(partition, (*committed)[i]);
    if (!start) {
      committed = tl::make_unexpected(start.error());
      break;
    }
    element.offset = *start;
    held_[partition] = Held{.next = std::max<std::int64_t>(*start, 0),
                            .end = std::nullopt,
                            .committed = (*committed)[i]};
  }
  if (!committed) {
    // Nothing of it is read: the error stops or restarts the stage.
    for (auto& element : elements(list)) held_.erase(to_partition(element));
    pending_error_ = committed.error();
    if (pending_error_->disposition == Disposition::kRetryBatch) {
      pending_error_->disposition = Disposition::kFatal;
    }
    return;
  }
  const ErrorHandle error(rd_kafka_incremental_assign(client_.get(), &list));
  if (error) pending_error_ = to_error(*error, "taking partitions");
  around_.status.set(StageState::kRunning);
}

void KafkaSource::give_up(const rd_kafka_topic_partition_list_t& list) {
  for (const auto& element : std::span(list.elems, static_cast<std::size_t>(list.cnt))) {
    const TopicPartition partition = to_partition(element);
    if (held_.erase(partition) == 0) continue;
    forget_gathered(partition);
    listener_->revoke(partition);
  }
  const ErrorHandle error(rd_kafka_incremental_unassign(client_.get(), &list));
}

void KafkaSource::forget_gathered(const TopicPartition& partition) {
  std::erase_if(messages_, [&](const Message& message) {
    return message->partition == partition.partition.value() &&
           partition.topic == rd_kafka_topic_name(message->rkt);
  });
}

Result<std::vector<std::optional<CommittedOffset>>> KafkaSource::fetch_committed(
    rd_kafka_topic_partition_list_t& list) {
  std::vector<std::optional<CommittedOffset>> committed;
  if (list.cnt == 0) return committed;
  const Watchdog::Guard guard(*watchdog_, "reading committed offsets");
  for (milliseconds backoff{50}; !around_.stop.stop_requested();
       backoff = std::min(backoff * 2, milliseconds(5'000))) {
    auto code = rd_kafka_committed(client_.get(), &list, kRequestTimeoutMs);
    for (const auto& element : elements(list)) {
      if (code == RD_KAFKA_RESP_ERR_NO_ERROR) code = element.err;
    }
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
      for (const auto& element : elements(list)) committed.push_back(to_committed(element));
      return committed;
    }
    const Error error = to_error(code, "reading committed offsets");
    if (error.disposition != Disposition::kRetryBatch) return tl::make_unexpected(error);
    around_.log.warn("committed offsets are not to be had yet", {{"detail", error.message}});
    around_.status.beat();
    around_.clock.sleep_for(backoff, around_.stop);
  }
  return fatal("stopped", "stopped while reading committed offsets");
}

Result<std::int64_t> KafkaSource::restore(const TopicPartition& partition,
                                          const std::optional<CommittedOffset>& committed) {
  const MonotonicTime began = around_.clock.monotonic_now();
  const auto snapshots = listener_->snapshots(partition, committed);
  ROOKERY_RETURN_IF_ERROR(snapshots);
  std::string lacking = snapshots->lacking;
  if (!snapshots->topic.empty()) {
    around_.status.set(StageState::kRestoring, snapshots->topic);
    crash_point("during_restore");
    ROOKERY_RETURN_IF_ERROR(
        read_log(connection_, around_, {snapshots->topic, partition.partition},
                 [&](const InputRecord& r) { return listener_->take_snapshot(partition, r); }));
    lacking = listener_->snapshots_read(partition);
    restore_duration_ = std::max(restore_duration_, around_.clock.monotonic_now() - began);
  }
  if (!lacking.empty()) {
    ++restores_without_snapshots_;
    around_.log.warn(
        "snapshots are of no use, all is read again",
        {{"partition", partition.topic + "[" + std::to_string(partition.partition.value()) + "]"},
         {"detail", lacking}});
  }
  const auto from = listener_->assign(partition, committed);
  ROOKERY_RETURN_IF_ERROR(from);
  if (from->has_value() && committed && **from < committed->offset) {
    around_.status.set(StageState::kRestoring,
                       partition.topic + "[" + std::to_string(partition.partition.value()) + "]");
    crash_point("during_restore");
    ROOKERY_RETURN_IF_ERROR(
        replay_range(connection_, around_, partition, **from, committed->offset, *listener_));
    restore_duration_ = std::max(restore_duration_, around_.clock.monotonic_now() - began);
  }
  ROOKERY_RETURN_IF_ERROR(listener_->restored(partition));
  return committed ? committed->offset.value() : RD_KAFKA_OFFSET_BEGINNING;
}

Result<void> KafkaSource::rewind_to_committed() {
  rewind_pending_ = true;
  messages_.clear();
  return rewind();
}

Result<void> KafkaSource::rewind() {
  auto done = go_back();
  if (!done) return tl::make_unexpected(clarified(std::move(done).error()));
  return {};
}

Result<void> KafkaSource::go_back() {
  if (planted_mistake("no_rewind")) {
    rewind_pending_ = false;
    return {};
  }
  if (held_.empty()) {
    rewind_pending_ = false;
    return {};
  }
  forget_pauses();
  auto list = make_list(static_cast<int>(held_.size()));
  for (const auto& [partition, held] : held_) add(*list, partition);
  auto committed = fetch_committed(*list);
  ROOKERY_RETURN_IF_ERROR(committed);
  for (std::size_t i = 0; i < committed->size(); ++i) {
    auto& element = elements(*list)[i];
    const TopicPartition partition = to_partition(element);
    listener_->revoke(partition);
    const auto start = restore(partition, (*committed)[i]);
    ROOKERY_RETURN_IF_ERROR(start);
    element.offset = *start;
    held_[partition] = Held{.next = std::max<std::int64_t>(*start, 0),
                            .end = std::nullopt,
                            .committed = (*committed)[i]};
  }
  const ErrorHandle error(rd_kafka_seek_partitions(client_.get(), list.get(), kSeekTimeoutMs));
  if (error) return tl::make_unexpected(to_error(rd_kafka_error_code(error.get()), "rewinding"));
  for (const auto& element : elements(*list)) {
    if (element.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return tl::make_unexpected(to_error(element.err, "rewinding"));
    }
  }
  rewind_pending_ = false;
  around_.status.set(StageState::kRunning);
  return {};
}

}  // namespace rookery::kafka
