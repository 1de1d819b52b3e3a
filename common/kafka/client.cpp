#include "common/kafka/client.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "common/kafka/error.hpp"

namespace rookery::kafka {
namespace {

using std::chrono::milliseconds;

using MetadataHandle =
    std::unique_ptr<const rd_kafka_metadata_t, Deleter<rd_kafka_metadata_destroy>>;

/// Settings on which exactly-once rests, or which the suite derives itself.
constexpr std::array<std::string_view, 14> kOwned = {"bootstrap.servers",
                                                     "metadata.broker.list",
                                                     "enable.auto.commit",
                                                     "enable.auto.offset.store",
                                                     "isolation.level",
                                                     "transactional.id",
                                                     "group.id",
                                                     "group.instance.id",
                                                     "partitioner",
                                                     "auto.offset.reset",
                                                     "group.protocol",
                                                     "enable.idempotence",
                                                     "enable.partition.eof",
                                                     "partition.assignment.strategy"};

ClientEvents& events_of(void* opaque) {
  return *static_cast<ClientEvents*>(opaque);
}

void on_log(const rd_kafka_t* client, int level, const char* facility, const char* text) {
  auto& log = events_of(rd_kafka_opaque(client)).log();
  // syslog levels; librdkafka's own errors are retried by it, so nobody must act.
  if (level <= 4) {
    log.warn("kafka client", {{"facility", facility}, {"detail", text}});
  } else {
    log.debug("kafka client", {{"facility", facility}, {"detail", text}});
  }
}

/// Unreachable brokers are reported by whoever waits for them.
void on_error(rd_kafka_t* /*client*/, int code, const char* reason, void* opaque) {
  events_of(opaque).log().debug(
      "kafka client error",
      {{"code", rd_kafka_err2name(static_cast<rd_kafka_resp_err_t>(code))}, {"detail", reason}});
  if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) events_of(opaque).on_unreachable();
}

void on_rebalance(rd_kafka_t* /*client*/, rd_kafka_resp_err_t what,
                  rd_kafka_topic_partition_list_t* partitions, void* opaque) {
  events_of(opaque).on_rebalance(what, *partitions);
}

void on_delivery(rd_kafka_t* /*client*/, const rd_kafka_message_t* message, void* opaque) {
  events_of(opaque).on_delivery(*message);
}

rd_kafka_resp_err_t ask_for_metadata(rd_kafka_t& client, milliseconds timeout) {
  const rd_kafka_metadata_t* metadata = nullptr;
  const auto code =
      rd_kafka_metadata(&client, 0, nullptr, &metadata, static_cast<int>(timeout.count()));
  const MetadataHandle owned(metadata);
  return code;
}

Result<void> set(rd_kafka_conf_t& conf, const std::string& name, const std::string& value) {
  std::array<char, 512> reason{};
  if (rd_kafka_conf_set(&conf, name.c_str(), value.c_str(), reason.data(), reason.size()) !=
      RD_KAFKA_CONF_OK) {
    return misconfigured("option_invalid",
                         "kafka setting \"" + name + "\": " + std::string(reason.data()));
  }
  return {};
}

}  // namespace

Result<void> check_properties(const Properties& properties) {
  const Conf conf(rd_kafka_conf_new());
  for (const auto& [name, value] : properties) {
    if (std::find(kOwned.begin(), kOwned.end(), name) != kOwned.end()) {
      return misconfigured("option_invalid", "kafka setting \"" + name +
                                                 "\" is set by the service itself: exactly-once "
                                                 "rests on it");
    }
    ROOKERY_RETURN_IF_ERROR(set(*conf, name, value));
  }
  return {};
}

