#pragma once

#include <cstdint>
#include <functional>

#include "common/runtime/processor.hpp"
#include "services/ingest/post_parser.hpp"
#include "services/ingest/session.hpp"

namespace rookery::ingest {

/// What a committed batch did beyond its records.
struct LiveCounts {
  std::vector<StreamGap> gaps;
  std::uint64_t duplicates = 0;  ///< Posts that came before and were left out.
  std::uint64_t shortened = 0;   ///< Times ids were forgotten before their time.
};

/// The stage: a line of the source in, records of raw_tweets out, keyed by the
/// post's id. For a live source it leaves out posts that came before, stamps the
/// records with the time of their arrival, and writes the gaps of the session to
/// stream_gaps. Of several instances on one stream none knows what the others have:
/// they leave nothing out, and write to ingest_candidates (see Candidates). One
/// thread uses it.
class IngestProcessor final : public Processor {
 public:
  enum class Liveness : std::uint8_t { kStored, kLive, kRedundant };

  explicit IngestProcessor(PostParser::Options options) : parser_(options) {}

  /// `session` outlives the processor; `committed` hears what became durable.
  IngestProcessor(PostParser::Options options, Liveness liveness, Session& session,
                  std::function<void(const LiveCounts&)> committed)
      : parser_(options),
        session_(liveness == Liveness::kStored ? nullptr : &session),
        redundant_(liveness == Liveness::kRedundant),
        committed_(std::move(committed)) {}

  /// Error codes: those of PostParser::parse.
  Result<void> process(const InputRecord& record, Outputs& out) override;
  Result<void> finish_batch(const BatchContext& context, Outputs& out, Progress& progress) override;
  void on_commit() override;
  /// A record of raw_tweets: its id came before.
  Result<void> replay(const InputRecord& record) override;

 private:
  void add_new(const ParsedLine& parsed, WallTime now, Outputs& out);

  PostParser parser_;
  Session* session_ = nullptr;  ///< Null for sources that are not live.
  bool redundant_ = false;
  std::function<void(const LiveCounts&)> committed_;
  Outputs parsed_;  ///< Of one line, before duplicates are left out.
};

}  // namespace rookery::ingest
