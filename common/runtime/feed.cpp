#include "common/runtime/feed.hpp"

#include <utility>

namespace rookery {

FeedSource::FeedSource(Feed& feed, Clock& clock, Limits limits)
    : feed_(feed), clock_(clock), limits_(limits) {}

std::string FeedSource::cursor_key() const {
  return std::string(feed_.source()) + " " + feed_.location();
}

Result<void> FeedSource::start() {
  started_ = false;  // a seek that fails must be done again before anything is read
  std::optional<std::string> position;
  next_offset_ = 0;
  if (committed_) {
    position = committed_->metadata;
    next_offset_ = committed_->offset.value();
  }
  ROOKERY_RETURN_IF_ERROR(feed_.seek(position));
  started_ = true;
  return {};
}

Result<Batch> FeedSource::poll(std::chrono::milliseconds timeout) {
  if (!started_) ROOKERY_RETURN_IF_ERROR(start());
  auto batch = feed_.read(timeout, limits_.batch_records_max);
  ROOKERY_RETURN_IF_ERROR(batch);
  records_.clear();
  const WallTime now = clock_.wall_now();
  for (const std::string_view item : batch->items) {
    records_.push_back({.topic = feed_.source(),
                        .partition = Partition(0),
                        .offset = Offset(next_offset_++),
                        .timestamp = now,
                        .key = std::nullopt,
                        .value = item,
                        .headers = {}});
  }
  return Batch{records_, batch->finished};
}

Result<void> FeedSource::rewind_to_committed() {
  return start();
}

void FeedSource::mark(Progress& progress) const {
  const auto marked = progress.find({std::string(feed_.source()), Partition(0)});
  if (marked != progress.end()) marked->second.metadata = feed_.position();
}

void FeedSource::on_commit(const Progress& progress) {
  const auto marked = progress.find({std::string(feed_.source()), Partition(0)});
  if (marked != progress.end()) committed_ = marked->second;
}

}  // namespace rookery
