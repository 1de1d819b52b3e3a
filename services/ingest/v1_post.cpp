#include "services/ingest/v1_post.hpp"

#include <charconv>
#include <chrono>
#include <string>

#include "common/records/timestamp.hpp"
#include "services/ingest/json_fields.hpp"
#include "services/ingest/v1_entities.hpp"

namespace rookery::ingest {
namespace {

using simdjson::dom::object;

struct Members {
  Field id, id_str, text, full_text, extended_tweet, entities, created_at, timestamp_ms, lang, user,
      coordinates, geo, place, retweeted_status, quoted_status, quoted_status_id,
      quoted_status_id_str, in_reply_to_status_id, in_reply_to_status_id_str, retweet_count,
      reply_count, favorite_count, quote_count, possibly_sensitive, withheld_in_countries;
};
constexpr auto kSlots = slots<Members>({
    {"id", &Members::id},
    {"id_str", &Members::id_str},
    {"text", &Members::text},
    {"full_text", &Members::full_text},
    {"extended_tweet", &Members::extended_tweet},
    {"entities", &Members::entities},
    {"created_at", &Members::created_at},
    {"timestamp_ms", &Members::timestamp_ms},
    {"lang", &Members::lang},
    {"user", &Members::user},
    {"coordinates", &Members::coordinates},
    {"geo", &Members::geo},
    {"place", &Members::place},
    {"retweeted_status", &Members::retweeted_status},
    {"quoted_status", &Members::quoted_status},
    {"quoted_status_id", &Members::quoted_status_id},
    {"quoted_status_id_str", &Members::quoted_status_id_str},
    {"in_reply_to_status_id", &Members::in_reply_to_status_id},
    {"in_reply_to_status_id_str", &Members::in_reply_to_status_id_str},
    {"retweet_count", &Members::retweet_count},
    {"reply_count", &Members::reply_count},
    {"favorite_count", &Members::favorite_count},
    {"quote_count", &Members::quote_count},
    {"possibly_sensitive", &Members::possibly_sensitive},
    {"withheld_in_countries", &Members::withheld_in_countries},
});

struct UserMembers {
  Field id, id_str, screen_name, name, location, time_zone, followers_count, verified;
};
constexpr auto kUserSlots = slots<UserMembers>({
    {"id", &UserMembers::id},
    {"id_str", &UserMembers::id_str},
    {"screen_name", &UserMembers::screen_name},
    {"name", &UserMembers::name},
    {"location", &UserMembers::location},
    {"time_zone", &UserMembers::time_zone},
    {"followers_count", &UserMembers::followers_count},
    {"verified", &UserMembers::verified},
});

struct PlaceMembers {
  Field id, full_name, name, place_type, country, country_code, bounding_box;
};
constexpr auto kPlaceSlots = slots<PlaceMembers>({
    {"id", &PlaceMembers::id},
    {"full_name", &PlaceMembers::full_name},
    {"name", &PlaceMembers::name},
    {"place_type", &PlaceMembers::place_type},
    {"country", &PlaceMembers::country},
    {"country_code", &PlaceMembers::country_code},
    {"bounding_box", &PlaceMembers::bounding_box},
});

/// The id as text where there is one, else the number.
const Field& either(const Field& text, const Field& number) {
  return text ? text : number;
}

Result<void> read_user(const Field& field, ParseBuffers& buffers) {
  if (!field) return {};
  auto user = as_object(*field, {"", "user"});
  ROOKERY_RETURN_IF_ERROR(user);
  UserMembers m;
  collect(*user, kUserSlots, m);
  AuthorFields& author = buffers.post.author;
  ROOKERY_RETURN_IF_ERROR(
      read_id(either(m.id_str, m.id), {"user", "id_str"}, buffers.arena, author.id));
  ROOKERY_RETURN_IF_ERROR(read_text(m.screen_name, {"user", "screen_name"}, author.username));
  ROOKERY_RETURN_IF_ERROR(read_text(m.name, {"user", "name"}, author.name));
  ROOKERY_RETURN_IF_ERROR(read_text(m.location, {"user", "location"}, author.location));
  ROOKERY_RETURN_IF_ERROR(read_text(m.time_zone, {"user", "time_zone"}, author.time_zone));
  ROOKERY_RETURN_IF_ERROR(
      read_count(m.followers_count, {"user", "followers_count"}, author.followers_count));
  return read_flag(m.verified, {"user", "verified"}, author.verified);
}

Result<void> read_place(const Field& field, ParseBuffers& buffers) {
  if (!field) return {};
  auto object = as_object(*field, {"", "place"});
  ROOKERY_RETURN_IF_ERROR(object);
  PlaceMembers m;
  collect(*object, kPlaceSlots, m);
  PlaceFields& place = buffers.post.place.emplace();
  ROOKERY_RETURN_IF_ERROR(read_text(m.id, {"place", "id"}, place.id));
  ROOKERY_RETURN_IF_ERROR(read_text(m.full_name, {"place", "full_name"}, place.full_name));
  ROOKERY_RETURN_IF_ERROR(read_text(m.name, {"place", "name"}, place.name));
  ROOKERY_RETURN_IF_ERROR(read_text(m.place_type, {"place", "place_type"}, place.place_type));
  ROOKERY_RETURN_IF_ERROR(read_text(m.country, {"place", "country"}, place.country));
  ROOKERY_RETURN_IF_ERROR(read_text(m.country_code, {"place", "country_code"}, place.country_code));
  if (!m.bounding_box) return {};
  auto box = read_v1_box(*m.bounding_box);
  ROOKERY_RETURN_IF_ERROR(box);
  place.box = *box;
  return {};
}

/// `coordinates` is GeoJSON; the older `geo` has latitude first and counts only
/// where `coordinates` is absent.
Result<void> read_position(const Members& m, RawPost& post) {
  ROOKERY_RETURN_IF_ERROR(read_point(m.coordinates, {"", "coordinates"}, post.point));
  if (post.point || !m.geo) return {};
  auto geo = as_object(*m.geo, {"", "geo"});
  ROOKERY_RETURN_IF_ERROR(geo);
  const Field pair = member(*geo, "coordinates");
  if (!pair) return {};
  auto numbers = as_array(*pair, {"geo", "coordinates"});
  ROOKERY_RETURN_IF_ERROR(numbers);
  if (numbers->size() < 2 || numbers->at(0).is_null() || numbers->at(1).is_null()) return {};
  auto lat = as_degrees(numbers->at(0), {"geo", "coordinates"}, 90);
  ROOKERY_RETURN_IF_ERROR(lat);
  auto lon = as_degrees(numbers->at(1), {"geo", "coordinates"}, 180);
  ROOKERY_RETURN_IF_ERROR(lon);
  post.point = PointFields{.lat = *lat, .lon = *lon};
  return {};
}

/// created_at counts seconds; timestamp_ms, in the stream since 2014, adds the
/// milliseconds where it means the same second.
Result<void> read_time(const Members& m, RawPost& post) {
  if (!m.created_at) return missing({"", "created_at"});
  std::string_view text;
  ROOKERY_RETURN_IF_ERROR(read_text(m.created_at, {"", "created_at"}, text));
  const auto time = parse_twitter_v1(text);
  if (!time) {
    return out_of_range({"", "created_at"}, "a time as \"Wed Aug 27 13:08:45 +0000 2008\"",
                        quoted(text));
  }
  post.created_at = *time;
  std::string_view digits;
  std::int64_t milliseconds = 0;
  if (!m.timestamp_ms || m.timestamp_ms->get_string().get(digits) != simdjson::SUCCESS) return {};
  const auto* end = digits.data() + digits.size();
  if (std::from_chars(digits.data(), end, milliseconds).ptr != end) return {};
  const WallTime exact{std::chrono::milliseconds(milliseconds)};
  if (std::chrono::floor<std::chrono::seconds>(exact) == *time) post.created_at = exact;
  return {};
}

Result<void> read_references(const Members& m, ParseBuffers& buffers) {
  const auto refer = [&](std::string_view type, const Field& id, const Path& path) -> Result<void> {
    std::string_view text;
    ROOKERY_RETURN_IF_ERROR(read_id(id, path, buffers.arena, text));
    if (!text.empty()) buffers.post.references.push_back({.type = type, .id = text});
    return {};
  };
  if (m.retweeted_status) {
    // A retweet repeats the quote of its original; it does not quote itself.
    auto original = as_object(*m.retweeted_status, {"", "retweeted_status"});
    ROOKERY_RETURN_IF_ERROR(original);
    const Field text = member(*original, "id_str");
    return refer("retweeted", text ? text : member(*original, "id"),
                 {"retweeted_status", "id_str"});
  }
  ROOKERY_RETURN_IF_ERROR(refer("quoted", either(m.quoted_status_id_str, m.quoted_status_id),
                                {"", "quoted_status_id_str"}));
  return refer("replied_to", either(m.in_reply_to_status_id_str, m.in_reply_to_status_id),
               {"", "in_reply_to_status_id_str"});
}

Result<void> read_withheld(const Field& field, RawPost& post) {
  if (!field) return {};
  auto countries = as_array(*field, {"", "withheld_in_countries"});
  ROOKERY_RETURN_IF_ERROR(countries);
  for (const auto country : *countries) {
    std::string_view code;
    ROOKERY_RETURN_IF_ERROR(read_text(country, {"", "withheld_in_countries"}, code));
    post.withheld_in_countries.push_back(code);
  }
  return {};
}

/// What a post says: the longest text that it carries and the entities of that.
Result<V1Text> text_of(const Members& m) {
  V1Text text{.raw = {}, .entities = m.entities};
  Field content = m.full_text ? m.full_text : m.text;
  if (m.extended_tweet) {
    auto extended = as_object(*m.extended_tweet, {"", "extended_tweet"});
    ROOKERY_RETURN_IF_ERROR(extended);
    if (const Field full = member(*extended, "full_text")) {
      content = full;
      text.entities = member(*extended, "entities");
    }
  }
  if (!content) return missing({"", "text"});
  ROOKERY_RETURN_IF_ERROR(read_text(content, {"", "text"}, text.raw));
  return text;
}

Result<void> read_whole_text(const Members& m, ParseBuffers& buffers) {
  auto own = text_of(m);
  ROOKERY_RETURN_IF_ERROR(own);
  if (!m.retweeted_status) return read_v1_text(*own, nullptr, buffers);
  auto original_object = as_object(*m.retweeted_status, {"", "retweeted_status"});
  ROOKERY_RETURN_IF_ERROR(original_object);
  Members of_original;
  collect(*original_object, kSlots, of_original);
  auto original = text_of(of_original);
  ROOKERY_RETURN_IF_ERROR(original);
  return read_v1_text(*own, &*original, buffers);
}

}  // namespace

Result<void> read_v1_post(object object, ParseBuffers& buffers) {
  RawPost& post = buffers.post;
  post.clear();
  Members m;
  collect(object, kSlots, m);
  ROOKERY_RETURN_IF_ERROR(read_id(either(m.id_str, m.id), {"", "id_str"}, buffers.arena, post.id));
  if (post.id.empty()) return missing({"", "id_str"});
  ROOKERY_RETURN_IF_ERROR(read_time(m, post));
  ROOKERY_RETURN_IF_ERROR(read_whole_text(m, buffers));
  std::string_view lang;
  ROOKERY_RETURN_IF_ERROR(read_text(m.lang, {"", "lang"}, lang));
  post.lang = language_of(lang);
  ROOKERY_RETURN_IF_ERROR(read_user(m.user, buffers));
  ROOKERY_RETURN_IF_ERROR(read_position(m, post));
  ROOKERY_RETURN_IF_ERROR(read_place(m.place, buffers));
  ROOKERY_RETURN_IF_ERROR(read_references(m, buffers));
  ROOKERY_RETURN_IF_ERROR(
      read_count(m.retweet_count, {"", "retweet_count"}, post.metrics.retweets));
  ROOKERY_RETURN_IF_ERROR(read_count(m.reply_count, {"", "reply_count"}, post.metrics.replies));
  ROOKERY_RETURN_IF_ERROR(read_count(m.favorite_count, {"", "favorite_count"}, post.metrics.likes));
  ROOKERY_RETURN_IF_ERROR(read_count(m.quote_count, {"", "quote_count"}, post.metrics.quotes));
  ROOKERY_RETURN_IF_ERROR(
      read_flag(m.possibly_sensitive, {"", "possibly_sensitive"}, post.possibly_sensitive));
  return read_withheld(m.withheld_in_countries, post);
}

}  // namespace rookery::ingest
