#include "common/kafka/admin.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "common/kafka/error.hpp"
#include "common/kafka/partition_list.hpp"

namespace rookery::kafka {
namespace {

using MetadataHandle =
    std::unique_ptr<const rd_kafka_metadata_t, Deleter<rd_kafka_metadata_destroy>>;
using OptionsHandle =
    std::unique_ptr<rd_kafka_AdminOptions_t, Deleter<rd_kafka_AdminOptions_destroy>>;
using NewTopicHandle = std::unique_ptr<rd_kafka_NewTopic_t, Deleter<rd_kafka_NewTopic_destroy>>;
using NewPartitionsHandle =
    std::unique_ptr<rd_kafka_NewPartitions_t, Deleter<rd_kafka_NewPartitions_destroy>>;
using ResourceHandle =
    std::unique_ptr<rd_kafka_ConfigResource_t, Deleter<rd_kafka_ConfigResource_destroy>>;
using GroupOffsetsHandle = std::unique_ptr<rd_kafka_ListConsumerGroupOffsets_t,
                                           Deleter<rd_kafka_ListConsumerGroupOffsets_destroy>>;

/// The C interface wants an array of bare pointers.
template <typename Handle>
auto pointers(const std::vector<Handle>& handles) {
  std::vector<typename Handle::pointer> bare;
  bare.reserve(handles.size());
  for (const auto& handle : handles) bare.push_back(handle.get());
  return bare;
}

Result<OptionsHandle> make_options(rd_kafka_t& client, rd_kafka_admin_op_t operation,
                                   int timeout_ms) {
  OptionsHandle options(rd_kafka_AdminOptions_new(&client, operation));
  std::array<char, 256> reason{};
  if (rd_kafka_AdminOptions_set_request_timeout(options.get(), timeout_ms, reason.data(),
                                                reason.size()) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return misconfigured("option_invalid", std::string("timeout: ") + reason.data());
  }
  return options;
}

/// For questions to a group's coordinator, which librdkafka 2.15.1 must not give up itself: one
/// that it has given up while the coordinator was away ends the process (`eonce->refcnt > 0`) once
/// that is back (issue 4605). Admin::wait() gives up before.
constexpr int kCoordinatorTimeoutMs = 600'000;

Failure failed(rd_kafka_resp_err_t code, std::string_view doing, const char* detail) {
  Error error = to_error(code, doing);
  if (detail != nullptr && *detail != '\0') error.message += std::string(": ") + detail;
  return Failure(std::move(error));
}

Result<void> check_resources(const rd_kafka_ConfigResource_t* const* resources, std::size_t count,
                             const std::string& doing) {
  for (const auto* resource : std::span(resources, count)) {
    const auto code = rd_kafka_ConfigResource_error(resource);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    return failed(code, doing, rd_kafka_ConfigResource_error_string(resource));
  }
  return {};
}

std::map<std::string, std::string> read_settings(const rd_kafka_ConfigResource_t& resource) {
  std::map<std::string, std::string> settings;
  std::size_t count = 0;
  const auto* const* entries = rd_kafka_ConfigResource_configs(&resource, &count);
  for (const auto* entry : std::span(entries, count)) {
    const char* value = rd_kafka_ConfigEntry_value(entry);
    settings[rd_kafka_ConfigEntry_name(entry)] = value == nullptr ? "" : value;
  }
  return settings;
}

}  // namespace

Result<std::unique_ptr<Admin>> Admin::create(const Connection& connection, Log& log,
                                             std::chrono::milliseconds timeout) {
  std::unique_ptr<Admin> admin(new Admin(log, timeout));
  // A consumer: where a group's coordinator moves while its offsets are asked for, librdkafka
  // 2.15.1 turns to the group of the client itself, and a producer, which has none, crashes.
  auto conf = make_conf(connection, {{"group.id", "admin"}, {"enable.auto.commit", "false"}},
                        admin->events_);
  ROOKERY_RETURN_IF_ERROR(conf);
  auto client = make_client(RD_KAFKA_CONSUMER, std::move(*conf));
  ROOKERY_RETURN_IF_ERROR(client);
  admin->client_ = std::move(*client);
  admin->queue_.reset(rd_kafka_queue_new(admin->client_.get()));
  return admin;
}

Result<Event> Admin::wait(std::string_view doing) {
  Event event(rd_kafka_queue_poll(queue_.get(), timeout_ms()));
  if (!event) {
    // An answer that comes after all must not be taken for that to the next question.
    queue_.reset(rd_kafka_queue_new(client_.get()));
    return tl::make_unexpected(to_error(RD_KAFKA_RESP_ERR__TIMED_OUT, doing));
  }
  const auto code = rd_kafka_event_error(event.get());
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return failed(code, doing, rd_kafka_event_error_string(event.get()));
  }
  return event;
}

