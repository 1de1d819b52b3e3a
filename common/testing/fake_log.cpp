#include "common/testing/fake_log.hpp"

#include <utility>

#include "common/core/check.hpp"

namespace rookery::testing {

FakeLog::FakeLog(std::int32_t partitions)
    : input_(static_cast<std::size_t>(partitions)),
      position_(input_.size()),
      committed_(input_.size()) {}

Result<void> FakeLog::Failure::next() {
  if (count == 0) return {};
  --count;
  return tl::make_unexpected(error);
}

void FakeLog::append(std::string key, std::optional<std::string> value, std::int32_t partition) {
  input_[static_cast<std::size_t>(partition)].push_back({"in", std::move(key), std::move(value)});
}

void FakeLog::fail_next_commits(int count, Error error) {
  commit_failure_ = {count, std::move(error)};
}
void FakeLog::fail_next_begins(int count, Error error) {
  begin_failure_ = {count, std::move(error)};
}
void FakeLog::fail_next_writes(int count, Error error) {
  write_failure_ = {count, std::move(error)};
}
void FakeLog::fail_next_rewinds(int count, Error error) {
  rewind_failure_ = {count, std::move(error)};
}

void FakeLog::crash() {
  open_ = false;
  pending_.clear();
  assigned_ = false;
}

std::vector<std::string> FakeLog::committed(std::string_view topic) const {
  std::vector<std::string> values;
  for (const auto& record : visible_) {
    if (record.topic == topic)
      values.push_back(record.value.value_or("(deleted " + record.key + ")"));
  }
  return values;
}

std::optional<CommittedOffset> FakeLog::committed_offset(std::int32_t partition) const {
  return committed_[static_cast<std::size_t>(partition)];
}

InputRecord FakeLog::record_at(std::int32_t partition, std::size_t offset) const {
  const Stored& stored = input_[static_cast<std::size_t>(partition)][offset];
  InputRecord record{.topic = "in",
                     .partition = Partition(partition),
                     .offset = Offset(static_cast<std::int64_t>(offset)),
                     .timestamp = WallTime{},
                     .key = stored.key,
                     .value = std::nullopt,
                     .headers = {}};
  if (stored.value) record.value = *stored.value;
  return record;
}

Result<void> FakeLog::assign_all() {
  for (std::size_t p = 0; p < input_.size(); ++p) {
    const TopicPartition partition{"in", Partition(static_cast<std::int32_t>(p))};
    if (assigned_) listener_->revoke(partition);
    const auto from = listener_->assign(partition, committed_[p]);
    ROOKERY_RETURN_IF_ERROR(from);
    position_[p] = committed_[p] ? static_cast<std::size_t>(committed_[p]->offset.value()) : 0;
    const auto first = *from ? static_cast<std::size_t>((*from)->value()) : position_[p];
    for (std::size_t offset = first; offset < position_[p]; ++offset) {
      ROOKERY_RETURN_IF_ERROR(listener_->replay(record_at(static_cast<std::int32_t>(p), offset)));
    }
    ROOKERY_RETURN_IF_ERROR(listener_->restored(partition));
  }
  assigned_ = true;
  return {};
}

Result<Batch> FakeLog::poll(std::chrono::milliseconds /*timeout*/) {
  ROOKERY_CHECK(!open_, "poll() inside a transaction");
  if (!assigned_) ROOKERY_RETURN_IF_ERROR(assign_all());
  records_.clear();
  for (std::size_t p = 0; p < input_.size(); ++p) {
    while (position_[p] < input_[p].size() && records_.size() < batch_max_) {
      records_.push_back(record_at(static_cast<std::int32_t>(p), position_[p]++));
    }
  }
  return Batch{records_, false};
}

Result<void> FakeLog::rewind_to_committed() {
  ROOKERY_CHECK(!open_, "rewind_to_committed() inside a transaction");
  auto failed = rewind_failure_.next();
  if (!failed) {
    assigned_ = false;  // a rewind that failed is done before the next poll
    return failed;
  }
  return assign_all();
}

Result<void> FakeLog::begin() {
  ROOKERY_CHECK(!open_, "begin() inside a transaction");
  ROOKERY_RETURN_IF_ERROR(begin_failure_.next());
  open_ = true;
  return {};
}

Result<void> FakeLog::write(const OutputRecord& record) {
  ROOKERY_CHECK(open_, "write() outside a transaction");
  ROOKERY_RETURN_IF_ERROR(write_failure_.next());
  pending_.push_back({std::string(record.topic), std::string(record.key),
                      record.value ? std::optional(std::string(*record.value)) : std::nullopt});
  return {};
}

Result<void> FakeLog::commit(const Progress& progress) {
  ROOKERY_CHECK(open_, "commit() outside a transaction");
  ROOKERY_RETURN_IF_ERROR(commit_failure_.next());
  for (auto& record : pending_) visible_.push_back(std::move(record));
  pending_.clear();
  for (const auto& [partition, committed] : progress) {
    committed_[static_cast<std::size_t>(partition.partition.value())] = committed;
  }
  open_ = false;
  ++transactions_;
  return {};
}

Result<void> FakeLog::abort() {
  ROOKERY_CHECK(open_, "abort() outside a transaction");
  pending_.clear();
  open_ = false;
  return {};
}

}  // namespace rookery::testing
