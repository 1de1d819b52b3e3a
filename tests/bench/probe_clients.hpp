#pragma once

#include <string>
#include <utility>

#include "common/kafka/client.hpp"

namespace rookery::kafka {

/// Ends the probe with status 1 and `what` where `condition` does not hold.
void check(bool condition, const std::string& what);

template <typename T>
T expect(Result<T> result) {
  check(result.has_value(), result ? "" : result.error().message);
  return std::move(*result);
}

/// The Kafka clients of one run; a record that cannot be written ends it.
class Probe final : public ClientEvents {
 public:
  Probe(Log& log, std::string brokers) : ClientEvents(log), connection_{std::move(brokers), {}} {}

  [[nodiscard]] const Connection& connection() const { return connection_; }
  Client client(rd_kafka_type_t type, const Properties& properties);
  /// A consumer with read_committed, of the records that all partitions of `topic` get from now on.
  Client read_from_end(const std::string& topic);

  void on_delivery(const rd_kafka_message_t& message) override;

 private:
  Connection connection_;
};

}  // namespace rookery::kafka
