#include "services/ingest/ingest_processor.hpp"

#include <utility>

namespace rookery::ingest {

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
    if (!record.value) {
      out.add_deletion(record.topic, record.partition, record.key);
    } else if (session_->recent.add(record.key, parsed.revision, now)) {
      out.add(record.topic, record.partition, record.key, *record.value);
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
                    .duplicates = std::exchange(session_->duplicates, 0)};
  if (committed_ && (!counts.gaps.empty() || counts.duplicates > 0)) committed_(counts);
}

Result<void> IngestProcessor::replay(const InputRecord& record) {
  if (session_ == nullptr || !record.key || !record.value) return {};
  session_->recent.add(*record.key, {}, record.timestamp);
  session_->recent.commit();
  return {};
}

}  // namespace rookery::ingest
