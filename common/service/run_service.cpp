#include <array>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include <unistd.h>

#include "common/core/fault.hpp"
#include "common/kafka/follower.hpp"
#include "common/kafka/sink.hpp"
#include "common/kafka/source.hpp"
#include "common/observe/admin.hpp"
#include "common/runtime/service.hpp"
#include "common/runtime/topic_table.hpp"
#include "common/service/kafka_stage.hpp"
#include "common/service/pipe_run.hpp"
#include "common/service/settings.hpp"

namespace rookery {
namespace {

// sysexits.h
constexpr int kExitSoftware = 70;
constexpr int kExitTemporary = 75;
constexpr int kExitConfig = 78;

int exit_status(const Error& error) {
  if (error.disposition == Disposition::kMisconfigured) return kExitConfig;
  // Often by this instance's own earlier session, which the group had not forgotten.
  return error.code == "instance_fenced" ? kExitTemporary : kExitSoftware;
}

const char* environment(const char* name) {
  return std::getenv(name);  // NOLINT(concurrency-mt-unsafe): before any thread starts
}

/// What a service may ask while it makes its parts.
class Context final : public ServiceContext {
 public:
  Context(const Process& process, StageStatus& status, std::stop_token stop)
      : process_(process),
        around_{process.log, process.clock, status, std::move(stop)},
        models_(process.metrics, process.log, process.clock) {}

  Clock& clock() override { return process_.clock; }
  Log& log() override { return process_.log; }
  Metrics& metrics() override { return process_.metrics; }
  std::string_view instance() const override { return process_.settings.instance; }
  bool pipe() const override { return process_.settings.pipe; }
  ModelObserver* models() override { return pipe() ? nullptr : &models_; }
  Result<std::unique_ptr<Follower>> follow(std::string topic, TopicListener& listener) override {
    if (pipe()) return std::unique_ptr<Follower>{};
    auto follower = kafka::KafkaFollower::start(process_.settings.connection, around_,
                                                std::move(topic), listener);
    ROOKERY_RETURN_IF_ERROR(follower);
    return std::unique_ptr<Follower>(std::move(*follower));
  }

  Result<std::int32_t> partitions(std::string_view topic) override {
    return pipe() ? declared(topic) : asked(std::string(topic));
  }

  Result<Progress> committed(const std::string& group) override {
    if (pipe()) return Progress{};
    for (bool asked = false;; asked = true) {
      auto admin =
          kafka::Admin::create(process_.settings.connection, process_.log, std::chrono::seconds(5));
      ROOKERY_RETURN_IF_ERROR(admin);
      auto progress = (*admin)->committed(group, kafka::Which::kDecided);
      if (progress || progress.error().disposition != Disposition::kRetryBatch) return progress;
      if (around_.stop.stop_requested()) return fatal("stopped", "stopped while starting");
      around_.status.set(StageState::kStarting, progress.error().message);
      process_.log.warn("committed offsets are not to be had yet",
                        {{"detail", progress.error().message}});
      if (!asked && progress.error().code == "offsets_undecided") {
        ROOKERY_RETURN_IF_ERROR(end_own_transaction(group));
        continue;
      }
      around_.clock.sleep_for(std::chrono::seconds(1), around_.stop);
    }
  }

 private:
  /// What an earlier process of this name left open would hide the offsets until its time-out.
  Result<void> end_own_transaction(const std::string& group) {
    const Settings& settings = process_.settings;
    const auto sink = kafka::KafkaSink::create(settings.connection,
                                               {.transactional_id = group + "-" + settings.instance,
                                                .transaction_timeout = settings.transaction_timeout,
                                                .call_deadline = settings.call_deadline},
                                               around_, nullptr);
    ROOKERY_RETURN_IF_ERROR(sink);
    return {};
  }

  static Result<std::int32_t> declared(std::string_view topic) {
    const auto topics = parse_topics(built_in_topics());
    ROOKERY_RETURN_IF_ERROR(topics);
    for (const auto& declaration : *topics) {
      if (declaration.name == topic) return declaration.partitions;
    }
    return 1;
  }

