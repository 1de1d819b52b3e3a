#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/ingest/live/reader_feed.hpp"
#include "services/ingest/ws/connection.hpp"
#include "services/ingest/ws/profile.hpp"
#include "services/ingest/ws/zstd_frames.hpp"

namespace rookery::ingest {

/// A feed over a WebSocket. While the queue is full nothing is read, and the
/// server is held back by TCP. One thread uses it.
class WebSocketFeed final : public LiveProtocol {
 public:
  struct Options {
    FeedProfile profile = FeedProfile::kJetstream;
    WebSocketConnection::Options connection;
    std::vector<std::string> collections;
    std::vector<std::string> dids;
  };
  /// Null: frames are not compressed.
  using Compression = std::unique_ptr<ZstdFrames>;

  WebSocketFeed(Options options, Compression compression)
      : options_(std::move(options)), compression_(std::move(compression)) {}

  [[nodiscard]] std::string_view source() const override { return "websocket"; }
  [[nodiscard]] std::string location() const override;
  [[nodiscard]] Backoff::Schedule schedule() const override { return Backoff::Schedule::kJittered; }
  void resume(const Resume& from) override { cursor_ = from.cursor; }
  ConnectionEnd run(LiveOutput& out) override;

 private:
  ConnectionEnd refused(const Error& error);
  [[nodiscard]] StreamGap outdated(const LiveOutput& out, std::chrono::milliseconds silent) const;
  ConnectionEnd read_all(WebSocketConnection& connection, LiveOutput& out);
  [[nodiscard]] Result<std::string> decoded(std::string_view frame);
  std::optional<ConnectionEnd> take(std::string message, LiveOutput& out);

  Options options_;
  Compression compression_;
  std::optional<std::chrono::milliseconds> silent_;  ///< Before this connection.
  std::string cursor_;  ///< Behind the last message; empty: from now on.
};

}  // namespace rookery::ingest
