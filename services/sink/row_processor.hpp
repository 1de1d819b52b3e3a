#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "common/runtime/processor.hpp"
#include "services/sink/encoder.hpp"
#include "services/sink/store.hpp"
#include "services/sink/trend.hpp"

namespace rookery::sink {

/// One encoder per topic, by name.
using Encoders = std::map<std::string, std::unique_ptr<Encoder>, std::less<>>;

/// What becomes of rankings of windows that are still open.
enum class EarlyResults : std::uint8_t { kKeep, kSkip };

/// Turns each record into the form that the store keeps, under the topic,
/// partition and key from which it came: a record that has no such form becomes
/// a dead letter before the store sees it. Tells the store which partitions it
/// feeds, and reminds the loop of progress that the store held back.
class RowProcessor final : public Processor {
 public:
  /// `encoders` has every topic that is read; `link` must outlive the processor.
  RowProcessor(Encoders encoders, StoreLink& link, EarlyResults early = EarlyResults::kKeep)
      : encoders_(std::move(encoders)), link_(link), early_(early) {}

  Result<void> process(const InputRecord& record, Outputs& out) override;
  Result<void> finish_batch(const BatchContext& context, Outputs& out, Progress& progress) override;
  Result<std::optional<Offset>> assign(const TopicPartition& partition,
                                       const std::optional<CommittedOffset>& committed) override;
  void revoke(const TopicPartition& partition) override;

 private:
  Encoders encoders_;
  StoreLink& link_;
  EarlyResults early_;
  TrendReader trends_;
};

}  // namespace rookery::sink
