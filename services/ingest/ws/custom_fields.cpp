#include "services/ingest/ws/custom_fields.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "common/records/timestamp.hpp"
#include "services/ingest/text_tags.hpp"

namespace rookery::ingest {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

constexpr std::array<std::string_view, static_cast<std::size_t>(CustomField::kCount)> kNames = {
    "id", "text", "created_at", "lang", "author_id", "author", "url", "hashtags", "lat", "lon"};

Failure invalid(std::string_view got, std::string_view expected) {
  return misconfigured("option_invalid", "ws_fields: expected " + std::string(expected) +
                                             ", got \"" + std::string(got) + "\"");
}

Result<std::string> unescaped(std::string_view token, std::string_view pointer) {
  std::string out;
  for (std::size_t i = 0; i < token.size(); ++i) {
    if (token[i] != '~') {
      out.push_back(token[i]);
      continue;
    }
    const char next = ++i < token.size() ? token[i] : ' ';
    if (next != '0' && next != '1') {
      return invalid(pointer, "\"0\" or \"1\" behind each \"~\" (RFC 6901)");
    }
    out.push_back(next == '0' ? '~' : '/');
  }
  return out;
}

Field element_at(array list, std::string_view token) {
  std::size_t index = 0;
  const auto* const end = token.data() + token.size();
  const auto read = std::from_chars(token.data(), end, index);
  if (read.ec != std::errc() || read.ptr != end) return {};
  if (token.size() > 1 && token.front() == '0') return {};
  element value;
  if (list.at(index).get(value) != simdjson::SUCCESS || value.is_null()) return {};
  return value;
}

/// A field of the options in one message.
struct Found {
  Field value;
  Path path;
};

Found find(object message, const CustomFields& fields, CustomField field) {
  const JsonPointer* pointer = fields.of(field);
  if (pointer == nullptr) return {};
  return {.value = at_pointer(message, *pointer), .path = {.object = {}, .member = pointer->text}};
}

/// Seconds reach 1e11 in the year 5138, milliseconds 1e14, microseconds 1e17;
/// what is as small as 1e11 milliseconds lies in 1973.
std::optional<WallTime> time_of(std::int64_t number) {
  constexpr std::int64_t kSecondsEnd = 100'000'000'000;
  constexpr std::int64_t kMillisEnd = kSecondsEnd * 1000;
  constexpr std::int64_t kMicrosEnd = kMillisEnd * 1000;
  if (number < 0 || number >= kMicrosEnd) return {};
  std::int64_t millis = number;
  if (number < kSecondsEnd) millis = number * 1000;
  if (number >= kMillisEnd) millis = number / 1000;
  return WallTime(std::chrono::milliseconds(millis));
}

Result<WallTime> read_time(const Found& found) {
  if (!found.value) return missing(found.path);
  std::int64_t number = 0;
  if (found.value->get_int64().get(number) == simdjson::SUCCESS) {
    const auto time = time_of(number);
    if (!time) return out_of_range(found.path, "a time", std::to_string(number));
    return *time;
  }
  std::string_view text;
  ROOKERY_RETURN_IF_ERROR(read_text(found.value, found.path, text));
  if (const auto time = parse_rfc3339(text)) return *time;
  if (const auto time = parse_twitter_v1(text)) return *time;
  if (const auto time = parse_rfc3339(std::string(text) + "Z")) return *time;
  return out_of_range(found.path, "a time", quoted(text));
}

Result<void> read_hashtags(const Found& found, RawPost& post) {
  if (found.value) {
    auto list = as_array(*found.value, found.path);
    ROOKERY_RETURN_IF_ERROR(list);
    for (const element entry : *list) {
      std::string_view tag;
      ROOKERY_RETURN_IF_ERROR(read_text(Field{entry}, found.path, tag));
      if (tag.starts_with('#')) tag.remove_prefix(1);
      if (!tag.empty()) post.hashtags.push_back({.span = {}, .tag = tag});
    }
  }
  if (post.hashtags.empty()) find_hashtags(post.text, post.hashtags);
  return {};
}

Result<void> read_position(const Found& lat, const Found& lon, RawPost& post) {
  if (!lat.value || !lon.value) return {};
  auto north = as_degrees(*lat.value, lat.path, 90);
  ROOKERY_RETURN_IF_ERROR(north);
  auto east = as_degrees(*lon.value, lon.path, 180);
  ROOKERY_RETURN_IF_ERROR(east);
  post.point = PointFields{.lat = *north, .lon = *east};
  return {};
}

}  // namespace

