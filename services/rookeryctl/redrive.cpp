#include "services/rookeryctl/redrive.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <vector>

#include "common/runtime/dead_letter.hpp"
#include "services/rookeryctl/letter.hpp"
#include "services/rookeryctl/topic_reader.hpp"
#include "services/rookeryctl/transaction.hpp"

namespace rookery::rookeryctl {
namespace {

constexpr const char* kTopic = "dead_letters";
constexpr const char* kName = "rookeryctl-redrive";  // transactional.id and group

using Positions = std::map<Partition, RedrivePosition>;

std::string place(Partition partition, Offset offset) {
  return std::string(kTopic) + "[" + std::to_string(partition.value()) + "]@" +
         std::to_string(offset.value());
}

/// Those of the record, and where it comes from.
std::vector<std::pair<std::string, std::string>> headers_of(const Letter& letter,
                                                            const InputRecord& record) {
  auto headers = letter.headers;
  headers.emplace_back(kRedrivenFrom, place(record.partition, record.offset));
  headers.emplace_back(kRedrivenReason, letter.reason);
  return headers;
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
    return transaction_->write(
        topic, partition,
        {.key = letter->key, .value = letter->value, .headers = headers_of(*letter, record)});
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
  Transaction transaction(context, kName);
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
