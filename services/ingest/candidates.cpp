#include "services/ingest/candidates.hpp"

#include <charconv>
#include <string>
#include <utility>

#include "common/core/fault.hpp"
#include "services/ingest/raw_post.hpp"

namespace rookery::ingest {
namespace {

constexpr std::string_view kOutputTopic = "raw_tweets";
/// No revision of a source: deletions are told from what they delete.
constexpr std::string_view kDeletion = "\x01";
/// Beside the committed offset: from where the ids of the window are read again.
constexpr std::string_view kReplayFrom = "{\"replay_from\":";
/// So many marks a window: how much more than a window is read again.
constexpr int kMarksPerWindow = 20;

}  // namespace

Candidates::Held& Candidates::held(Partition partition) {
  return held_.try_emplace(partition, Held{.ids = RecentIds(options_.ids), .marks = {}})
      .first->second;
}

bool Candidates::is_first(const InputRecord& record) {
  Held& held = this->held(record.partition);
  auto& marks = held.marks;
  const WallTime now = record.timestamp;
  if (marks.empty() || now - marks.back().time >= options_.ids.window / kMarksPerWindow) {
    marks.push_back({.offset = record.offset.value(), .time = now});
    // What lies before the second mark is older than the window, once that is.
    while (marks.size() > 1 && now - marks[1].time >= options_.ids.window) marks.pop_front();
  }
  const std::string_view revision = record.value ? revision_of(*record.value) : kDeletion;
  return held.ids.add(*record.key, revision, now);
}

Result<void> Candidates::process(const InputRecord& record, Outputs& out) {
  if (!record.key) return dead_letter("key_missing", "expected the post's id as key, got none");
  if (!is_first(record)) {
    ++duplicates_;
  } else if (record.value) {
    out.add(kOutputTopic, record.partition, *record.key, *record.value);
  } else {
    out.add_deletion(kOutputTopic, record.partition, *record.key);
  }
  return {};
}

Result<void> Candidates::finish_batch(const BatchContext& /*context*/, Outputs& /*out*/,
                                      Progress& progress) {
  for (auto& [at, committed] : progress) {
    const auto found = held_.find(at.partition);
    if (found == held_.end() || found->second.marks.empty()) continue;
    committed.metadata =
        std::string(kReplayFrom) + std::to_string(found->second.marks.front().offset) + "}";
  }
  return {};
}

void Candidates::on_commit() {
  std::uint64_t shortened = 0;
  for (auto& [partition, held] : held_) {
    held.ids.commit();
    shortened += held.ids.take_shortened();
  }
  const std::uint64_t duplicates = std::exchange(duplicates_, 0);
  if (options_.committed && (duplicates > 0 || shortened > 0)) {
    options_.committed(duplicates, shortened);
  }
}

Result<std::optional<Offset>> Candidates::assign(const TopicPartition& partition,
                                                 const std::optional<CommittedOffset>& committed) {
  held_.erase(partition.partition);
  duplicates_ = 0;
  if (!committed || planted_mistake("candidates_forgotten")) return std::optional<Offset>{};
  const std::string_view metadata = committed->metadata;
  if (!metadata.starts_with(kReplayFrom)) return std::optional<Offset>{};
  std::int64_t offset = 0;
  const char* const begin = metadata.data() + kReplayFrom.size();
  const auto [end, error] = std::from_chars(begin, metadata.data() + metadata.size(), offset);
  if (error != std::errc{} || offset < 0) return std::optional<Offset>{};
  return std::optional<Offset>(Offset(offset));
}

Result<void> Candidates::replay(const InputRecord& record) {
  if (!record.key) return {};
  is_first(record);
  held(record.partition).ids.commit();
  return {};
}

void Candidates::revoke(const TopicPartition& partition) {
  held_.erase(partition.partition);
}

}  // namespace rookery::ingest