Result<Conf> make_conf(const Connection& connection, const Properties& own, ClientEvents& events) {
  ROOKERY_RETURN_IF_ERROR(check_properties(connection.properties));
  Conf conf(rd_kafka_conf_new());
  ROOKERY_RETURN_IF_ERROR(set(*conf, "bootstrap.servers", connection.brokers));
  ROOKERY_RETURN_IF_ERROR(set(*conf, "client.software.name", "rookery"));
  ROOKERY_RETURN_IF_ERROR(set(*conf, "reconnect.backoff.ms", "50"));
  ROOKERY_RETURN_IF_ERROR(set(*conf, "reconnect.backoff.max.ms", "1000"));
  ROOKERY_RETURN_IF_ERROR(set(*conf, "log.connection.close", "false"));
  for (const auto& [name, value] : own) ROOKERY_RETURN_IF_ERROR(set(*conf, name, value));
  for (const auto& [name, value] : connection.properties) {
    ROOKERY_RETURN_IF_ERROR(set(*conf, name, value));
  }
  rd_kafka_conf_set_opaque(conf.get(), &events);
  rd_kafka_conf_set_log_cb(conf.get(), on_log);
  rd_kafka_conf_set_error_cb(conf.get(), on_error);
  return conf;
}

Result<Client> make_client(rd_kafka_type_t type, Conf conf) {
  // A delivery report callback also shortens a commit from 10 ms to 2: without
  // one, flushing polls in steps of 10 ms.
  if (type == RD_KAFKA_PRODUCER) {
    rd_kafka_conf_set_dr_msg_cb(conf.get(), on_delivery);
  } else {
    rd_kafka_conf_set_rebalance_cb(conf.get(), on_rebalance);
  }
  std::array<char, 512> reason{};
  Client client(rd_kafka_new(type, conf.get(), reason.data(), reason.size()));
  if (!client)
    return misconfigured("option_invalid", "kafka client: " + std::string(reason.data()));
  (void)conf.release();  // the client owns it now
  if (type == RD_KAFKA_CONSUMER) rd_kafka_poll_set_consumer(client.get());
  return client;
}

Result<Client> connect(rd_kafka_type_t type, const Connection& connection, const Properties& own,
                       ClientEvents& events, const Surroundings& around) {
  constexpr milliseconds kAnswerWithin{3'000};
  constexpr milliseconds kBackoffMax{10'000};
  milliseconds backoff{250};
  for (bool waited = false; !around.stop.stop_requested(); waited = true) {
    auto conf = make_conf(connection, own, events);
    ROOKERY_RETURN_IF_ERROR(conf);
    auto client = make_client(type, std::move(*conf));
    ROOKERY_RETURN_IF_ERROR(client);
    const auto code = ask_for_metadata(**client, kAnswerWithin);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
      if (waited) around.log.info("broker answers", {{"brokers", connection.brokers}});
      return client;
    }
    const std::string detail = connection.brokers + ": " + rd_kafka_err2str(code);
    around.status.set(StageState::kWaitingForBroker, detail);
    around.log.warn("waiting for the broker",
                    {{"detail", detail}, {"next_try_ms", backoff.count()}});
    around.clock.sleep_for(backoff, around.stop);
    backoff = std::min(backoff * 2, kBackoffMax);
  }
  return fatal("stopped", "stopped while waiting for the broker");
}

bool broker_answers(rd_kafka_t& client, const Connection& connection, Log& log) {
  constexpr milliseconds kAnswerWithin{2'000};
  if (ask_for_metadata(client, kAnswerWithin) == RD_KAFKA_RESP_ERR_NO_ERROR) return true;
  ClientEvents events(log);
  auto conf = make_conf(connection, {{"log_level", "0"}}, events);
  auto fresh = conf ? make_client(RD_KAFKA_PRODUCER, std::move(*conf))
                    : Result<Client>(tl::make_unexpected(conf.error()));
  return fresh && ask_for_metadata(**fresh, kAnswerWithin) == RD_KAFKA_RESP_ERR_NO_ERROR;
}

Result<std::int32_t> partition_count(rd_kafka_t& client, const std::string& topic,
                                     std::chrono::milliseconds timeout) {
  const TopicHandle handle(rd_kafka_topic_new(&client, topic.c_str(), nullptr));
  const rd_kafka_metadata_t* metadata = nullptr;
  const auto code =
      rd_kafka_metadata(&client, 0, handle.get(), &metadata, static_cast<int>(timeout.count()));
  const MetadataHandle owned(metadata);
  const std::string doing = "reading the partitions of topic " + topic;
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return tl::make_unexpected(to_error(code, doing));
  const auto& found = metadata->topics[0];
  if (found.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return tl::make_unexpected(to_error(found.err, doing));
  }
  return found.partition_cnt;
}

}  // namespace rookery::kafka