Result<std::vector<Broker>> Admin::brokers() {
  const rd_kafka_metadata_t* metadata = nullptr;
  const auto code = rd_kafka_metadata(client_.get(), 0, nullptr, &metadata, timeout_ms());
  const MetadataHandle owned(metadata);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return tl::make_unexpected(to_error(code, "asking for the brokers"));
  }
  std::vector<Broker> brokers;
  for (const auto& broker :
       std::span(metadata->brokers, static_cast<std::size_t>(metadata->broker_cnt))) {
    brokers.push_back({broker.id, std::string(broker.host) + ":" + std::to_string(broker.port)});
  }
  return brokers;
}

Result<std::map<std::string, std::int32_t>> Admin::partition_counts() {
  const rd_kafka_metadata_t* metadata = nullptr;
  const auto code = rd_kafka_metadata(client_.get(), 1, nullptr, &metadata, timeout_ms());
  const MetadataHandle owned(metadata);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return tl::make_unexpected(to_error(code, "asking for the topics"));
  }
  std::map<std::string, std::int32_t> counts;
  for (const auto& topic :
       std::span(metadata->topics, static_cast<std::size_t>(metadata->topic_cnt))) {
    const std::string name = topic.topic;
    if (topic.err == RD_KAFKA_RESP_ERR_NO_ERROR && !name.starts_with("__")) {
      counts[name] = topic.partition_cnt;
    }
  }
  return counts;
}

Result<std::map<std::string, TopicState>> Admin::topics(std::span<const std::string> names) {
  const auto counts = partition_counts();
  ROOKERY_RETURN_IF_ERROR(counts);
  std::map<std::string, TopicState> topics;
  std::vector<ResourceHandle> resources;
  for (const auto& name : names) {
    const auto count = counts->find(name);
    if (count == counts->end()) continue;
    topics[name].partitions = count->second;
    resources.emplace_back(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, name.c_str()));
  }
  if (resources.empty()) return topics;
  const std::string doing = "reading the settings of topics";
  auto options = make_options(*client_, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, timeout_ms());
  ROOKERY_RETURN_IF_ERROR(options);
  auto bare = pointers(resources);
  rd_kafka_DescribeConfigs(client_.get(), bare.data(), bare.size(), options->get(), queue_.get());
  const auto event = wait(doing);
  ROOKERY_RETURN_IF_ERROR(event);
  std::size_t count = 0;
  const auto* const* found = rd_kafka_DescribeConfigs_result_resources(
      rd_kafka_event_DescribeConfigs_result(event->get()), &count);
  ROOKERY_RETURN_IF_ERROR(check_resources(found, count, doing));
  for (const auto* resource : std::span(found, count)) {
    topics[rd_kafka_ConfigResource_name(resource)].settings = read_settings(*resource);
  }
  return topics;
}

Result<void> Admin::create_topics(std::span<const NewTopic> topics) {
  if (topics.empty()) return {};
  std::vector<NewTopicHandle> handles;
  std::array<char, 256> reason{};
  for (const auto& topic : topics) {
    handles.emplace_back(rd_kafka_NewTopic_new(topic.name.c_str(), topic.partitions,
                                               topic.replication_factor, reason.data(),
                                               reason.size()));
    if (!handles.back()) {
      return misconfigured("option_invalid", "topic " + topic.name + ": " + reason.data());
    }
    for (const auto& [name, value] : topic.settings) {
      rd_kafka_NewTopic_set_config(handles.back().get(), name.c_str(), value.c_str());
    }
  }
  auto options = make_options(*client_, RD_KAFKA_ADMIN_OP_CREATETOPICS, timeout_ms());
  ROOKERY_RETURN_IF_ERROR(options);
  auto bare = pointers(handles);
  rd_kafka_CreateTopics(client_.get(), bare.data(), bare.size(), options->get(), queue_.get());
  const auto event = wait("creating topics");
  ROOKERY_RETURN_IF_ERROR(event);
  std::size_t count = 0;
  const auto* const* results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event->get()), &count);
  for (const auto* result : std::span(results, count)) {
    const auto code = rd_kafka_topic_result_error(result);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR || code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) {
      continue;
    }
    return failed(code, std::string("creating topic ") + rd_kafka_topic_result_name(result),
                  rd_kafka_topic_result_error_string(result));
  }
  return {};
}

