#include "services/geo-enrich/processor.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "common/records/timestamp.hpp"
#include "common/runtime/dead_letter.hpp"
#include "services/geo-enrich/quality/likeness.hpp"

namespace rookery::geo_enrich {
namespace {

constexpr std::string_view kOutputTopic = "enriched_tweets";

/// Beside the committed offset: where the oldest remembered post lies.
constexpr std::string_view kReplayFrom = "{\"replay_from\":";

/// For messages: what stands there, at a length that can be read. A key may be
/// any bytes and a message must be text, so what is not ASCII becomes "?".
std::string quoted(std::string_view text) {
  constexpr std::size_t kShown = 64;
  std::string result = "\"";
  for (const char byte : text.substr(0, kShown)) {
    result.push_back(byte >= ' ' && byte <= '~' ? byte : '?');
  }
  result.append(text.size() > kShown ? "...\"" : "\"");
  return result;
}

}  // namespace

GeoEnrich::GeoEnrich(Gazetteer gazetteer, GateOptions options)
    : gazetteer_(std::make_unique<Gazetteer>(std::move(gazetteer))),
      options_(std::move(options)),
      placer_(*gazetteer_, options_.mentions, options_.privacy),
      filter_(options_.filters) {}

Result<void> GeoEnrich::process(const InputRecord& record, Outputs& out) {
  if (!record.value) {
    if (!record.key) return dead_letter("key_mismatch", "a deletion: expected a key, got none");
    out.add_deletion(kOutputTopic, record.partition, *record.key);
    return {};
  }
  const auto read = reader_.read(*record.value);
  ROOKERY_RETURN_IF_ERROR(read);
  const PostView& post = **read;
  ROOKERY_RETURN_IF_ERROR(check(record, post));
  ROOKERY_RETURN_IF_ERROR(filter_.check(post));
  const RecentPosts::Post print = print_of(record, post);
  Notes notes;
  cleanse_post(post, notes);
  const Placer::Placed& placed = placer_.place(post);
  auto verdict = remember(record, print);
  // A letter that was put back is no duplicate of itself: what was refused is remembered where
  // the options of today would have let it pass.
  if (verdict != RecentPosts::Verdict::kNew) {
    const auto refused = redriven_reason(record);
    if (refused && *refused != "duplicate") verdict = RecentPosts::Verdict::kNew;
  }
  // The source demanded that it takes the place of the one before.
  if (!post.amendment.empty()) verdict = RecentPosts::Verdict::kNew;
  if (verdict == RecentPosts::Verdict::kDuplicate) {
    return dead_letter(
        "duplicate", "id " + quoted(post.id) + ": the same post came before, among " + "the last " +
                         std::to_string(options_.duplicate_window) + " of the partition");
  }
  notes.edited = verdict == RecentPosts::Verdict::kEdited;
  notes.near_duplicate = verdict == RecentPosts::Verdict::kNearDuplicate;
  addition_.clear();
  append_finding(addition_, placed.geo, placed.finding, notes);
  std::string_view source = *record.value;
  // A scrubbed post should come without its places; if it does not, they go no further.
  const bool tells = post.amendment == kScrubbed && (post.lat || post.has_place);
  if (options_.privacy.hides_source() || tells) {
    hidden_.clear();
    append_without_places(hidden_, source);
    source = hidden_;
  }
  splice(out.start(kOutputTopic, record.partition, *record.key), source, addition_);
  return {};
}

RecentPosts::Post GeoEnrich::print_of(const InputRecord& record, const PostView& post) {
  if (options_.duplicate_window == 0) return {};
  const RecentPosts::Post print{.id = hash_of(post.id),
                                .text = hash_of(post.text),
                                .likeness = likeness_of(post.text),
                                .offset = record.offset.value()};
  recent_.try_emplace(record.partition, options_.duplicate_window).first->second.expect(print);
  return print;
}

RecentPosts::Verdict GeoEnrich::remember(const InputRecord& record,
                                         const RecentPosts::Post& print) {
  if (options_.duplicate_window == 0) return RecentPosts::Verdict::kNew;
  return recent_.at(record.partition).add(print);
}

void GeoEnrich::cleanse_post(const PostView& post, Notes& notes) {
  notes.changes = cleanse(post.text, text_);
  if (notes.changes.any()) notes.text = text_;
  const auto& urls = post.expanded_urls;
  const bool tracks = std::any_of(urls.begin(), urls.end(), [&](std::string_view url) {
    return strip_tracking(url, stripped_);
  });
  if (!tracks) return;
  urls_.assign(urls.begin(), urls.end());
  for (std::string& url : urls_) {
    if (strip_tracking(url, stripped_)) url.swap(stripped_);
  }
  notes.urls = urls_;
}

Result<void> GeoEnrich::finish_batch(const BatchContext& /*context*/, Outputs& /*out*/,
                                     Progress& progress) {
  for (auto& [at, committed] : progress) {
    const auto found = recent_.find(at.partition);
    if (found == recent_.end()) continue;
    const std::int64_t oldest = found->second.oldest();
    if (oldest >= 0) committed.metadata = std::string(kReplayFrom) + std::to_string(oldest) + "}";
  }
  return {};
}

Result<std::optional<Offset>> GeoEnrich::assign(const TopicPartition& partition,
                                                const std::optional<CommittedOffset>& committed) {
  recent_.erase(partition.partition);
  if (!committed || options_.duplicate_window == 0) return std::optional<Offset>{};
  // A version before this one left no metadata: what came before it is not known.
  const std::string_view metadata = committed->metadata;
  if (!metadata.starts_with(kReplayFrom)) return std::optional<Offset>{};
  std::int64_t offset = 0;
  const char* const begin = metadata.data() + kReplayFrom.size();
  const auto [end, error] = std::from_chars(begin, metadata.data() + metadata.size(), offset);
  if (error != std::errc{} || offset < 0) return std::optional<Offset>{};
  return std::optional<Offset>(Offset(offset));
}

Result<void> GeoEnrich::replay(const InputRecord& record) {
  if (!record.value) return {};
  const auto post = reader_.read(*record.value);
  // What is refused now was refused then, as long as the options are the same.
  if (post && check(record, **post) && filter_.check(**post)) {
    remember(record, print_of(record, **post));
  }
  return {};
}

void GeoEnrich::revoke(const TopicPartition& partition) {
  recent_.erase(partition.partition);
}

Result<void> GeoEnrich::check(const InputRecord& record, const PostView& post) const {
  if (!record.key || *record.key != post.id) {
    return dead_letter("key_mismatch",
                       "key: expected the id " + quoted(post.id) + ", got " +
                           (record.key ? quoted(*record.key) : std::string("none")));
  }
  if (post.has_geo || post.has_quality) {
    return dead_letter("already_enriched", std::string("field \"") +
                                               (post.has_geo ? "geo" : "quality") +
                                               "\": expected none before geo-enrich");
  }
  if (post.text.size() > options_.limits.text_bytes_max) {
    return dead_letter("text_too_long", "field \"text\": expected at most " +
                                            std::to_string(options_.limits.text_bytes_max) +
                                            " bytes, got " + std::to_string(post.text.size()));
  }
  if (post.created_at < options_.limits.created_at_min) {
    return dead_letter("created_at_too_old", "field \"created_at\": expected " +
                                                 to_rfc3339(options_.limits.created_at_min) +
                                                 " or later, got " + to_rfc3339(post.created_at));
  }
  // Compared with the record's time and not with a clock, so that reading again
  // decides alike. A file without record times has zero, older clients wrote -1.
  const bool timed = record.timestamp > WallTime{};
  if (timed && post.created_at > record.timestamp + options_.limits.future_max) {
    return dead_letter("created_at_in_future",
                       "field \"created_at\": expected at most " +
                           std::to_string(options_.limits.future_max.count()) +
                           " ms after the record's time " + to_rfc3339(record.timestamp) +
                           ", got " + to_rfc3339(post.created_at));
  }
  return {};
}

}  // namespace rookery::geo_enrich
