#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
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
  std::string bytes;                    ///< Empty for a gap.
  WallTime received = {};               ///< When it was read from the connection.
  std::string cursor = {};              ///< Where to go on behind it; empty: as before.
  std::unique_ptr<StreamGap> gap = {};  ///< Of the news of a gap; rare, so not in every item.
  bool filled = false;                  ///< Fetched later, beside the connection.
};

/// Between the thread of the connection and that of the pipeline: bounded in
/// bytes, so that a slow broker makes the connection wait, and with it the
/// server. Memory: `bytes_max` and one item, and what take() gave.
class LiveQueue {
 public:
  /// What is taken is there three times until it is committed: here, as records, and
  /// in the producer.
  static constexpr std::size_t kTakeBytesMax = 1U << 20U;

  explicit LiveQueue(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  /// Waits while the queue is full. False: `stop` was requested, and the item is
  /// not taken. Thread of the connection.
  bool push(LiveItem item, const std::stop_token& stop);

  /// The connection's thread has ended with `error`, which is told behind what
  /// was pushed before.
  void fail(Error error);

  /// Waits for at most `timeout` until there are `items` items, or as much as take()
  /// gives, or an error. Whether there is any item. Thread of the pipeline.
  bool wait_for(std::size_t items, std::chrono::milliseconds timeout);

  /// Moves at most `items_max` items behind `items`, and no more than fill
  /// kTakeBytesMax. Returns the error of fail() once all was taken. Thread of the
  /// pipeline.
  Result<void> take(std::deque<LiveItem>& items, std::size_t items_max);

  /// How often push() had to wait.
  [[nodiscard]] std::uint64_t waits() const;

 private:
  static std::size_t size_of(const LiveItem& item) { return item.bytes.size() + sizeof(LiveItem); }

  /// Whether waiting for more is of no use. Under the mutex.
  [[nodiscard]] bool enough() const;

  const std::size_t bytes_max_;
  mutable std::mutex mutex_;
  std::condition_variable_any filled_;
  std::condition_variable_any drained_;
  std::deque<LiveItem> items_;
  std::size_t bytes_ = 0;
  std::size_t enough_ = 1;  ///< Items that wait_for() waits for.
  std::uint64_t waits_ = 0;
  std::optional<Error> error_;
};

}  // namespace rookery::ingest
