#include "common/kafka/source.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <utility>

#include "common/core/check.hpp"
#include "common/kafka/error.hpp"
#include "common/kafka/partition_list.hpp"
#include "common/kafka/replay.hpp"

namespace rookery::kafka {
namespace {

using std::chrono::milliseconds;

constexpr int kRequestTimeoutMs = 5'000;
constexpr milliseconds kCloseTimeout{10'000};
/// How long a partition is at its end before markers alone are worth a transaction.
constexpr milliseconds kSettleAfter{2'000};
constexpr std::size_t kChunk = 2'000;

std::atomic<bool> left_behind{false};

Properties consumer_properties(const SourceOptions& options) {
  return {
      {"group.id", options.group},
      {"group.instance.id", options.group + "-" + options.instance},
      {"enable.auto.commit", "false"},
      {"enable.auto.offset.store", "false"},
      {"isolation.level", "read_committed"},
      {"enable.partition.eof", "true"},
      {"partition.assignment.strategy", "cooperative-sticky"},
      {"auto.offset.reset", options.offset_lost_earliest ? "earliest" : "error"},
      {"session.timeout.ms", std::to_string(options.session_timeout.count())},
      {"heartbeat.interval.ms", std::to_string(options.session_timeout.count() / 6)},
      {"max.poll.interval.ms", "300000"},
      {"fetch.wait.max.ms", "100"},
      // Of each partition. Small steps: what was fetched is still in the cache when it is
      // read, and compressed records become four times as many bytes. A larger record comes
      // all the same.
      {"fetch.message.max.bytes", "262144"},
      {"queued.min.messages", "50000"},
      // The fetched, not yet polled records: most of a service's memory.
      {"queued.max.messages.kbytes", "1024"},
      {"fetch.queue.backoff.ms", "10"},
      {"topic.metadata.refresh.interval.ms", "30000"},
  };
}

/// The group waits for members that died until their session ends, and for those that restore.
milliseconds join_deadline(const SourceOptions& options) {
  return options.call_deadline + 3 * options.session_timeout;
}

}  // namespace

KafkaSource::KafkaSource(const Connection& connection, SourceOptions options,
                         const Surroundings& around)
    : ClientEvents(around.log),
      connection_(connection),
      options_(std::move(options)),
      around_(around),
      drain_check_(connection_, around_.log) {}

Result<std::unique_ptr<KafkaSource, LeaveBehind>> KafkaSource::create(const Connection& connection,
                                                                      SourceOptions options,
                                                                      const Surroundings& around) {
  std::unique_ptr<KafkaSource, LeaveBehind> source(
      new KafkaSource(connection, std::move(options), around));
  auto client = connect(RD_KAFKA_CONSUMER, connection, consumer_properties(source->options_),
                        *source, around);
  ROOKERY_RETURN_IF_ERROR(client);
  source->client_ = std::move(*client);
  source->queue_.reset(rd_kafka_queue_get_consumer(source->client_.get()));
  source->watchdog_ = std::make_unique<Watchdog>(
      Watchdog::Limits{.deadline = join_deadline(source->options_)}, around.clock, around.log,
      around.status, [source = source.get()] {
        return broker_answers(*source->client_, source->connection_, source->around_.log);
      });
  return source;
}

/// At the first poll, not before: the group waits for its members, and one that cannot work yet
/// would hold up all others.
Result<void> KafkaSource::subscribe() {
  auto topics = make_list(static_cast<int>(options_.topics.size()));
  for (const auto& topic : options_.topics) {
    rd_kafka_topic_partition_list_add(topics.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
  }
  const auto code = rd_kafka_subscribe(client_.get(), topics.get());
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return tl::make_unexpected(to_error(code, "subscribing"));
  in_group_ = true;
  return {};
}

/// Joining waits on the broker alone, whose word may never come; and on topics that are missing.
void KafkaSource::watch_joining() {
  if (!joined_ && !joining_ && !topic_missing_)
    joining_.emplace(*watchdog_, "joining group " + options_.group);
}

KafkaSource::~KafkaSource() {
  joining_.reset();
  watchdog_.reset();
  messages_.clear();
  queue_.reset();
  // The group was left before; to leave it here would serve rebalances.
  if (client_) rd_kafka_destroy_flags(client_.release(), RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

void LeaveBehind::operator()(KafkaSource* source) const {
  if (source->in_group_) {
    source->joining_.reset();
    left_behind = true;
  } else {
    delete source;  // NOLINT(cppcoreguidelines-owning-memory): this is the deleter
  }
}

bool KafkaSource::any_left_behind() {
  return left_behind;
}

void KafkaSource::close() {
  messages_.clear();
  closing_ = true;
  joining_.reset();
  if (!in_group_) return;
  const ErrorHandle error(rd_kafka_consumer_close_queue(client_.get(), queue_.get()));
  const MonotonicTime deadline = around_.clock.monotonic_now() + kCloseTimeout;
  while (!error && rd_kafka_consumer_closed(client_.get()) == 0 &&
         around_.clock.monotonic_now() < deadline) {
    drain_queue();
  }
  in_group_ = !error && rd_kafka_consumer_closed(client_.get()) == 0;
  if (in_group_) {
    // Everything is committed, so nothing is lost by not waiting any longer.
    around_.log.warn("leaving the group takes too long; going without",
                     {{"group", options_.group}, {"after_ms", kCloseTimeout.count()}});
  }
  for (const auto& [partition, held] : std::exchange(held_, {})) listener_->revoke(partition);
}

/// Serves callbacks and drops records. rd_kafka_queue_poll_callback() would not
/// do: it ends the process when a record lies in the queue.
void KafkaSource::drain_queue() {
  std::vector<rd_kafka_message_t*> dropped(kChunk);
  const auto count =
      rd_kafka_consume_batch_queue(queue_.get(), 100, dropped.data(), dropped.size());
  dropped.resize(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  for (auto* message : dropped) rd_kafka_message_destroy(message);
}

Result<Batch> KafkaSource::poll(milliseconds timeout) {
  ROOKERY_CHECK(listener_ != nullptr, "listen() comes before poll()");
  messages_.clear();
  records_.clear();
  if (!in_group_) ROOKERY_RETURN_IF_ERROR(subscribe());
  watch_joining();
  if (rewind_pending_) ROOKERY_RETURN_IF_ERROR(rewind());
  ROOKERY_RETURN_IF_ERROR(gather(timeout));
  if (rewind_pending_) {
    messages_.clear();
    ROOKERY_RETURN_IF_ERROR(rewind());
  }
  records_.reserve(messages_.size());
  rd_kafka_topic_t* topic = nullptr;
  std::string_view name;
  for (const auto& message : messages_) {
    if (message->rkt != topic) {
      topic = message->rkt;
      name = rd_kafka_topic_name(topic);
    }
    records_.push_back(to_record(*message, name));
  }
  return Batch{records_, false};
}

Result<void> KafkaSource::gather(milliseconds timeout) {
  const MonotonicTime deadline = around_.clock.monotonic_now() + timeout;
  std::vector<rd_kafka_message_t*> received(kChunk);
  std::size_t bytes = 0;
  while (true) {
    const auto left =
        std::chrono::duration_cast<milliseconds>(deadline - around_.clock.monotonic_now());
    received.resize(std::min(kChunk, options_.batch_records_max - messages_.size()));
    const auto count = rd_kafka_consume_batch_queue(
        queue_.get(), static_cast<int>(std::max<std::int64_t>(left.count(), 0)), received.data(),
        received.size());
    received.resize(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    for (const auto* message : received) bytes += message->len;
    ROOKERY_RETURN_IF_ERROR(sort_out(received));
    const bool full =
        messages_.size() >= options_.batch_records_max || bytes >= options_.batch_bytes_max;
    if (full || left <= milliseconds(0) || around_.stop.stop_requested()) return {};
  }
}

Result<void> KafkaSource::sort_out(std::vector<rd_kafka_message_t*>& received) {
  const rd_kafka_topic_t* topic = nullptr;
  std::int32_t partition = -1;
  Held* held = nullptr;
  for (rd_kafka_message_t*& raw : received) {
    Message message(std::exchange(raw, nullptr));
    if (message->rkt != nullptr && (message->rkt != topic || message->partition != partition)) {
      topic = message->rkt;
      partition = message->partition;
      const auto found = held_.find({rd_kafka_topic_name(topic), Partition(partition)});
      held = found == held_.end() ? nullptr : &found->second;
    }
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      if (held == nullptr) continue;
      held->end = message->offset;
      held->ended = around_.clock.monotonic_now();
    } else if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      note(
          to_error(message->err, "reading " + std::string(rd_kafka_message_errstr(message.get()))));
    } else if (held != nullptr) {  // else revoked while it lay in the queue
      held->end.reset();
      messages_.push_back(std::move(message));
    }
  }
  if (!pending_error_) return {};
  return tl::make_unexpected(*std::exchange(pending_error_, std::nullopt));
}

/// Once a client's error is fatal, other calls say no more than that its state is wrong.
Error KafkaSource::clarified(Error error) const {
  std::array<char, 512> reason{};
  const auto fatal = rd_kafka_fatal_error(client_.get(), reason.data(), reason.size());
  if (fatal == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID) {
    error = to_error(fatal, reason.data());
    if (around_.clock.monotonic_now() < echo_until_) error.code = "membership_lost";
  } else if (fatal != RD_KAFKA_RESP_ERR_NO_ERROR && error.disposition == Disposition::kRetryBatch) {
    error = {Disposition::kFatal, "client_fatal", reason.data()};
  }
  return error;
}

void KafkaSource::note(Error error) {
  error = clarified(std::move(error));
  if (error.disposition == Disposition::kRetryBatch) {
    // librdkafka goes on by itself; nothing that was read is in doubt.
    around_.log.warn("reading is disturbed", {{"code", error.code}, {"detail", error.message}});
    if (error.code == "topic_missing") {
      around_.status.set(StageState::kStarting, error.message);
      topic_missing_ = true;
      joining_.reset();
    }
    return;
  }
  if (!pending_error_) pending_error_ = std::move(error);
}

/// The record behind which a reader stands is followed by the marker of its transaction, which it
/// is never given. Where retention deletes a partition to its end, an offset between the two lies
/// before the log's start, and nobody can tell any more whether a record was lost with it. So the
/// position behind the markers is committed: with the batch where the end came with it, else, in a
/// partition that stays at its end, once by itself, with the metadata as they were.
void KafkaSource::mark(Progress& progress) const {
  const MonotonicTime now = around_.clock.monotonic_now();
  for (const auto& [partition, held] : held_) {
    if (!held.end) continue;
    const Offset end(*held.end);
    const auto entry = progress.find(partition);
    if (entry != progress.end()) {
      entry->second.offset = std::max(entry->second.offset, end);
    } else if (held.committed && held.committed->offset < end && now - held.ended >= kSettleAfter) {
      progress[partition] = {end, held.committed->metadata};
    }
  }
}

void KafkaSource::on_commit(const Progress& progress) {
  note_broker_is_back();
  for (const auto& [partition, committed] : progress) {
    const auto held = held_.find(partition);
    if (held == held_.end()) continue;
    held->second.next = committed.offset.value();
    held->second.committed = committed;
  }
}

Result<std::vector<std::optional<CommittedOffset>>> KafkaSource::committed(std::string_view topic) {
  const std::string name(topic);
  const auto count = partition_count(*client_, name, milliseconds(kRequestTimeoutMs));
  ROOKERY_RETURN_IF_ERROR(count);
  auto list = make_list(*count);
  for (std::int32_t i = 0; i < *count; ++i) add(*list, {name, Partition(i)});
  return fetch_committed(*list);
}

Result<bool> KafkaSource::at_end(const TopicPartition& partition) {
  const auto held = held_.find(partition);
  if (held == held_.end() || !held->second.end) return false;
  // What was written, not what can be read: a transaction that is committed may have its marker
  // here last of all, and its records show a moment later.
  const auto end = drain_check_.written_end(partition);
  if (!end) return not_known(end.error(), "the end of " + partition.topic);
  return *held->second.end >= end->value();
}

Result<bool> KafkaSource::has_drained(const UpstreamStage& stage, Partition partition) {
  auto drained = drain_check_.has_drained(stage, partition);
  return drained ? drained : not_known(drained.error(), "the progress of group " + stage.group);
}

/// Nothing that was read is in doubt, and whoever asks will ask again.
Result<bool> KafkaSource::not_known(const Error& error, const std::string& what) {
  if (error.disposition != Disposition::kRetryBatch) return tl::make_unexpected(error);
  around_.log.debug("not to be had yet", {{"what", what}, {"detail", error.message}});
  return false;
}

void KafkaSource::show_waiting(const std::string& for_what) {
  around_.status.set(StageState::kRunning, for_what);
  if (!for_what.empty()) around_.log.info("holding", {{"detail", for_what}});
}

void KafkaSource::pause(const TopicPartition& partition) {
  auto list = make_list(1);
  add(*list, partition);
  rd_kafka_pause_partitions(client_.get(), list.get());
  paused_.insert(partition);
}

void KafkaSource::resume(const TopicPartition& partition) {
  auto list = make_list(1);
  add(*list, partition);
  rd_kafka_resume_partitions(client_.get(), list.get());
  paused_.erase(partition);
}

/// The listener is about to start from what is committed, and knows of no pause;
/// librdkafka would keep it, and the partition would never be read again.
void KafkaSource::forget_pauses() {
  if (paused_.empty()) return;
  auto list = make_list(static_cast<int>(paused_.size()));
  for (const auto& partition : paused_) add(*list, partition);
  rd_kafka_resume_partitions(client_.get(), list.get());
  paused_.clear();
}

Result<void> KafkaSource::commit_offsets(const Progress& progress) {
  const auto list = to_list(progress);
  const auto code = rd_kafka_commit(client_.get(), list.get(), 0);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return tl::make_unexpected(to_error(code, "committing offsets"));
  }
  for (const auto& element : elements(*list)) {
    if (element.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return tl::make_unexpected(to_error(element.err, "committing offsets"));
    }
  }
  return {};
}

std::map<TopicPartition, std::int64_t> KafkaSource::lags() const {
  std::map<TopicPartition, std::int64_t> lags;
  for (const auto& [partition, held] : held_) {
    std::int64_t low = 0;
    std::int64_t high = 0;
    rd_kafka_get_watermark_offsets(client_.get(), partition.topic.c_str(),
                                   partition.partition.value(), &low, &high);
    lags[partition] = held.end ? 0 : std::max<std::int64_t>(high - held.next, 0);
  }
  return lags;
}

}  // namespace rookery::kafka
