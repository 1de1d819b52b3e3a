#include "services/sentiment-scoring/model_topic_store.hpp"

#include <map>
#include <set>
#include <utility>

#include "common/kafka/follower.hpp"
#include "common/kafka/sink.hpp"

namespace rookery::sentiment_scoring {
namespace {

constexpr std::chrono::milliseconds kAnswerWithin{5'000};

/// What the topic has, as keys and entries.
class Published final : public TopicListener {
 public:
  void on_record(const InputRecord& record) override {
    if (!record.key) return;
    const std::string key(*record.key);
    if (!record.value) {
      keys_.erase(key);
      entries_.erase(key);
      return;
    }
    keys_.insert(key);
    if (is_part_key(key)) return;
    // What is no entry can be deleted all the same.
    auto parsed = parse_model_record(*record.value);
    auto* const entry = parsed ? std::get_if<ModelEntry>(&*parsed) : nullptr;
    entries_[key] = entry == nullptr ? ModelEntry{.use = key} : std::move(*entry);
  }
  void on_end() override {}

  [[nodiscard]] const std::set<std::string>& keys() const { return keys_; }
  [[nodiscard]] const std::map<std::string, ModelEntry>& entries() const { return entries_; }

 private:
  std::set<std::string> keys_;
  std::map<std::string, ModelEntry> entries_;
};

Result<Published> read(const kafka::Connection& connection, const kafka::Surroundings& around) {
  const std::string topic(kModelsTopic);
  kafka::ClientEvents events(around.log);
  auto client = kafka::connect(RD_KAFKA_PRODUCER, connection, {}, events, around);
  ROOKERY_RETURN_IF_ERROR(client);
  ROOKERY_RETURN_IF_ERROR(kafka::partition_count(**client, topic, kAnswerWithin));
  Published published;
  ROOKERY_RETURN_IF_ERROR(kafka::KafkaFollower::start(connection, around, topic, published));
  return published;
}

class NoProgress final : public kafka::ProgressWriter {
 public:
  Result<void> write(kafka::KafkaSink& /*sink*/, const Progress& /*progress*/) override {
    return {};
  }
};

/// One transaction of the topic. Publishers share a name: a second one at the
/// same time fences the first, so that their records never mix.
class Transaction {
 public:
  static Result<Transaction> begin(const kafka::Connection& connection,
                                   const kafka::Surroundings& around) {
    auto sink = kafka::KafkaSink::create(connection, {.transactional_id = "rookery-models"}, around,
                                         std::make_unique<NoProgress>());
    ROOKERY_RETURN_IF_ERROR(sink);
    ROOKERY_RETURN_IF_ERROR((*sink)->begin());
    return Transaction(std::move(*sink));
  }

  Result<void> put(const std::string& key, std::string_view value) { return write(key, value); }
  Result<void> remove(const std::string& key) { return write(key, std::nullopt); }
  Result<void> commit() { return sink_->commit({}); }

 private:
  explicit Transaction(std::unique_ptr<kafka::KafkaSink> sink) : sink_(std::move(sink)) {}
  Result<void> write(const std::string& key, std::optional<std::string_view> value) {
    return sink_->write(
        {.topic = kModelsTopic, .partition = Partition(0), .key = key, .value = value});
  }

  std::unique_ptr<kafka::KafkaSink> sink_;
};

}  // namespace

Result<std::vector<ModelEntry>> published_models(const kafka::Connection& connection,
                                                 const kafka::Surroundings& around) {
  const auto published = read(connection, around);
  ROOKERY_RETURN_IF_ERROR(published);
  std::vector<ModelEntry> entries;
  for (const auto& [use, entry] : published->entries()) entries.push_back(entry);
  return entries;
}

Result<void> publish_model(const kafka::Connection& connection, const kafka::Surroundings& around,
                           ModelEntry entry, std::string_view bytes) {
  const bool held = entry.location.empty();
  if (held && bytes.size() > kInlineBytesMax) {
    return misconfigured("model_too_large",
                         "model \"" + entry.id + "\": expected " + std::to_string(kInlineBytesMax) +
                             " bytes at most to hold it in the topic, got " +
                             std::to_string(bytes.size()) + ": publish it by its place");
  }
  // The transaction comes first: it ends what a predecessor left open.
  auto transaction = Transaction::begin(connection, around);
  ROOKERY_RETURN_IF_ERROR(transaction);
  const auto published = read(connection, around);
  ROOKERY_RETURN_IF_ERROR(published);
  entry.parts = 0;
  std::set<std::string> kept;
  for (std::size_t at = 0; held && at < bytes.size(); at += kPartBytes, ++entry.parts) {
    const std::string key = part_key(entry.use, entry.sha256, entry.parts);
    const ModelPart part{entry.use, entry.sha256, entry.parts,
                         std::string(bytes.substr(at, kPartBytes))};
    ROOKERY_RETURN_IF_ERROR(transaction->put(key, to_json(part)));
    kept.insert(key);
  }
  ROOKERY_RETURN_IF_ERROR(transaction->put(entry.use, to_json(entry)));
  for (const std::string& key : published->keys()) {
    if (!is_part_key(key) || use_of_key(key) != entry.use || kept.contains(key)) continue;
    ROOKERY_RETURN_IF_ERROR(transaction->remove(key));
  }
  return transaction->commit();
}

Result<void> withdraw_model(const kafka::Connection& connection, const kafka::Surroundings& around,
                            const std::string& use) {
  auto transaction = Transaction::begin(connection, around);
  ROOKERY_RETURN_IF_ERROR(transaction);
  const auto published = read(connection, around);
  ROOKERY_RETURN_IF_ERROR(published);
  if (!published->entries().contains(use)) {
    std::string known;
    for (const auto& [other, entry] : published->entries()) {
      known.append(known.empty() ? "" : ", ").append(other);
    }
    return misconfigured("entry_missing", "expected the use of a published model (" +
                                              (known.empty() ? "there is none" : known) +
                                              "), got \"" + use + "\"");
  }
  for (const std::string& key : published->keys()) {
    if (use_of_key(key) == use) ROOKERY_RETURN_IF_ERROR(transaction->remove(key));
  }
  return transaction->commit();
}

}  // namespace rookery::sentiment_scoring
