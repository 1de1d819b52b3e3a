#include "services/sink/row_processor.hpp"

#include "common/core/check.hpp"

namespace rookery::sink {

Result<void> RowProcessor::process(const InputRecord& record, Outputs& out) {
  const auto encoder = encoders_.find(record.topic);
  ROOKERY_CHECK(encoder != encoders_.end(), "the stage reads no other topics");
  if (early_ == EarlyResults::kSkip && record.topic == "trends" && record.value &&
      trends_.is_early(*record.value)) {
    return {};
  }
  // The map's own name: outputs keep no copy of it.
  std::string& rows = out.start(encoder->first, record.partition, record.key.value_or(""));
  return encoder->second->encode(record, rows);
}

Result<void> RowProcessor::finish_batch(const BatchContext& context, Outputs& /*out*/,
                                        Progress& progress) {
  if (link_.store() != nullptr) link_.store()->add_due(context.polled_at, progress);
  return {};
}

Result<std::optional<Offset>> RowProcessor::assign(
    const TopicPartition& partition, const std::optional<CommittedOffset>& committed) {
  if (link_.store() != nullptr) ROOKERY_RETURN_IF_ERROR(link_.store()->take(partition, committed));
  return std::optional<Offset>{};
}

void RowProcessor::revoke(const TopicPartition& partition) {
  if (link_.store() != nullptr) link_.store()->drop(partition);
}

}  // namespace rookery::sink
