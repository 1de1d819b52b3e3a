#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/core/options.hpp"
#include "common/kafka/client.hpp"
#include "common/observe/log.hpp"
#include "common/observe/metrics.hpp"

namespace rookery {

/// The options that every service has.
struct Settings {
  kafka::Connection connection{.brokers = "127.0.0.1:9092", .properties = {}};
  std::string sasl_password;
  std::string instance = "0";
  std::chrono::milliseconds commit_interval{20};
  /// These two bound the memory of a stage at full speed: a record of a transaction lies in it
  /// twice, as it came and as it goes. Half as many would cost time, twice as many gain none.
  std::int64_t batch_records_max = 5'000;
  std::int64_t batch_bytes_max = 4 << 20;
  std::int64_t record_bytes_max = 8 << 20;
  std::chrono::milliseconds retry_backoff_max{5'000};
  std::chrono::milliseconds session_timeout{10'000};
  std::chrono::milliseconds transaction_timeout{30'000};
  std::chrono::milliseconds call_deadline{20'000};
  std::string offset_lost = "stop";

  std::string admin_listen;
  std::string log_level = "info";
  std::string log_format = "logfmt";

  bool pipe = false;
  std::string dead_letters;

  explicit Settings(std::string_view service);
  void describe(OptionSet& options);
  /// After parsing: what a bound cannot say.
  Result<void> check();
  [[nodiscard]] Log::Level level() const;
  [[nodiscard]] Log::Format format() const;
};

/// The parts of the process that all its stages use.
struct Process {
  const Settings& settings;
  Log& log;
  Clock& clock;
  Metrics& metrics;
};

}  // namespace rookery
