#include "services/ingest/ingest_processor.hpp"

#include <utility>

#include "services/ingest/raw_post.hpp"

namespace rookery::ingest {
namespace {

constexpr std::string_view kPosts = "raw_tweets";
constexpr std::string_view kCandidates = "ingest_candidates";

}  // namespace

Result<void> IngestProcessor::process(const InputRecord& record, Outputs& out) {
  if (!record.value) return dead_letter("not_an_object", "expected a line, got a null value");
  if (session_ == nullptr) {
    auto parsed = parser_.parse(*record.value, out);
    ROOKERY_RETURN_IF_ERROR(parsed);
    return {};
  }
  parsed_.clear();
  auto parsed = parser_.parse(*record.value, parsed_, record.timestamp);
  ROOKERY_RETURN_IF_ERROR(parsed);
  add_new(*parsed, record.timestamp, out);
  return {};
}

void IngestProcessor::add_new(const ParsedLine& parsed, WallTime now, Outputs& out) {
  for (std::size_t i = 0; i < parsed_.size(); ++i) {
    const OutputRecord record = parsed_.at(i);
    const bool of_post = record.topic == kPosts;
    const std::string_view topic = redundant_ && of_post ? kCandidates : record.topic;
    if (!record.value) {
      out.add_deletion(topic, record.partition, record.key);
    } else if (redundant_ || !of_post || session_->recent.add(record.key, parsed.revision, now)) {
      out.add(topic, record.partition, record.key, *record.value);
    } else {
      ++session_->duplicates;
    }
  }
}

Result<void> IngestProcessor::finish_batch(const BatchContext& /*context*/, Outputs& out,
                                           Progress& /*progress*/) {
  if (session_ == nullptr) return {};
  for (const StreamGap& gap : session_->gaps) {
    append_stream_gap(out.start("stream_gaps", std::nullopt, gap.source + " " + gap.location), gap);
  }
  return {};
}

void IngestProcessor::on_commit() {
  if (session_ == nullptr) return;
  session_->recent.commit();
  LiveCounts counts{.gaps = std::exchange(session_->gaps, {}),
                    .duplicates = std::exchange(session_->duplicates, 0),
                    .shortened = session_->recent.take_shortened()};
  const bool any = !counts.gaps.empty() || counts.duplicates > 0 || counts.shortened > 0;
  if (committed_ && any) committed_(counts);
}

Result<void> IngestProcessor::replay(const InputRecord& record) {
  if (session_ == nullptr || !record.key || !record.value) return {};
  session_->recent.add(*record.key, revision_of(*record.value), record.timestamp);
  session_->recent.commit();
  return {};
}

}  // namespace rookery::ingest
