#include "services/ingest/simulator_feed.hpp"

#include <algorithm>
#include <charconv>

#include "common/records/timestamp.hpp"
#include "common/runtime/partitioner.hpp"

namespace rookery::ingest {

SimulatorFeed::SimulatorFeed(SimOptions options, Pace::Options pace, Clock& clock)
    : simulator_(options), pace_(pace, clock) {}

std::string SimulatorFeed::location() const {
  // The number of posts is not in it: a longer stream begins like a shorter one.
  const SimOptions& o = simulator_.options();
  std::string shares = std::to_string(o.rate) + " " + std::to_string(o.burst_interval.count()) +
                       " " + std::to_string(o.burst_share) + " " + std::to_string(o.hotspot_share) +
                       " " + std::to_string(o.duplicate_share) + " " +
                       std::to_string(o.late_share) + " " + std::to_string(o.malformed_share) +
                       " " + std::to_string(o.deletion_share);
  if (o.link_share > 0) shares += " " + std::to_string(o.link_share);
  return "seed=" + std::to_string(o.seed) + ",start=" + to_rfc3339(o.start) +
         ",options=" + std::to_string(murmur2(shares));
}

Result<void> SimulatorFeed::seek(const std::optional<std::string>& position) {
  std::uint64_t next = 0;
  if (position) {
    const auto* const end = position->data() + position->size();
    const auto read = std::from_chars(position->data(), end, next);
    if (read.ec != std::errc() || read.ptr != end) {
      return misconfigured("position_invalid",
                           "position: expected the number of an item, got \"" + *position + "\"");
    }
  }
  next_ = next;
  pace_.restart();
  return {};
}

bool SimulatorFeed::finished() const {
  const std::int64_t posts = simulator_.options().posts;
  return posts > 0 && next_ >= static_cast<std::uint64_t>(posts);
}

Result<FeedBatch> SimulatorFeed::read(std::chrono::milliseconds timeout, std::size_t items_max) {
  constexpr std::size_t kBatchMax = 4096;
  const std::int64_t posts = simulator_.options().posts;
  std::size_t wanted = std::min(items_max, kBatchMax);
  if (posts > 0) {
    const auto left = finished() ? 0 : static_cast<std::uint64_t>(posts) - next_;
    wanted = std::min<std::uint64_t>(wanted, left);
  }
  if (!pace_.by_event_time()) wanted = pace_.admit(wanted, timeout);
  bytes_.clear();
  bounds_.clear();
  for (std::size_t i = 0; i < wanted; ++i) {
    const auto patience = i == 0 ? timeout : std::chrono::milliseconds(0);
    if (!pace_.admit_at(simulator_.time_of(next_), patience)) break;
    bytes_.append(simulator_.item(next_++).line);
    bounds_.push_back(bytes_.size());
  }
  FeedBatch batch;
  std::size_t begin = 0;
  for (const std::size_t end : bounds_) {
    batch.items.push_back(std::string_view(bytes_).substr(begin, end - begin));
    begin = end;
  }
  batch.finished = finished();
  return batch;
}

}  // namespace rookery::ingest
