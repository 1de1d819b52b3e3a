#include "services/sink/file_store.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include <nlohmann/json.hpp>

#include "common/core/check.hpp"
#include "common/core/fault.hpp"

namespace rookery::sink {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kOffsetDigits = 20;
constexpr std::string_view kDeadLetters = "dead_letters";

std::string file_name(const std::string& prefix, Offset first, std::string_view extension) {
  std::string digits = std::to_string(first.value());
  digits.insert(0, kOffsetDigits - std::min(digits.size(), kOffsetDigits), '0');
  return prefix + digits + "." + std::string(extension);
}

/// The first offset of a file named PREFIX<20 digits>.ANYTHING; absent: another
/// file. Topics may have dashes in their names, hence the exact length.
std::optional<Offset> first_offset(std::string_view name, std::string_view prefix) {
  if (!name.starts_with(prefix)) return std::nullopt;
  name.remove_prefix(prefix.size());
  if (name.size() <= kOffsetDigits || name[kOffsetDigits] != '.') return std::nullopt;
  std::int64_t offset = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + kOffsetDigits, offset);
  if (error != std::errc{} || end != name.data() + kOffsetDigits) return std::nullopt;
  return Offset(offset);
}

/// Where the refused record lies: a dead letter itself has no partition.
Result<TopicPartition> partition_of_letter(std::string_view letter) {
  try {
    const auto json = nlohmann::json::parse(letter);
    return TopicPartition{json.at("topic").get<std::string>(),
                          Partition(json.at("partition").get<std::int32_t>())};
  } catch (const nlohmann::json::exception& error) {
    return fatal("dead_letter_malformed", error.what());
  }
}

}  // namespace

FileStore::FileStore(FileStoreOptions options, StoreLink& link, OffsetCommitter* offsets,
                     const Clock& clock)
    : options_(std::move(options)), entry_(link, *this), offsets_(offsets), clock_(clock) {}

Result<std::unique_ptr<FileStore>> FileStore::open(FileStoreOptions options, StoreLink& link,
                                                   OffsetCommitter* offsets, const Clock& clock) {
  std::error_code error;
  fs::create_directories(options.directory, error);
  DurableFile probe(options.directory / ".rookery-probe");
  if (error || !probe.seal()) {
    return misconfigured("directory_unwritable",
                         "option \"directory\": expected a writable folder, got \"" +
                             options.directory.string() + "\"");
  }
  return std::unique_ptr<FileStore>(new FileStore(std::move(options), link, offsets, clock));
}

std::string FileStore::row_prefix(const TopicPartition& partition) const {
  return partition.topic + "-" + std::to_string(partition.partition.value()) + "-";
}

std::string FileStore::dead_prefix(const TopicPartition& partition) const {
  return std::string(kDeadLetters) + "-" + row_prefix(partition);
}

Result<void> FileStore::take(const TopicPartition& partition,
                             const std::optional<CommittedOffset>& committed) {
  drop(partition);
  const Offset start = committed ? committed->offset : Offset(0);
  std::error_code error;
  fs::directory_iterator files(options_.directory, error);
  for (; !error && files != fs::directory_iterator(); files.increment(error)) {
    const std::string name = files->path().filename().string();
    auto first = first_offset(name, row_prefix(partition));
    if (!first) first = first_offset(name, dead_prefix(partition));
    if (!first) continue;
    if (name.ends_with(DurableFile::kPartialSuffix)) {
      std::error_code ignored;  // what stays is overwritten when its turn comes
      fs::remove(files->path(), ignored);
    } else if (*first >= start) {
      outdated_[partition][*first].push_back(files->path());
    }
  }
  if (error) {
    return retry_batch("store_unwritable",
                       "listing " + options_.directory.string() + ": " + error.message());
  }
  return {};
}

void FileStore::drop(const TopicPartition& partition) {
  chunks_.erase(partition);
  outdated_.erase(partition);
}

FileStore::Chunk& FileStore::chunk_of(const TopicPartition& partition) {
  const auto [chunk, added] = chunks_.try_emplace(partition);
  if (added) chunk->second.opened = clock_.monotonic_now();
  return chunk->second;
}

Result<void> FileStore::write(const OutputRecord& record) {
  ROOKERY_CHECK(record.origin, "each row comes from one record");
  // Whatever the topics that are read: rows are written with their partition,
  // dead letters without one.
  return record.partition ? write_row(record) : write_dead_letter(record);
}

