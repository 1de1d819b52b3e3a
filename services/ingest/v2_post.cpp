#include "services/ingest/v2_post.hpp"

#include <charconv>
#include <chrono>
#include <string>

#include "common/records/timestamp.hpp"
#include "services/ingest/json_fields.hpp"
#include "services/ingest/v2_place.hpp"
#include "services/ingest/v2_text.hpp"

namespace rookery::ingest {
namespace {

using simdjson::dom::object;

/// The generator's epoch: github.com/twitter-archive/snowflake, IdWorker.scala (twepoch).
constexpr std::uint64_t kEpochMs = 1'288'834'974'657;
constexpr unsigned kTimeShift = 22;

struct Members : V2TextFields {
  Field id, created_at, lang, author_id, author, public_metrics, referenced_tweets,
      referenced_posts, conversation_id, geo, possibly_sensitive, withheld;
};
constexpr auto kSlots = slots<Members>({
    {"id", &Members::id},
    {"text", &Members::text},
    {"entities", &Members::entities},
    {"note_tweet", &Members::note_tweet},
    {"note_post", &Members::note_post},
    {"created_at", &Members::created_at},
    {"lang", &Members::lang},
    {"author_id", &Members::author_id},
    {"author", &Members::author},
    {"public_metrics", &Members::public_metrics},
    {"referenced_tweets", &Members::referenced_tweets},
    {"referenced_posts", &Members::referenced_posts},
    {"conversation_id", &Members::conversation_id},
    {"geo", &Members::geo},
    {"possibly_sensitive", &Members::possibly_sensitive},
    {"withheld", &Members::withheld},
});

struct UserMembers {
  Field id, username, name, location, public_metrics, verified;
};
constexpr auto kUserSlots = slots<UserMembers>({
    {"id", &UserMembers::id},
    {"username", &UserMembers::username},
    {"name", &UserMembers::name},
    {"location", &UserMembers::location},
    {"public_metrics", &UserMembers::public_metrics},
    {"verified", &UserMembers::verified},
});

Result<void> read_time(const Members& m, RawPost& post) {
  if (!m.created_at) {
    // X leaves created_at out unless it is asked for.
    const auto time = snowflake_time(post.id);
    if (!time) return missing({"", "created_at"});
    post.created_at = *time;
    return {};
  }
  std::string_view text;
  ROOKERY_RETURN_IF_ERROR(read_text(m.created_at, {"", "created_at"}, text));
  const auto time = parse_rfc3339(text);
  if (!time) {
    return out_of_range({"", "created_at"}, "RFC 3339", quoted(text));
  }
  post.created_at = *time;
  return {};
}

Result<void> read_user(simdjson::dom::element element, AuthorFields& author) {
  auto object = as_object(element, {"", "author"});
  ROOKERY_RETURN_IF_ERROR(object);
  UserMembers m;
  collect(*object, kUserSlots, m);
  ROOKERY_RETURN_IF_ERROR(read_text(m.id, {"author", "id"}, author.id));
  ROOKERY_RETURN_IF_ERROR(read_text(m.username, {"author", "username"}, author.username));
  ROOKERY_RETURN_IF_ERROR(read_text(m.name, {"author", "name"}, author.name));
  ROOKERY_RETURN_IF_ERROR(read_text(m.location, {"author", "location"}, author.location));
  ROOKERY_RETURN_IF_ERROR(read_flag(m.verified, {"author", "verified"}, author.verified));
  if (!m.public_metrics) return {};
  auto metrics = as_object(*m.public_metrics, {"author", "public_metrics"});
  ROOKERY_RETURN_IF_ERROR(metrics);
  return read_count(member(*metrics, "followers_count"), {"author", "followers_count"},
                    author.followers_count);
}

Result<void> read_author(const Members& m, const V2Includes& includes, ParseBuffers& buffers) {
  AuthorFields& author = buffers.post.author;
  ROOKERY_RETURN_IF_ERROR(read_id(m.author_id, {"", "author_id"}, buffers.arena, author.id));
  if (const Field user = m.author ? m.author : includes.user(author.id)) {
    ROOKERY_RETURN_IF_ERROR(read_user(*user, author));
  }
  return {};
}

Result<void> read_metrics(const Field& field, MetricFields& metrics) {
  if (!field) return {};
  auto object = as_object(*field, {"", "public_metrics"});
  ROOKERY_RETURN_IF_ERROR(object);
  for (const auto [name, value] : *object) {
    std::optional<std::uint32_t>* count = name == "retweet_count" ? &metrics.retweets
                                          : name == "reply_count" ? &metrics.replies
                                          : name == "like_count"  ? &metrics.likes
                                          : name == "quote_count" ? &metrics.quotes
                                                                  : nullptr;
    if (count == nullptr || value.is_null()) continue;
    ROOKERY_RETURN_IF_ERROR(read_count(value, {"public_metrics", name}, *count));
  }
  return {};
}

/// Returns the original of a retweet, where the message carries it.
Result<Field> read_references(const Field& field, const V2Includes& includes,
                              ParseBuffers& buffers) {
  Field original;
  if (!field) return original;
  auto list = as_array(*field, {"", "referenced_tweets"});
  ROOKERY_RETURN_IF_ERROR(list);
  for (const auto entry : *list) {
    auto object = as_object(entry, {"", "referenced_tweets"});
    ROOKERY_RETURN_IF_ERROR(object);
    ReferenceFields reference;
    ROOKERY_RETURN_IF_ERROR(
        read_text(member(*object, "type"), {"referenced_tweets", "type"}, reference.type));
    ROOKERY_RETURN_IF_ERROR(
        read_id(member(*object, "id"), {"referenced_tweets", "id"}, buffers.arena, reference.id));
    if (reference.id.empty()) continue;
    buffers.post.references.push_back(reference);
    if (reference.type != "retweeted") continue;
    original = member(*object, "text") ? Field(entry) : includes.post(reference.id);
  }
  return original;
}

Result<void> read_withheld(const Field& field, RawPost& post) {
  if (!field) return {};
  auto withheld = as_object(*field, {"", "withheld"});
  ROOKERY_RETURN_IF_ERROR(withheld);
  const Field codes = member(*withheld, "country_codes");
  if (!codes) return {};
  auto list = as_array(*codes, {"withheld", "country_codes"});
  ROOKERY_RETURN_IF_ERROR(list);
  for (const auto entry : *list) {
    std::string_view code;
    ROOKERY_RETURN_IF_ERROR(read_text(entry, {"withheld", "country_codes"}, code));
    post.withheld_in_countries.push_back(code);
  }
  return {};
}

}  // namespace

std::optional<WallTime> snowflake_time(std::string_view id) {
  // The first id after the change of 2010-11-04.
  constexpr std::uint64_t kFirst = 29'700'859'247;
  std::uint64_t number = 0;
  const auto* const end = id.data() + id.size();
  const auto read = std::from_chars(id.data(), end, number);
  if (read.ec != std::errc() || read.ptr != end || number < kFirst || number >> 63U != 0) return {};
  return WallTime(
      std::chrono::milliseconds(static_cast<std::int64_t>((number >> kTimeShift) + kEpochMs)));
}

std::uint64_t snowflake_at(WallTime time) {
  const auto millis = time.time_since_epoch().count();
  const auto epoch = static_cast<std::int64_t>(kEpochMs);
  return millis <= epoch ? 0 : static_cast<std::uint64_t>(millis - epoch) << kTimeShift;
}

Result<void> read_v2_post(object object, const V2Includes& includes, ParseBuffers& buffers) {
  RawPost& post = buffers.post;
  post.clear();
  Members m;
  collect(object, kSlots, m);
  ROOKERY_RETURN_IF_ERROR(read_id(m.id, {"", "id"}, buffers.arena, post.id));
  if (post.id.empty()) return missing({"", "id"});
  ROOKERY_RETURN_IF_ERROR(read_time(m, post));
  auto original = read_references(m.referenced_tweets ? m.referenced_tweets : m.referenced_posts,
                                  includes, buffers);
  ROOKERY_RETURN_IF_ERROR(original);
  ROOKERY_RETURN_IF_ERROR(read_v2_text(m, *original, buffers));
  std::string_view lang;
  ROOKERY_RETURN_IF_ERROR(read_text(m.lang, {"", "lang"}, lang));
  post.lang = language_of(lang);
  ROOKERY_RETURN_IF_ERROR(read_author(m, includes, buffers));
  ROOKERY_RETURN_IF_ERROR(read_metrics(m.public_metrics, post.metrics));
  ROOKERY_RETURN_IF_ERROR(
      read_id(m.conversation_id, {"", "conversation_id"}, buffers.arena, post.conversation_id));
  ROOKERY_RETURN_IF_ERROR(read_v2_geo(m.geo, includes, post));
  ROOKERY_RETURN_IF_ERROR(
      read_flag(m.possibly_sensitive, {"", "possibly_sensitive"}, post.possibly_sensitive));
  ROOKERY_RETURN_IF_ERROR(read_withheld(m.withheld, post));
  post.rule_tags = includes.rule_tags();
  return {};
}

}  // namespace rookery::ingest