Result<void> Admin::add_partitions(const std::string& topic, std::int32_t count) {
  const std::string doing = "adding partitions to topic " + topic;
  std::array<char, 256> reason{};
  const NewPartitionsHandle request(rd_kafka_NewPartitions_new(
      topic.c_str(), static_cast<std::size_t>(count), reason.data(), reason.size()));
  if (!request) return misconfigured("option_invalid", "topic " + topic + ": " + reason.data());
  auto options = make_options(*client_, RD_KAFKA_ADMIN_OP_CREATEPARTITIONS, timeout_ms());
  ROOKERY_RETURN_IF_ERROR(options);
  std::array<rd_kafka_NewPartitions_t*, 1> bare = {request.get()};
  rd_kafka_CreatePartitions(client_.get(), bare.data(), bare.size(), options->get(), queue_.get());
  const auto event = wait(doing);
  ROOKERY_RETURN_IF_ERROR(event);
  std::size_t size = 0;
  const auto* const* results = rd_kafka_CreatePartitions_result_topics(
      rd_kafka_event_CreatePartitions_result(event->get()), &size);
  for (const auto* result : std::span(results, size)) {
    const auto code = rd_kafka_topic_result_error(result);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    return failed(code, doing, rd_kafka_topic_result_error_string(result));
  }
  return {};
}

Result<void> Admin::alter_settings(const std::string& topic,
                                   const std::map<std::string, std::string>& settings) {
  const std::string doing = "altering settings of topic " + topic;
  ResourceHandle resource(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()));
  for (const auto& [name, value] : settings) {
    const ErrorHandle error(rd_kafka_ConfigResource_add_incremental_config(
        resource.get(), name.c_str(), RD_KAFKA_ALTER_CONFIG_OP_TYPE_SET, value.c_str()));
    if (error) return tl::make_unexpected(to_error(*error, doing));
  }
  auto options = make_options(*client_, RD_KAFKA_ADMIN_OP_INCREMENTALALTERCONFIGS, timeout_ms());
  ROOKERY_RETURN_IF_ERROR(options);
  std::array<rd_kafka_ConfigResource_t*, 1> bare = {resource.get()};
  rd_kafka_IncrementalAlterConfigs(client_.get(), bare.data(), bare.size(), options->get(),
                                   queue_.get());
  const auto event = wait(doing);
  ROOKERY_RETURN_IF_ERROR(event);
  std::size_t count = 0;
  const auto* const* results = rd_kafka_IncrementalAlterConfigs_result_resources(
      rd_kafka_event_IncrementalAlterConfigs_result(event->get()), &count);
  return check_resources(results, count, doing);
}

Result<std::vector<std::string>> Admin::groups() {
  auto options = make_options(*client_, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPS, timeout_ms());
  ROOKERY_RETURN_IF_ERROR(options);
  rd_kafka_ListConsumerGroups(client_.get(), options->get(), queue_.get());
  const auto event = wait("listing consumer groups");
  ROOKERY_RETURN_IF_ERROR(event);
  std::size_t count = 0;
  const auto* const* found = rd_kafka_ListConsumerGroups_result_valid(
      rd_kafka_event_ListConsumerGroups_result(event->get()), &count);
  std::vector<std::string> groups;
  for (const auto* group : std::span(found, count)) {
    groups.emplace_back(rd_kafka_ConsumerGroupListing_group_id(group));
  }
  std::sort(groups.begin(), groups.end());
  return groups;
}

Result<std::size_t> Admin::members(const std::string& group) {
  const std::string doing = "asking for the members of group " + group;
  auto options =
      make_options(*client_, RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS, kCoordinatorTimeoutMs);
  ROOKERY_RETURN_IF_ERROR(options);
  std::array<const char*, 1> names = {group.c_str()};
  rd_kafka_DescribeConsumerGroups(client_.get(), names.data(), names.size(), options->get(),
                                  queue_.get());
  const auto event = wait(doing);
  ROOKERY_RETURN_IF_ERROR(event);
  std::size_t count = 0;
  const auto* const* found = rd_kafka_DescribeConsumerGroups_result_groups(
      rd_kafka_event_DescribeConsumerGroups_result(event->get()), &count);
  std::size_t members = 0;
  for (const auto* description : std::span(found, count)) {
    const auto* error = rd_kafka_ConsumerGroupDescription_error(description);
    const auto code = error == nullptr ? RD_KAFKA_RESP_ERR_NO_ERROR : rd_kafka_error_code(error);
    // A group that never had a member is none.
    if (code == RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND) continue;
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
      return failed(code, doing, rd_kafka_error_string(error));
    members += rd_kafka_ConsumerGroupDescription_member_count(description);
  }
  return members;
}

