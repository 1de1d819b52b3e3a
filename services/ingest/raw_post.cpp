#include "services/ingest/raw_post.hpp"

#include <algorithm>

#include "common/records/json_writer.hpp"

namespace rookery::ingest {
namespace {

using json::ArrayWriter;
using json::ObjectWriter;

void put(ObjectWriter& object, std::string_view name, std::string_view value) {
  if (!value.empty()) object.string(name, value);
}

void put(ObjectWriter& object, std::string_view name, std::optional<std::uint32_t> value) {
  if (value) object.number(name, static_cast<std::int64_t>(*value));
}

void put(ObjectWriter& object, std::string_view name, std::optional<bool> value) {
  if (value) object.boolean(name, *value);
}

void put(ObjectWriter& object, const Span& span) {
  if (!span.known()) return;
  object.number("start", static_cast<std::int64_t>(span.start));
  object.number("end", static_cast<std::int64_t>(span.end));
}

void put(ObjectWriter& object, std::string_view name, const std::vector<std::string_view>& texts) {
  if (texts.empty()) return;
  ArrayWriter array(object.value(name));
  for (const auto text : texts) array.string(text);
}

/// Writes the elements of a list through `write`; nothing for an empty list.
template <typename T, typename Write>
void put_list(ObjectWriter& object, std::string_view name, const std::vector<T>& list,
              Write write) {
  if (list.empty()) return;
  ArrayWriter array(object.value(name));
  for (const T& entry : list) {
    ObjectWriter element(array.next());
    write(element, entry);
  }
}

void put_author(ObjectWriter& post, const AuthorFields& author) {
  if (author.id.empty() && author.username.empty()) return;
  ObjectWriter object = post.object("author");
  put(object, "id", author.id);
  put(object, "username", author.username);
  put(object, "name", author.name);
  put(object, "location", author.location);
  put(object, "followers_count", author.followers_count);
  put(object, "verified", author.verified);
  put(object, "time_zone", author.time_zone);
}

void put_tag(ObjectWriter& object, const TagEntity& tag) {
  put(object, tag.span);
  object.string("tag", tag.tag);
}

void put_mention(ObjectWriter& object, const MentionEntity& mention) {
  put(object, mention.span);
  put(object, "username", mention.username);
  put(object, "id", mention.id);
}

void put_url(ObjectWriter& object, const UrlEntity& url) {
  put(object, url.span);
  put(object, "url", url.url);
  put(object, "expanded_url", url.expanded_url);
  put(object, "display_url", url.display_url);
  put(object, "title", url.title);
}

void put_entities(ObjectWriter& post, const RawPost& fields) {
  if (fields.hashtags.empty() && fields.cashtags.empty() && fields.mentions.empty() &&
      fields.urls.empty()) {
    return;
  }
  ObjectWriter object = post.object("entities");
  put_list(object, "hashtags", fields.hashtags, put_tag);
  put_list(object, "cashtags", fields.cashtags, put_tag);
  put_list(object, "mentions", fields.mentions, put_mention);
  put_list(object, "urls", fields.urls, put_url);
}

void put_metrics(ObjectWriter& post, const MetricFields& metrics) {
  if (!metrics.retweets && !metrics.replies && !metrics.likes && !metrics.quotes) return;
  ObjectWriter object = post.object("public_metrics");
  put(object, "retweet_count", metrics.retweets);
  put(object, "reply_count", metrics.replies);
  put(object, "like_count", metrics.likes);
  put(object, "quote_count", metrics.quotes);
}

void put_point(ObjectWriter& post, const std::optional<PointFields>& point) {
  if (!point) return;
  ObjectWriter object = post.object("coordinates");
  object.number("lat", point->lat);
  object.number("lon", point->lon);
}

void put_place(ObjectWriter& post, const std::optional<PlaceFields>& place) {
  if (!place) return;
  ObjectWriter object = post.object("place");
  put(object, "id", place->id);
  put(object, "full_name", place->full_name);
  put(object, "name", place->name);
  put(object, "place_type", place->place_type);
  put(object, "country", place->country);
  put(object, "country_code", place->country_code);
  if (!place->box) return;
  ObjectWriter box = object.object("bounding_box");
  box.number("south", place->box->south);
  box.number("west", place->box->west);
  box.number("north", place->box->north);
  box.number("east", place->box->east);
}

void put_song(ObjectWriter& post, const SongFields& song) {
  if (song.track.empty()) return;
  ObjectWriter object = post.object("song");
  put(object, "track", song.track);
  put(object, "artist", song.artist);
  put(object, "album", song.album);
  put(object, "popularity", song.popularity);
}

}  // namespace

std::string_view revision_of(std::string_view record) {
  constexpr std::string_view kName = R"("revision":")";
  constexpr std::string_view kEnd = "\"}}";
  constexpr std::size_t kLengthMax = 200;
  if (!record.ends_with(kEnd)) return {};
  record.remove_suffix(kEnd.size());
  // Within a text the quotes would have a backslash before them.
  const std::size_t from = record.size() - std::min(record.size(), kLengthMax);
  const std::size_t begin = record.find(kName, from);
  if (begin == std::string_view::npos) return {};
  const std::string_view revision = record.substr(begin + kName.size());
  return revision.find('"') == std::string_view::npos ? revision : std::string_view{};
}

std::string& TextArena::make() {
  if (used_ == texts_.size()) texts_.emplace_back();
  std::string& text = texts_[used_++];
  text.clear();
  return text;
}

void RawPost::clear() {
  hashtags.clear();
  cashtags.clear();
  mentions.clear();
  urls.clear();
  references.clear();
  withheld_in_countries.clear();
  rule_tags.clear();
  id = text = lang = conversation_id = {};
  created_at = {};
  author = {};
  metrics = {};
  song = {};
  point.reset();
  place.reset();
  possibly_sensitive.reset();
}

void append_raw_tweet(std::string& out, const RawPost& post, const OriginFields& origin) {
  ObjectWriter object(out);
  object.string("id", post.id);
  object.string("text", post.text);
  object.time("created_at", post.created_at);
  put(object, "lang", post.lang);
  put_author(object, post.author);
  put_entities(object, post);
  put_metrics(object, post.metrics);
  put_list(object, "referenced_tweets", post.references,
           [](ObjectWriter& element, const ReferenceFields& reference) {
             element.string("type", reference.type);
             element.string("id", reference.id);
           });
  put(object, "conversation_id", post.conversation_id);
  put_point(object, post.point);
  put_place(object, post.place);
  put(object, "possibly_sensitive", post.possibly_sensitive);
  put(object, "withheld_in_countries", post.withheld_in_countries);
  put_song(object, post.song);
  ObjectWriter from = object.object("origin");
  from.string("source", origin.source);
  put(from, "rule_tags", post.rule_tags);
  if (origin.received_at) from.time("received_at", *origin.received_at);
  // Last, where revision_of() looks for it.
  put(from, "revision", origin.revision);
}

}  // namespace rookery::ingest
