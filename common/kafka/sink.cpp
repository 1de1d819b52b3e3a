#include "common/kafka/sink.hpp"

#include <algorithm>
#include <utility>

#include "common/core/check.hpp"
#include "common/core/fault.hpp"
#include "common/kafka/error.hpp"
#include "common/kafka/partition_list.hpp"

namespace rookery::kafka {
namespace {

using std::chrono::milliseconds;

constexpr int kStartTimeoutMs = 10'000;
constexpr milliseconds kRepeatPause{50};
/// Who gives up a transaction sooner after the one before may be turned away at its first step,
/// and librdkafka 2.15.1 then asks for the end of one that has not begun, which is fatal. It tries
/// that step again after 20 ms.
constexpr milliseconds kCompletion{50};

Properties producer_properties(const SinkOptions& options) {
  return {
      {"transactional.id", options.transactional_id},
      {"transaction.timeout.ms", std::to_string(options.transaction_timeout.count())},
      // A transaction is sent by its commit, which waits for nothing that lingers, or in full
      // batches before. What was sent earlier in parts would save no time: the next part may
      // only follow the answer to the last one, and librdkafka waits for that in a loop that
      // never sleeps (half of all its calls, a tenth of a service's CPU time).
      {"linger.ms", "500"},
      {"batch.size", "1000000"},
      {"batch.num.messages", "100000"},
      // The first step of a transaction meets the end of the one before it, which the
      // broker completes after its answer ("concurrent transactions"): with the 100 ms of
      // the default a commit of little takes 80 ms, with this 17. The pause doubles up to
      // retry.backoff.max.ms, so that a broker in trouble is not pressed.
      {"retry.backoff.ms", "10"},
      {"compression.type", "lz4"},
      {"partitioner", "murmur2_random"},
      // Bounds what an abort throws away, and with it the memory.
      {"queue.buffering.max.messages", "200000"},
      {"queue.buffering.max.kbytes", "65536"},
      {"message.max.bytes", "134217728"},
  };
}

bool is_permanent(const Error& error) {
  return error.disposition == Disposition::kMisconfigured;
}

}  // namespace

template <typename Call>
Result<void> KafkaSink::call(std::string_view doing, Call make_call) {
  const Watchdog::Guard guard(*watchdog_, doing);
  while (true) {
    const ErrorHandle error(make_call());
    if (!error) return {};
    if (!is_repeatable(*error)) return tl::make_unexpected(explain(to_error(*error, doing)));
    around_.clock.sleep_for(kRepeatPause, {});
  }
}

KafkaSink::KafkaSink(SinkOptions options, const Surroundings& around,
                     std::unique_ptr<ProgressWriter> progress)
    : ClientEvents(around.log),
      options_(std::move(options)),
      around_(around),
      progress_(std::move(progress)) {}

Result<std::unique_ptr<KafkaSink>> KafkaSink::create(const Connection& connection,
                                                     SinkOptions options,
                                                     const Surroundings& around,
                                                     std::unique_ptr<ProgressWriter> progress) {
  std::unique_ptr<KafkaSink> sink(new KafkaSink(std::move(options), around, std::move(progress)));
  ROOKERY_RETURN_IF_ERROR(sink->start(connection));
  return sink;
}

Result<void> KafkaSink::start(const Connection& connection) {
  auto client =
      connect(RD_KAFKA_PRODUCER, connection, producer_properties(options_), *this, around_);
  ROOKERY_RETURN_IF_ERROR(client);
  client_ = std::move(*client);
  watchdog_ = std::make_unique<Watchdog>(
      Watchdog::Limits{.deadline = options_.call_deadline}, around_.clock, around_.log,
      around_.status,
      [this, connection] { return broker_answers(*client_, connection, around_.log); });
  // Aborts what a predecessor left open, and fences it.
  const Watchdog::Guard guard(*watchdog_, "starting transactions");
  while (!around_.stop.stop_requested()) {
    const ErrorHandle error(rd_kafka_init_transactions(client_.get(), kStartTimeoutMs));
    if (!error) return {};
    const Error reason = to_error(*error, "starting transactions");
    if (!is_repeatable(*error)) return tl::make_unexpected(reason);
    around_.log.warn("transactions cannot be started yet", {{"detail", reason.message}});
    around_.clock.sleep_for(kRepeatPause, around_.stop);
  }
  return fatal("stopped", "stopped while starting transactions");
}

KafkaSink::~KafkaSink() {
  watchdog_.reset();
  topics_.clear();
}

rd_kafka_topic_t* KafkaSink::topic(std::string_view name) {
  for (const auto& [known, handle] : topics_) {
    if (known == name) return handle.get();
  }
  const std::string text(name);
  topics_.emplace_back(text, rd_kafka_topic_new(client_.get(), text.c_str(), nullptr));
  ROOKERY_CHECK(topics_.back().second != nullptr, "topic names are literals of the suite");
  return topics_.back().second.get();
}

Result<void> KafkaSink::begin() {
  delivery_error_.reset();
  refused_ = false;
  began_ = around_.clock.monotonic_now();
  return call("beginning a transaction",
              [this] { return rd_kafka_begin_transaction(client_.get()); });
}

Result<void> KafkaSink::write(const OutputRecord& record) {
  // A C interface that does not change what it is given.
  const auto* value = record.value ? record.value->data() : nullptr;
  const std::size_t size = record.value ? record.value->size() : 0;
  while (rd_kafka_produce(topic(record.topic),
                          record.partition ? record.partition->value() : RD_KAFKA_PARTITION_UA,
                          RD_KAFKA_MSG_F_COPY, const_cast<char*>(value), size,  // NOLINT
                          record.key.empty() ? nullptr : record.key.data(), record.key.size(),
                          nullptr) != 0) {
    const auto code = rd_kafka_last_error();
    if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
      return tl::make_unexpected(to_error(code, "writing to topic " + std::string(record.topic)));
    }
    const Watchdog::Guard guard(*watchdog_, "waiting for room in the producer's queue");
    rd_kafka_poll(client_.get(), 10);
  }
  ++unacknowledged_;
  return {};
}

