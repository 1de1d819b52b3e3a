#include "common/runtime/outputs.hpp"

namespace rookery {

void Outputs::add(std::string_view topic, std::optional<Partition> partition, std::string_view key,
                  std::string_view value) {
  start(topic, partition, key).append(value);
}

void Outputs::add_deletion(std::string_view topic, std::optional<Partition> partition,
                           std::string_view key) {
  start(topic, partition, key);
  mark_deletion();
}

std::string& Outputs::start(std::string_view topic, std::optional<Partition> partition,
                            std::string_view key) {
  const std::size_t key_begin = bytes_.size();
  bytes_.append(key);
  entries_.push_back({topic, partition, key_begin, bytes_.size(), false});
  return bytes_;
}

void Outputs::clear() {
  entries_.clear();
  bytes_.clear();
}

OutputRecord Outputs::at(std::size_t index) const {
  const Entry& entry = entries_[index];
  const std::size_t end =
      index + 1 < entries_.size() ? entries_[index + 1].key_begin : bytes_.size();
  const std::string_view bytes = bytes_;
  OutputRecord record{.topic = entry.topic,
                      .partition = entry.partition,
                      .key = bytes.substr(entry.key_begin, entry.value_begin - entry.key_begin),
                      .value = std::nullopt};
  if (!entry.deletion) record.value = bytes.substr(entry.value_begin, end - entry.value_begin);
  return record;
}

}  // namespace rookery
