#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/options.hpp"
#include "common/core/result.hpp"
#include "common/runtime/feed.hpp"
#include "common/runtime/follower.hpp"
#include "common/runtime/io.hpp"
#include "common/runtime/measurement.hpp"
#include "common/runtime/processor.hpp"

namespace rookery {

class Log;
class Metrics;

/// One loop of a service. Most services have one; hashtag-window has three.
struct Stage {
  std::string group;                ///< Consumer group and prefix of the transactional.id.
  std::vector<std::string> inputs;  ///< Topics. Empty: the service's feed.
  std::unique_ptr<Processor> processor;
  /// Asked now and then between batches, by the loop's thread; may be empty.
  std::function<std::vector<Measurement>()> measure = {};
  /// Most records of one transaction, instead of the service's batch_records_max: for a stage
  /// that sums many records up in few, and whose transactions weigh more than its records.
  std::optional<std::size_t> batch_records_max = {};
  /// A feed's stage: what it wrote lately is replayed to the processor before the
  /// first read, so that it knows what came before a restart.
  struct Tail {
    std::string topic;
    std::chrono::milliseconds window;
  };
  std::optional<Tail> tail = std::nullopt;
};

/// Hears of the models that a service scores with. `use` is one of the few
/// things that a service has models for, as "topics".
class ModelObserver {
 public:
  virtual ~ModelObserver() = default;
  /// From now on `use` is scored with the model `id`, which was made or published
  /// at `made`.
  virtual void on_model_loaded(std::string_view use, std::string_view id, WallTime made) = 0;
  /// A new model was refused; the old one goes on.
  virtual void on_model_refused(std::string_view use, const Error& error) = 0;
  /// `use` is no longer scored: its model was withdrawn, and there is no other.
  virtual void on_model_withdrawn(std::string_view use) = 0;
};

/// What the frame tells a service while it makes its parts.
class ServiceContext {
 public:
  virtual ~ServiceContext() = default;
  [[nodiscard]] virtual Clock& clock() = 0;
  /// For shells that talk to the outside on threads of their own: any thread may
  /// use both.
  [[nodiscard]] virtual Log& log() = 0;
  [[nodiscard]] virtual Metrics& metrics() = 0;
  /// The option `instance`: this process among those of the service.
  [[nodiscard]] virtual std::string_view instance() const = 0;
  /// Whether the service runs as a filter, without Kafka.
  [[nodiscard]] virtual bool pipe() const = 0;
  /// The number of partitions of `topic`: the broker's, or with --pipe that of
  /// proto/topics.toml.
  virtual Result<std::int32_t> partitions(std::string_view topic) = 0;
  /// What `group` has committed; nothing with --pipe.
  virtual Result<Progress> committed(const std::string& /*group*/) { return Progress{}; }
  /// Reads `topic`, which has one partition, beside the loops. Returns once
  /// `listener`, which must outlive the follower, has heard all of it. Null with
  /// --pipe. Errors: stopped (kFatal), option_invalid.
  virtual Result<std::unique_ptr<Follower>> follow(std::string /*topic*/,
                                                   TopicListener& /*listener*/) {
    return std::unique_ptr<Follower>{};
  }
  /// Null where nobody listens: with --pipe.
  [[nodiscard]] virtual ModelObserver* models() { return nullptr; }
};

/// Commits offsets of a consumer group outside of a transaction.
class OffsetCommitter {
 public:
  virtual ~OffsetCommitter() = default;
  virtual Result<void> commit_offsets(const Progress& progress) = 0;
};

/// What a service brings; everything around it (options, logs, metrics, health,
/// signals, Kafka, --pipe, exit codes) is run_service()'s.
class Service {
 public:
  virtual ~Service() = default;

  /// As the folder, executable, image and consumer group: "geo-enrich".
  [[nodiscard]] virtual std::string_view name() const = 0;
  /// One sentence for --help.
  [[nodiscard]] virtual std::string_view summary() const = 0;
  /// The topic whose records --pipe writes to standard output; empty where the
  /// service has a store of its own.
  [[nodiscard]] virtual std::string_view output_topic() const = 0;

  /// Declares the options of the service; the frame declares the shared ones.
  virtual void describe(OptionSet& options) = 0;

  /// Called once, after the options are set and before anything else, also for
  /// --check-config: what can be told to be wrong without the outside. Errors:
  /// kMisconfigured.
  virtual Result<void> check() { return {}; }

  /// Called once, after check(). Loads models and data.
  virtual Result<std::vector<Stage>> make_stages(ServiceContext& context) = 0;

  /// Where records come from, for a stage without input topics.
  virtual Result<std::unique_ptr<Feed>> make_feed(ServiceContext& /*context*/) {
    return std::unique_ptr<Feed>{};
  }

  /// Where outputs go if not to Kafka. Commits offsets through `offsets`, which
  /// is null with --pipe.
  virtual Result<std::unique_ptr<TransactionalSink>> make_store(ServiceContext& /*context*/,
                                                                OffsetCommitter* /*offsets*/) {
    return std::unique_ptr<TransactionalSink>{};
  }
};

/// The whole life of a service's process. Returns the exit status:
///   0   stopped as asked, or a finite input was read to its end
///   70  a fatal error, logged with its code: restart
///   75  a call to the broker hung: restart
///   78  the settings are wrong: a restart will not help
///   128 + N  a second signal N came while the first was obeyed
int run_service(int argc, char** argv, Service& service);

}  // namespace rookery
