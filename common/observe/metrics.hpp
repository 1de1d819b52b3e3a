#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "common/core/clock.hpp"
#include "common/observe/health.hpp"
#include "common/observe/log.hpp"
#include "common/runtime/measurement.hpp"
#include "common/runtime/pipeline.hpp"
#include "common/runtime/service.hpp"

namespace rookery {

/// All metrics of one process, by the names of metrics.cpp. Any thread may use
/// it. Labels come from closed sets: never a hashtag, a user, or a text.
class Metrics {
 public:
  explicit Metrics(std::string service);
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  /// The Prometheus text format, version 0.0.4.
  [[nodiscard]] std::string text() const;

  /// Every metric that can appear, as a Markdown table.
  [[nodiscard]] static std::string markdown();

  void set_ready(std::string_view stage, bool ready);
  void set_lag(const TopicPartition& partition, std::int64_t records);
  void set_assigned(std::string_view stage, std::size_t partitions);
  void set_rebalances(std::string_view stage, std::uint64_t rebalances);
  void set_restore_duration(std::string_view stage, MonotonicTime::duration duration);
  void set_restore(std::string_view stage, const RestoreProgress& progress);
  void add_restores_without_snapshots(std::string_view stage, std::uint64_t restores);
  /// `now`: for what is told as a lag.
  void set(std::string_view stage, const Measurement& measurement, WallTime now);
  /// A stretch of a live source that is missing for good, and posts that came
  /// twice and were left out; both once they are committed.
  void add_stream_gap(std::string_view source, std::string_view reason, double seconds);
  /// Of gaps that were told before.
  void add_filled_posts(std::string_view source, std::uint64_t posts);
  void add_duplicates(std::string_view source, std::uint64_t posts);
  /// Ids were forgotten before their time, because there were too many.
  void add_shortened_windows(std::string_view source, std::uint64_t times);
  void add_restart(std::string_view stage, std::string_view code);

 private:
  friend class MetricsObserver;
  friend class ModelMetrics;
  struct Families;
  std::unique_ptr<Families> families_;
};

/// Turns what a pipeline did into metrics and log lines.
class MetricsObserver final : public PipelineObserver {
 public:
  MetricsObserver(std::string stage, Metrics& metrics, Log& log, Clock& clock);
  void on_round() override {}
  void on_batch_committed(const BatchReport& report, const Progress& progress) override;
  void on_batch_undone(const Error& error) override;

 private:
  std::string stage_;
  Metrics& metrics_;
  Log& log_;
  Clock& clock_;
};

/// Turns what happens to models into metrics and log lines.
class ModelMetrics final : public ModelObserver {
 public:
  ModelMetrics(Metrics& metrics, Log& log, Clock& clock)
      : metrics_(metrics), log_(log), clock_(clock) {}
  void on_model_loaded(std::string_view use, std::string_view id, WallTime made) override;
  void on_model_refused(std::string_view use, const Error& error) override;
  void on_model_withdrawn(std::string_view use) override;

 private:
  void forget(const std::string& use);

  Metrics& metrics_;
  Log& log_;
  Clock& clock_;
  std::map<std::string, std::string, std::less<>> ids_;  ///< Of each use.
};

}  // namespace rookery