void KafkaSink::on_delivery(const rd_kafka_message_t& message) {
  --unacknowledged_;
  refused_ = refused_ || message.err != RD_KAFKA_RESP_ERR_NO_ERROR;
  tell_delivered();
  if (message.err == RD_KAFKA_RESP_ERR_NO_ERROR || delivery_error_ ||
      message.err == RD_KAFKA_RESP_ERR__PURGE_QUEUE ||
      message.err == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT) {
    return;
  }
  delivery_error_ =
      to_error(message.err, "writing to topic " + std::string(rd_kafka_topic_name(message.rkt)));
}

void KafkaSink::tell_delivered() {
  if (unacknowledged_ == 0 && !refused_ && delivered_) std::exchange(delivered_, nullptr)();
}

/// The error of a commit names only the consequence; a delivery report may know
/// the reason, and that doing the batch again will not help.
Error KafkaSink::explain(Error error) const {
  if (delivery_error_ && is_permanent(*delivery_error_)) return *delivery_error_;
  const auto open_for = around_.clock.monotonic_now() - began_;
  if (error.disposition == Disposition::kFatal && began_ != MonotonicTime{} &&
      open_for > options_.transaction_timeout * 9 / 10) {
    error.code = "transaction_expired";
  }
  return error;
}

Result<void> KafkaSink::write_progress(const Progress& progress) {
  crash_point("before_offsets");
  return progress_->write(*this, progress);
}

Result<void> KafkaSink::end(const std::function<void()>& delivered) {
  crash_point("before_commit");
  delivered_ = delivered;
  tell_delivered();
  auto ended = call("committing a transaction",
                    [this] { return rd_kafka_commit_transaction(client_.get(), -1); });
  delivered_ = nullptr;
  ROOKERY_RETURN_IF_ERROR(ended);
  began_ = {};
  ended_ = around_.clock.monotonic_now();
  crash_point("after_commit");
  return {};
}

Result<void> KafkaSink::commit(const Progress& progress) {
  ROOKERY_RETURN_IF_ERROR(write_progress(progress));
  ROOKERY_RETURN_IF_ERROR(end({}));
  return progress_->committed(progress);
}

Result<void> KafkaSink::abort() {
  if (const auto since = around_.clock.monotonic_now() - ended_; since < kCompletion) {
    around_.clock.sleep_for(std::chrono::ceil<milliseconds>(kCompletion - since), {});
  }
  auto aborted = call("aborting a transaction",
                      [this] { return rd_kafka_abort_transaction(client_.get(), -1); });
  began_ = {};
  return aborted;
}

Result<void> ProgressWriter::send_offsets(KafkaSink& sink, const Progress& progress,
                                          const rd_kafka_consumer_group_metadata_t& group) {
  const auto list = to_list(progress);
  return sink.call("sending offsets to a transaction", [&] {
    return rd_kafka_send_offsets_to_transaction(sink.client_.get(), list.get(), &group, -1);
  });
}

}  // namespace rookery::kafka
