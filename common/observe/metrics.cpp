#include "common/observe/metrics.hpp"

#include <array>
#include <chrono>
#include <utility>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace rookery {
namespace {

/// The one list of metric names. Base units; counters end in _total.
struct Description {
  const char* name;
  const char* type;
  const char* labels;
  const char* help;
};

constexpr Description kBuildInfo{"rookery_build_info", "gauge", "service, version",
                                 "1; the labels tell what runs."};
constexpr Description kReady{"rookery_ready", "gauge", "stage",
                             "1 while the stage reads and commits, else 0."};
constexpr Description kConsumedRecords{"rookery_records_consumed_total", "counter", "topic",
                                       "Records read and committed."};
constexpr Description kConsumedBytes{"rookery_consumed_bytes_total", "counter", "topic",
                                     "Bytes of the values read and committed."};
constexpr Description kProducedRecords{"rookery_records_produced_total", "counter", "topic",
                                       "Records written and committed, dead letters among them."};
constexpr Description kProducedBytes{"rookery_produced_bytes_total", "counter", "topic",
                                     "Bytes of the values written and committed."};
constexpr Description kDeadLetters{"rookery_dead_letters_total", "counter", "stage, reason",
                                   "Records that went to dead_letters."};
constexpr Description kTransactions{"rookery_transactions_total", "counter", "stage, result",
                                    "Batches, by result: commit or abort."};
constexpr Description kErrors{"rookery_errors_total", "counter", "stage, code",
                              "Errors that undid a batch or ended a stage, by code."};
constexpr Description kProcessDuration{"rookery_batch_process_duration_seconds", "histogram",
                                       "stage",
                                       "Time from the first record of a batch to the last."};
constexpr Description kCommitDuration{"rookery_transaction_duration_seconds", "histogram", "stage",
                                      "Time of a commit."};
constexpr Description kLag{"rookery_consumer_lag_records", "gauge", "topic, partition",
                           "Records between the committed offset and the end; 0 at the end."};
constexpr Description kLastRecord{"rookery_last_record_timestamp_seconds", "gauge",
                                  "topic, partition",
                                  "Time stamp of the last committed record, seconds since 1970."};
constexpr Description kLastCommit{"rookery_last_commit_timestamp_seconds", "gauge", "stage",
                                  "When the last batch was committed, seconds since 1970."};
constexpr Description kAssigned{"rookery_assigned_partitions", "gauge", "stage",
                                "Partitions that the stage holds."};
constexpr Description kRebalances{"rookery_rebalances_total", "counter", "stage",
                                  "Times partitions came or went."};
constexpr Description kGapSeconds{"rookery_stream_gap_seconds_total", "counter", "source, reason",
                                  "Time of which posts of a live source are missing for good."};
constexpr Description kDuplicates{"rookery_duplicates_total", "counter", "source",
                                  "Posts of a live source that came before and were left out."};
constexpr Description kFilledPosts{"rookery_stream_gap_filled_posts_total", "counter", "source",
                                   "Posts that the recent search gave for gaps of a stream."};
constexpr Description kShortened{
    "rookery_duplicate_windows_shortened_total", "counter", "source",
    "Times ids were forgotten before duplicate_window_ms, because there were more than "
    "duplicate_ids_max."};

constexpr Description kRestoreDuration{
    "rookery_restore_duration_seconds", "gauge", "stage",
    "Longest time since the start that reading the state of a partition took."};
constexpr Description kRestoreOffsets{
    "rookery_restore_offsets", "gauge", "stage",
    "Offsets of the state that is being read again of one partition, or was last."};
constexpr Description kRestoreOffsetsDone{"rookery_restore_offsets_done", "gauge", "stage",
                                          "How many of rookery_restore_offsets are read."};
constexpr Description kRestoreBytesDone{"rookery_restore_bytes_done", "gauge", "stage",
                                        "Bytes of the records that were read of these."};
constexpr Description kRestoresWithoutSnapshots{
    "rookery_restores_without_snapshots_total", "counter", "stage",
    "Restores that read all of a partition's state again, though snapshots were kept: the log says "
    "why."};
constexpr Description kWindowsOpen{"rookery_windows_open", "gauge", "stage, window",
                                   "Windows that hold posts and are not closed."};
constexpr Description kWindowsEmitted{"rookery_windows_emitted_total", "counter", "stage, window",
                                      "Rankings written, of all dimensions."};
constexpr Description kWatermark{
    "rookery_watermark_timestamp_seconds", "gauge", "topic, partition",
    "No post from before is accepted any more, seconds since 1970 of event time."};
constexpr Description kWatermarkLag{"rookery_watermark_lag_seconds", "gauge", "topic, partition",
                                    "How far the watermark lies behind the clock."};
constexpr Description kLateRecords{"rookery_late_records_total", "counter", "stage",
                                   "Posts that came too late to be counted."};
constexpr Description kLiveKeys{"rookery_live_keys", "gauge", "dimension",
                                "Keys in the windows of the partitions that are held."};
constexpr Description kDroppedKeys{
    "rookery_dropped_keys_total", "counter", "dimension",
    "Keys of a pane that had to go, as there were more than pane_keys_max or window_keys_max."};
constexpr Description kLeftOutKeys{
    "rookery_left_out_keys_total", "counter", "dimension",
    "Keys of posts that are not counted: too long, too many of one post, or more than "
    "open_keys_max."};
constexpr Description kStateBytes{"rookery_state_bytes", "gauge", "stage",
                                  "Memory of the tables of a stage's state, at least."};
constexpr Description kHeldPartitions{
    "rookery_held_partitions", "gauge", "stage",
    "Silent partitions that hold the windows open, as an earlier stage has yet to read theirs."};
constexpr Description kModel{"rookery_model_info", "gauge", "use, model",
                             "1; the labels tell which model is scored with now."};
constexpr Description kModelLoaded{"rookery_model_loaded_timestamp_seconds", "gauge", "use",
                                   "When the model was taken up, seconds since 1970."};
constexpr Description kModelMade{"rookery_model_made_timestamp_seconds", "gauge", "use",
                                 "When the model was published, or its file changed last, seconds "
                                 "since 1970: the model's age."};
constexpr Description kModelRefused{"rookery_models_refused_total", "counter", "use",
                                    "New models that were refused; the old one went on."};

constexpr std::array kAll = {kBuildInfo,        kReady,           kConsumedRecords,
                             kConsumedBytes,    kProducedRecords, kProducedBytes,
                             kDeadLetters,      kTransactions,    kErrors,
                             kProcessDuration,  kCommitDuration,  kLag,
                             kLastRecord,       kLastCommit,      kAssigned,
                             kRebalances,       kRestoreDuration, kWindowsOpen,
                             kWindowsEmitted,   kWatermark,       kWatermarkLag,
                             kLateRecords,      kLiveKeys,        kDroppedKeys,
                             kStateBytes,       kModel,           kModelLoaded,
                             kModelMade,        kModelRefused,    kGapSeconds,
                             kFilledPosts,      kDuplicates,      kShortened,
                             kHeldPartitions,   kRestoreOffsets,  kRestoreOffsetsDone,
                             kRestoreBytesDone, kLeftOutKeys,     kRestoresWithoutSnapshots};

/// From 100 microseconds to 10 seconds.
const prometheus::Histogram::BucketBoundaries kSeconds = {
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
    0.05,   0.1,     0.25,   0.5,   1,      2.5,   5,    10};

template <typename Builder>
auto& make_family(Builder builder, const Description& metric, prometheus::Registry& registry) {
  return builder.Name(metric.name).Help(metric.help).Register(registry);
}

prometheus::Family<prometheus::Counter>& counter(const Description& metric,
                                                 prometheus::Registry& registry) {
  return make_family(prometheus::BuildCounter(), metric, registry);
}

prometheus::Family<prometheus::Gauge>& gauge(const Description& metric,
                                             prometheus::Registry& registry) {
  return make_family(prometheus::BuildGauge(), metric, registry);
}

prometheus::Family<prometheus::Histogram>& histogram(const Description& metric,
                                                     prometheus::Registry& registry) {
  return make_family(prometheus::BuildHistogram(), metric, registry);
}

prometheus::Labels labels_of(const TopicPartition& partition) {
  return {{"topic", partition.topic}, {"partition", std::to_string(partition.partition.value())}};
}

double seconds(std::chrono::microseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

double seconds(WallTime time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

}  // namespace

struct Metrics::Families {
  prometheus::Registry registry;
  prometheus::Family<prometheus::Gauge>& build_info = gauge(kBuildInfo, registry);
  prometheus::Family<prometheus::Gauge>& ready = gauge(kReady, registry);
  prometheus::Family<prometheus::Counter>& consumed_records = counter(kConsumedRecords, registry);
  prometheus::Family<prometheus::Counter>& consumed_bytes = counter(kConsumedBytes, registry);
  prometheus::Family<prometheus::Counter>& produced_records = counter(kProducedRecords, registry);
  prometheus::Family<prometheus::Counter>& produced_bytes = counter(kProducedBytes, registry);
  prometheus::Family<prometheus::Counter>& dead_letters = counter(kDeadLetters, registry);
  prometheus::Family<prometheus::Counter>& transactions = counter(kTransactions, registry);
  prometheus::Family<prometheus::Counter>& errors = counter(kErrors, registry);
  prometheus::Family<prometheus::Histogram>& process_duration =
      histogram(kProcessDuration, registry);
  prometheus::Family<prometheus::Histogram>& commit_duration = histogram(kCommitDuration, registry);
  prometheus::Family<prometheus::Gauge>& lag = gauge(kLag, registry);
  prometheus::Family<prometheus::Gauge>& last_record = gauge(kLastRecord, registry);
  prometheus::Family<prometheus::Gauge>& last_commit = gauge(kLastCommit, registry);
  prometheus::Family<prometheus::Counter>& gap_seconds = counter(kGapSeconds, registry);
  prometheus::Family<prometheus::Counter>& duplicates = counter(kDuplicates, registry);
  prometheus::Family<prometheus::Counter>& filled_posts = counter(kFilledPosts, registry);
  prometheus::Family<prometheus::Counter>& shortened = counter(kShortened, registry);
  prometheus::Family<prometheus::Gauge>& assigned = gauge(kAssigned, registry);
  prometheus::Family<prometheus::Counter>& rebalances = counter(kRebalances, registry);
  prometheus::Family<prometheus::Gauge>& restore_duration = gauge(kRestoreDuration, registry);
  prometheus::Family<prometheus::Gauge>& restore_offsets = gauge(kRestoreOffsets, registry);
  prometheus::Family<prometheus::Gauge>& restore_offsets_done =
      gauge(kRestoreOffsetsDone, registry);
  prometheus::Family<prometheus::Gauge>& restore_bytes_done = gauge(kRestoreBytesDone, registry);
  prometheus::Family<prometheus::Counter>& restores_without_snapshots =
      counter(kRestoresWithoutSnapshots, registry);
  prometheus::Family<prometheus::Gauge>& windows_open = gauge(kWindowsOpen, registry);
  prometheus::Family<prometheus::Counter>& windows_emitted = counter(kWindowsEmitted, registry);
  prometheus::Family<prometheus::Gauge>& watermark = gauge(kWatermark, registry);
  prometheus::Family<prometheus::Gauge>& watermark_lag = gauge(kWatermarkLag, registry);
  prometheus::Family<prometheus::Counter>& late_records = counter(kLateRecords, registry);
  prometheus::Family<prometheus::Gauge>& live_keys = gauge(kLiveKeys, registry);
  prometheus::Family<prometheus::Counter>& dropped_keys = counter(kDroppedKeys, registry);
  prometheus::Family<prometheus::Counter>& left_out_keys = counter(kLeftOutKeys, registry);
  prometheus::Family<prometheus::Gauge>& state_bytes = gauge(kStateBytes, registry);
  prometheus::Family<prometheus::Gauge>& held_partitions = gauge(kHeldPartitions, registry);
  prometheus::Family<prometheus::Gauge>& model = gauge(kModel, registry);
  prometheus::Family<prometheus::Gauge>& model_loaded = gauge(kModelLoaded, registry);
  prometheus::Family<prometheus::Gauge>& model_made = gauge(kModelMade, registry);
  prometheus::Family<prometheus::Counter>& model_refused = counter(kModelRefused, registry);
};

Metrics::Metrics(std::string service) : families_(std::make_unique<Families>()) {
  families_->build_info.Add({{"service", std::move(service)}, {"version", ROOKERY_VERSION}}).Set(1);
}

Metrics::~Metrics() = default;

std::string Metrics::text() const {
  return prometheus::TextSerializer().Serialize(families_->registry.Collect());
}

std::string Metrics::markdown() {
  std::string table = "| metric | type | labels | meaning |\n|---|---|---|---|\n";
  for (const auto& metric : kAll) {
    table += std::string("| `") + metric.name + "` | " + metric.type + " | " + metric.labels +
             " | " + metric.help + " |\n";
  }
  return table;
}

void Metrics::set_ready(std::string_view stage, bool ready) {
  families_->ready.Add({{"stage", std::string(stage)}}).Set(ready ? 1 : 0);
}

void Metrics::set_lag(const TopicPartition& partition, std::int64_t records) {
  families_->lag.Add(labels_of(partition)).Set(static_cast<double>(records));
}

void Metrics::set_assigned(std::string_view stage, std::size_t partitions) {
  families_->assigned.Add({{"stage", std::string(stage)}}).Set(static_cast<double>(partitions));
}

void Metrics::set_rebalances(std::string_view stage, std::uint64_t rebalances) {
  auto& metric = families_->rebalances.Add({{"stage", std::string(stage)}});
  metric.Increment(static_cast<double>(rebalances) - metric.Value());
}

void Metrics::set_restore_duration(std::string_view stage, MonotonicTime::duration duration) {
  families_->restore_duration.Add({{"stage", std::string(stage)}})
      .Set(std::chrono::duration<double>(duration).count());
}

void Metrics::set_restore(std::string_view stage, const RestoreProgress& progress) {
  const prometheus::Labels labels = {{"stage", std::string(stage)}};
  families_->restore_offsets.Add(labels).Set(static_cast<double>(progress.offsets));
  families_->restore_offsets_done.Add(labels).Set(static_cast<double>(progress.offsets_done));
  families_->restore_bytes_done.Add(labels).Set(static_cast<double>(progress.bytes_done));
}

void Metrics::add_restores_without_snapshots(std::string_view stage, std::uint64_t restores) {
  families_->restores_without_snapshots.Add({{"stage", std::string(stage)}})
      .Increment(static_cast<double>(restores));
}

void Metrics::set(std::string_view stage, const Measurement& measurement, WallTime now) {
  const auto& [measure, number, label, partition] = measurement;
  const auto value = static_cast<double>(number);
  const prometheus::Labels of_stage = {{"stage", std::string(stage)}};
  const auto raise = [&](prometheus::Counter& counter) {
    if (value > counter.Value()) counter.Increment(value - counter.Value());
  };
  switch (measure) {
    case Measure::kWindowsOpen:
      families_->windows_open.Add({{"stage", std::string(stage)}, {"window", label}}).Set(value);
      break;
    case Measure::kWindowsEmitted:
      raise(families_->windows_emitted.Add({{"stage", std::string(stage)}, {"window", label}}));
      break;
    case Measure::kWatermark:
      families_->watermark.Add(labels_of(partition)).Set(value / 1000);
      families_->watermark_lag.Add(labels_of(partition)).Set(seconds(now) - value / 1000);
      break;
    case Measure::kLateRecords:
      raise(families_->late_records.Add(of_stage));
      break;
    case Measure::kLiveKeys:
      families_->live_keys.Add({{"dimension", label}}).Set(value);
      break;
    case Measure::kDroppedKeys:
      raise(families_->dropped_keys.Add({{"dimension", label}}));
      break;
    case Measure::kLeftOutKeys:
      raise(families_->left_out_keys.Add({{"dimension", label}}));
      break;
    case Measure::kStateBytes:
      families_->state_bytes.Add(of_stage).Set(value);
      break;
    case Measure::kHeldPartitions:
      families_->held_partitions.Add(of_stage).Set(value);
      break;
  }
}

void Metrics::add_stream_gap(std::string_view source, std::string_view reason, double seconds) {
  families_->gap_seconds.Add({{"source", std::string(source)}, {"reason", std::string(reason)}})
      .Increment(seconds);
}

void Metrics::add_filled_posts(std::string_view source, std::uint64_t posts) {
  families_->filled_posts.Add({{"source", std::string(source)}})
      .Increment(static_cast<double>(posts));
}

void Metrics::add_duplicates(std::string_view source, std::uint64_t posts) {
  families_->duplicates.Add({{"source", std::string(source)}})
      .Increment(static_cast<double>(posts));
}

void Metrics::add_shortened_windows(std::string_view source, std::uint64_t times) {
  families_->shortened.Add({{"source", std::string(source)}}).Increment(static_cast<double>(times));
}

void Metrics::add_restart(std::string_view stage, std::string_view code) {
  families_->errors.Add({{"stage", std::string(stage)}, {"code", std::string(code)}}).Increment();
}

MetricsObserver::MetricsObserver(std::string stage, Metrics& metrics, Log& log, Clock& clock)
    : stage_(std::move(stage)), metrics_(metrics), log_(log), clock_(clock) {
  // A series that can appear starts at 0, so that the first error is a rise.
  auto& transactions = metrics_.families_->transactions;
  transactions.Add({{"stage", stage_}, {"result", "commit"}});
  transactions.Add({{"stage", stage_}, {"result", "abort"}});
}

void MetricsObserver::on_batch_committed(const BatchReport& report, const Progress& /*progress*/) {
  auto& families = *metrics_.families_;
  for (const auto& [topic, flow] : report.in) {
    families.consumed_records.Add({{"topic", topic}}).Increment(static_cast<double>(flow.records));
    families.consumed_bytes.Add({{"topic", topic}}).Increment(static_cast<double>(flow.bytes));
  }
  for (const auto& [topic, flow] : report.out) {
    families.produced_records.Add({{"topic", topic}}).Increment(static_cast<double>(flow.records));
    families.produced_bytes.Add({{"topic", topic}}).Increment(static_cast<double>(flow.bytes));
  }
  for (const auto& [reason, count] : report.dead_letters) {
    families.dead_letters.Add({{"stage", stage_}, {"reason", std::string(reason)}})
        .Increment(static_cast<double>(count));
  }
  for (const auto& [partition, time] : report.last_timestamps) {
    families.last_record.Add(labels_of(partition)).Set(seconds(time));
  }
  families.transactions.Add({{"stage", stage_}, {"result", "commit"}}).Increment();
  families.process_duration.Add({{"stage", stage_}}, kSeconds)
      .Observe(seconds(report.process_duration));
  families.commit_duration.Add({{"stage", stage_}}, kSeconds)
      .Observe(seconds(report.commit_duration));
  families.last_commit.Add({{"stage", stage_}}).Set(seconds(clock_.wall_now()));
}

void MetricsObserver::on_batch_undone(const Error& error) {
  auto& families = *metrics_.families_;
  families.transactions.Add({{"stage", stage_}, {"result", "abort"}}).Increment();
  families.errors.Add({{"stage", stage_}, {"code", std::string(error.code)}}).Increment();
  log_.warn("batch undone; it will be done again",
            {{"stage", stage_}, {"code", error.code}, {"detail", error.message}});
}

/// A model's series goes with it: ids come without end.
void ModelMetrics::forget(const std::string& use) {
  auto& families = *metrics_.families_;
  const auto known = ids_.find(use);
  if (known == ids_.end()) return;
  families.model.Remove(&families.model.Add({{"use", use}, {"model", known->second}}));
  ids_.erase(known);
}

void ModelMetrics::on_model_loaded(std::string_view use, std::string_view id, WallTime made) {
  auto& families = *metrics_.families_;
  const std::string label(use);
  forget(label);
  ids_.emplace(label, id);
  families.model.Add({{"use", label}, {"model", std::string(id)}}).Set(1);
  families.model_loaded.Add({{"use", label}}).Set(seconds(clock_.wall_now()));
  families.model_made.Add({{"use", label}}).Set(seconds(made));
  families.model_refused.Add({{"use", label}});  // so that the first one is a rise
  log_.info("model loaded", {{"use", use}, {"model", id}});
}

void ModelMetrics::on_model_withdrawn(std::string_view use) {
  auto& families = *metrics_.families_;
  const std::string label(use);
  forget(label);
  families.model_loaded.Remove(&families.model_loaded.Add({{"use", label}}));
  families.model_made.Remove(&families.model_made.Add({{"use", label}}));
  log_.info("model withdrawn", {{"use", use}});
}

void ModelMetrics::on_model_refused(std::string_view use, const Error& error) {
  metrics_.families_->model_refused.Add({{"use", std::string(use)}}).Increment();
  log_.warn("new model refused; the old one goes on",
            {{"use", use}, {"code", error.code}, {"detail", error.message}});
}

}  // namespace rookery
