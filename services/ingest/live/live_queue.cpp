#include "services/ingest/live/live_queue.hpp"

#include <algorithm>
#include <utility>

namespace rookery::ingest {

bool LiveQueue::push(LiveItem item, const std::stop_token& stop) {
  const std::size_t size = size_of(item);
  std::unique_lock lock(mutex_);
  if (bytes_ >= bytes_max_) {
    ++waits_;
    if (!drained_.wait(lock, stop, [this] { return bytes_ < bytes_max_; })) return false;
  }
  if (stop.stop_requested()) return false;
  bytes_ += size;
  items_.push_back(std::move(item));
  // What comes before there is enough wakes nobody.
  if (enough()) filled_.notify_one();
  return true;
}

void LiveQueue::fail(Error error) {
  const std::scoped_lock lock(mutex_);
  error_ = std::move(error);
  filled_.notify_one();
}

bool LiveQueue::enough() const {
  return items_.size() >= enough_ || bytes_ >= std::min(bytes_max_, kTakeBytesMax);
}

bool LiveQueue::wait_for(std::size_t items, std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  enough_ = items;
  filled_.wait_for(lock, timeout, [this] { return enough() || error_.has_value(); });
  return !items_.empty();
}

Result<void> LiveQueue::take(std::deque<LiveItem>& items, std::size_t items_max) {
  const std::scoped_lock lock(mutex_);
  if (items_.empty() && error_) return Failure(*error_);
  std::size_t bytes = 0;
  while (!items_.empty() && items_max > 0 && bytes < kTakeBytesMax) {
    bytes += size_of(items_.front());
    bytes_ -= size_of(items_.front());
    items.push_back(std::move(items_.front()));
    items_.pop_front();
    --items_max;
  }
  drained_.notify_one();
  return {};
}

std::uint64_t LiveQueue::waits() const {
  const std::scoped_lock lock(mutex_);
  return waits_;
}

}  // namespace rookery::ingest
