#include "services/ingest/v1_entities.hpp"

namespace rookery::ingest {
namespace {

using simdjson::dom::element;

struct Members {
  Field hashtags, symbols, user_mentions, urls, media;
};
constexpr auto kSlots = slots<Members>({
    {"hashtags", &Members::hashtags},
    {"symbols", &Members::symbols},
    {"user_mentions", &Members::user_mentions},
    {"urls", &Members::urls},
    {"media", &Members::media},
});

struct EntityMembers {
  Field indices, text, screen_name, id, id_str, url, expanded_url, display_url;
};
constexpr auto kEntitySlots = slots<EntityMembers>({
    {"indices", &EntityMembers::indices},
    {"text", &EntityMembers::text},
    {"screen_name", &EntityMembers::screen_name},
    {"id", &EntityMembers::id},
    {"id_str", &EntityMembers::id_str},
    {"url", &EntityMembers::url},
    {"expanded_url", &EntityMembers::expanded_url},
    {"display_url", &EntityMembers::display_url},
});

Result<Span> read_span(const Field& indices, std::string_view list, const PostText& text) {
  if (!indices) return Span{};
  auto pair = as_array(*indices, {list, "indices"});
  ROOKERY_RETURN_IF_ERROR(pair);
  std::uint64_t start = 0;
  std::uint64_t end = 0;
  if (pair->at(0).get_uint64().get(start) != simdjson::SUCCESS ||
      pair->at(1).get_uint64().get(end) != simdjson::SUCCESS) {
    return wrong_type({list, "indices"}, "two whole numbers", *indices);
  }
  return text.move(start, end);
}

/// Calls `add` with the members and the span of each entity of one list.
template <typename Add>
Result<void> read_list(const Field& field, std::string_view name, const PostText& text, Add add) {
  if (!field) return {};
  auto list = as_array(*field, {"entities", name});
  ROOKERY_RETURN_IF_ERROR(list);
  for (const element entry : *list) {
    auto object = as_object(entry, {"entities", name});
    ROOKERY_RETURN_IF_ERROR(object);
    EntityMembers members;
    collect(*object, kEntitySlots, members);
    auto span = read_span(members.indices, name, text);
    ROOKERY_RETURN_IF_ERROR(span);
    ROOKERY_RETURN_IF_ERROR(add(members, *span));
  }
  return {};
}

Result<void> read_tags(const Field& field, std::string_view name, const PostText& text,
                       std::vector<TagEntity>& tags) {
  return read_list(field, name, text, [&](const EntityMembers& m, Span span) -> Result<void> {
    std::string_view tag;
    ROOKERY_RETURN_IF_ERROR(read_text(m.text, {name, "text"}, tag));
    if (!tag.empty()) tags.push_back({.span = span, .tag = tag});
    return {};
  });
}

Result<void> read_mentions(const Field& field, ParseBuffers& buffers) {
  const auto add = [&](const EntityMembers& m, Span span) -> Result<void> {
    MentionEntity mention{.span = span, .username = {}, .id = {}};
    ROOKERY_RETURN_IF_ERROR(
        read_text(m.screen_name, {"user_mentions", "screen_name"}, mention.username));
    ROOKERY_RETURN_IF_ERROR(read_id(m.id_str ? m.id_str : m.id, {"user_mentions", "id_str"},
                                    buffers.arena, mention.id));
    buffers.post.mentions.push_back(mention);
    return {};
  };
  return read_list(field, "user_mentions", buffers.text, add);
}

Result<void> read_urls(const Field& field, std::string_view name, ParseBuffers& buffers) {
  const auto add = [&](const EntityMembers& m, Span span) -> Result<void> {
    UrlEntity url{.span = span, .url = {}, .expanded_url = {}, .display_url = {}, .title = {}};
    ROOKERY_RETURN_IF_ERROR(read_text(m.url, {name, "url"}, url.url));
    ROOKERY_RETURN_IF_ERROR(read_text(m.expanded_url, {name, "expanded_url"}, url.expanded_url));
    ROOKERY_RETURN_IF_ERROR(read_text(m.display_url, {name, "display_url"}, url.display_url));
    if (!url.url.empty()) buffers.post.urls.push_back(url);
    return {};
  };
  return read_list(field, name, buffers.text, add);
}

Result<void> read_entities(const Field& field, ParseBuffers& buffers) {
  if (!field) return {};
  auto object = as_object(*field, {"", "entities"});
  ROOKERY_RETURN_IF_ERROR(object);
  Members m;
  collect(*object, kSlots, m);
  RawPost& post = buffers.post;
  ROOKERY_RETURN_IF_ERROR(read_tags(m.hashtags, "hashtags", buffers.text, post.hashtags));
  ROOKERY_RETURN_IF_ERROR(read_tags(m.symbols, "symbols", buffers.text, post.cashtags));
  ROOKERY_RETURN_IF_ERROR(read_mentions(m.user_mentions, buffers));
  ROOKERY_RETURN_IF_ERROR(read_urls(m.urls, "urls", buffers));
  return read_urls(m.media, "media", buffers);
}

}  // namespace

std::size_t cut_retweet_prefix(std::string_view text) {
  constexpr std::string_view kMark = "RT @";
  constexpr std::string_view kEllipsis = "\u2026";
  if (!text.starts_with(kMark)) return 0;
  const std::size_t last = text.find_last_not_of(" \n");
  if (last == std::string_view::npos || !text.substr(0, last + 1).ends_with(kEllipsis)) return 0;
  const std::size_t colon = text.find(": ");
  return colon == std::string_view::npos ? 0 : colon + 2;
}

Result<void> read_v1_text(const V1Text& own, const V1Text* original, ParseBuffers& buffers) {
  PostText& text = buffers.text;
  const std::size_t prefix = original == nullptr ? 0 : cut_retweet_prefix(own.raw);
  if (prefix == 0) {
    text.start(own.raw);
    ROOKERY_RETURN_IF_ERROR(read_entities(own.entities, buffers));
  } else {
    text.start(own.raw.substr(0, prefix));
    if (own.entities) {
      auto object = as_object(*own.entities, {"", "entities"});
      ROOKERY_RETURN_IF_ERROR(object);
      ROOKERY_RETURN_IF_ERROR(read_mentions(member(*object, "user_mentions"), buffers));
      // What lies behind the prefix comes again, whole, from the original.
      std::erase_if(buffers.post.mentions, [](const MentionEntity& m) { return !m.span.known(); });
    }
    text.append(original->raw);
    ROOKERY_RETURN_IF_ERROR(read_entities(original->entities, buffers));
  }
  buffers.post.text = text.text();
  return {};
}

}  // namespace rookery::ingest
