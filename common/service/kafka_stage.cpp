#include "common/service/kafka_stage.hpp"

#include <utility>

#include "common/kafka/alternating_sink.hpp"
#include "common/kafka/progress.hpp"
#include "common/kafka/sink.hpp"
#include "common/kafka/source.hpp"
#include "common/kafka/tail.hpp"

namespace rookery {
namespace {

constexpr std::chrono::milliseconds kLagInterval{1'000};

/// What the loop says while it turns: heartbeat, lag, assignment.
class StageObserver final : public PipelineObserver {
 public:
  StageObserver(const Process& process, const Stage& stage, StageStatus& status,
                const kafka::KafkaSource* source)
      : process_(process),
        stage_(stage),
        status_(status),
        source_(source),
        inner_(status.name(), process.metrics, process.log, process.clock) {}

  void on_round() override {
    status_.beat();
    const MonotonicTime now = process_.clock.monotonic_now();
    if (now - last_report_ < kLagInterval) return;
    last_report_ = now;
    process_.metrics.set_ready(status_.name(), status_.state() == StageState::kRunning);
    if (stage_.measure) {
      for (const Measurement& measurement : stage_.measure()) {
        process_.metrics.set(status_.name(), measurement, process_.clock.wall_now());
      }
    }
    if (source_ == nullptr) return;
    process_.metrics.set_restore_duration(status_.name(), source_->restore_duration());
    const std::uint64_t lacking = source_->restores_without_snapshots();
    process_.metrics.add_restores_without_snapshots(status_.name(),
                                                    lacking - std::exchange(lacking_, lacking));
    for (const auto& [partition, lag] : source_->lags()) process_.metrics.set_lag(partition, lag);
    process_.metrics.set_assigned(status_.name(), source_->assigned_partitions());
    process_.metrics.set_rebalances(status_.name(), source_->rebalances());
  }

  void on_batch_committed(const BatchReport& report, const Progress& progress) override {
    inner_.on_batch_committed(report, progress);
  }

  void on_batch_undone(const Error& error) override { inner_.on_batch_undone(error); }

 private:
  const Process& process_;
  const Stage& stage_;
  StageStatus& status_;
  const kafka::KafkaSource* source_;
  MetricsObserver inner_;
  MonotonicTime last_report_{};
  std::uint64_t lacking_ = 0;  ///< Of the source's restores without snapshots, those told.
};

/// With clients of its own making: the old ones are of no more use.
bool can_start_anew(const Error& error) {
  return error.code == "transaction_expired" || error.code == "membership_lost";
}

}  // namespace

KafkaStage::KafkaStage(Process process, Service& service, ServiceContext& context, Stage stage,
                       Feed* feed, StageStatus& status)
    : process_(process),
      service_(service),
      context_(context),
      stage_(std::move(stage)),
      feed_(feed),
      status_(status) {}

Result<void> KafkaStage::run(std::stop_token stop) {
  const kafka::Surroundings around{process_.log, process_.clock, status_, stop};
  while (true) {
    auto result = stage_.inputs.empty() ? run_from_feed(around) : run_from_topics(around);
    if (result || stop.stop_requested()) {
      status_.set(StageState::kDraining);
      return result && !stop.stop_requested() ? result : Result<void>{};
    }
    process_.metrics.add_restart(stage_.group, result.error().code);
    if (!can_start_anew(result.error())) return result;
    process_.log.warn(
        "the broker gave up on the open transaction or on this member; starting the "
        "stage anew",
        {{"stage", stage_.group},
         {"code", result.error().code},
         {"detail", result.error().message}});
    status_.set(StageState::kStarting);
  }
}

Result<void> KafkaStage::run_from_topics(const kafka::Surroundings& around) {
  const Settings& settings = process_.settings;
  auto source = kafka::KafkaSource::create(
      settings.connection,
      {.group = stage_.group,
       .instance = settings.instance,
       .topics = stage_.inputs,
       .batch_records_max =
           stage_.batch_records_max.value_or(static_cast<std::size_t>(settings.batch_records_max)),
       .batch_bytes_max = static_cast<std::size_t>(settings.batch_bytes_max),
       .session_timeout = settings.session_timeout,
       .call_deadline = settings.call_deadline,
       .offset_lost_earliest = settings.offset_lost == "earliest"},
      around);
  ROOKERY_RETURN_IF_ERROR(source);
  kafka::KafkaSource& input = **source;
  auto store = service_.make_store(context_, &input);
  ROOKERY_RETURN_IF_ERROR(store);
  std::unique_ptr<TransactionalSink> sink = std::move(*store);
  if (!sink) {
    auto producer =
        kafka::KafkaSink::create(settings.connection,
                                 {.transactional_id = stage_.group + "-" + settings.instance,
                                  .transaction_timeout = settings.transaction_timeout,
                                  .call_deadline = settings.call_deadline},
                                 around, std::make_unique<kafka::GroupProgress>(input));
    ROOKERY_RETURN_IF_ERROR(producer);
    sink = std::move(*producer);
  }
  StageObserver observer(process_, stage_, status_, &input);
  auto result = drive(input, *sink, around.stop, observer);
  // A member that must leave in haste says nothing: its successor takes over by
  // its static name.
  if (result || can_start_anew(result.error())) input.close();
  return result;
}

Result<void> KafkaStage::run_from_feed(const kafka::Surroundings& around) {
  const Settings& settings = process_.settings;
  FeedSource source(*feed_, process_.clock,
                    {.batch_records_max = static_cast<std::size_t>(settings.batch_records_max)});
  const std::string key = source.cursor_key();
  auto sink =
      kafka::AlternatingSink::create(settings.connection,
                                     {.transactional_id = stage_.group + "-" + settings.instance,
                                      .transaction_timeout = settings.transaction_timeout,
                                      .call_deadline = settings.call_deadline},
                                     around, key);
  ROOKERY_RETURN_IF_ERROR(sink);
  auto cursor = kafka::read_cursor(settings.connection, around, key);
  ROOKERY_RETURN_IF_ERROR(cursor);
  if (*cursor) {
    process_.log.info("going on where the last run stopped",
                      {{"source", key}, {"records", (*cursor)->offset.value()}});
  }
  source.start_at(std::move(*cursor));
  if (stage_.tail) {
    const WallTime since = process_.clock.wall_now() - stage_.tail->window;
    ROOKERY_RETURN_IF_ERROR(kafka::replay_since(settings.connection, around, stage_.tail->topic,
                                                since, *stage_.processor));
  }
  status_.set(StageState::kRunning);
  StageObserver observer(process_, stage_, status_, nullptr);
  return drive(source, **sink, around.stop, observer);
}

Result<void> KafkaStage::drive(Source& source, TransactionalSink& sink, std::stop_token stop,
                               PipelineObserver& observer) {
  Pipeline pipeline(
      {.commit_interval = process_.settings.commit_interval,
       .retry_backoff_max = process_.settings.retry_backoff_max,
       .record_bytes_max = static_cast<std::size_t>(process_.settings.record_bytes_max),
       .service = std::string(service_.name())},
      source, sink, *stage_.processor, observer, process_.clock);
  return pipeline.run(std::move(stop));
}

}  // namespace rookery
