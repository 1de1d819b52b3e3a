#include "services/ingest/live/stream_gap.hpp"

#include <utility>

#include "common/records/json_writer.hpp"

namespace rookery::ingest {

std::string_view name_of(GapReason reason) {
  switch (reason) {
    case GapReason::kConnectionLost:
      return "connection_lost";
    case GapReason::kStalled:
      return "stalled";
    case GapReason::kDisconnected:
      return "disconnected";
    case GapReason::kRestart:
      return "restart";
    case GapReason::kCursorTooOld:
      return "cursor_too_old";
  }
  return "";
}

void append_stream_gap(std::string& out, const StreamGap& gap) {
  json::ObjectWriter object(out);
  object.string("source", gap.source);
  object.string("location", gap.location);
  object.string("reason", name_of(gap.reason));
  object.time("started_at", gap.started_at);
  object.time("ended_at", gap.ended_at);
  object.number("seconds", static_cast<double>(gap.duration().count()) / 1000);
  if (!gap.detail.empty()) object.string("detail", gap.detail);
  if (!gap.fill.empty()) {
    object.string("fill", gap.fill);
    object.number("filled_posts", static_cast<std::int64_t>(gap.filled_posts));
  }
  if (!gap.instance.empty()) object.string("instance", gap.instance);
}

void GapTracker::lost(GapReason reason, std::string detail) {
  if (reason_) return;
  reason_ = reason;
  detail_ = std::move(detail);
}

std::optional<StreamGap> GapTracker::connected(WallTime now, std::chrono::milliseconds covered) {
  const auto before = std::exchange(seen_, now);
  const GapReason reason = reason_.value_or(GapReason::kRestart);
  std::string detail = std::exchange(detail_, {});
  reason_.reset();
  // Without a replay posts may be missing however short the time: a fast server has
  // closed and taken us again within the clock's millisecond.
  const bool replayed = covered.count() > 0 && before && now - *before <= covered;
  if (!before || replayed) return {};
  return StreamGap{.source = stream_.source,
                   .location = stream_.location,
                   .reason = reason,
                   .started_at = *before,
                   .ended_at = now - covered,
                   .detail = std::move(detail)};
}

}  // namespace rookery::ingest
