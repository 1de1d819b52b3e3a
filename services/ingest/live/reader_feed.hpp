#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>

#include "common/core/clock.hpp"
#include "common/core/result.hpp"
#include "common/observe/log.hpp"
#include "services/ingest/live/backoff.hpp"
#include "services/ingest/live/live_queue.hpp"
#include "services/ingest/live/stream_gap.hpp"

namespace rookery::ingest {

/// Where an earlier process, or the last committed batch, stopped.
struct Resume {
  std::string cursor;            ///< The protocol's own; empty: there is none.
  std::optional<WallTime> seen;  ///< When the last message was read.
};

/// How one connection ended.
struct ConnectionEnd {
  LossKind kind = LossKind::kNetwork;
  GapReason reason = GapReason::kConnectionLost;
  std::string detail;
  std::optional<std::chrono::seconds> reset_in = {};  ///< Of a rate limit.
  /// Set where no other try will help: a refused token, a broken rule.
  std::optional<Error> fatal = {};
};

/// Where a connection puts what comes, and what it must say of itself. Thread of
/// the connection.
class LiveOutput {
 public:
  LiveOutput(LiveQueue& queue, GapTracker& gaps, Backoff& backoff, Clock& clock, Log& log,
             std::stop_token stop)
      : queue_(queue),
        gaps_(gaps),
        backoff_(backoff),
        clock_(clock),
        log_(log),
        stop_(std::move(stop)) {}

  /// The server delivers from now on, and repeats what was posted up to
  /// `covered` before. False: stop.
  bool connected(std::chrono::milliseconds covered);
  /// The connection is gone.
  void ended() { connected_ = false; }
  /// A message; behind it the stream goes on at `cursor`. Waits while the queue
  /// is full. False: stop.
  bool message(std::string bytes, std::string cursor = {});
  /// A sign of life that is no message.
  void alive();
  /// A connection that has lived so long, or brought an object, was worth its name: the next loss
  /// is the first again. A server that answers with a page of HTML, or a line break, and closes
  /// would else be asked anew without any wait.
  static constexpr std::chrono::seconds kSteady{10};
  /// Writes a gap that the protocol found itself. Any thread, as fill().
  bool gap(StreamGap gap);
  /// A message of the past, fetched beside the connection: no sign of its life.
  bool fill(std::string bytes);
  /// What connected() found to be missing.
  [[nodiscard]] const std::optional<StreamGap>& missing() const { return missing_; }

  [[nodiscard]] bool stopped() const { return stop_.stop_requested(); }
  [[nodiscard]] const std::stop_token& stop() const { return stop_; }
  [[nodiscard]] Clock& clock() const { return clock_; }
  /// How long ago the last sign of life was; absent: there never was one.
  [[nodiscard]] std::optional<std::chrono::milliseconds> silence() const;

 private:
  LiveQueue& queue_;
  GapTracker& gaps_;
  Backoff& backoff_;
  Clock& clock_;
  Log& log_;
  std::stop_token stop_;
  bool connected_ = false;
  MonotonicTime connected_at_{};
  std::optional<StreamGap> missing_;
};

/// A protocol over one connection at a time. Used by one thread, which is not
/// that of the pipeline.
class LiveProtocol {
 public:
  virtual ~LiveProtocol() = default;

  /// "x-stream", "websocket".
  [[nodiscard]] virtual std::string_view source() const = 0;
  /// What tells this stream from others of the source; never a secret.
  [[nodiscard]] virtual std::string location() const = 0;
  [[nodiscard]] virtual Backoff::Schedule schedule() const = 0;

  /// Before the first connection: where to go on.
  virtual void resume(const Resume& from) = 0;

  /// Connects, and reads until the connection ends or `out` says stop.
  virtual ConnectionEnd run(LiveOutput& out) = 0;

  /// No run() follows: ends what still uses the last one's `out`.
  virtual void close() {}
};

/// Keeps a protocol connected until it is destroyed. Owns the thread.
class LiveReader {
 public:
  struct Options {
    double wait_scale = 1;  ///< Of all waits; below 1 for tests alone.
  };

  /// All must outlive the reader.
  LiveReader(LiveProtocol& protocol, LiveQueue& queue, Resume from, Options options, Clock& clock,
             Log& log);

 private:
  void run(const std::stop_token& stop);
  void keep_connected(LiveOutput& out, GapTracker& gaps, Backoff& backoff,
                      const std::stop_token& stop);

  LiveProtocol& protocol_;
  LiveQueue& queue_;
  Options options_;
  Clock& clock_;
  Log& log_;
  Resume from_;
  std::jthread thread_;  ///< Last: it uses all others, and is joined first.
};

}  // namespace rookery::ingest
