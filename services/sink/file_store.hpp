#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/clock.hpp"
#include "common/runtime/service.hpp"
#include "services/sink/durable_file.hpp"
#include "services/sink/store.hpp"

namespace rookery::sink {

struct FileStoreOptions {
  std::filesystem::path directory;
  std::string extension;                                    ///< "jsonl" or "csv".
  std::map<std::string, std::string, std::less<>> headers;  ///< By topic: a file's first line.
  std::int64_t records_max = 100'000;
  std::chrono::milliseconds interval{60'000};
};

/// Files of records, exactly once by idempotence: DIRECTORY/TOPIC-PARTITION-
/// FIRST_OFFSET.EXTENSION. First the file shows, whole and durable, then its
/// offsets are committed; after a crash between the two the same records come
/// again and the file of the same name is replaced. Dead letters lie beside it,
/// as dead_letters-TOPIC-PARTITION-FIRST_OFFSET.jsonl, and share its fate.
///
/// Each partition has one writer. A file holds at most as many records as one
/// batch more than `records_max`. Memory: a quarter of a megabyte per partition.
class FileStore final : public Store {
 public:
  /// `offsets` is null where nothing is committed. Error: directory_unwritable
  /// (kMisconfigured).
  static Result<std::unique_ptr<FileStore>> open(FileStoreOptions options, StoreLink& link,
                                                 OffsetCommitter* offsets, const Clock& clock);

  Result<void> begin() override { return {}; }
  Result<void> write(const OutputRecord& record) override;
  Result<void> commit(const Progress& progress) override;
  Result<void> abort() override;
  Result<void> finish() override;

  Result<void> take(const TopicPartition& partition,
                    const std::optional<CommittedOffset>& committed) override;
  void drop(const TopicPartition& partition) override;
  void add_due(MonotonicTime now, Progress& progress) const override;

 private:
  /// What came since the last file of a partition: not shown, not committed.
  struct Chunk {
    std::optional<Offset> first;
    std::optional<CommittedOffset> end;
    std::int64_t records = 0;
    MonotonicTime opened;
    std::unique_ptr<DurableFile> rows;
    std::unique_ptr<DurableFile> dead;
  };

  FileStore(FileStoreOptions options, StoreLink& link, OffsetCommitter* offsets,
            const Clock& clock);
  Chunk& chunk_of(const TopicPartition& partition);
  Result<void> write_row(const OutputRecord& record);
  Result<void> write_dead_letter(const OutputRecord& record);
  [[nodiscard]] bool is_due(const Chunk& chunk, MonotonicTime now) const;
  Result<void> publish(const std::vector<TopicPartition>& due);
  Result<void> publish(const TopicPartition& partition, Chunk& chunk);
  Result<void> remove_outdated(const TopicPartition& partition, const Chunk& chunk);
  [[nodiscard]] std::string row_prefix(const TopicPartition& partition) const;
  [[nodiscard]] std::string dead_prefix(const TopicPartition& partition) const;

  FileStoreOptions options_;
  StoreLink::Entry entry_;
  OffsetCommitter* offsets_;
  const Clock& clock_;
  std::map<TopicPartition, Chunk> chunks_;
  /// Files of a partition at or behind its committed offset: left by a process
  /// that showed them and could not commit. What is read again replaces them.
  std::map<TopicPartition, std::map<Offset, std::vector<std::filesystem::path>>> outdated_;
};

}  // namespace rookery::sink
