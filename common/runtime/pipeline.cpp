#include "common/runtime/pipeline.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "common/core/fault.hpp"
#include "common/runtime/dead_letter.hpp"

namespace rookery {
namespace {

std::chrono::microseconds between(MonotonicTime start, MonotonicTime end) {
  return std::chrono::duration_cast<std::chrono::microseconds>(end - start);
}

/// Adds what the records of a batch say about progress: records of one
/// partition come in a row, so a map is asked once per run, not per record.
class ProgressTracker {
 public:
  ProgressTracker(Progress& progress, BatchReport& report) : progress_(progress), report_(report) {}
  ~ProgressTracker() { flush(); }
  ProgressTracker(const ProgressTracker&) = delete;
  ProgressTracker& operator=(const ProgressTracker&) = delete;

  void add(const InputRecord& record) {
    if (records_ > 0 && (record.partition != last_.partition || record.topic != last_.topic)) {
      flush();
    }
    last_ = record;
    ++records_;
    bytes_ += record.value ? record.value->size() : 0;
  }

 private:
  void flush() {
    if (records_ == 0) return;
    const TopicPartition partition{std::string(last_.topic), last_.partition};
    progress_[partition].offset = Offset(last_.offset.value() + 1);
    report_.last_timestamps[partition] = last_.timestamp;
    auto& flow = report_.in[partition.topic];
    flow.records += std::exchange(records_, 0);
    flow.bytes += std::exchange(bytes_, 0);
  }

  Progress& progress_;
  BatchReport& report_;
  InputRecord last_{};
  std::uint64_t records_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace

Pipeline::Pipeline(PipelineOptions options, Source& source, TransactionalSink& sink,
                   Processor& processor, PipelineObserver& observer, Clock& clock)
    : options_(std::move(options)),
      source_(source),
      sink_(sink),
      processor_(processor),
      observer_(observer),
      clock_(clock) {
  source_.listen(processor_);
}

Result<void> Pipeline::run(std::stop_token stop) {
  ROOKERY_RETURN_IF_ERROR(turn(stop));
  return sink_.finish();
}

Result<void> Pipeline::turn(const std::stop_token& stop) {
  auto backoff = options_.retry_backoff_min;
  while (!stop.stop_requested()) {
    const auto more = run_once();
    if (more.has_value()) {
      if (!*more) return {};
      backoff = options_.retry_backoff_min;
      continue;
    }
    if (more.error().disposition != Disposition::kRetryBatch) {
      return tl::make_unexpected(more.error());
    }
    if (!clock_.sleep_for(backoff, stop)) break;
    backoff = std::min(backoff * 2, options_.retry_backoff_max);
  }
  return {};
}

Result<bool> Pipeline::run_once() {
  observer_.on_round();
  const MonotonicTime polled_at = clock_.monotonic_now();
  const auto batch = source_.poll(options_.commit_interval);
  if (!batch) {
    if (batch.error().disposition == Disposition::kRetryBatch)
      observer_.on_batch_undone(batch.error());
    return tl::make_unexpected(batch.error());
  }
  Round round;
  auto done = process_batch(*batch, polled_at, round);
  if (done && round.in_transaction) done = commit(round);
  if (done) return !batch->end_of_input;
  if (done.error().disposition == Disposition::kRetryBatch) {
    ROOKERY_RETURN_IF_ERROR(undo(done.error(), round));
  }
  return tl::make_unexpected(std::move(done).error());
}

Result<void> Pipeline::process_batch(const Batch& batch, MonotonicTime polled_at, Round& round) {
  const MonotonicTime started = clock_.monotonic_now();
  if (!batch.records.empty()) {
    ROOKERY_RETURN_IF_ERROR(sink_.begin());
    round.in_transaction = true;
  }
  {
    ProgressTracker tracker(round.progress, round.report);
    for (const auto& record : batch.records) {
      tracker.add(record);
      ROOKERY_RETURN_IF_ERROR(process_record(record, round));
    }
  }
  const BatchContext context{polled_at, batch.end_of_input, source_.group()};
  outputs_.clear();
  ROOKERY_RETURN_IF_ERROR(processor_.finish_batch(context, outputs_, round.progress));
  source_.mark(round.progress);
  if (!round.in_transaction && (!outputs_.empty() || !round.progress.empty())) {
    ROOKERY_RETURN_IF_ERROR(sink_.begin());
    round.in_transaction = true;
  }
  ROOKERY_RETURN_IF_ERROR(write_outputs(std::nullopt, round));
  round.report.process_duration = between(started, clock_.monotonic_now());
  return {};
}

Result<void> Pipeline::process_record(const InputRecord& record, Round& round) {
  outputs_.clear();
  auto processed = processor_.process(record, outputs_);
  if (processed) processed = check_sizes();
  if (!processed) {
    const Error& error = processed.error();
    if (error.disposition != Disposition::kDeadLetter) return processed;
    // A record that failed half-way must leave no half of its outputs behind.
    outputs_.clear();
    append_dead_letter(outputs_, options_.dead_letter_topic, options_.service, record, error,
                       clock_.wall_now());
    ++round.report.dead_letters[error.code];
  }
  return write_outputs(record.offset, round);
}

/// What the output topic would refuse at every try must not reach it.
Result<void> Pipeline::check_sizes() const {
  if (outputs_.bytes() <= options_.record_bytes_max) return {};
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    const auto value = outputs_.at(i).value;
    if (!value || value->size() <= options_.record_bytes_max) continue;
    return dead_letter("record_too_large",
                       "output of " + std::to_string(value->size()) + " bytes: expected at most " +
                           std::to_string(options_.record_bytes_max) + " (record_bytes_max)");
  }
  return {};
}

Result<void> Pipeline::write_outputs(std::optional<Offset> origin, Round& round) {
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    OutputRecord output = outputs_.at(i);
    output.origin = origin;
    ROOKERY_RETURN_IF_ERROR(sink_.write(output));
    auto flow = round.report.out.find(output.topic);
    if (flow == round.report.out.end()) {
      flow = round.report.out.emplace(std::string(output.topic), BatchReport::Flow{}).first;
    }
    ++flow->second.records;
    flow->second.bytes += output.value ? output.value->size() : 0;
  }
  return {};
}

Result<void> Pipeline::commit(Round& round) {
  const MonotonicTime started = clock_.monotonic_now();
  crash_point("after_produce");
  if (fail_point("after_produce")) return retry_batch("planted", "a test has this batch fail");
  ROOKERY_RETURN_IF_ERROR(sink_.commit(round.progress));
  round.report.commit_duration = between(started, clock_.monotonic_now());
  processor_.on_commit();
  source_.on_commit(round.progress);
  observer_.on_batch_committed(round.report, round.progress);
  return {};
}

Result<void> Pipeline::undo(const Error& cause, const Round& round) {
  observer_.on_batch_undone(cause);
  if (round.in_transaction) ROOKERY_RETURN_IF_ERROR(sink_.abort());
  return source_.rewind_to_committed();
}

}  // namespace rookery
