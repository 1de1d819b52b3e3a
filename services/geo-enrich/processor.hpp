#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/records/post_reader.hpp"
#include "common/runtime/processor.hpp"
#include "services/geo-enrich/gazetteer/gazetteer.hpp"
#include "services/geo-enrich/placer.hpp"
#include "services/geo-enrich/privacy.hpp"
#include "services/geo-enrich/quality/duplicates.hpp"
#include "services/geo-enrich/quality/filter.hpp"

namespace rookery::geo_enrich {

/// What a post may be; anything else is a dead letter.
struct Limits {
  std::size_t text_bytes_max = 100'000;
  /// How far created_at may lie after the record's time in the topic. One post
  /// from the far future would close every window over the posts after it.
  std::chrono::milliseconds future_max = std::chrono::minutes(10);
  /// The day of the first tweet.
  WallTime created_at_min = std::chrono::sys_days(std::chrono::year(2006) / 3 / 21);
};

struct GateOptions {
  Limits limits;
  Mentions mentions = Mentions::kIgnored;
  Filters filters;
  Privacy privacy;
  /// So many posts of a partition are remembered; 0: duplicates pass.
  std::size_t duplicate_window = 50'000;
};

/// raw_tweets to enriched_tweets: checks the record, cleanses its text, refuses what
/// came before, and adds where it belongs. The first stage behind ingest, so what it
/// lets through is fit for all that follow. A post with an amendment takes the place of
/// an earlier one: it is no duplicate, and has no place if that was scrubbed. Its state is the last
/// posts of each partition, read again from the log after a restart.
///
/// Error codes, all dead letters: those of PostReader, and
///   key_mismatch          the record's key is absent or not the post's id
///   already_enriched      the record has "geo" or "quality"
///   text_too_long         more bytes than text_bytes_max
///   created_at_in_future  later than the record's own time by more than future_max
///   created_at_too_old    before created_at_min
///   duplicate             the same id with the same text came before
///   language_unwanted, keyword_missing, keyword_blocked   by the filters
class GeoEnrich final : public Processor {
 public:
  GeoEnrich(Gazetteer gazetteer, GateOptions options);

  Result<void> process(const InputRecord& record, Outputs& out) override;
  Result<void> finish_batch(const BatchContext& context, Outputs& out, Progress& progress) override;
  Result<std::optional<Offset>> assign(const TopicPartition& partition,
                                       const std::optional<CommittedOffset>& committed) override;
  Result<void> replay(const InputRecord& record) override;
  [[nodiscard]] bool needs_whole_replay() const override { return false; }
  void revoke(const TopicPartition& partition) override;

 private:
  [[nodiscard]] Result<void> check(const InputRecord& record, const PostView& post) const;
  /// What is remembered of the post; begins to fetch the memory that remember() will need.
  [[nodiscard]] RecentPosts::Post print_of(const InputRecord& record, const PostView& post);
  RecentPosts::Verdict remember(const InputRecord& record, const RecentPosts::Post& print);
  /// Cleanses text and addresses; the views are the processor's until the next record.
  void cleanse_post(const PostView& post, Notes& notes);

  std::unique_ptr<Gazetteer> gazetteer_;  ///< Does not move: the placer borrows it.
  GateOptions options_;
  Placer placer_;
  KeywordFilter filter_;
  PostReader reader_;
  std::map<Partition, RecentPosts> recent_;
  // Kept to be used again.
  std::string addition_;
  std::string hidden_;
  std::string text_;
  std::string stripped_;
  std::vector<std::string> urls_;
};

}  // namespace rookery::geo_enrich
