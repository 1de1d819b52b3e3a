#include "services/ingest/v2_text.hpp"

#include "services/ingest/v1_entities.hpp"

namespace rookery::ingest {
namespace {

using simdjson::dom::object;

constexpr auto kSlots = slots<V2TextFields>({
    {"text", &V2TextFields::text},
    {"entities", &V2TextFields::entities},
    {"note_tweet", &V2TextFields::note_tweet},
    {"note_post", &V2TextFields::note_post},
});

struct EntityMembers {
  Field start, end, tag, username, id, url, expanded_url, display_url, title;
};
constexpr auto kEntitySlots = slots<EntityMembers>({
    {"start", &EntityMembers::start},
    {"end", &EntityMembers::end},
    {"tag", &EntityMembers::tag},
    {"username", &EntityMembers::username},
    {"id", &EntityMembers::id},
    {"url", &EntityMembers::url},
    {"expanded_url", &EntityMembers::expanded_url},
    {"display_url", &EntityMembers::display_url},
    {"title", &EntityMembers::title},
});

struct Content {
  std::string_view raw;
  Field entities;
};

Result<Content> content_of(const V2TextFields& m) {
  Content content{.raw = {}, .entities = m.entities};
  Field text = m.text;
  if (const Field note = m.note_tweet ? m.note_tweet : m.note_post) {
    auto object = as_object(*note, {"", "note_tweet"});
    ROOKERY_RETURN_IF_ERROR(object);
    if (const Field whole = member(*object, "text")) {
      text = whole;
      content.entities = member(*object, "entities");
    }
  }
  if (!text) return missing({"", "text"});
  ROOKERY_RETURN_IF_ERROR(read_text(text, {"", "text"}, content.raw));
  return content;
}

Result<Span> read_span(const EntityMembers& m, std::string_view list, const PostText& text) {
  std::optional<std::uint32_t> start;
  std::optional<std::uint32_t> end;
  ROOKERY_RETURN_IF_ERROR(read_count(m.start, {list, "start"}, start));
  ROOKERY_RETURN_IF_ERROR(read_count(m.end, {list, "end"}, end));
  return start && end ? text.move(*start, *end) : Span{};
}

/// Calls `add` with the members and the span of each entity of one list.
template <typename Add>
Result<void> read_list(const Field& field, std::string_view name, const PostText& text, Add add) {
  if (!field) return {};
  auto list = as_array(*field, {"entities", name});
  ROOKERY_RETURN_IF_ERROR(list);
  for (const auto entry : *list) {
    auto object = as_object(entry, {"entities", name});
    ROOKERY_RETURN_IF_ERROR(object);
    EntityMembers members;
    collect(*object, kEntitySlots, members);
    auto span = read_span(members, name, text);
    ROOKERY_RETURN_IF_ERROR(span);
    ROOKERY_RETURN_IF_ERROR(add(members, *span));
  }
  return {};
}

Result<void> read_tags(const Field& field, std::string_view name, const PostText& text,
                       std::vector<TagEntity>& tags) {
  return read_list(field, name, text, [&](const EntityMembers& m, Span span) -> Result<void> {
    std::string_view tag;
    ROOKERY_RETURN_IF_ERROR(read_text(m.tag, {name, "tag"}, tag));
    if (!tag.empty()) tags.push_back({.span = span, .tag = tag});
    return {};
  });
}

Result<void> read_mentions(const Field& field, ParseBuffers& buffers) {
  const auto add = [&](const EntityMembers& m, Span span) -> Result<void> {
    MentionEntity mention{.span = span, .username = {}, .id = {}};
    ROOKERY_RETURN_IF_ERROR(read_text(m.username, {"mentions", "username"}, mention.username));
    ROOKERY_RETURN_IF_ERROR(read_id(m.id, {"mentions", "id"}, buffers.arena, mention.id));
    buffers.post.mentions.push_back(mention);
    return {};
  };
  return read_list(field, "mentions", buffers.text, add);
}

Result<void> read_urls(const Field& field, ParseBuffers& buffers) {
  const auto add = [&](const EntityMembers& m, Span span) -> Result<void> {
    UrlEntity url{.span = span, .url = {}, .expanded_url = {}, .display_url = {}, .title = {}};
    ROOKERY_RETURN_IF_ERROR(read_text(m.url, {"urls", "url"}, url.url));
    ROOKERY_RETURN_IF_ERROR(read_text(m.expanded_url, {"urls", "expanded_url"}, url.expanded_url));
    ROOKERY_RETURN_IF_ERROR(read_text(m.display_url, {"urls", "display_url"}, url.display_url));
    ROOKERY_RETURN_IF_ERROR(read_text(m.title, {"urls", "title"}, url.title));
    auto& urls = buffers.post.urls;
    // Each picture of a post repeats the one link that stands in the text.
    const bool again = !urls.empty() && span.known() && urls.back().span == span;
    if (!url.url.empty() && !again) urls.push_back(url);
    return {};
  };
  return read_list(field, "urls", buffers.text, add);
}

Result<void> read_entities(const Field& field, ParseBuffers& buffers) {
  if (!field) return {};
  auto object = as_object(*field, {"", "entities"});
  ROOKERY_RETURN_IF_ERROR(object);
  RawPost& post = buffers.post;
  ROOKERY_RETURN_IF_ERROR(
      read_tags(member(*object, "hashtags"), "hashtags", buffers.text, post.hashtags));
  ROOKERY_RETURN_IF_ERROR(
      read_tags(member(*object, "cashtags"), "cashtags", buffers.text, post.cashtags));
  ROOKERY_RETURN_IF_ERROR(read_mentions(member(*object, "mentions"), buffers));
  return read_urls(member(*object, "urls"), buffers);
}

Result<void> read_cut_retweet(const Content& own, std::size_t prefix, object original,
                              ParseBuffers& buffers) {
  V2TextFields fields;
  collect(original, kSlots, fields);
  auto whole = content_of(fields);
  ROOKERY_RETURN_IF_ERROR(whole);
  buffers.text.start(own.raw.substr(0, prefix));
  if (own.entities) {
    auto object = as_object(*own.entities, {"", "entities"});
    ROOKERY_RETURN_IF_ERROR(object);
    ROOKERY_RETURN_IF_ERROR(read_mentions(member(*object, "mentions"), buffers));
    // What lies behind the prefix comes again, whole, from the original.
    std::erase_if(buffers.post.mentions, [](const MentionEntity& m) { return !m.span.known(); });
  }
  buffers.text.append(whole->raw);
  return read_entities(whole->entities, buffers);
}

}  // namespace

Result<void> read_v2_text(const V2TextFields& fields, const Field& original,
                          ParseBuffers& buffers) {
  auto own = content_of(fields);
  ROOKERY_RETURN_IF_ERROR(own);
  const std::size_t prefix = original ? cut_retweet_prefix(own->raw) : 0;
  if (prefix == 0) {
    buffers.text.start(own->raw);
    ROOKERY_RETURN_IF_ERROR(read_entities(own->entities, buffers));
  } else {
    auto object = as_object(*original, {"", "referenced_tweets"});
    ROOKERY_RETURN_IF_ERROR(object);
    ROOKERY_RETURN_IF_ERROR(read_cut_retweet(*own, prefix, *object, buffers));
  }
  buffers.post.text = buffers.text.text();
  return {};
}

}  // namespace rookery::ingest
