#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/core/clock.hpp"
#include "common/observe/log.hpp"
#include "common/runtime/feed.hpp"
#include "services/ingest/live/live_queue.hpp"
#include "services/ingest/live/reader_feed.hpp"
#include "services/ingest/session.hpp"

namespace rookery::ingest {

/// A live stream as a feed. A thread of its own reads the connection into a
/// bounded queue. Its position is {"cursor":"…","seen":"2026-…Z","batch":7}: the
/// protocol's cursor, when the last message was read, and a number that is
/// different for each batch.
///
/// A stream has no way back, so the feed keeps the last batch until the next
/// read(), which the pipeline calls only once the batch is committed: a batch
/// that is undone comes again from memory, without a new connection. The thread
/// of the pipeline uses it.
class LiveFeed final : public Feed {
 public:
  struct Options {
    std::size_t queue_bytes_max = 8U << 20U;
    LiveReader::Options reader;
    std::string instance = {};  ///< Of redundant instances: this one's name.
  };

  /// All references outlive the feed.
  LiveFeed(std::unique_ptr<LiveProtocol> protocol, Options options, Session& session, Clock& clock,
           Log& log);

  [[nodiscard]] std::string_view source() const override { return protocol_->source(); }
  /// Redundant instances keep a position each.
  [[nodiscard]] std::string location() const override;

  /// Error code: position_invalid (kMisconfigured).
  Result<void> seek(const std::optional<std::string>& position) override;

  /// Gives what has come, at most once in `timeout` while little comes at a time. Errors: those of
  /// the protocol, behind all that came before.
  Result<FeedBatch> read(std::chrono::milliseconds timeout, std::size_t items_max) override;

  [[nodiscard]] std::string position() const override;

 private:
  struct Position {
    Resume at;
    std::uint64_t batch = 0;
  };

  static std::string text_of(const Position& position);
  static Result<Position> parse(std::string_view text);
  FeedBatch give();
  void wait_for_items(std::chrono::milliseconds interval, std::size_t items_max);

  std::unique_ptr<LiveProtocol> protocol_;
  Options options_;
  Session& session_;
  Clock& clock_;
  Log& log_;
  Position position_;                     ///< Behind the last batch.
  std::optional<std::string> committed_;  ///< Its text, or what seek() was told.
  std::optional<std::string> before_;     ///< Before the last batch; absent: the beginning.
  std::deque<LiveItem> batch_;            ///< What the last read() gave.
  bool again_ = false;                    ///< The next read() gives it once more.
  bool started_ = false;
  std::optional<MonotonicTime> taken_at_;  ///< When items were taken last.
  LiveQueue queue_;
  std::optional<LiveReader> reader_;  ///< Last: its thread uses the queue.
};

}  // namespace rookery::ingest
