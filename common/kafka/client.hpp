#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <stop_token>
#include <string>

#include "common/core/result.hpp"
#include "common/kafka/handle.hpp"
#include "common/observe/health.hpp"
#include "common/observe/log.hpp"

namespace rookery::kafka {

using Properties = std::map<std::string, std::string>;

/// What every Kafka client of one process shares.
struct Connection {
  std::string brokers;    ///< host:port, separated by commas.
  Properties properties;  ///< The user's kafka.* settings, passed on unchanged.
};

/// What the clients of one stage report to, and how they are asked to stop.
struct Surroundings {
  Log& log;
  Clock& clock;
  StageStatus& status;
  std::stop_token stop;
};

/// Where callbacks of librdkafka go; must outlive the client. Its log lines
/// become ours.
class ClientEvents {
 public:
  virtual ~ClientEvents() = default;
  explicit ClientEvents(Log& log) : log_(log) {}
  Log& log() { return log_; }
  /// Thread that polls, inside poll().
  virtual void on_rebalance(rd_kafka_resp_err_t /*what*/,
                            rd_kafka_topic_partition_list_t& /*partitions*/) {}
  virtual void on_delivery(const rd_kafka_message_t& /*message*/) {}
  /// No broker can be reached any more. Thread that polls, inside poll().
  virtual void on_unreachable() {}

 private:
  Log& log_;
};

/// A configuration with the connection's settings, then `own`, which the user
/// cannot override. A setting that librdkafka does not know or that a service
/// owns is kMisconfigured and named.
Result<Conf> make_conf(const Connection& connection, const Properties& own, ClientEvents& events);

/// Checks the user's settings without a network, for --check-config.
Result<void> check_properties(const Properties& properties);

Result<Client> make_client(rd_kafka_type_t type, Conf conf);

/// A client that has heard from the broker. Until one answers it says so in the
/// status and in one log line a backoff, and takes a new client for each try:
/// librdkafka from 2.10 on may lose the addresses of all brokers while a cluster
/// starts (it forgets those that the metadata do not name), and never asks again.
/// Errors: stopped, and those of make_client().
Result<Client> connect(rd_kafka_type_t type, const Connection& connection, const Properties& own,
                       ClientEvents& events, const Surroundings& around);

/// Whether the broker answers within some seconds: by `client`, or else by one
/// made for the question, which tells a broker that is away from a client that
/// has lost it.
bool broker_answers(rd_kafka_t& client, const Connection& connection, Log& log);

/// The number of partitions of `topic`. Errors: topic_missing, broker_*.
Result<std::int32_t> partition_count(rd_kafka_t& client, const std::string& topic,
                                     std::chrono::milliseconds timeout);

}  // namespace rookery::kafka
