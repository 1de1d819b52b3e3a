#include "services/geo-enrich/processor.hpp"

#include <utility>

#include "common/records/timestamp.hpp"

namespace rookery::geo_enrich {
namespace {

constexpr std::string_view kOutputTopic = "enriched_tweets";

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

GeoEnrich::GeoEnrich(Gazetteer gazetteer, Limits limits, Mentions mentions)
    : gazetteer_(std::make_unique<Gazetteer>(std::move(gazetteer))),
      limits_(limits),
      locator_(*gazetteer_, mentions) {}

Result<void> GeoEnrich::process(const InputRecord& record, Outputs& out) {
  if (!record.value) {
    if (!record.key) return dead_letter("key_mismatch", "a deletion: expected a key, got none");
    out.add_deletion(kOutputTopic, record.partition, *record.key);
    return {};
  }
  const auto post = reader_.read(*record.value);
  ROOKERY_RETURN_IF_ERROR(post);
  ROOKERY_RETURN_IF_ERROR(check(record, **post));
  addition_.clear();
  append_finding(addition_, *gazetteer_, locator_.locate(**post));
  splice(out.start(kOutputTopic, record.partition, *record.key), *record.value, addition_);
  return {};
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
  if (post.text.size() > limits_.text_bytes_max) {
    return dead_letter("text_too_long", "field \"text\": expected at most " +
                                            std::to_string(limits_.text_bytes_max) +
                                            " bytes, got " + std::to_string(post.text.size()));
  }
  if (post.created_at < limits_.created_at_min) {
    return dead_letter("created_at_too_old", "field \"created_at\": expected " +
                                                 to_rfc3339(limits_.created_at_min) +
                                                 " or later, got " + to_rfc3339(post.created_at));
  }
  // Compared with the record's time and not with a clock, so that reading again
  // decides alike. A file without record times has zero, older clients wrote -1.
  const bool timed = record.timestamp > WallTime{};
  if (timed && post.created_at > record.timestamp + limits_.future_max) {
    return dead_letter("created_at_in_future", "field \"created_at\": expected at most " +
                                                   std::to_string(limits_.future_max.count()) +
                                                   " ms after the record's time " +
                                                   to_rfc3339(record.timestamp) + ", got " +
                                                   to_rfc3339(post.created_at));
  }
  return {};
}

}  // namespace rookery::geo_enrich
