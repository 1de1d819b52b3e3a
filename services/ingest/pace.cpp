#include "services/ingest/pace.hpp"

#include <algorithm>
#include <cmath>

namespace rookery::ingest {
namespace {

using std::chrono::milliseconds;
using Seconds = std::chrono::duration<double>;
using Milliseconds = std::chrono::duration<double, std::milli>;

/// Whole milliseconds, rounded up, so that a wait is long enough.
milliseconds at_least(Seconds duration) {
  return milliseconds(static_cast<std::int64_t>(std::ceil(Milliseconds(duration).count())));
}

}  // namespace

void Pace::restart() {
  begin_.reset();
  admitted_ = 0;
}

std::size_t Pace::admit(std::size_t wanted, milliseconds timeout) {
  if (options_.rate <= 0 || wanted == 0) return wanted;
  if (!begin_) begin_ = clock_.monotonic_now();
  const Seconds due_first(static_cast<double>(admitted_) / options_.rate);
  Seconds since = clock_.monotonic_now() - *begin_;
  if (since < due_first) {
    const milliseconds wait = std::min(timeout, at_least(due_first - since));
    clock_.sleep_for(wait, {});
    since = clock_.monotonic_now() - *begin_;
    if (since < due_first) return 0;
  }
  const double due = std::floor(since.count() * options_.rate) + 1 - static_cast<double>(admitted_);
  const auto count = static_cast<std::size_t>(std::clamp(due, 1.0, static_cast<double>(wanted)));
  admitted_ += count;
  if (due - static_cast<double>(count) > std::max(options_.rate, 1.0)) restart();
  return count;
}

bool Pace::admit_at(WallTime event, milliseconds timeout) {
  if (options_.speed <= 0) return true;
  const MonotonicTime now = clock_.monotonic_now();
  const Milliseconds longest = Milliseconds(options_.wait_max) * options_.speed;
  if (!begin_ || event_latest_ - event > longest) {
    begin_ = now;
    event_begin_ = event_latest_ = event;
  }
  const Milliseconds gap = event - event_latest_;
  if (gap > longest) {
    event_begin_ += std::chrono::duration_cast<milliseconds>(gap - longest);
  }
  event_latest_ = std::max(event_latest_, event);
  const Milliseconds due = Milliseconds(event - event_begin_) / options_.speed;
  const milliseconds wait = at_least(due - Milliseconds(now - *begin_));
  if (wait <= milliseconds(0)) return true;
  clock_.sleep_for(std::min(wait, timeout), {});
  return wait <= timeout;
}

}  // namespace rookery::ingest
