#include "common/runtime/chain.hpp"

#include <algorithm>
#include <utility>

#include "common/runtime/partitioner.hpp"

namespace rookery {

Chain::Chain(std::vector<Stage> stages, std::map<std::string, std::int32_t> partitions)
    : stages_(std::move(stages)), partitions_(std::move(partitions)) {}

Result<void> Chain::start() {
  started_ = true;
  for (std::size_t i = 1; i < stages_.size(); ++i) {
    for (const auto& topic : stages_[i].inputs) {
      for (std::int32_t p = 0; p < partitions_.at(topic); ++p) {
        const TopicPartition partition{topic, Partition(p)};
        ROOKERY_RETURN_IF_ERROR(stages_[i].processor->assign(partition, std::nullopt));
        ROOKERY_RETURN_IF_ERROR(stages_[i].processor->restored(partition));
      }
    }
  }
  return {};
}

Result<std::optional<Offset>> Chain::assign(const TopicPartition& partition,
                                            const std::optional<CommittedOffset>& committed) {
  if (!started_) ROOKERY_RETURN_IF_ERROR(start());
  return stages_.front().processor->assign(partition, committed);
}

Result<void> Chain::restored(const TopicPartition& partition) {
  return stages_.front().processor->restored(partition);
}

std::size_t Chain::reader_of(std::string_view topic) const {
  for (std::size_t i = 1; i < stages_.size(); ++i) {
    const auto& inputs = stages_[i].inputs;
    if (std::find(inputs.begin(), inputs.end(), topic) != inputs.end()) return i;
  }
  return stages_.size();
}

Result<void> Chain::process(const InputRecord& record, Outputs& out) {
  Outputs outputs;
  ROOKERY_RETURN_IF_ERROR(stages_.front().processor->process(record, outputs));
  return route(0, outputs, out);
}

Result<void> Chain::route(std::size_t from, const Outputs& outputs, Outputs& out) {
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const OutputRecord output = outputs.at(i);
    const std::size_t reader = reader_of(output.topic);
    if (reader == stages_.size()) {
      std::string& value = out.start(output.topic, output.partition, output.key);
      value.append(output.value.value_or(""));
      if (!output.value) out.mark_deletion();
      continue;
    }
    const std::string topic(output.topic);
    const Partition partition =
        output.partition.value_or(partition_of(output.key, partitions_.at(topic)));
    const InputRecord input{.topic = topic,
                            .partition = partition,
                            .offset = Offset(next_offsets_[{topic, partition}]++),
                            .timestamp = WallTime{},
                            .key = output.key,
                            .value = output.value,
                            .headers = {}};
    Outputs next;
    auto processed = stages_[reader].processor->process(input, next);
    if (!processed) {
      return fatal("chain_broken", "stage " + stages_[reader].group +
                                       " refused a record of stage " + stages_[from].group + ": " +
                                       processed.error().message);
    }
    ROOKERY_RETURN_IF_ERROR(route(reader, next, out));
  }
  return {};
}

Result<void> Chain::finish_batch(const BatchContext& context, Outputs& out, Progress& progress) {
  for (std::size_t i = 0; i < stages_.size(); ++i) {
    // A stage may bound what it does at once; with no broker behind it, it goes
    // on until nothing is left.
    for (bool more = true; more;) {
      Outputs outputs;
      Progress own;
      ROOKERY_RETURN_IF_ERROR(
          stages_[i].processor->finish_batch(context, outputs, i == 0 ? progress : own));
      more = !outputs.empty();
      ROOKERY_RETURN_IF_ERROR(route(i, outputs, out));
      stages_[i].processor->on_commit();
    }
  }
  return {};
}

}  // namespace rookery
