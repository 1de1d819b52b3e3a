#pragma once

#include <memory>
#include <stop_token>

#include "common/runtime/service.hpp"
#include "common/service/settings.hpp"

namespace rookery {

/// One loop of a service over Kafka: makes source and sink, runs the pipeline,
/// and makes them anew when the broker gave up on this producer. One thread runs
/// it.
class KafkaStage {
 public:
  /// All must outlive the stage. `feed` and the service's store may be absent.
  KafkaStage(Process process, Service& service, ServiceContext& context, Stage stage, Feed* feed,
             StageStatus& status);

  /// Until `stop` is requested or a finite feed ended (success), or an error
  /// that another try does not mend.
  Result<void> run(std::stop_token stop);

 private:
  Result<void> run_from_topics(const kafka::Surroundings& around);
  Result<void> run_from_feed(const kafka::Surroundings& around);
  Result<void> drive(Source& source, TransactionalSink& sink, std::stop_token stop,
                     PipelineObserver& observer);

  Process process_;
  Service& service_;
  ServiceContext& context_;
  Stage stage_;
  Feed* feed_;
  StageStatus& status_;
};

}  // namespace rookery
