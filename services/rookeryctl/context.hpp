#pragma once

#include <chrono>
#include <cstdio>
#include <functional>
#include <memory>
#include <span>
#include <string_view>

#include "common/core/clock.hpp"
#include "common/core/result.hpp"
#include "common/kafka/admin.hpp"
#include "common/kafka/client.hpp"
#include "common/observe/log.hpp"

namespace rookery::rookeryctl {

/// What every command works with.
struct Context {
  kafka::Connection connection;
  Log& log;
  Clock& clock;
  std::chrono::milliseconds timeout{10'000};
};

/// What a command line asks for; its value is the exit status.
using Command = std::function<Result<int>(Context&)>;

/// Waits until the broker answers, for at most the timeout. Errors: broker_*,
/// option_invalid.
Result<std::unique_ptr<kafka::Admin>> connect(Context& context);

/// Creates topics and waits until the brokers know them and their leaders, for at most the
/// timeout: a controller answers before that. Errors: those of Admin; topic_missing, also for one
/// that somebody else has made meanwhile with another number of partitions.
Result<void> create_topics(Context& context, kafka::Admin& admin,
                           std::span<const kafka::NewTopic> topics);

void print(std::string_view text, std::FILE* file = stdout);

}  // namespace rookery::rookeryctl
