#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/core/clock.hpp"
#include "common/core/result.hpp"
#include "common/runtime/io.hpp"
#include "services/hashtag-window/authors.hpp"
#include "services/hashtag-window/hotspots.hpp"
#include "services/hashtag-window/score.hpp"
#include "services/hashtag-window/settings.hpp"
#include "services/hashtag-window/times.hpp"

/// The records of proto/rookery/v1/{window_partials,window_ranks,trends,late_tweets}.proto,
/// written and read by hand.
namespace rookery::hashtag_window {

/// One key's sum of one transaction.
struct Partial {
  std::string_view dimension;
  std::string_view key;
  std::string_view spelling = {};  ///< Empty where it is the key.
  Pane pane = 0;
  Pane from = 0;
  std::int64_t count = 0;
  std::int64_t sentiment = 0;
  Times times = {};
};

/// Keys of `pane` were refused, see Admission: rankings that include it are approximate.
struct Refused {
  std::string_view dimension;
  Pane pane = 0;
};

/// From `offset` on, no post of a pane below `pane` is accepted from `partition`.
struct Frontier {
  Partition partition;
  Offset offset;
  Pane pane = 0;
  bool idle = false;
};

/// Some closed panes of one dimension; a part of a block of panes.
struct SavedPanes {
  std::string_view dimension;
  Pane begin = 0;           ///< Of the block,
  Pane end = 0;             ///< and the first pane behind it.
  std::uint64_t block = 0;  ///< The sum of `check` of all parts of the block, of all dimensions.
  /// See pane_snapshot.hpp. Where it was read, PackedPane::kBehind bytes follow, and it holds until
  /// the next call.
  std::string_view panes;

  /// Tells this part from any other.
  [[nodiscard]] std::uint64_t check() const;
};

struct RankEntry {
  std::string key;
  std::string spelling = {};  ///< Empty where it is the key.
  std::int64_t count = 0;
  std::int64_t sentiment = 0;
  std::int64_t authors = 0;
  std::int64_t newest = 0;                   ///< Authors in the newest block of the trend score,
  std::vector<std::int64_t> past = {};       ///< and in those before it, the latest first.
  std::vector<std::int64_t> yesterday = {};  ///< And at the same time then: KeyHistory::Reading.
  std::optional<WallTime> first_seen = {};
  WallTime last_seen = {};  ///< Where there is a first.
};

/// The top K of one partition of window_partials.
struct Rank {
  std::int32_t partition = 0;
  Pane end = 0;
  std::string window;
  std::string dimension = {};
  bool early = false;  ///< The window is still open.
  std::int64_t total = 0;
  std::int64_t sentiment = 0;
  bool approximate = false;
  std::vector<RankEntry> top = {};
  /// Of pairs of cell and hashtag, instead of `top`.
  struct Pair {
    std::string key;
    std::int64_t count = 0;
  };
  std::vector<Pair> pairs = {};
  std::int64_t missing_max = 0;  ///< A pair that is not listed has at most so many posts.
};

/// All windows of `partition` that end at or before `pane` are reported; `early`: those of them
/// that are open were reported early.
struct Closed {
  std::int32_t partition = 0;
  Pane pane = 0;
  bool early = false;
};

/// One key of a trend; previous_rank 0: it had none.
struct TrendEntry {
  const RankEntry* entry = nullptr;
  std::int64_t previous_rank = 0;
  TrendScore trend = {};
};

struct Trend {
  std::string_view dimension;
  std::string_view window;
  WallTime start;
  WallTime end;
  bool final = true;
  std::int64_t total = 0;
  std::int64_t sentiment = 0;
  bool approximate = false;
  std::vector<TrendEntry> top;
  std::vector<Hotspot> hotspots = {};
};

struct LateTweet {
  std::string_view id;
  const InputRecord& record;
  Pane pane = 0;
  Pane frontier = 0;
};

using PartialRecord = std::variant<Partial, std::vector<Frontier>, Refused>;

void append_partial(std::string& out, const Partial& partial, const AuthorSet& authors);
void append_refused(std::string& out, const Refused& refused);
/// Of partitions of `topic`, the input.
void append_frontiers(std::string& out, std::string_view topic,
                      const std::vector<Frontier>& frontiers);
void append_panes(std::string& out, const SavedPanes& saved);
void append_rank(std::string& out, const Rank& rank);
void append_closed(std::string& out, const Closed& closed);
void append_trend(std::string& out, const Trend& trend);
void append_late(std::string& out, const LateTweet& late);

/// Reads the internal records. Keeps its buffers; one thread uses it. What it returns
/// holds until the next call.
class RecordReader {
 public:
  RecordReader();
  ~RecordReader();

  /// What lies in window_partials; a partial's authors are in `authors`. Error:
  /// partial_malformed (a dead letter), which names what was expected.
  Result<PartialRecord> read_partial(std::string_view json, AuthorSet& authors,
                                     std::size_t exact_max);

  /// Leaves `panes` empty where the record is not `wanted`. Error: panes_malformed, also where
  /// `check` is not that of the panes.
  Result<SavedPanes> read_panes(std::string_view json,
                                const std::function<bool(const SavedPanes&)>& wanted);

  /// Error: rank_malformed, a dead letter.
  Result<std::variant<Rank, Closed>> read_rank(std::string_view json);

 private:
  struct Buffers;
  std::unique_ptr<Buffers> buffers_;
};

/// The mean of `sum` over `count`, rounded towards negative infinity.
[[nodiscard]] std::int64_t floor_mean(std::int64_t sum, std::int64_t count);

}  // namespace rookery::hashtag_window