  Result<std::int32_t> asked(const std::string& topic) {
    const Settings& settings = process_.settings;
    kafka::ClientEvents events(process_.log);
    while (true) {
      auto client = kafka::connect(RD_KAFKA_PRODUCER, settings.connection, {}, events, around_);
      ROOKERY_RETURN_IF_ERROR(client);
      auto count = kafka::partition_count(**client, topic, std::chrono::seconds(5));
      if (count || count.error().disposition != Disposition::kRetryBatch) return count;
      around_.status.set(StageState::kStarting, count.error().message);
      process_.log.warn("waiting for a topic", {{"detail", count.error().message}});
      around_.clock.sleep_for(std::chrono::seconds(2), around_.stop);
    }
  }

  const Process& process_;
  kafka::Surroundings around_;
  ModelMetrics models_;
};

/// Blocks the signals in this thread and all that it starts later.
sigset_t block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return signals;
}

/// Turns the first signal into a request to stop and leaves at the second.
class SignalWatch {
 public:
  SignalWatch(const sigset_t& signals, std::stop_source& stop, Log& log)
      : thread_([signals, &stop, &log](const std::stop_token& done) {
          const timespec pause{0, 100'000'000};
          while (!done.stop_requested()) {
            const int signal = sigtimedwait(&signals, nullptr, &pause);
            if (signal <= 0) continue;
            if (stop.stop_requested()) ::_exit(128 + signal);
            log.info("stopping", {{"signal", signal}});
            stop.request_stop();
          }
        }) {}

 private:
  std::jthread thread_;
};

/// The stages take the place of the start, which does not leave before them: while
/// it were all there is, the process would count as ready.
std::vector<StageStatus*> announce(const std::vector<Stage>& stages, Health& health,
                                   StageStatus& start) {
  std::vector<StageStatus*> statuses;
  statuses.reserve(stages.size());
  for (const auto& stage : stages) statuses.push_back(&health.add_stage(stage.group));
  start.set(StageState::kDone);
  return statuses;
}

/// Runs all stages, each on a thread of its own; the first that ends with an
/// error, or as the last with success, decides.
Result<void> run_stages(const Process& process, Service& service, ServiceContext& context,
                        std::vector<Stage> stages, const std::vector<StageStatus*>& statuses,
                        std::stop_source& stop) {
  auto feed = service.make_feed(context);
  ROOKERY_RETURN_IF_ERROR(feed);
  std::mutex mutex;
  std::optional<Error> first_error;
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < stages.size(); ++i) {
    threads.emplace_back([&, stage = std::move(stages[i]), status = statuses[i]]() mutable {
      KafkaStage loop(process, service, context, std::move(stage), feed->get(), *status);
      const auto result = loop.run(stop.get_token());
      if (result) return;
      const std::scoped_lock lock(mutex);
      if (!first_error) first_error = result.error();
      stop.request_stop();
    });
  }
  for (auto& thread : threads) thread.join();
  if (first_error) return tl::make_unexpected(*first_error);
  return {};
}

Result<void> run_with_kafka(const Process& process, Service& service, const std::string& config,
                            std::stop_source& stop) {
  Health health(process.clock);
  StageStatus& start = health.add_stage("start");
  std::unique_ptr<AdminServer> admin;
  if (process.settings.admin_listen != "off") {
    auto server =
        AdminServer::start(process.settings.admin_listen, {health, process.metrics, config});
    ROOKERY_RETURN_IF_ERROR(server);
    admin = std::move(*server);
  }
  process.log.info("started", {{"version", ROOKERY_VERSION},
                               {"brokers", process.settings.connection.brokers},
                               {"instance", process.settings.instance},
                               {"admin", admin ? admin->address() : "off"}});
  Context context(process, start, stop.get_token());
  auto stages = service.make_stages(context);
  if (!stages) return tl::make_unexpected(stages.error());
  const auto statuses = announce(*stages, health, start);
  return run_stages(process, service, context, std::move(*stages), statuses, stop);
}

Result<void> run_as_filter(const Process& process, Service& service, std::stop_source& stop) {
  Health health(process.clock);
  Context context(process, health.add_stage("pipe"), stop.get_token());
  auto stages = service.make_stages(context);
  ROOKERY_RETURN_IF_ERROR(stages);
  return run_pipe(process, service, context, std::move(*stages), stop.get_token());
}

