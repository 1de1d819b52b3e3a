#pragma once

#include "common/runtime/processor.hpp"
#include "services/ingest/post_parser.hpp"

namespace rookery::ingest {

/// The stage: a line of the source in, records of raw_tweets out, keyed by the
/// post's id. Has no state, so that any line can be parsed again.
class IngestProcessor final : public Processor {
 public:
  explicit IngestProcessor(PostParser::Options options) : parser_(options) {}

  /// Error codes: those of PostParser::parse.
  Result<void> process(const InputRecord& record, Outputs& out) override;

 private:
  PostParser parser_;
};

}  // namespace rookery::ingest
