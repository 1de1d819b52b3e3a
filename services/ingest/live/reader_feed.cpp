#include "services/ingest/live/reader_feed.hpp"

#include <random>
#include <utility>

namespace rookery::ingest {

bool LiveOutput::connected(std::chrono::milliseconds covered) {
  missing_ = gaps_.connected(clock_.wall_now(), covered);
  // A search connects at every round, which is no news.
  if (!std::exchange(connected_, true)) {
    connected_at_ = clock_.monotonic_now();
    log_.info("connected", {{"source", gaps_.stream().source},
                            {"location", gaps_.stream().location},
                            {"missing_ms", missing_ ? missing_->duration().count() : 0}});
  }
  return missing_ ? gap(*missing_) : !stopped();
}

bool LiveOutput::fill(std::string bytes) {
  return queue_.push(
      {.bytes = std::move(bytes), .received = clock_.wall_now(), .cursor = {}, .filled = true},
      stop_);
}

bool LiveOutput::message(std::string bytes, std::string cursor) {
  const WallTime now = clock_.wall_now();
  gaps_.seen(now);
  if (bytes.starts_with('{')) backoff_.delivered();
  return queue_.push({.bytes = std::move(bytes), .received = now, .cursor = std::move(cursor)},
                     stop_);
}

void LiveOutput::alive() {
  gaps_.seen(clock_.wall_now());
  if (clock_.monotonic_now() - connected_at_ >= kSteady) backoff_.delivered();
}

bool LiveOutput::gap(StreamGap gap) {
  return queue_.push({.bytes = {},
                      .received = clock_.wall_now(),
                      .gap = std::make_unique<StreamGap>(std::move(gap))},
                     stop_);
}

std::optional<std::chrono::milliseconds> LiveOutput::silence() const {
  const auto seen = gaps_.last_seen();
  if (!seen) return {};
  return clock_.wall_now() - *seen;
}

LiveReader::LiveReader(LiveProtocol& protocol, LiveQueue& queue, Resume from, Options options,
                       Clock& clock, Log& log)
    : protocol_(protocol),
      queue_(queue),
      options_(options),
      clock_(clock),
      log_(log),
      from_(std::move(from)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

void LiveReader::run(const std::stop_token& stop) {
  Backoff backoff(protocol_.schedule(), std::random_device{}());
  GapTracker gaps({.source = std::string(protocol_.source()), .location = protocol_.location()},
                  from_.seen);
  LiveOutput out(queue_, gaps, backoff, clock_, log_, stop);
  protocol_.resume(from_);
  keep_connected(out, gaps, backoff, stop);
  protocol_.close();
}

void LiveReader::keep_connected(LiveOutput& out, GapTracker& gaps, Backoff& backoff,
                                const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const ConnectionEnd end = protocol_.run(out);
    if (stop.stop_requested()) return;
    if (end.fatal) {
      queue_.fail(*end.fatal);
      return;
    }
    gaps.lost(end.reason, end.detail);
    out.ended();
    const auto wait = backoff.next(end.kind, end.reset_in);
    const auto scaled = std::chrono::milliseconds(
        static_cast<std::int64_t>(static_cast<double>(wait.count()) * options_.wait_scale));
    log_.warn("the connection ended; connecting anew", {{"source", protocol_.source()},
                                                        {"reason", name_of(end.reason)},
                                                        {"detail", end.detail},
                                                        {"wait_ms", scaled.count()}});
    clock_.sleep_for(scaled, stop);
  }
}

}  // namespace rookery::ingest
