#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "common/runtime/service.hpp"

namespace rookery {

/// Several stages as one processor, for --pipe: what a stage writes to a topic
/// that a later stage reads is handed to it at once, with offsets counted here;
/// everything else goes out.
class Chain final : public Processor {
 public:
  /// `partitions` of every topic that lies between two stages.
  Chain(std::vector<Stage> stages, std::map<std::string, std::int32_t> partitions);

  Result<void> process(const InputRecord& record, Outputs& out) override;
  Result<void> finish_batch(const BatchContext& context, Outputs& out, Progress& progress) override;
  Result<std::optional<Offset>> assign(const TopicPartition& partition,
                                       const std::optional<CommittedOffset>& committed) override;
  Result<void> restored(const TopicPartition& partition) override;

 private:
  Result<void> start();
  Result<void> route(std::size_t from, const Outputs& outputs, Outputs& out);
  [[nodiscard]] std::size_t reader_of(std::string_view topic) const;

  std::vector<Stage> stages_;
  std::map<std::string, std::int32_t> partitions_;
  std::map<TopicPartition, std::int64_t> next_offsets_;
  bool started_ = false;
};

}  // namespace rookery
