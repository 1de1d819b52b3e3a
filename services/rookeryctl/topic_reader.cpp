#include "services/rookeryctl/topic_reader.hpp"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "common/kafka/error.hpp"
#include "common/kafka/partition_list.hpp"
#include "common/kafka/replay.hpp"

namespace rookery::rookeryctl {
namespace {

constexpr int kPollMs = 100;

Result<std::vector<TopicPartition>> partitions_of(kafka::Admin& admin, const ReadOptions& options) {
  const auto counts = admin.partition_counts();
  ROOKERY_RETURN_IF_ERROR(counts);
  const auto count = counts->find(options.topic);
  if (count == counts->end()) {
    return misconfigured("topic_missing", "topic \"" + options.topic + "\" is not on the broker");
  }
  std::vector<TopicPartition> partitions;
  for (std::int32_t i = 0; i < count->second; ++i) {
    if (!options.partition || options.partition == Partition(i)) {
      partitions.push_back({options.topic, Partition(i)});
    }
  }
  if (partitions.empty()) {
    return misconfigured("option_invalid", "--partition: expected 0 to " +
                                               std::to_string(count->second - 1) + " for topic " +
                                               options.topic);
  }
  return partitions;
}

/// Which partitions have more to give below the end that was seen at the start.
class Unfinished {
 public:
  Unfinished(const std::vector<TopicPartition>& partitions, kafka::Admin::Offsets starts,
             kafka::Admin::Offsets ends)
      : ends_(std::move(ends)) {
    for (const auto& partition : partitions) {
      if (starts.at(partition) < ends_.at(partition)) open_.insert(partition.partition);
    }
    topic_ = partitions.front().topic;
  }

  /// Everything below `position` was read. A transaction's marker lies behind
  /// its records, so only the end-of-partition event tells of the last offset.
  void reached(Partition partition, std::int64_t position) {
    if (position >= ends_.at({topic_, partition}).value()) open_.erase(partition);
  }
  [[nodiscard]] bool empty() const { return open_.empty(); }

 private:
  std::string topic_;
  kafka::Admin::Offsets ends_;
  std::set<Partition> open_;
};

kafka::Admin::Offsets positions(const ReadOptions& options, kafka::Admin::Offsets starts,
                                const kafka::Admin::Offsets& ends) {
  for (auto& [partition, offset] : starts) {
    if (options.start == ReadOptions::Start::kEnd) offset = ends.at(partition);
    const auto from = options.from.find(partition.partition);
    if (from != options.from.end()) offset = std::max(offset, from->second);
  }
  return starts;
}

Result<kafka::Client> make_consumer(Context& context, kafka::ClientEvents& events,
                                    const kafka::Admin::Offsets& starts) {
  auto conf = kafka::make_conf(context.connection,
                               {{"group.id", "rookeryctl"},
                                {"enable.auto.commit", "false"},
                                {"isolation.level", "read_committed"},
                                {"enable.partition.eof", "true"},
                                {"auto.offset.reset", "earliest"},
                                {"fetch.wait.max.ms", "50"}},
                               events);
  ROOKERY_RETURN_IF_ERROR(conf);
  auto client = kafka::make_client(RD_KAFKA_CONSUMER, std::move(*conf));
  ROOKERY_RETURN_IF_ERROR(client);
  auto list = kafka::make_list(static_cast<int>(starts.size()));
  for (const auto& [partition, offset] : starts) {
    kafka::add(*list, partition).offset = offset.value();
  }
  const auto code = rd_kafka_assign(client->get(), list.get());
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return tl::make_unexpected(kafka::to_error(code, "reading"));
  }
  return client;
}

}  // namespace

Result<void> read_topic(Context& context, const ReadOptions& options,
                        const std::function<bool(const InputRecord&)>& each,
                        const std::function<void()>& idle) {
  const auto admin = connect(context);
  ROOKERY_RETURN_IF_ERROR(admin);
  const auto partitions = partitions_of(**admin, options);
  ROOKERY_RETURN_IF_ERROR(partitions);
  auto starts = (*admin)->starts(*partitions);
  ROOKERY_RETURN_IF_ERROR(starts);
  auto ends = (*admin)->ends(*partitions);
  ROOKERY_RETURN_IF_ERROR(ends);
  const auto from = positions(options, std::move(*starts), *ends);
  Unfinished unfinished(*partitions, from, std::move(*ends));
  kafka::ClientEvents events(context.log);
  const auto consumer = make_consumer(context, events, from);
  ROOKERY_RETURN_IF_ERROR(consumer);
  while (options.until == ReadOptions::Until::kStopped || !unfinished.empty()) {
    const kafka::Message message(rd_kafka_consumer_poll(consumer->get(), kPollMs));
    if (!message) {
      idle();
      continue;
    }
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      unfinished.reached(Partition(message->partition), message->offset);
    } else if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      const Error error = kafka::to_error(message->err, "reading topic " + options.topic);
      if (error.disposition != Disposition::kRetryBatch) return tl::make_unexpected(error);
    } else {
      if (!each(kafka::to_record(*message, options.topic))) return {};
      unfinished.reached(Partition(message->partition), message->offset + 1);
    }
  }
  return {};
}

}  // namespace rookery::rookeryctl
