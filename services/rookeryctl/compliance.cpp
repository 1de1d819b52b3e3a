#include "services/rookeryctl/compliance.hpp"

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "common/records/post_reader.hpp"
#include "services/rookeryctl/demands.hpp"
#include "services/rookeryctl/topic_reader.hpp"
#include "services/rookeryctl/transaction.hpp"

namespace rookery::rookeryctl {
namespace {

constexpr const char* kEvents = "compliance_events";
constexpr const char* kPosts = "raw_tweets";
constexpr const char* kName = "rookeryctl-compliance";  // transactional.id and group

/// What is to be written of one post; without a value its deletion.
using Changes = std::map<std::string, std::optional<std::string>, std::less<>>;

/// Finds what must change in one partition of raw_tweets.
class Changer {
 public:
  explicit Changer(const Demands& demands) : demands_(demands) {}

  void take(const InputRecord& record) {
    next_ = Offset(record.offset.value() + 1);
    if (!record.key) return;
    // The last record of a post counts: what is gone stays gone.
    changes_.erase(std::string(*record.key));
    if (!record.value) return;
    const auto post = reader_.read(*record.value);
    if (!post) return;
    const Verdict verdict = demands_.verdict(**post);
    if (verdict.action == Verdict::Action::kDelete) {
      changes_.emplace(*record.key, std::nullopt);
    } else if (verdict.action == Verdict::Action::kAmend) {
      if (auto text = amended(*record.value, verdict)) {
        changes_.emplace(*record.key, std::move(*text));
      }
    }
  }

  [[nodiscard]] const Changes& changes() const { return changes_; }
  [[nodiscard]] Offset next() const { return next_; }

 private:
  const Demands& demands_;
  PostReader reader_;
  Changes changes_;
  Offset next_{0};
};

/// The events behind the position, and the position behind them.
struct News {
  Demands demands;
  Progress progress;
  ComplianceReport report;
};

Result<News> read_news(Context& context, const kafka::Admin::Offsets& from) {
  News news;
  ReadOptions reading{.topic = kEvents, .partition = std::nullopt};
  for (const auto& [partition, offset] : from) reading.from[partition.partition] = offset;
  ROOKERY_RETURN_IF_ERROR(read_topic(context, reading, [&](const InputRecord& record) {
    ++news.report.events;
    if (!news.demands.take(record.value.value_or(""))) ++news.report.unknown;
    news.progress[{kEvents, record.partition}] = {Offset(record.offset.value() + 1), ""};
    return true;
  }));
  return news;
}

Result<void> write(Transaction& transaction, Partition partition, const Changes& changes) {
  ROOKERY_RETURN_IF_ERROR(transaction.begin());
  for (const auto& [key, value] : changes) {
    ROOKERY_RETURN_IF_ERROR(transaction.write(kPosts, partition, {.key = key, .value = value}));
  }
  return transaction.commit({});
}

/// A deletion that came between the reading and the writing must have the last word.
Result<void> delete_again(Context& context, Transaction& transaction, Partition partition,
                          const Changer& changer) {
  Changes again;
  ReadOptions reading{.topic = kPosts, .partition = partition};
  reading.from[partition] = changer.next();
  ROOKERY_RETURN_IF_ERROR(read_topic(context, reading, [&](const InputRecord& record) {
    if (record.key && !record.value && changer.changes().contains(*record.key)) {
      again.emplace(*record.key, std::nullopt);
    }
    return true;
  }));
  return again.empty() ? Result<void>{} : write(transaction, partition, again);
}

}  // namespace

Result<ComplianceReport> apply_compliance(Context& context, const ComplianceOptions& options) {
  const auto admin = connect(context);
  ROOKERY_RETURN_IF_ERROR(admin);
  const auto counts = (*admin)->partition_counts();
  ROOKERY_RETURN_IF_ERROR(counts);
  const auto committed = (*admin)->committed(kName);
  ROOKERY_RETURN_IF_ERROR(committed);
  kafka::Admin::Offsets from;
  for (const auto& [partition, offset] : *committed) {
    if (partition.topic == kEvents) from[partition] = offset.offset;
  }
  auto news = read_news(context, from);
  ROOKERY_RETURN_IF_ERROR(news);
  if (news->report.events == 0) return news->report;
  const auto partitions = counts->find(kPosts);
  if (partitions == counts->end()) {
    return misconfigured("topic_missing", "topic \"raw_tweets\" is not on the broker");
  }
  Transaction transaction(context, kName);
  const bool writes = options.mode == ComplianceOptions::Mode::kDoIt;
  for (std::int32_t i = 0; !news->demands.empty() && i < partitions->second; ++i) {
    Changer changer(news->demands);
    ROOKERY_RETURN_IF_ERROR(
        read_topic(context, {.topic = kPosts, .partition = Partition(i)}, [&](const auto& record) {
          changer.take(record);
          return true;
        }));
    for (const auto& [key, value] : changer.changes()) {
      ++(value ? news->report.amended : news->report.deleted);
    }
    if (!writes || changer.changes().empty()) continue;
    ROOKERY_RETURN_IF_ERROR(write(transaction, Partition(i), changer.changes()));
    ROOKERY_RETURN_IF_ERROR(delete_again(context, transaction, Partition(i), changer));
  }
  if (writes) {
    ROOKERY_RETURN_IF_ERROR(transaction.begin());
    ROOKERY_RETURN_IF_ERROR(transaction.commit(news->progress));
  }
  return news->report;
}

}  // namespace rookery::rookeryctl
