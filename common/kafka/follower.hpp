#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

#include "common/kafka/client.hpp"
#include "common/runtime/follower.hpp"

namespace rookery::kafka {

/// Follows partition 0 of a compacted topic with a consumer of its own, which
/// belongs to no group: every process hears all of it. A topic that is not there
/// counts as empty and is looked for every few seconds.
class KafkaFollower final : public Follower {
 public:
  /// Returns once the topic was heard to its end. All arguments must outlive it;
  /// `around.status` is used during this call alone. Errors: stopped (kFatal),
  /// those of make_client().
  static Result<std::unique_ptr<KafkaFollower>> start(const Connection& connection,
                                                      const Surroundings& around, std::string topic,
                                                      TopicListener& listener);
  ~KafkaFollower() override;

 private:
  KafkaFollower(const Connection& connection, const Surroundings& around, std::string topic,
                TopicListener& listener);
  void run(Client client, const std::stop_token& stop);
  Result<Client> open(const std::stop_token& stop);
  bool hear(const rd_kafka_message_t& message);
  void reached_end();

  Connection connection_;
  Log& log_;
  Clock& clock_;
  std::string topic_;
  TopicListener& listener_;
  ClientEvents events_;
  std::mutex mutex_;
  std::condition_variable heard_;
  bool at_end_ = false;  ///< Once all was heard; under the mutex.
  bool told_missing_ = false;
  std::jthread thread_;  ///< Last: it uses the others.
};

}  // namespace rookery::kafka