/// The flags that only ask something. Empty: none of them is there.
enum class Question {
  kNone,
  kHelp,
  kVersion,
  kCheckConfig,
  kPrintConfig,
  kPrintOptions,
  kPrintMetrics
};

Question take_question(std::vector<std::string>& arguments) {
  constexpr std::array<std::pair<std::string_view, Question>, 7> kQuestions = {{
      {"--help", Question::kHelp},
      {"-h", Question::kHelp},
      {"--version", Question::kVersion},
      {"--check-config", Question::kCheckConfig},
      {"--print-config", Question::kPrintConfig},
      {"--print-options", Question::kPrintOptions},
      {"--print-metrics", Question::kPrintMetrics},
  }};
  for (auto argument = arguments.begin(); argument != arguments.end(); ++argument) {
    for (const auto& [flag, question] : kQuestions) {
      if (*argument != flag) continue;
      arguments.erase(argument);
      return question;
    }
  }
  return Question::kNone;
}

void print(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
}

std::string help_text(const Service& service, const OptionSet& options) {
  const std::string name(service.name());
  return name + ": " + std::string(service.summary()) + "\n\nUsage: " + name +
         " [--OPTION VALUE]...\n       " + name +
         " --pipe < INPUT > OUTPUT\n\n"
         "An option may also stand in the environment (ROOKERY_ and its name in capitals) or in a\n"
         "TOML file (--config); flags win over the environment, and that over the file.\n"
         "--check-config, --print-config, --print-options, --print-metrics, --version and --help\n"
         "answer and leave.\n" +
         options.help() +
         "\nExit status: 0 stopped as asked or the input ended, 70 fatal (restart), 75 a call to\n"
         "the broker hung or the place in the group was taken (restart), 78 the settings are\n"
         "wrong (a restart will not help).\n";
}

/// Answers a question; absent: the service is to run.
std::optional<int> answer(Question question, const Service& service, const OptionSet& options) {
  switch (question) {
    case Question::kNone:
      return std::nullopt;
    case Question::kHelp:
      print(help_text(service, options));
      break;
    case Question::kVersion:
      print(std::string(service.name()) + " " + ROOKERY_VERSION + " (librdkafka " +
            rd_kafka_version_str() + ")\n");
      break;
    case Question::kCheckConfig:
      print("the configuration is valid\n");
      break;
    case Question::kPrintConfig:
      print(options.effective());
      break;
    case Question::kPrintOptions:
      print(options.markdown());
      break;
    case Question::kPrintMetrics:
      print(Metrics::markdown());
      break;
  }
  return 0;
}

}  // namespace

int run_service(int argc, char** argv, Service& service) {
  SystemClock clock;
  Log log(std::string(service.name()), clock);
  Settings settings(service.name());
  OptionSet options;
  options.section(std::string(service.name()));
  service.describe(options);
  settings.describe(options);

  std::vector<std::string> arguments(argv + 1, argv + argc);
  const Question question = take_question(arguments);
  // These two answer whatever else is wrong.
  if (question == Question::kHelp || question == Question::kVersion) {
    return *answer(question, service, options);
  }
  auto ready = options.parse(arguments, environment);
  if (ready) ready = settings.check();
  if (ready && question != Question::kPrintOptions && question != Question::kPrintMetrics) {
    ready = service.check();
  }
  if (!ready) {
    log.error("the configuration is not valid",
              {{"code", ready.error().code}, {"detail", ready.error().message}});
    return exit_status(ready.error());
  }
  if (const auto status = answer(question, service, options)) return *status;
  log.configure(settings.level(), settings.format());
  if (faults_armed()) log.warn("a test's fault is armed in this process");

  const sigset_t signals = block_signals();
  std::stop_source stop;
  const SignalWatch watch(signals, stop, log);
  Metrics metrics{std::string(service.name())};
  const Process process{settings, log, clock, metrics};
  const auto result = settings.pipe ? run_as_filter(process, service, stop)
                                    : run_with_kafka(process, service, options.effective(), stop);
  int status = 0;
  if (!result && result.error().code != "stopped") {
    log.error("leaving", {{"code", result.error().code}, {"detail", result.error().message}});
    status = exit_status(result.error());
  } else if (!settings.pipe) {
    log.info("stopped");
  }
  if (kafka::KafkaSource::any_left_behind()) ::_exit(status);
  return status;
}

}  // namespace rookery
