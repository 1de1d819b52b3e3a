#include "services/rookeryctl/command_line.hpp"

#include <cstdint>
#include <string>
#include <vector>

#include "services/rookeryctl/commands.hpp"

namespace rookery::rookeryctl {
namespace {

// sysexits.h
constexpr int kExitUsage = 64;
constexpr int kExitUnavailable = 69;
constexpr int kExitSoftware = 70;
constexpr int kExitConfig = 78;

int exit_status(const Error& error) {
  switch (error.disposition) {
    case Disposition::kMisconfigured:
      return kExitConfig;
    case Disposition::kRetryBatch:
      return kExitUnavailable;
    case Disposition::kDeadLetter:
    case Disposition::kFatal:
      break;
  }
  return kExitSoftware;
}

Result<void> add_properties(const std::vector<std::string>& pairs, kafka::Properties& properties) {
  for (const auto& pair : pairs) {
    const auto equals = pair.find('=');
    if (equals == std::string::npos || equals == 0) {
      return misconfigured("option_invalid", "-X: expected key=value, got \"" + pair + "\"");
    }
    properties[pair.substr(0, equals)] = pair.substr(equals + 1);
  }
  return {};
}

int finish(const Result<int>& done) {
  std::fflush(stdout);
  if (done) return *done;
  print("rookeryctl: " + std::string(done.error().code) + ": " + done.error().message + "\n",
        stderr);
  return exit_status(done.error());
}

}  // namespace

int run(int argc, char** argv) {
  SystemClock clock;
  Log log("rookeryctl", clock);
  log.configure(Log::Level::kError, Log::Format::kLogfmt);
  Context context{
      .connection = {.brokers = "127.0.0.1:9092", .properties = {}}, .log = log, .clock = clock};
  std::vector<std::string> properties;
  std::int64_t timeout_ms = context.timeout.count();
  Command command;

  CLI::App app("The operator's tool of the suite: topics, lag, records, dead letters, models.",
               "rookeryctl");
  app.set_version_flag("--version", ROOKERY_VERSION);
  app.require_subcommand(1);
  app.fallthrough();
  app.add_option("--brokers", context.connection.brokers,
                 "Kafka brokers, host:port, separated by commas")
      ->envname("ROOKERY_BROKERS")
      ->capture_default_str();
  app.add_option("-X", properties, "Setting for librdkafka as key=value, repeatable")
      ->allow_extra_args(false);
  app.add_option("--timeout-ms", timeout_ms, "How long to wait for the broker")
      ->check(CLI::Range(std::int64_t{100}, std::int64_t{600'000}))
      ->capture_default_str();
  add_topics(app, command);
  add_lag(app, command);
  add_tail(app, command);
  add_count(app, command);
  add_dead_letters(app, command);
  add_compliance(app, command);
  add_windows(app, command);
  add_locate(app, command);
  add_models(app, command);
  add_doctor(app, command);
  app.footer(
      "Exit status: 0 done, 1 the answer is no, 64 usage, 69 the broker does not answer,\n"
      "70 failed, 78 wrong settings or refused.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kExitUsage;
  }
  context.timeout = std::chrono::milliseconds(timeout_ms);
  if (const auto added = add_properties(properties, context.connection.properties); !added) {
    return finish(tl::make_unexpected(added.error()));
  }
  return finish(command(context));
}

}  // namespace rookery::rookeryctl
