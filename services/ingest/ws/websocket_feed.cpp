#include "services/ingest/ws/websocket_feed.hpp"

#include <utility>

namespace rookery::ingest {
namespace {

/// How soon a request to stop is seen.
constexpr std::chrono::milliseconds kSlice{100};

ConnectionEnd end_of(const Error& error) {
  ConnectionEnd end{.detail = error.message};
  if (error.code == "connection_stalled") end.reason = GapReason::kStalled;
  if (error.code == "connection_closed") end.reason = GapReason::kDisconnected;
  return end;
}

}  // namespace

std::string WebSocketFeed::location() const {
  // What stands behind "?" may be a token.
  const std::string& url = options_.connection.url;
  return url.substr(0, url.find('?'));
}

ConnectionEnd WebSocketFeed::refused(const Error& error) {
  ConnectionEnd end{.kind = LossKind::kHttp, .detail = error.message};
  const auto says = [&](std::string_view text) {
    return error.message.find(text) != std::string::npos;
  };
  if (says("HTTP 429")) end.kind = LossKind::kRateLimited;
  if (says("HTTP 401") || says("HTTP 403")) {
    end.fatal = Error{Disposition::kMisconfigured, "token_refused", error.message};
  }
  if (says("HTTP 400") && !cursor_.empty()) {
    // The server no longer has what follows: the gap is told when it delivers.
    cursor_.clear();
    end.reason = GapReason::kCursorTooOld;
  } else if (says("HTTP 400")) {
    end.fatal = Error{Disposition::kMisconfigured, "request_refused", error.message};
  }
  return end;
}

ConnectionEnd WebSocketFeed::run(LiveOutput& out) {
  auto options = options_.connection;
  options.url =
      connect_url(options_.profile, options.url, options_.collections, options_.dids, cursor_);
  if (compression_) {
    options.url += options.url.find('?') == std::string::npos ? '?' : '&';
    options.url += "compress=true";
  }
  auto connection = WebSocketConnection::open(options, [&] { return !out.stopped(); });
  if (!connection) {
    const Error& error = connection.error();
    return error.code == "handshake_refused" ? refused(error) : end_of(error);
  }
  silent_ = out.silence();
  const bool replays = has_cursor(options_.profile) && !cursor_.empty();
  if (!out.connected(replays ? std::chrono::milliseconds(kReplayReach)
                             : std::chrono::milliseconds(0))) {
    return {};
  }
  return read_all(**connection, out);
}

StreamGap WebSocketFeed::outdated(const LiveOutput& out, std::chrono::milliseconds silent) const {
  const WallTime now = out.clock().wall_now();
  return {.source = std::string(source()),
          .location = location(),
          .reason = GapReason::kCursorTooOld,
          .started_at = now - silent,
          .ended_at = now};
}

Result<std::string> WebSocketFeed::decoded(std::string_view frame) {
  if (!compression_ && is_zstd(frame)) {
    return misconfigured("frame_compressed",
                         "the server compresses with zstd: expected ws_compress true, or an "
                         "address without compress=true");
  }
  if (!compression_ || !is_zstd(frame)) return std::string(frame);
  std::string message;
  auto done = compression_->decode(frame, options_.connection.message_bytes_max, message);
  if (done) return message;
  // What is damaged is kept as it came: the parser makes a dead letter of it.
  if (done.error().disposition == Disposition::kDeadLetter) return std::string(frame);
  return Failure(std::move(done).error());
}

/// Hands a message on; absent: the connection goes on.
std::optional<ConnectionEnd> WebSocketFeed::take(std::string message, LiveOutput& out) {
  switch (meaning_of_frame(options_.profile, message)) {
    case FrameMeaning::kMessage:
      break;
    case FrameMeaning::kError:
      return ConnectionEnd{.reason = GapReason::kDisconnected, .detail = message.substr(0, 300)};
    case FrameMeaning::kCursorOutdated:
      // What the server begins with is not said: all since the last sign of life.
      if (silent_ && !out.gap(outdated(out, *silent_))) return ConnectionEnd{};
      break;
  }
  std::string cursor = cursor_behind(options_.profile, message);
  if (!cursor.empty()) cursor_ = cursor;
  if (!out.message(std::move(message), std::move(cursor))) return ConnectionEnd{};
  return {};
}

ConnectionEnd WebSocketFeed::read_all(WebSocketConnection& connection, LiveOutput& out) {
  while (!out.stopped()) {
    const auto event = connection.read(kSlice);
    if (!event) return end_of(event.error());
    if (*event == WebSocketConnection::Event::kNothing) continue;
    auto message = decoded(connection.message());
    if (!message) {
      return {.reason = GapReason::kDisconnected,
              .detail = message.error().message,
              .fatal = message.error()};
    }
    if (auto end = take(std::move(*message), out)) return std::move(*end);
  }
  return {};
}

}  // namespace rookery::ingest
