#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/runtime/io.hpp"

namespace rookery::testing {

/// One input topic and any outputs, in memory, with the rules of a broker on
/// which the pipeline relies: what is written shows only at commit, offsets
/// commit with it, reading starts again at the committed offset, and calls out
/// of order are refused. A Source and a TransactionalSink see it.
class FakeLog final : public Source, public TransactionalSink {
 public:
  explicit FakeLog(std::int32_t partitions = 1);

  // --- what a test does ---

  void append(std::string key, std::optional<std::string> value, std::int32_t partition = 0);

  /// The next `count` calls of commit() fail with `error`, nothing committed.
  void fail_next_commits(int count, Error error);
  /// The same for begin(), write() and rewind_to_committed().
  void fail_next_begins(int count, Error error);
  void fail_next_writes(int count, Error error);
  void fail_next_rewinds(int count, Error error);

  /// As a process that died: everything uncommitted is gone, the next poll() is
  /// a new process's.
  void crash();

  /// At most this many records a poll.
  void limit_batches(std::size_t records) { batch_max_ = records; }

  [[nodiscard]] std::vector<std::string> committed(std::string_view topic) const;
  [[nodiscard]] std::optional<CommittedOffset> committed_offset(std::int32_t partition = 0) const;
  [[nodiscard]] int transactions() const { return transactions_; }

  // --- what the pipeline does ---

  void listen(PartitionListener& listener) override { listener_ = &listener; }
  Result<Batch> poll(std::chrono::milliseconds timeout) override;
  Result<void> rewind_to_committed() override;
  Result<void> begin() override;
  Result<void> write(const OutputRecord& record) override;
  Result<void> commit(const Progress& progress) override;
  Result<void> abort() override;

 private:
  struct Stored {
    std::string topic;
    std::string key;
    std::optional<std::string> value;
  };
  struct Failure {
    int count = 0;
    Error error{};
    Result<void> next();
  };

  Result<void> assign_all();
  InputRecord record_at(std::int32_t partition, std::size_t offset) const;

  std::vector<std::deque<Stored>> input_;
  std::vector<std::size_t> position_;
  std::vector<std::optional<CommittedOffset>> committed_;
  std::vector<Stored> pending_;
  std::vector<Stored> visible_;
  std::vector<InputRecord> records_;
  PartitionListener* listener_ = nullptr;
  bool assigned_ = false;
  bool open_ = false;
  int transactions_ = 0;
  std::size_t batch_max_ = 1000;
  Failure commit_failure_, begin_failure_, write_failure_, rewind_failure_;
};

}  // namespace rookery::testing
