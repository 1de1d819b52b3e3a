#include "common/service/settings.hpp"

#include <array>
#include <utility>

namespace rookery {
namespace {

using namespace std::chrono_literals;

/// Loopback, and a port of its own for each service, so that all of them run
/// beside each other on one machine.
constexpr std::array<std::pair<std::string_view, int>, 5> kAdminPorts = {{
    {"ingest", 9101},
    {"geo-enrich", 9102},
    {"sentiment-scoring", 9103},
    {"hashtag-window", 9104},
    {"sink", 9106},
}};

}  // namespace

Settings::Settings(std::string_view service) {
  int port = 0;
  for (const auto& [name, number] : kAdminPorts) {
    if (name == service) port = number;
  }
  admin_listen = "127.0.0.1:" + std::to_string(port);
}

void Settings::describe(OptionSet& options) {
  options.section("Kafka");
  options.text("brokers", connection.brokers, "Kafka brokers, host:port, separated by commas.");
  options.pass_through("kafka", connection.properties,
                       "Setting for librdkafka, passed on as it is.");
  options.secret("sasl_password", sasl_password, "File with the password for sasl.username.");
  options.text("instance", instance,
               "Stable name of this process among those of its service, as the pod's ordinal; part "
               "of its transactional.id and group.instance.id.");
  options.duration("commit_interval_ms", commit_interval, {1ms, 60s},
                   "Longest time for which records are gathered into one transaction.");
  options.integer("batch_records_max", batch_records_max, {1, 1'000'000},
                  "Most records of one transaction.");
  options.integer("batch_bytes_max", batch_bytes_max, {1 << 10, 1 << 30},
                  "Most bytes of records of one transaction.");
  options.integer("record_bytes_max", record_bytes_max, {1 << 10, 100 << 20},
                  "Larger outputs make their input a dead letter (record_too_large).");
  options.duration("retry_backoff_max_ms", retry_backoff_max, {50ms, 10min},
                   "Longest pause before a batch is done again.");
  options.duration("session_timeout_ms", session_timeout, {1s, 5min},
                   "After this silence the group gives this member's partitions away.");
  options.duration("transaction_timeout_ms", transaction_timeout, {1s, 15min},
                   "After this time the broker aborts an open transaction.");
  options.duration("call_deadline_ms", call_deadline, {1s, 10min},
                   "A call that hangs longer while the broker answers ends the process (75).");
  options.choice("offset_lost", offset_lost, {"stop", "earliest"},
                 "When retention deleted records before they were read: stop (78), or go on from "
                 "the log's start.");
  options.section("Observation");
  options.text("admin_listen", admin_listen,
               "host:port of /metrics, /healthz, /readyz and /config; port 0 takes a free one; off "
               "for none.");
  options.choice("log_level", log_level, {"error", "warn", "info", "debug"},
                 "The least urgent lines to write.");
  options.choice("log_format", log_format, {"logfmt", "json"}, "Form of a log line.");
  options.section("Filter");
  options.flag("pipe", pipe,
               "Run without Kafka: input records as JSON lines on standard input, output records "
               "on standard output.");
  options.text("dead_letters", dead_letters,
               "With --pipe: file for dead letters; standard error if empty.");
}

Result<void> Settings::check() {
  if (instance.empty() || instance.find_first_of(" \t\n,") != std::string::npos) {
    return misconfigured(
        "option_invalid",
        "option \"instance\": expected a name without blanks, got \"" + instance + "\"");
  }
  if (!sasl_password.empty()) connection.properties["sasl.password"] = sasl_password;
  return kafka::check_properties(connection.properties);
}

Log::Level Settings::level() const {
  if (log_level == "error") return Log::Level::kError;
  if (log_level == "warn") return Log::Level::kWarn;
  return log_level == "debug" ? Log::Level::kDebug : Log::Level::kInfo;
}

Log::Format Settings::format() const {
  return log_format == "json" ? Log::Format::kJson : Log::Format::kLogfmt;
}

}  // namespace rookery
