#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "common/core/result.hpp"
#include "services/ingest/live/stream_gap.hpp"

namespace rookery::ingest {

/// What came over a live connection: a message, or the news of a gap before the
/// next message.
struct LiveItem {
  std::string bytes;        ///< Empty for a gap.
  WallTime received = {};   ///< When it was read from the connection.
  std::string cursor = {};  ///< Where to go on behind it; empty: as before.
  std::optional<StreamGap> gap = {};
  bool filled = false;  ///< Fetched later, beside the connection.
};

/// Between the thread of the connection and that of the pipeline: bounded in
/// bytes, so that a slow broker makes the connection wait, and with it the
/// server. Memory: `bytes_max` and one item.
class LiveQueue {
 public:
  explicit LiveQueue(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  /// Waits while the queue is full. False: `stop` was requested, and the item is
  /// not taken. Thread of the connection.
  bool push(LiveItem item, const std::stop_token& stop);

  /// The connection's thread has ended with `error`, which is told behind what
  /// was pushed before.
  void fail(Error error);

  /// Moves at most `items_max` items behind `items`; waits for the first for at
  /// most `timeout`. Returns the error of fail() once all was taken. Thread of
  /// the pipeline.
  Result<void> take(std::deque<LiveItem>& items, std::size_t items_max,
                    std::chrono::milliseconds timeout);

  /// How often push() had to wait.
  [[nodiscard]] std::uint64_t waits() const;

 private:
  static std::size_t size_of(const LiveItem& item) { return item.bytes.size() + sizeof(LiveItem); }

  const std::size_t bytes_max_;
  mutable std::mutex mutex_;
  std::condition_variable_any filled_;
  std::condition_variable_any drained_;
  std::deque<LiveItem> items_;
  std::size_t bytes_ = 0;
  std::uint64_t waits_ = 0;
  std::optional<Error> error_;
};

}  // namespace rookery::ingest
