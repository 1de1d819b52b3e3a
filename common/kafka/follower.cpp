#include "common/kafka/follower.hpp"

#include <utility>
#include <vector>

#include "common/kafka/error.hpp"
#include "common/kafka/partition_list.hpp"
#include "common/kafka/replay.hpp"

namespace rookery::kafka {
namespace {

constexpr int kPollMs = 200;   // a stop is noticed after it
constexpr int kIdlePolls = 5;  ///< Between two calls of on_end().
constexpr std::chrono::milliseconds kReopenPause{3'000};
constexpr std::chrono::milliseconds kLookForStop{100};

const Properties& properties() {
  static const Properties all{{"group.id", "follower"},  // asked for, though no group is joined
                              {"enable.auto.commit", "false"},
                              {"isolation.level", "read_committed"},
                              {"enable.partition.eof", "true"},
                              {"auto.offset.reset", "earliest"},
                              // The end of a topic is told with the answer to a fetch, and where
                              // nothing is new the broker holds that back for so long: a start
                              // waits for it. The default is half a second.
                              {"fetch.wait.max.ms", "100"},
                              {"queued.max.messages.kbytes", "4096"},
                              // As in replays: the default would look again after a second.
                              {"fetch.queue.backoff.ms", "10"}};
  return all;
}

}  // namespace

KafkaFollower::KafkaFollower(const Connection& connection, const Surroundings& around,
                             std::string topic, TopicListener& listener)
    : connection_(connection),
      log_(around.log),
      clock_(around.clock),
      topic_(std::move(topic)),
      listener_(listener),
      events_(around.log) {}

KafkaFollower::~KafkaFollower() {
  thread_.request_stop();
}

Result<std::unique_ptr<KafkaFollower>> KafkaFollower::start(const Connection& connection,
                                                            const Surroundings& around,
                                                            std::string topic,
                                                            TopicListener& listener) {
  std::unique_ptr<KafkaFollower> follower(
      new KafkaFollower(connection, around, std::move(topic), listener));
  // Here, so that a broker that is away is waited for, and told, as everywhere.
  auto client = connect(RD_KAFKA_CONSUMER, connection, properties(), follower->events_, around);
  ROOKERY_RETURN_IF_ERROR(client);
  around.status.set(StageState::kStarting, "reading topic " + follower->topic_);
  follower->thread_ = std::jthread(
      [self = follower.get(), client = std::move(*client)](const std::stop_token& stop) mutable {
        self->run(std::move(client), stop);
      });
  std::unique_lock lock(follower->mutex_);
  while (!follower->at_end_) {
    if (around.stop.stop_requested()) {
      return fatal("stopped", "stopped while reading topic " + follower->topic_);
    }
    around.status.beat();
    follower->heard_.wait_for(lock, kLookForStop);
  }
  return follower;
}

void KafkaFollower::run(Client client, const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    if (client == nullptr) {
      auto made = open(stop);
      if (!made) continue;
      client = std::move(*made);
    }
    auto list = make_list(1);
    add(*list, {topic_, Partition(0)}).offset = RD_KAFKA_OFFSET_BEGINNING;
    rd_kafka_assign(client.get(), list.get());
    bool goes_on = true;
    int idle = 0;
    while (goes_on && !stop.stop_requested()) {
      const Message message(rd_kafka_consumer_poll(client.get(), kPollMs));
      if (message != nullptr) {
        goes_on = hear(*message);
        idle = 0;
      } else if (at_end_ && ++idle % kIdlePolls == 0) {  // written by this thread alone
        listener_.on_end();
      }
    }
    client.reset();
    if (!goes_on) clock_.sleep_for(kReopenPause, stop);
  }
}

Result<Client> KafkaFollower::open(const std::stop_token& stop) {
  auto conf = make_conf(connection_, properties(), events_);
  ROOKERY_RETURN_IF_ERROR(conf);
  auto client = make_client(RD_KAFKA_CONSUMER, std::move(*conf));
  if (!client) clock_.sleep_for(kReopenPause, stop);
  return client;
}

/// False: a new client is to begin again.
bool KafkaFollower::hear(const rd_kafka_message_t& message) {
  switch (message.err) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
      listener_.on_record(to_record(message, topic_));
      return true;
    case RD_KAFKA_RESP_ERR__PARTITION_EOF:
      told_missing_ = false;
      reached_end();
      return true;
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
      if (!std::exchange(told_missing_, true)) {
        log_.warn("a topic is not there; it counts as empty", {{"topic", topic_}});
      }
      reached_end();
      return false;
    default: {
      const Error error = to_error(message.err, "reading topic " + topic_);
      log_.warn("following a topic is disturbed",
                {{"code", error.code}, {"detail", error.message}});
      return error.disposition == Disposition::kRetryBatch;
    }
  }
}

void KafkaFollower::reached_end() {
  listener_.on_end();
  {
    const std::scoped_lock lock(mutex_);
    at_end_ = true;
  }
  heard_.notify_all();
}

}  // namespace rookery::kafka