Result<void> FileStore::write_row(const OutputRecord& record) {
  const TopicPartition partition{std::string(record.topic), *record.partition};
  Chunk& chunk = chunk_of(partition);
  if (!chunk.first) chunk.first = record.origin;
  ++chunk.records;
  if (!chunk.rows) {
    chunk.rows = std::make_unique<DurableFile>(
        options_.directory / file_name(row_prefix(partition), *chunk.first, options_.extension));
    const auto header = options_.headers.find(record.topic);
    if (header != options_.headers.end()) {
      ROOKERY_RETURN_IF_ERROR(chunk.rows->append(header->second));
    }
  }
  return chunk.rows->append(record.value.value_or(""));
}

Result<void> FileStore::write_dead_letter(const OutputRecord& record) {
  const auto partition = partition_of_letter(record.value.value_or(""));
  ROOKERY_RETURN_IF_ERROR(partition);
  Chunk& chunk = chunk_of(*partition);
  if (!chunk.first) chunk.first = record.origin;
  ++chunk.records;
  if (!chunk.dead) {
    chunk.dead = std::make_unique<DurableFile>(
        options_.directory / file_name(dead_prefix(*partition), *chunk.first, "jsonl"));
  }
  ROOKERY_RETURN_IF_ERROR(chunk.dead->append(record.value.value_or("")));
  return chunk.dead->append("\n");
}

bool FileStore::is_due(const Chunk& chunk, MonotonicTime now) const {
  return chunk.records >= options_.records_max || now - chunk.opened >= options_.interval;
}

void FileStore::add_due(MonotonicTime now, Progress& progress) const {
  for (const auto& [partition, chunk] : chunks_) {
    if (chunk.end && is_due(chunk, now)) progress.emplace(partition, *chunk.end);
  }
}

Result<void> FileStore::commit(const Progress& progress) {
  for (const auto& [partition, committed] : progress) chunk_of(partition).end = committed;
  const MonotonicTime now = clock_.monotonic_now();
  std::vector<TopicPartition> due;
  for (const auto& [partition, chunk] : chunks_) {
    if (is_due(chunk, now)) due.push_back(partition);
  }
  return publish(due);
}

Result<void> FileStore::abort() {
  // The loop rewinds to what is committed, which is before all of this.
  chunks_.clear();
  return {};
}

Result<void> FileStore::finish() {
  std::vector<TopicPartition> all;
  for (const auto& [partition, chunk] : chunks_) all.push_back(partition);
  return publish(all);
}

Result<void> FileStore::publish(const std::vector<TopicPartition>& due) {
  if (due.empty()) return {};
  Progress progress;
  for (const auto& partition : due) {
    Chunk& chunk = chunks_.at(partition);
    ROOKERY_CHECK(chunk.end, "rows are followed by the progress of their batch");
    ROOKERY_RETURN_IF_ERROR(publish(partition, chunk));
    progress[partition] = *chunk.end;
  }
  ROOKERY_RETURN_IF_ERROR(sync_directory(options_.directory));
  crash_point("after_rename");
  if (offsets_ != nullptr) ROOKERY_RETURN_IF_ERROR(offsets_->commit_offsets(progress));
  crash_point("after_offsets");
  for (const auto& partition : due) chunks_.erase(partition);
  return {};
}

Result<void> FileStore::publish(const TopicPartition& partition, Chunk& chunk) {
  if (!chunk.first) return {};
  for (DurableFile* file : {chunk.rows.get(), chunk.dead.get()}) {
    if (file != nullptr) ROOKERY_RETURN_IF_ERROR(file->seal());
  }
  crash_point("before_rename");
  for (DurableFile* file : {chunk.rows.get(), chunk.dead.get()}) {
    if (file == nullptr) continue;
    ROOKERY_RETURN_IF_ERROR(file->publish());
    crash_point("between_renames");
  }
  return remove_outdated(partition, chunk);
}

/// A predecessor may have cut its files elsewhere: those that begin in what this
/// chunk covers would hold its records a second time.
Result<void> FileStore::remove_outdated(const TopicPartition& partition, const Chunk& chunk) {
  const auto found = outdated_.find(partition);
  if (found == outdated_.end()) return {};
  auto& files = found->second;
  const auto end = files.lower_bound(chunk.end->offset);
  for (auto file = files.lower_bound(*chunk.first); file != end; file = files.erase(file)) {
    for (const auto& path : file->second) {
      const bool replaced =
          (chunk.rows && chunk.rows->path() == path) || (chunk.dead && chunk.dead->path() == path);
      std::error_code error;
      if (!replaced) fs::remove(path, error);
      if (error) {
        return retry_batch("store_unwritable",
                           "removing " + path.string() + ": " + error.message());
      }
    }
  }
  return {};
}

}  // namespace rookery::sink
