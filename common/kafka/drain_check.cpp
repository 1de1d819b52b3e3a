#include "common/kafka/drain_check.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace rookery::kafka {

Result<void> DrainCheck::open() {
  if (admin_) return {};
  auto admin = Admin::create(connection_, log_, kAnswerWithin);
  ROOKERY_RETURN_IF_ERROR(admin);
  admin_ = std::move(*admin);
  return {};
}

Result<Offset> DrainCheck::written_end(const TopicPartition& partition) {
  ROOKERY_RETURN_IF_ERROR(open());
  const auto ends = admin_->ends(std::span(&partition, 1), End::kWritten);
  ROOKERY_RETURN_IF_ERROR(ends);
  return ends->at(partition);
}

/// First what was written, then what was read of it: so all that was there at the first question
/// was read by the second.
Result<bool> DrainCheck::has_drained(const UpstreamStage& stage, Partition partition) {
  ROOKERY_RETURN_IF_ERROR(open());
  const auto counts = admin_->partition_counts();
  ROOKERY_RETURN_IF_ERROR(counts);
  const TopicPartition at{stage.topic, partition};
  const auto count = counts->find(stage.topic);
  const bool exists = count != counts->end() && partition.value() < count->second;
  Admin::Offsets ends;
  if (exists) {
    auto answer = admin_->ends(std::span(&at, 1), End::kWritten);
    ROOKERY_RETURN_IF_ERROR(answer);
    ends = std::move(*answer);
  }
  const auto committed = admin_->committed(stage.group, Which::kDecided);
  ROOKERY_RETURN_IF_ERROR(committed);
  const auto own = committed->find(at);
  // A broker that has just started may not know of the topic yet.
  if (!exists) return own == committed->end();
  const auto starts = admin_->starts(std::span(&at, 1));
  ROOKERY_RETURN_IF_ERROR(starts);
  Offset from = starts->at(at);
  if (own != committed->end()) from = std::max(from, own->second.offset);
  const auto found = probe_.look(at, from, ends.at(at));
  ROOKERY_RETURN_IF_ERROR(found);
  return *found == Found::kNothing;
}

}  // namespace rookery::kafka
