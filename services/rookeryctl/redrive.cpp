#include "services/rookeryctl/redrive.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <vector>

#include "common/kafka/error.hpp"
#include "common/kafka/partition_list.hpp"
#include "common/runtime/dead_letter.hpp"
#include "services/rookeryctl/letter.hpp"
#include "services/rookeryctl/topic_reader.hpp"

namespace rookery::rookeryctl {
namespace {

constexpr const char* kTopic = "dead_letters";
constexpr const char* kName = "rookeryctl-redrive";  // transactional.id and group

using Positions = std::map<Partition, RedrivePosition>;

/// A transaction that is aborted unless it is committed. One thread uses it.
class Transaction final : private kafka::ClientEvents {
 public:
  explicit Transaction(Context& context) : ClientEvents(context.log), context_(context) {}
  ~Transaction() override {
    if (open_) const kafka::ErrorHandle ignored(rd_kafka_abort_transaction(client_.get(), -1));
  }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  /// Ends what a dead predecessor left open, and fences a living one: what is
  /// committed by now stays so until the end.
  Result<void> begin() {
    auto conf = kafka::make_conf(context_.connection,
                                 {{"transactional.id", kName},
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
    ROOKERY_RETURN_IF_ERROR(check(rd_kafka_begin_transaction(client_.get()), "beginning"));
    open_ = true;
    return {};
  }

  Result<void> write(const std::string& topic, std::optional<Partition> partition,
                     const Letter& letter, const std::string& from) {
    while (true) {
      const auto code = produce(topic, partition, letter, from);
      if (code == RD_KAFKA_RESP_ERR_NO_ERROR) break;
      if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
        return tl::make_unexpected(kafka::to_error(code, "writing to topic " + topic));
      }
      rd_kafka_poll(client_.get(), 50);
    }
    return {};
  }

  Result<void> commit(const Progress& progress) {
    const auto list = kafka::to_list(progress);
    const kafka::GroupMetadata group(rd_kafka_consumer_group_metadata_new(kName));
    ROOKERY_RETURN_IF_ERROR(
        check(rd_kafka_send_offsets_to_transaction(client_.get(), list.get(), group.get(), -1),
              "committing the position"));
    ROOKERY_RETURN_IF_ERROR(check(rd_kafka_commit_transaction(client_.get(), -1), "committing"));
    open_ = false;
    return {};
  }

 private:
  static Result<void> check(rd_kafka_error_t* raw, std::string_view doing) {
    const kafka::ErrorHandle error(raw);
    if (!error) return {};
    return tl::make_unexpected(kafka::to_error(*error, doing));
  }

  rd_kafka_resp_err_t produce(const std::string& topic, std::optional<Partition> partition,
                              const Letter& letter, const std::string& from) {
    rd_kafka_headers_t* headers = rd_kafka_headers_new(letter.headers.size() + 2);
    const auto put = [&](std::string_view name, std::string_view value) {
      rd_kafka_header_add(headers, name.data(), static_cast<ssize_t>(name.size()), value.data(),
                          static_cast<ssize_t>(value.size()));
    };
    for (const auto& [name, value] : letter.headers) put(name, value);
    put(kRedrivenFrom, from);
    put(kRedrivenReason, letter.reason);
    const std::int32_t number = partition ? partition->value() : RD_KAFKA_PARTITION_UA;
    const std::string_view key = letter.key ? std::string_view(*letter.key) : std::string_view{};
    const std::string_view value =
        letter.value ? std::string_view(*letter.value) : std::string_view{};
    // A C interface that does not change what it is given.
    const auto code = rd_kafka_producev(
        client_.get(), RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(number),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(key.data(), key.size()),
        RD_KAFKA_V_VALUE(const_cast<char*>(value.data()), value.size()),  // NOLINT
        RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) rd_kafka_headers_destroy(headers);
    return code;
  }

  Context& context_;
  kafka::Client client_;
  bool open_ = false;
};

std::string place(Partition partition, Offset offset) {
  return std::string(kTopic) + "[" + std::to_string(partition.value()) + "]@" +
         std::to_string(offset.value());
}

/// Reads letters and says where each goes.
class Redriver {
 public:
  Redriver(const RedriveOptions& options, std::map<std::string, std::int32_t> counts,
           Positions positions, Transaction* transaction)
      : options_(options),
        counts_(std::move(counts)),
        positions_(std::move(positions)),
        transaction_(transaction) {}

