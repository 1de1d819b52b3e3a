#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "common/runtime/io.hpp"
#include "common/runtime/processor.hpp"

namespace rookery {

/// What one committed batch did, for metrics and logs.
struct BatchReport {
  struct Flow {
    std::uint64_t records = 0;
    std::uint64_t bytes = 0;
  };

  std::map<std::string, Flow, std::less<>> in;             ///< By topic.
  std::map<std::string, Flow, std::less<>> out;            ///< By topic, dead letters among them.
  std::map<std::string_view, std::uint64_t> dead_letters;  ///< By reason.
  std::map<TopicPartition, WallTime> last_timestamps;      ///< Of the last record read.
  std::chrono::microseconds process_duration{0};
  std::chrono::microseconds commit_duration{0};
};

/// Metrics and logs hang here: the loop itself emits nothing.
class PipelineObserver {
 public:
  virtual ~PipelineObserver() = default;

  /// After each round, also an empty one: the loop is alive.
  virtual void on_round() = 0;

  /// After the commit, so that a batch which is done again counts once.
  virtual void on_batch_committed(const BatchReport& report, const Progress& progress) = 0;

  /// The batch was undone and will be done again after `backoff`.
  virtual void on_batch_undone(const Error& error) = 0;
};

struct PipelineOptions {
  /// Longest time for which a batch is gathered: the commit interval.
  std::chrono::milliseconds commit_interval{100};
  std::chrono::milliseconds retry_backoff_min{50};
  std::chrono::milliseconds retry_backoff_max{5'000};
  /// An output with a larger value makes its input a dead letter instead.
  std::size_t record_bytes_max = 8 << 20;
  std::string service;
  std::string_view dead_letter_topic = "dead_letters";
};

/// The consume-transform-produce loop: each batch is one transaction.
///
/// After a crash or an abort the same records are read again; because outputs,
/// dead letters and progress commit together, readers with
/// `isolation.level=read_committed` see the effect of each record once. The
/// source is polled only between transactions, so partitions never come or go
/// while one is open. One thread uses it.
class Pipeline {
 public:
  Pipeline(PipelineOptions options, Source& source, TransactionalSink& sink, Processor& processor,
           PipelineObserver& observer, Clock& clock);

  /// Runs until `stop` is requested or the input ended (returns success, the
  /// open batch and the sink finished), or until an error is fatal (returns it).
  Result<void> run(std::stop_token stop);

  /// Polls once and commits what came. On an error that allows to go on, the
  /// batch is undone before the error is returned. Tests drive the loop with it.
  /// Returns false when the input has ended.
  Result<bool> run_once();

 private:
  struct Round {
    BatchReport report;
    Progress progress;
    bool in_transaction = false;
  };

  Result<void> turn(const std::stop_token& stop);
  Result<void> process_batch(const Batch& batch, MonotonicTime polled_at, Round& round);
  Result<void> process_record(const InputRecord& record, Round& round);
  Result<void> check_sizes() const;
  Result<void> write_outputs(std::optional<Offset> origin, Round& round);
  Result<void> commit(Round& round);
  Result<void> undo(const Error& cause, const Round& round);

  PipelineOptions options_;
  Source& source_;
  TransactionalSink& sink_;
  Processor& processor_;
  PipelineObserver& observer_;
  Clock& clock_;
  Outputs outputs_;
};

}  // namespace rookery
