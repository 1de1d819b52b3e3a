#include "services/rookeryctl/transaction.hpp"

#include "common/kafka/error.hpp"
#include "common/kafka/partition_list.hpp"

namespace rookery::rookeryctl {
namespace {

Result<void> check(rd_kafka_error_t* raw, std::string_view doing) {
  const kafka::ErrorHandle error(raw);
  if (!error) return {};
  return tl::make_unexpected(kafka::to_error(*error, doing));
}

}  // namespace

Transaction::Transaction(Context& context, std::string name)
    : ClientEvents(context.log), context_(context), name_(std::move(name)) {}

Transaction::~Transaction() {
  if (open_) const kafka::ErrorHandle ignored(rd_kafka_abort_transaction(client_.get(), -1));
}

Result<void> Transaction::begin() {
  if (!client_) {
    auto conf = kafka::make_conf(context_.connection,
                                 {{"transactional.id", name_},
                                  {"transaction.timeout.ms", "300000"},
                                  {"compression.type", "lz4"},
                                  {"partitioner", "murmur2_random"},
                                  {"message.max.bytes", "134217728"}},
                                 *this);
    ROOKERY_RETURN_IF_ERROR(conf);
    auto client = kafka::make_client(RD_KAFKA_PRODUCER, std::move(*conf));
    ROOKERY_RETURN_IF_ERROR(client);
    client_ = std::move(*client);
    const auto timeout = static_cast<int>(context_.timeout.count());
    ROOKERY_RETURN_IF_ERROR(
        check(rd_kafka_init_transactions(client_.get(), timeout), "starting transactions"));
  }
  ROOKERY_RETURN_IF_ERROR(check(rd_kafka_begin_transaction(client_.get()), "beginning"));
  open_ = true;
  return {};
}

Result<void> Transaction::write(const std::string& topic, std::optional<Partition> partition,
                                const Writing& writing) {
  while (true) {
    const auto code = produce(topic, partition, writing);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
    if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
      return tl::make_unexpected(kafka::to_error(code, "writing to topic " + topic));
    }
    rd_kafka_poll(client_.get(), 50);
  }
}

Result<void> Transaction::move(const std::string& group, const Progress& progress) {
  const auto list = kafka::to_list(progress);
  const kafka::GroupMetadata metadata(rd_kafka_consumer_group_metadata_new(group.c_str()));
  return check(rd_kafka_send_offsets_to_transaction(client_.get(), list.get(), metadata.get(), -1),
               "committing the position");
}

Result<void> Transaction::commit(const Progress& progress) {
  if (!progress.empty()) ROOKERY_RETURN_IF_ERROR(move(name_, progress));
  ROOKERY_RETURN_IF_ERROR(check(rd_kafka_commit_transaction(client_.get(), -1), "committing"));
  open_ = false;
  return {};
}

rd_kafka_resp_err_t Transaction::produce(const std::string& topic,
                                         std::optional<Partition> partition,
                                         const Writing& writing) {
  rd_kafka_headers_t* headers = rd_kafka_headers_new(writing.headers.size());
  for (const auto& [name, value] : writing.headers) {
    rd_kafka_header_add(headers, name.data(), static_cast<ssize_t>(name.size()), value.data(),
                        static_cast<ssize_t>(value.size()));
  }
  const std::int32_t number = partition ? partition->value() : RD_KAFKA_PARTITION_UA;
  const std::string_view key = writing.key.value_or(std::string_view{});
  const std::string_view value = writing.value.value_or(std::string_view{});
  // A C interface that does not change what it is given.
  const auto code = rd_kafka_producev(
      client_.get(), RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(number),
      RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(key.data(), key.size()),
      RD_KAFKA_V_VALUE(const_cast<char*>(value.data()), value.size()),  // NOLINT
      RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) rd_kafka_headers_destroy(headers);
  return code;
}

}  // namespace rookery::rookeryctl