  Result<void> take(const InputRecord& record) {
    ends_[record.partition] = Offset(record.offset.value() + 1);
    const auto letter = parse_letter(record.value.value_or(""));
    const std::string reason = letter ? letter->reason : "";
    if (positions_[record.partition].covers(reason, record.offset)) return {};
    if (!options_.reason.empty() && reason != options_.reason) return {};
    if (!letter) return skip("not a dead letter");
    const std::string& topic = options_.to_topic.empty() ? letter->origin.topic : options_.to_topic;
    const auto count = counts_.find(topic);
    if (count == counts_.end()) return skip("\"" + topic + "\" is no topic of the broker");
    std::optional<Partition> partition;
    if (options_.to_topic.empty()) {
      partition = letter->origin.partition;
      if (partition->value() >= count->second) return skip("its partition is no more");
    }
    ++report_.written[topic];
    if (transaction_ == nullptr) return {};
    return transaction_->write(topic, partition, *letter, place(record.partition, record.offset));
  }

  [[nodiscard]] Progress progress() const {
    Progress progress;
    for (const auto& [partition, end] : ends_) {
      const auto found = positions_.find(partition);
      RedrivePosition position = found == positions_.end() ? RedrivePosition{} : found->second;
      position.advance(options_.reason, end);
      progress[{kTopic, partition}] = position.to_committed();
    }
    return progress;
  }

  [[nodiscard]] const RedriveReport& report() const { return report_; }

 private:
  Result<void> skip(const std::string& why) {
    ++report_.skipped[why];
    return {};
  }

  const RedriveOptions& options_;
  std::map<std::string, std::int32_t> counts_;
  Positions positions_;
  Transaction* transaction_;
  std::map<Partition, Offset> ends_;
  RedriveReport report_;
};

}  // namespace

bool RedrivePosition::covers(std::string_view reason, Offset offset) const {
  if (offset < all) return true;
  const auto found = reasons.find(reason);
  return found != reasons.end() && offset < found->second;
}

void RedrivePosition::advance(const std::string& reason, Offset end) {
  if (!reason.empty()) {
    auto& position = reasons[reason];
    position = std::max(position, end);
    return;
  }
  all = std::max(all, end);
  std::erase_if(reasons, [&](const auto& entry) { return entry.second <= all; });
}

CommittedOffset RedrivePosition::to_committed() const {
  CommittedOffset committed{all, {}};
  for (const auto& [reason, offset] : reasons) {
    if (!committed.metadata.empty()) committed.metadata += ',';
    committed.metadata += reason + '=' + std::to_string(offset.value());
  }
  return committed;
}

RedrivePosition RedrivePosition::from(const CommittedOffset& committed) {
  RedrivePosition position{committed.offset, {}};
  for (std::string_view rest = committed.metadata; !rest.empty();) {
    const auto end = std::min(rest.find(','), rest.size());
    const std::string_view entry = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const auto equals = entry.find('=');
    std::int64_t offset = 0;
    if (equals == std::string_view::npos) continue;
    const auto read =
        std::from_chars(entry.data() + equals + 1, entry.data() + entry.size(), offset);
    if (read.ec == std::errc{})
      position.reasons[std::string(entry.substr(0, equals))] = Offset(offset);
  }
  return position;
}

Result<RedriveReport> redrive(Context& context, const RedriveOptions& options) {
  const auto admin = connect(context);
  ROOKERY_RETURN_IF_ERROR(admin);
  auto counts = (*admin)->partition_counts();
  ROOKERY_RETURN_IF_ERROR(counts);
  if (!options.to_topic.empty() && !counts->contains(options.to_topic)) {
    return misconfigured("topic_missing",
                         "topic \"" + options.to_topic + "\" is not on the broker");
  }
  Transaction transaction(context);
  const bool writes = options.mode == RedriveOptions::Mode::kDoIt;
  // First fence others, then look how far they came.
  if (writes) ROOKERY_RETURN_IF_ERROR(transaction.begin());
  const auto committed = (*admin)->committed(kName);
  ROOKERY_RETURN_IF_ERROR(committed);
  Positions positions;
  ReadOptions reading{.topic = kTopic, .partition = std::nullopt};
  for (const auto& [partition, offset] : *committed) {
    if (partition.topic != kTopic) continue;
    positions[partition.partition] = RedrivePosition::from(offset);
    reading.from[partition.partition] = offset.offset;
  }
  Redriver redriver(options, std::move(*counts), std::move(positions),
                    writes ? &transaction : nullptr);
  Result<void> taken;
  ROOKERY_RETURN_IF_ERROR(read_topic(context, reading, [&](const InputRecord& record) {
    taken = redriver.take(record);
    return taken.has_value();
  }));
  ROOKERY_RETURN_IF_ERROR(taken);
  const Progress progress = redriver.progress();
  if (writes && !progress.empty()) ROOKERY_RETURN_IF_ERROR(transaction.commit(progress));
  return redriver.report();
}

}  // namespace rookery::rookeryctl