Result<Progress> Admin::committed(const std::string& group, Which which) {
  const std::string doing = "reading the offsets of group " + group;
  const GroupOffsetsHandle request(rd_kafka_ListConsumerGroupOffsets_new(group.c_str(), nullptr));
  auto options =
      make_options(*client_, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS, kCoordinatorTimeoutMs);
  ROOKERY_RETURN_IF_ERROR(options);
  const ErrorHandle stability(rd_kafka_AdminOptions_set_require_stable_offsets(
      options->get(), which == Which::kDecided ? 1 : 0));
  if (stability) return tl::make_unexpected(to_error(*stability, doing));
  std::array<rd_kafka_ListConsumerGroupOffsets_t*, 1> bare = {request.get()};
  rd_kafka_ListConsumerGroupOffsets(client_.get(), bare.data(), bare.size(), options->get(),
                                    queue_.get());
  const auto event = wait(doing);
  ROOKERY_RETURN_IF_ERROR(event);
  std::size_t count = 0;
  const auto* const* results = rd_kafka_ListConsumerGroupOffsets_result_groups(
      rd_kafka_event_ListConsumerGroupOffsets_result(event->get()), &count);
  Progress progress;
  for (const auto* result : std::span(results, count)) {
    if (const auto* error = rd_kafka_group_result_error(result)) {
      return tl::make_unexpected(to_error(rd_kafka_error_code(error), doing));
    }
    const auto* list = rd_kafka_group_result_partitions(result);
    if (list == nullptr) continue;
    for (const auto& element : std::span(list->elems, static_cast<std::size_t>(list->cnt))) {
      if (element.err != RD_KAFKA_RESP_ERR_NO_ERROR) return failed(element.err, doing, nullptr);
      if (auto committed = to_committed(element)) {
        progress[to_partition(element)] = std::move(*committed);
      }
    }
  }
  return progress;
}

Result<Admin::Offsets> Admin::starts(std::span<const TopicPartition> partitions) {
  return offsets(partitions, RD_KAFKA_OFFSET_SPEC_EARLIEST, End::kCommitted);
}

Result<Admin::Offsets> Admin::ends(std::span<const TopicPartition> partitions, End end) {
  return offsets(partitions, RD_KAFKA_OFFSET_SPEC_LATEST, end);
}

/// A partition whose leader has just changed refuses for a moment.
Result<Admin::Offsets> Admin::offsets(std::span<const TopicPartition> partitions,
                                      std::int64_t which, End end) {
  constexpr int kTriesMax = 20;
  SystemClock clock;
  for (int tries = 1;; ++tries) {
    auto offsets = offsets_once(partitions, which, end);
    if (offsets || offsets.error().disposition != Disposition::kRetryBatch ||
        offsets.error().code == "topic_missing" || tries == kTriesMax) {
      return offsets;
    }
    clock.sleep_for(std::chrono::milliseconds(250), {});
  }
}

Result<Admin::Offsets> Admin::offsets_once(std::span<const TopicPartition> partitions,
                                           std::int64_t which, End end) {
  Offsets offsets;
  if (partitions.empty()) return offsets;
  auto list = make_list(static_cast<int>(partitions.size()));
  for (const auto& partition : partitions) add(*list, partition).offset = which;
  auto options = make_options(*client_, RD_KAFKA_ADMIN_OP_LISTOFFSETS, timeout_ms());
  ROOKERY_RETURN_IF_ERROR(options);
  const ErrorHandle error(rd_kafka_AdminOptions_set_isolation_level(
      options->get(), end == End::kCommitted ? RD_KAFKA_ISOLATION_LEVEL_READ_COMMITTED
                                             : RD_KAFKA_ISOLATION_LEVEL_READ_UNCOMMITTED));
  if (error) return tl::make_unexpected(to_error(*error, "listing offsets"));
  rd_kafka_ListOffsets(client_.get(), list.get(), options->get(), queue_.get());
  const auto event = wait("listing offsets");
  ROOKERY_RETURN_IF_ERROR(event);
  std::size_t count = 0;
  const auto* const* infos =
      rd_kafka_ListOffsets_result_infos(rd_kafka_event_ListOffsets_result(event->get()), &count);
  for (const auto* info : std::span(infos, count)) {
    const auto* element = rd_kafka_ListOffsetsResultInfo_topic_partition(info);
    if (element->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return failed(element->err, std::string("listing offsets of ") + element->topic, nullptr);
    }
    offsets[to_partition(*element)] = Offset(element->offset);
  }
  for (const auto& partition : partitions) {
    if (!offsets.contains(partition)) {
      return retry_batch("broker_error", "listing offsets: no answer for " + partition.topic + "[" +
                                             std::to_string(partition.partition.value()) + "]");
    }
  }
  return offsets;
}

}  // namespace rookery::kafka
