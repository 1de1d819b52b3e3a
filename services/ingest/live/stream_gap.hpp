#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/core/clock.hpp"

namespace rookery::ingest {

/// Why posts of a live stream may be missing.
enum class GapReason : std::uint8_t {
  kConnectionLost,  ///< The network or the server closed the connection.
  kStalled,         ///< Nothing came, not even a keep-alive.
  kDisconnected,    ///< The server said that it disconnects us, and why.
  kRestart,         ///< ingest was not running.
  kCursorTooOld,    ///< The server no longer has what follows our position.
};

/// As it stands in the record: "connection_lost", ...
[[nodiscard]] std::string_view name_of(GapReason reason);

/// A stretch of time of which posts may be missing for good.
struct StreamGap {
  std::string source;
  std::string location;
  GapReason reason = GapReason::kConnectionLost;
  WallTime started_at = {};  ///< The last sign of life before.
  WallTime ended_at = {};    ///< From here on it is read again.
  std::string detail = {};   ///< What the server or the network said; may be empty.
  std::string fill = {};     ///< "whole" or "partly": it was filled later; else empty.
  std::uint64_t filled_posts = 0;
  std::string instance = {};  ///< Of redundant ones: whose gap it is; else empty.

  [[nodiscard]] std::chrono::milliseconds duration() const { return ended_at - started_at; }
};

/// Appends `gap` as one record of stream_gaps, without a line break.
void append_stream_gap(std::string& out, const StreamGap& gap);

/// Finds the gaps of one stream: told of every sign of life and of every
/// connection, it says what no replay covers. A pure function of what it is told.
class GapTracker {
 public:
  struct Stream {
    std::string source;
    std::string location;
  };

  /// `seen` is when an earlier process last got something; absent: never.
  GapTracker(Stream stream, std::optional<WallTime> seen)
      : stream_(std::move(stream)), seen_(seen) {}

  /// Something came: a post or a keep-alive.
  void seen(WallTime now) { seen_ = now; }

  /// The connection is gone; the first reason since the last connection counts.
  void lost(GapReason reason, std::string detail);

  /// A connection delivers from `now` on, and what was posted up to `covered`
  /// before comes again. Returns what is missing; without a replay that is a gap even
  /// of 0 s, because times are whole milliseconds.
  [[nodiscard]] std::optional<StreamGap> connected(WallTime now, std::chrono::milliseconds covered);

  [[nodiscard]] const Stream& stream() const { return stream_; }
  /// The last sign of life; absent: there never was one.
  [[nodiscard]] std::optional<WallTime> last_seen() const { return seen_; }

 private:
  Stream stream_;
  std::optional<WallTime> seen_;
  std::optional<GapReason> reason_;
  std::string detail_;
};

}  // namespace rookery::ingest
