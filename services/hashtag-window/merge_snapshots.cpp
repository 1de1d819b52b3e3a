// The part of MergeStage that writes closed panes to window_panes, and takes them from there.
#include <algorithm>
#include <list>
#include <utility>

#include "common/core/fault.hpp"
#include "services/hashtag-window/merge_stage.hpp"

namespace rookery::hashtag_window {
namespace {

/// In one batch, so that its transaction does not become long. More than slides_max makes due.
constexpr int kBlocksMax = 8;

std::uint32_t short_of(std::uint64_t block) {
  return static_cast<std::uint32_t>(block ^ (block >> 32U));
}

/// Forgets blocks that lie before `begin`.
void forget(SavedBlocks& saved, Pane begin, Pane block) {
  if (saved.until < begin) {
    saved.until = begin;
    saved.digests.clear();
  }
  const auto live = static_cast<std::size_t>((saved.until - begin) / block);
  if (saved.digests.size() <= live) return;
  saved.digests.erase(saved.digests.begin(),
                      saved.digests.end() - static_cast<std::ptrdiff_t>(live));
}

/// A deletion takes effect at most the horizon after the pane of its post, and then it has come:
/// of an older pane nothing changes any more.
Pane settled_of(const SnapshotLevel& level) {
  if (planted_mistake("snapshot_before_deletions")) return 0;
  if (planted_mistake("snapshot_before_close")) return -level.block;
  return level.settled;
}

/// More than blocks of a level are needed at once: what lay at the same place a round ago may be
/// compacted away. The smaller ones are needed until a larger one has their panes.
Pane block_places(const Settings& settings, std::size_t level) {
  const SnapshotLevel& own = settings.snapshots[level];
  Pane reach = settings.keep;
  if (level > 0) {
    const SnapshotLevel& larger = settings.snapshots[level - 1];
    reach = larger.settled + larger.block - own.settled;
  }
  if (planted_mistake("snapshot_place_taken_too_early")) reach /= 4;
  return reach / own.block + 2;
}

}  // namespace

/// Writes the oldest blocks that are not in window_panes yet and can no longer change. Returns
/// whether there were some.
bool MergeStage::save(std::int32_t partition, Held& held, Outputs& out) const {
  if (settings_.snapshots.empty() || held.closed == kNoPane) return false;
  int left = kBlocksMax;
  Pane begin = floor_to(held.closed - settings_.keep + 1, settings_.snapshots.front().block);
  for (std::size_t i = 0; i < settings_.snapshots.size(); ++i) {
    const SnapshotLevel& level = settings_.snapshots[i];
    SavedBlocks& saved = held.saved[i];
    forget(saved, begin, level.block);
    while (left > 0 && saved.until + level.block <= held.closed - settled_of(level)) {
      saved.digests.push_back(save_block(partition, held, i, out));
      saved.until += level.block;
      if (saved.digests.back() != 0) --left;  // One without posts is nowhere.
    }
    begin = saved.until;
  }
  return left < kBlocksMax;
}

/// The next one of a level.
std::uint32_t MergeStage::save_block(std::int32_t partition, const Held& held, std::size_t level,
                                     Outputs& out) const {
  const auto first_of = [&](Pane pane) {
    const auto first = held.first.find(pane);
    return first == held.first.end() ? -1 : first->second;
  };
  const Pane size = settings_.snapshots[level].block;
  const Pane begin = held.saved[level].until;
  std::vector<SavedPanes> parts;
  std::vector<std::string> keys;
  std::list<std::string> written;  // The parts point there.
  const Pane place = begin / size % block_places(settings_, level);
  std::uint64_t block = 0;
  for (std::size_t i = 0; i < held.kernels.size(); ++i) {
    const std::string_view dimension = name_of(settings_.dimensions[i]);
    int part = 0;
    held.kernels[i].save(begin, begin + size, first_of, [&](std::string bytes) {
      parts.push_back({.dimension = dimension,
                       .begin = begin,
                       .end = begin + size,
                       .panes = written.emplace_back(std::move(bytes))});
      block += parts.back().check();
      keys.push_back(std::to_string(level) + "," + std::to_string(place) + "," +
                     std::string(dimension) + "," + std::to_string(part++));
    });
  }
  for (std::size_t i = 0; i < parts.size(); ++i) {
    parts[i].block = block;
    append_panes(out.start(settings_.family->panes, Partition(partition), keys[i]), parts[i]);
  }
  return short_of(block);
}

/// What the first pane that is counted again may keep hangs on all of its span before it
/// (PaneBudget), so that blocks which begin later are of no use. The oldest one does not count: its
/// first panes may have been gone when it was written. That is so after a restore without
/// snapshots, until they are written anew, and where closing ran far ahead of the writing.
std::string MergeStage::lacking(const MergeMetadata& metadata) const {
  if (planted_mistake("snapshot_of_part_of_a_span")) return {};
  const SavedBlocks& oldest = metadata.saved.front();
  const Pane block = settings_.snapshots.front().block;
  Pane whole = oldest.until - static_cast<Pane>(oldest.digests.size()) * block;
  if (!planted_mistake("snapshot_of_a_first_part")) whole += block;
  const Pane border = floor_to(metadata.saved.back().until, settings_.span);
  if (border >= whole) return {};
  return "they are whole from pane " + std::to_string(whole) + " on and would have to be from " +
         std::to_string(border) + ", where the quarter begins in which they end";
}

Result<Snapshots> MergeStage::snapshots(const TopicPartition& partition,
                                        const std::optional<CommittedOffset>& committed) {
  loading_.reset();
  if (!committed || settings_.snapshots.empty()) return Snapshots{};
  auto metadata = read_merge_metadata(settings_, partition, *committed);
  ROOKERY_RETURN_IF_ERROR(metadata);
  if (metadata->saved.size() != settings_.snapshots.size()) {  // Of other windows it was refused.
    return Snapshots{.lacking =
                         "the committed offset tells of none: it is that of a rescale, or of "
                         "another version"};
  }
  Loading loading{.partition = partition.partition,
                  .held = fresh(),
                  .metadata = *std::move(metadata),
                  .found = {},
                  .parts = {},
                  .wrong = {}};
  std::uint32_t any = 0;
  for (const SavedBlocks& saved : loading.metadata.saved) {
    loading.found.emplace_back(saved.digests.size());
    for (const std::uint32_t digest : saved.digests) any |= digest;
  }
  if (any == 0) return Snapshots{};
  if (std::string why = lacking(loading.metadata); !why.empty()) {
    return Snapshots{.lacking = std::move(why)};
  }
  loading_ = std::move(loading);
  return Snapshots{.topic = std::string(settings_.family->panes)};
}

/// Where in the metadata the block of `part` stands; null for one of an earlier round, of another
/// life of the topic, or of an earlier writing of the same panes.
std::uint64_t* MergeStage::Loading::block_of(const SavedPanes& part, const Settings& settings) {
  for (std::size_t i = 0; i < found.size(); ++i) {
    const Pane size = settings.snapshots[i].block;
    const auto& [until, digests] = metadata.saved[i];
    if (part.end - part.begin != size || part.end > until || (until - part.end) % size != 0) {
      continue;
    }
    const auto back = static_cast<std::size_t>((until - part.end) / size);
    if (back >= digests.size()) continue;
    const std::size_t index = digests.size() - 1 - back;
    if (short_of(part.block) != digests[index] && !planted_mistake("snapshot_of_another_life")) {
      continue;
    }
    return &found[i][index];
  }
  return nullptr;
}

Result<void> MergeStage::take_snapshot(const TopicPartition& /*partition*/,
                                       const InputRecord& record) {
  if (!loading_ || !loading_->wrong.empty() || !record.value) return {};
  Loading& loading = *loading_;
  std::uint64_t* block = nullptr;
  auto part = reader_.read_panes(*record.value, [&](const SavedPanes& head) {
    block = loading.block_of(head, settings_);
    return block != nullptr;
  });
  if (!part) {  // If it is one that counts, its block will not be whole.
    loading.damage = part.error().message;
    return {};
  }
  const auto& dimensions = settings_.dimensions;
  const auto dimension = std::find_if(dimensions.begin(), dimensions.end(),
                                      [&](Dimension d) { return name_of(d) == part->dimension; });
  const std::uint64_t check = part->check();
  if (block == nullptr || dimension == dimensions.end() || !loading.parts.insert(check).second) {
    return {};
  }
  *block += check;
  WindowKernel& kernel =
      loading.held.kernels[static_cast<std::size_t>(dimension - dimensions.begin())];
  const bool read = kernel.load(part->panes, loading.metadata.saved.front().until,
                                [&](Pane pane, std::int64_t first) {
                                  if (first >= 0) loading.held.first.try_emplace(pane, first);
                                });
  if (!read) {
    loading.wrong = "offset " + std::to_string(record.offset.value()) +
                    " holds other panes than "
                    "it says";
  }
  return {};
}

std::string MergeStage::snapshots_read(const TopicPartition& /*partition*/) {
  if (!loading_) return {};
  Loading& loading = *loading_;
  for (std::size_t i = 0; i < loading.found.size() && loading.wrong.empty(); ++i) {
    const auto& [until, digests] = loading.metadata.saved[i];
    std::size_t missing = 0;
    for (std::size_t k = 0; k < digests.size(); ++k) {
      if (short_of(loading.found[i][k]) != digests[k]) ++missing;
    }
    if (missing == 0 || planted_mistake("snapshot_torn") ||
        planted_mistake("snapshot_damage_not_noticed") ||
        planted_mistake("snapshot_of_another_life")) {
      continue;
    }
    loading.wrong = std::to_string(missing) + " of " + std::to_string(digests.size()) +
                    " blocks are not there as they were committed";
    if (!loading.damage.empty()) loading.wrong += "; damaged: " + loading.damage;
  }
  return loading.wrong;
}

/// The state that the snapshots of `partition` make, if they are all there.
std::optional<MergeStage::Held> MergeStage::loaded(Partition partition) {
  auto loading = std::exchange(loading_, std::nullopt);
  if (!loading || loading->partition != partition || !loading->wrong.empty()) return std::nullopt;
  Held held = std::move(loading->held);
  held.saved = loading->metadata.saved;
  // The oldest block begins before what is kept.
  drop_through(held, loading->metadata.closed - settings_.keep);
  return held;
}

}  // namespace rookery::hashtag_window