Result<JsonPointer> parse_json_pointer(std::string_view text) {
  if (!text.starts_with('/')) return invalid(text, "a JSON Pointer that begins with \"/\"");
  JsonPointer pointer{.text = std::string(text), .tokens = {}};
  std::string_view rest = text;
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const std::size_t size = std::min(rest.find('/'), rest.size());
    auto token = unescaped(rest.substr(0, size), text);
    ROOKERY_RETURN_IF_ERROR(token);
    pointer.tokens.push_back(std::move(*token));
    rest.remove_prefix(size);
  }
  return pointer;
}

Field at_pointer(object root, const JsonPointer& pointer) {
  Field at = member(root, pointer.tokens.front());
  for (std::size_t i = 1; at && i < pointer.tokens.size(); ++i) {
    const std::string& token = pointer.tokens[i];
    object members;
    array list;
    if (at->get_object().get(members) == simdjson::SUCCESS) {
      at = member(members, token);
    } else if (at->get_array().get(list) == simdjson::SUCCESS) {
      at = element_at(list, token);
    } else {
      return {};
    }
  }
  return at;
}

const JsonPointer* CustomFields::of(CustomField field) const {
  for (const Entry& entry : entries) {
    if (entry.field == field) return &entry.pointer;
  }
  return nullptr;
}

Result<CustomFields> parse_custom_fields(const std::vector<std::string>& entries) {
  CustomFields fields;
  for (const auto& text : entries) {
    const std::size_t equals = text.find('=');
    const auto* const name = std::find(kNames.begin(), kNames.end(), text.substr(0, equals));
    if (equals == std::string::npos || name == kNames.end()) {
      return invalid(text,
                     "FIELD=POINTER with a field of id, text, created_at, lang, author_id, author, "
                     "url, hashtags, lat, lon");
    }
    const auto field = static_cast<CustomField>(name - kNames.begin());
    if (fields.of(field) != nullptr) return invalid(text, "each field once");
    auto pointer = parse_json_pointer(std::string_view(text).substr(equals + 1));
    ROOKERY_RETURN_IF_ERROR(pointer);
    fields.entries.push_back({.field = field, .pointer = std::move(*pointer)});
  }
  for (const auto needed : {CustomField::kId, CustomField::kText}) {
    if (fields.of(needed) != nullptr) continue;
    return misconfigured("option_invalid",
                         "ws_fields: expected a pointer for \"" +
                             std::string(kNames[static_cast<std::size_t>(needed)]) +
                             "\", got none");
  }
  if ((fields.of(CustomField::kLat) == nullptr) != (fields.of(CustomField::kLon) == nullptr)) {
    return misconfigured("option_invalid", "ws_fields: expected lat and lon, got one of them");
  }
  return fields;
}

Result<void> read_custom(object message, const CustomFields& fields, WallTime received,
                         ParseBuffers& buffers) {
  RawPost& post = buffers.post;
  post.clear();
  const auto at = [&](CustomField field) { return find(message, fields, field); };
  const Found id = at(CustomField::kId);
  ROOKERY_RETURN_IF_ERROR(read_id(id.value, id.path, buffers.arena, post.id));
  if (post.id.empty()) return missing(id.path);
  const Found text = at(CustomField::kText);
  if (!text.value) return missing(text.path);
  ROOKERY_RETURN_IF_ERROR(read_text(text.value, text.path, post.text));
  post.created_at = received;
  if (fields.of(CustomField::kCreatedAt) != nullptr) {
    auto time = read_time(at(CustomField::kCreatedAt));
    ROOKERY_RETURN_IF_ERROR(time);
    post.created_at = *time;
  }
  std::string_view lang;
  const Found language = at(CustomField::kLang);
  ROOKERY_RETURN_IF_ERROR(read_text(language.value, language.path, lang));
  post.lang = language_of(lang);
  const Found author_id = at(CustomField::kAuthorId);
  ROOKERY_RETURN_IF_ERROR(read_id(author_id.value, author_id.path, buffers.arena, post.author.id));
  const Found author = at(CustomField::kAuthor);
  ROOKERY_RETURN_IF_ERROR(read_text(author.value, author.path, post.author.username));
  std::string_view url;
  const Found link = at(CustomField::kUrl);
  ROOKERY_RETURN_IF_ERROR(read_text(link.value, link.path, url));
  if (!url.empty()) {
    post.urls.push_back(
        {.span = {}, .url = url, .expanded_url = url, .display_url = {}, .title = {}});
  }
  ROOKERY_RETURN_IF_ERROR(read_hashtags(at(CustomField::kHashtags), post));
  return read_position(at(CustomField::kLat), at(CustomField::kLon), post);
}

}  // namespace rookery::ingest
