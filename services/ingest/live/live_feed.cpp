#include "services/ingest/live/live_feed.hpp"

#include <algorithm>
#include <utility>

#include <simdjson.h>

#include "common/records/json_writer.hpp"
#include "common/records/timestamp.hpp"

namespace rookery::ingest {
namespace {

/// Time for the broker to complete the transaction before the last one, after its answer:
/// who begins the next one of the same producer before that is turned away, and tries again after
/// 20 ms, which are librdkafka's own.
constexpr std::chrono::milliseconds kCompletion{4};

}  // namespace

LiveFeed::LiveFeed(std::unique_ptr<LiveProtocol> protocol, Options options, Session& session,
                   Clock& clock, Log& log)
    : protocol_(std::move(protocol)),
      options_(std::move(options)),
      session_(session),
      clock_(clock),
      log_(log),
      queue_(options_.queue_bytes_max) {}

std::string LiveFeed::location() const {
  const std::string location = protocol_->location();
  return options_.instance.empty() ? location : location + " instance " + options_.instance;
}

std::string LiveFeed::text_of(const Position& position) {
  std::string text;
  json::ObjectWriter object(text);
  object.string("cursor", position.at.cursor);
  if (position.at.seen) object.time("seen", *position.at.seen);
  object.number("batch", static_cast<std::int64_t>(position.batch));
  object.close();
  return text;
}

Result<LiveFeed::Position> LiveFeed::parse(std::string_view text) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  Position position;
  std::string_view cursor;
  std::string_view seen;
  if (parser.parse(simdjson::padded_string(text)).get(root) != simdjson::SUCCESS ||
      root["cursor"].get_string().get(cursor) != simdjson::SUCCESS ||
      root["batch"].get_uint64().get(position.batch) != simdjson::SUCCESS) {
    return misconfigured(
        "position_invalid",
        R"(position: expected {"cursor":"…","seen":"…","batch":N}, got )" + std::string(text));
  }
  position.at.cursor = cursor;
  if (root["seen"].get_string().get(seen) == simdjson::SUCCESS) {
    position.at.seen = parse_rfc3339(seen);
  }
  return position;
}

Result<void> LiveFeed::seek(const std::optional<std::string>& position) {
  if (started_ && position == before_) {
    // Undone: the ids of the batch are new once more.
    session_.recent.rollback();
    session_.duplicates = 0;
    again_ = !batch_.empty();
    return {};
  }
  if (started_ && position == committed_) {
    // Done after all, though nobody could say so at the time. A gap that is told
    // twice is better than one that is not told.
    session_.recent.commit();
    batch_.clear();
    return {};
  }
  Position target;
  if (position) {
    auto parsed = parse(*position);
    ROOKERY_RETURN_IF_ERROR(parsed);
    target = std::move(*parsed);
  }
  reader_.reset();
  batch_.clear();
  again_ = false;
  position_ = std::move(target);
  before_ = committed_ = position;
  reader_.emplace(*protocol_, queue_, position_.at, options_.reader, clock_, log_);
  started_ = true;
  return {};
}

FeedBatch LiveFeed::give() {
  FeedBatch given;
  for (const LiveItem& item : batch_) {
    if (!item.gap) given.items.push_back(item.bytes);
  }
  return given;
}

/// A lone item waits for nothing; of many the broker gets one transaction an `interval`.
void LiveFeed::wait_for_items(std::chrono::milliseconds interval, std::size_t items_max) {
  if (!queue_.wait_for(1, interval)) return;
  const MonotonicTime now = clock_.monotonic_now();
  const MonotonicTime next = taken_at_.value_or(now) + std::max(interval, kCompletion);
  if (taken_at_ && now < next) {
    queue_.wait_for(items_max, std::chrono::ceil<std::chrono::milliseconds>(next - now));
  }
  taken_at_ = clock_.monotonic_now();
}

Result<FeedBatch> LiveFeed::read(std::chrono::milliseconds timeout, std::size_t items_max) {
  if (!started_) ROOKERY_RETURN_IF_ERROR(seek(std::nullopt));
  if (std::exchange(again_, false)) return give();
  wait_for_items(timeout, items_max);
  std::deque<LiveItem> next;
  ROOKERY_RETURN_IF_ERROR(queue_.take(next, items_max));
  // Without a record nothing is committed, and the position stays.
  if (next.empty()) {
    batch_.clear();
    return FeedBatch{};
  }
  batch_ = std::move(next);
  FeedBatch given = give();
  for (const LiveItem& item : batch_) {
    if (!item.gap) continue;
    session_.gaps.push_back(*item.gap);
    session_.gaps.back().instance = options_.instance;
  }
  if (given.items.empty()) return given;
  for (const LiveItem& item : batch_) {
    if (!item.cursor.empty()) position_.at.cursor = item.cursor;
    if (!item.gap && !item.filled) position_.at.seen = item.received;
  }
  ++position_.batch;
  before_ = std::exchange(committed_, text_of(position_));
  return given;
}

std::string LiveFeed::position() const {
  return text_of(position_);
}

}  // namespace rookery::ingest
