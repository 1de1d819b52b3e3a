#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "common/records/post_reader.hpp"
#include "common/runtime/processor.hpp"
#include "services/geo-enrich/gazetteer/gazetteer.hpp"
#include "services/geo-enrich/locator.hpp"

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

/// raw_tweets to enriched_tweets: checks the record and adds where it belongs. The
/// first stage behind ingest, so what it lets through is fit for all that follow.
/// Stateless; costs about a microsecond for a compact post.
///
/// Error codes, all dead letters: those of PostReader, and
///   key_mismatch          the record's key is absent or not the post's id
///   already_enriched      the record has "geo" or "quality"
///   text_too_long         more bytes than text_bytes_max
///   created_at_in_future  later than the record's own time by more than future_max
///   created_at_too_old    before created_at_min
class GeoEnrich final : public Processor {
 public:
  GeoEnrich(Gazetteer gazetteer, Limits limits, Mentions mentions = Mentions::kIgnored);

  Result<void> process(const InputRecord& record, Outputs& out) override;

 private:
  [[nodiscard]] Result<void> check(const InputRecord& record, const PostView& post) const;

  std::unique_ptr<Gazetteer> gazetteer_;  ///< Does not move: the locator borrows it.
  Limits limits_;
  Locator locator_;
  PostReader reader_;
  std::string addition_;  ///< Kept to be used again.
};

}  // namespace rookery::geo_enrich
