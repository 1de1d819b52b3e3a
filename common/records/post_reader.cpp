#include "common/records/post_reader.hpp"

#include <algorithm>
#include <cstring>
#include <string>

#include <simdjson.h>

#include "common/core/check.hpp"
#include "common/records/json_scanner.hpp"
#include "common/records/post_reader_plain.hpp"
#include "common/records/timestamp.hpp"

namespace rookery {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;

constexpr std::size_t kDepthMax = 64;

Failure wrong_type(std::string_view field, std::string_view expected) {
  return dead_letter("field_type",
                     "field \"" + std::string(field) + "\": expected " + std::string(expected));
}

/// Whether the name is that word; its length is known, so that it takes no call.
template <std::size_t kSize>
bool is(std::string_view name, const char (&word)[kSize]) {
  return name.size() == kSize - 1 && std::memcmp(name.data(), word, kSize - 1) == 0;
}

/// Stores a string field; an absent or null one leaves `out` empty.
Result<void> read_text(element value, std::string_view field, std::string_view& out) {
  if (value.is_null()) return {};
  if (value.get_string().get(out) != simdjson::SUCCESS) return wrong_type(field, "a string");
  return {};
}

Result<void> read_degrees(element value, std::string_view field, double bound, double& out) {
  if (value.get_double().get(out) != simdjson::SUCCESS) return wrong_type(field, "a number");
  if (!(out >= -bound && out <= bound)) {
    return dead_letter("field_range", "field \"" + std::string(field) + "\": expected -" +
                                          std::to_string(static_cast<int>(bound)) + " to " +
                                          std::to_string(static_cast<int>(bound)) + ", got " +
                                          std::to_string(out));
  }
  return {};
}

Result<object> as_object(element value, std::string_view field) {
  object result;
  if (value.get_object().get(result) != simdjson::SUCCESS) return wrong_type(field, "an object");
  return result;
}

Result<void> read_author(element value, PostView& post) {
  auto author = as_object(value, "author");
  ROOKERY_RETURN_IF_ERROR(author);
  for (const auto [name, field] : *author) {
    if (is(name, "id")) ROOKERY_RETURN_IF_ERROR(read_text(field, "author.id", post.author_id));
    if (is(name, "location")) {
      ROOKERY_RETURN_IF_ERROR(read_text(field, "author.location", post.author_location));
    }
    if (is(name, "time_zone")) {
      ROOKERY_RETURN_IF_ERROR(read_text(field, "author.time_zone", post.author_time_zone));
    }
  }
  return {};
}

Result<void> read_hashtags(element value, PostView& post) {
  simdjson::dom::array tags;
  if (value.get_array().get(tags) != simdjson::SUCCESS) {
    return wrong_type("entities.hashtags", "an array");
  }
  for (const element tag : tags) {
    std::string_view text;
    if (tag["tag"].get_string().get(text) != simdjson::SUCCESS) {
      return wrong_type("entities.hashtags[].tag", "a string");
    }
    post.hashtags.push_back(text);
  }
  return {};
}

Result<void> read_urls(element value, PostView& post) {
  simdjson::dom::array urls;
  if (value.get_array().get(urls) != simdjson::SUCCESS) {
    return wrong_type("entities.urls", "an array");
  }
  for (const element url : urls) {
    std::string_view text;
    if (url["expanded_url"].get_string().get(text) != simdjson::SUCCESS &&
        url["url"].get_string().get(text) != simdjson::SUCCESS) {
      return wrong_type("entities.urls[].url", "a string");
    }
    post.expanded_urls.push_back(text);
  }
  return {};
}

Result<void> read_entities(element value, PostView& post) {
  auto entities = as_object(value, "entities");
  ROOKERY_RETURN_IF_ERROR(entities);
  post.has_entities = true;
  for (const auto [name, field] : *entities) {
    if (is(name, "hashtags")) ROOKERY_RETURN_IF_ERROR(read_hashtags(field, post));
    if (is(name, "urls")) ROOKERY_RETURN_IF_ERROR(read_urls(field, post));
  }
  return {};
}

Result<void> read_coordinates(element value, PostView& post) {
  auto point = as_object(value, "coordinates");
  ROOKERY_RETURN_IF_ERROR(point);
  for (const auto [name, field] : *point) {
    if (is(name, "lat")) {
      ROOKERY_RETURN_IF_ERROR(read_degrees(field, "coordinates.lat", 90, post.lat.emplace()));
    }
    if (is(name, "lon")) {
      ROOKERY_RETURN_IF_ERROR(read_degrees(field, "coordinates.lon", 180, post.lon.emplace()));
    }
  }
  if (!post.lat || !post.lon) {
    return dead_letter("field_missing", "field \"coordinates\": expected lat and lon");
  }
  return {};
}

Result<void> read_box(element value, PostView& post) {
  auto object = as_object(value, "place.bounding_box");
  ROOKERY_RETURN_IF_ERROR(object);
  BoundingBoxView box{};
  int sides = 0;
  for (const auto [name, field] : *object) {
    const bool latitude = is(name, "south") || is(name, "north");
    if (!latitude && name != "west" && name != "east") continue;
    double& side = is(name, "south")   ? box.south
                   : is(name, "north") ? box.north
                   : is(name, "west")  ? box.west
                                       : box.east;
    ROOKERY_RETURN_IF_ERROR(read_degrees(field, "place.bounding_box", latitude ? 90 : 180, side));
    ++sides;
  }
  if (sides != 4) {
    return dead_letter("field_missing",
                       "field \"place.bounding_box\": expected south, west, north and east");
  }
  post.place_box = box;
  return {};
}

Result<void> read_place(element value, PostView& post) {
  auto place = as_object(value, "place");
  ROOKERY_RETURN_IF_ERROR(place);
  post.has_place = true;
  for (const auto [name, field] : *place) {
    if (is(name, "country_code")) {
      ROOKERY_RETURN_IF_ERROR(read_text(field, "place.country_code", post.place_country_code));
    }
    if (is(name, "full_name")) {
      ROOKERY_RETURN_IF_ERROR(read_text(field, "place.full_name", post.place_full_name));
    }
    if (is(name, "name")) ROOKERY_RETURN_IF_ERROR(read_text(field, "place.name", post.place_name));
    if (is(name, "bounding_box") && !field.is_null())
      ROOKERY_RETURN_IF_ERROR(read_box(field, post));
  }
  return {};
}

Result<void> read_geo(element value, PostView& post) {
  auto geo = as_object(value, "geo");
  ROOKERY_RETURN_IF_ERROR(geo);
  for (const auto [name, field] : *geo) {
    if (is(name, "country_code")) {
      ROOKERY_RETURN_IF_ERROR(read_text(field, "geo.country_code", post.country_code));
    }
    if (is(name, "admin1")) ROOKERY_RETURN_IF_ERROR(read_text(field, "geo.admin1", post.admin1));
    if (is(name, "city")) ROOKERY_RETURN_IF_ERROR(read_text(field, "geo.city", post.city));
    if (is(name, "s2_cell")) ROOKERY_RETURN_IF_ERROR(read_text(field, "geo.s2_cell", post.s2_cell));
    if (field.is_null()) continue;
    if (is(name, "lat")) {
      ROOKERY_RETURN_IF_ERROR(read_degrees(field, "geo.lat", 90, post.geo_lat.emplace()));
    }
    if (is(name, "lon")) {
      ROOKERY_RETURN_IF_ERROR(read_degrees(field, "geo.lon", 180, post.geo_lon.emplace()));
    }
    if (is(name, "radius_km")) {
      ROOKERY_RETURN_IF_ERROR(read_degrees(field, "geo.radius_km", 20'038, post.geo_radius_km));
    }
  }
  return {};
}

/// What geo-enrich cleansed is what the stages behind it read.
Result<void> read_quality(element value, PostView& post) {
  object quality;
  // Of another type it was not geo-enrich's, which is for geo-enrich to refuse.
  if (value.get_object().get(quality) != simdjson::SUCCESS) return {};
  for (const auto [name, field] : quality) {
    if (is(name, "text")) ROOKERY_RETURN_IF_ERROR(read_text(field, "quality.text", post.text));
    if (name != "urls") continue;
    simdjson::dom::array urls;
    if (field.get_array().get(urls) != simdjson::SUCCESS) {
      return wrong_type("quality.urls", "an array");
    }
    post.expanded_urls.clear();
    for (const element url : urls) {
      ROOKERY_RETURN_IF_ERROR(read_text(url, "quality.urls[]", post.expanded_urls.emplace_back()));
    }
  }
  return {};
}

Result<void> read_sentiment(element value, PostView& post) {
  auto sentiment = as_object(value, "sentiment");
  ROOKERY_RETURN_IF_ERROR(sentiment);
  post.has_sentiment = true;
  for (const auto [name, field] : *sentiment) {
    if (is(name, "label")) {
      ROOKERY_RETURN_IF_ERROR(read_text(field, "sentiment.label", post.sentiment_label));
    }
    if (is(name, "score")) {
      ROOKERY_RETURN_IF_ERROR(read_degrees(field, "sentiment.score", 1, post.sentiment_score));
    }
  }
  return {};
}

/// Of equally likely topics the first counts.
Result<void> read_topics(element value, PostView& post) {
  simdjson::dom::array topics;
  if (value.get_array().get(topics) != simdjson::SUCCESS) return wrong_type("topics", "an array");
  double likeliest = -1;
  for (const element topic : topics) {
    std::string_view label;
    double probability = 0;
    if (topic["label"].get_string().get(label) != simdjson::SUCCESS) {
      return wrong_type("topics[].label", "a string");
    }
    if (topic["probability"].get_double().get(probability) != simdjson::SUCCESS) {
      return wrong_type("topics[].probability", "a number");
    }
    if (probability <= likeliest) continue;
    likeliest = probability;
    post.topic = label;
  }
  return {};
}

/// A link may be in no cluster.
Result<void> read_links(element value, PostView& post) {
  simdjson::dom::array links;
  if (value.get_array().get(links) != simdjson::SUCCESS) return wrong_type("urls", "an array");
  for (const element link : links) {
    if (!link.is_object()) return wrong_type("urls[]", "an object");
    element cluster;
    if (link["cluster"].get(cluster) != simdjson::SUCCESS || cluster.is_null()) continue;
    auto& view = post.url_clusters.emplace_back();
    if (cluster["id"].get_string().get(view.id) != simdjson::SUCCESS) {
      return wrong_type("urls[].cluster.id", "a string");
    }
    element label;
    if (cluster["label"].get(label) != simdjson::SUCCESS) continue;
    ROOKERY_RETURN_IF_ERROR(read_text(label, "urls[].cluster.label", view.label));
  }
  return {};
}

Result<void> read_created_at(element value, PostView& post) {
  std::string_view text;
  if (value.get_string().get(text) != simdjson::SUCCESS) {
    return wrong_type("created_at", "a string");
  }
  const auto time = parse_rfc3339(text);
  if (!time) {
    return dead_letter("field_range", "field \"created_at\": expected RFC 3339, got \"" +
                                          std::string(text.substr(0, 64)) + "\"");
  }
  post.created_at = *time;
  return {};
}

/// The fields of a record that are read.
enum class FieldName : std::uint8_t {
  kOther,
  kId,
  kGeo,
  kText,
  kLang,
  kUrls,
  kPlace,
  kAuthor,
  kTopics,
  kQuality,
  kEntities,
  kSentiment,
  kAmendment,
  kCreatedAt,
  kCoordinates,
};

FieldName field_of(std::string_view name) {
  switch (name.size()) {
    case 2:
      return is(name, "id") ? FieldName::kId : FieldName::kOther;
    case 3:
      return is(name, "geo") ? FieldName::kGeo : FieldName::kOther;
    case 4:
      if (is(name, "text")) return FieldName::kText;
      if (is(name, "lang")) return FieldName::kLang;
      return is(name, "urls") ? FieldName::kUrls : FieldName::kOther;
    case 5:
      return is(name, "place") ? FieldName::kPlace : FieldName::kOther;
    case 6:
      if (is(name, "author")) return FieldName::kAuthor;
      return is(name, "topics") ? FieldName::kTopics : FieldName::kOther;
    case 7:
      return is(name, "quality") ? FieldName::kQuality : FieldName::kOther;
    case 8:
      return is(name, "entities") ? FieldName::kEntities : FieldName::kOther;
    case 9:
      if (is(name, "sentiment")) return FieldName::kSentiment;
      return is(name, "amendment") ? FieldName::kAmendment : FieldName::kOther;
    case 10:
      return is(name, "created_at") ? FieldName::kCreatedAt : FieldName::kOther;
    case 11:
      return is(name, "coordinates") ? FieldName::kCoordinates : FieldName::kOther;
    default:
      return FieldName::kOther;
  }
}

Result<void> read_field(FieldName name, element value, PostView& post) {
  switch (name) {
    case FieldName::kId:
      return read_text(value, "id", post.id);
    case FieldName::kText:
      return read_text(value, "text", post.text);
    case FieldName::kLang:
      return read_text(value, "lang", post.lang);
    case FieldName::kAmendment:
      return read_text(value, "amendment", post.amendment);
    case FieldName::kGeo:
      return read_geo(value, post);
    case FieldName::kPlace:
      return read_place(value, post);
    case FieldName::kAuthor:
      return read_author(value, post);
    case FieldName::kTopics:
      return read_topics(value, post);
    case FieldName::kEntities:
      return read_entities(value, post);
    case FieldName::kSentiment:
      return read_sentiment(value, post);
    case FieldName::kCreatedAt:
      return read_created_at(value, post);
    case FieldName::kCoordinates:
      return read_coordinates(value, post);
    case FieldName::kUrls:
      return read_links(value, post);
    case FieldName::kQuality:  // Has its turn at the end.
    case FieldName::kOther:
      return {};
  }
  ROOKERY_CHECK(false, "all fields are listed");
}

/// Keeps the memory of the lists.
void clear(PostView& post) {
  auto tags = std::move(post.hashtags);
  auto urls = std::move(post.expanded_urls);
  auto clusters = std::move(post.url_clusters);
  tags.clear();
  urls.clear();
  clusters.clear();
  post = PostView{};
  post.hashtags = std::move(tags);
  post.expanded_urls = std::move(urls);
  post.url_clusters = std::move(clusters);
}

static_assert(simdjson::SIMDJSON_PADDING >= json::scan::kBehind);

}  // namespace

struct PostReader::Buffers {
  simdjson::dom::parser parser;
  std::string padded;  ///< The record and the bytes behind it that simdjson may read.
  PostView post;

  /// Takes a copy of the record.
  std::string_view load(std::string_view json) {
    padded.assign(json);
    padded.append(simdjson::SIMDJSON_PADDING, '\0');
    return std::string_view(padded).substr(0, json.size());
  }
  /// Reads what load() returned.
  Result<const PostView*> parse(std::string_view json, RecordKind kind);
};

PostReader::PostReader() : buffers_(std::make_unique<Buffers>()) {}
PostReader::~PostReader() = default;
PostReader::PostReader(PostReader&&) noexcept = default;
PostReader& PostReader::operator=(PostReader&&) noexcept = default;

Result<const PostView*> PostReader::read(std::string_view json, RecordKind kind) {
  PostView& post = buffers_->post;
  const std::string_view copy = buffers_->load(json);
  clear(post);
  if (kind == RecordKind::kPost && simdjson::validate_utf8(copy) && read_plain_post(copy, post)) {
    return &post;
  }
  return buffers_->parse(copy, kind);
}

Result<const PostView*> PostReader::read_by_parser(std::string_view json, RecordKind kind) {
  return buffers_->parse(buffers_->load(json), kind);
}

Result<const PostView*> PostReader::Buffers::parse(std::string_view json, RecordKind kind) {
  if (parser.max_depth() != kDepthMax || parser.capacity() < json.size()) {
    const std::size_t capacity = std::max<std::size_t>(json.size() * 2, 1U << 16U);
    if (parser.allocate(capacity, kDepthMax) != simdjson::SUCCESS) {
      return dead_letter("json_malformed", "too long to read");
    }
  }
  element root;
  if (const auto error = parser.parse(json.data(), json.size(), false).get(root)) {
    return dead_letter("json_malformed", std::string(simdjson::error_message(error)));
  }
  object fields;
  if (root.get_object().get(fields) != simdjson::SUCCESS) {
    return dead_letter("not_an_object", "expected a JSON object");
  }
  clear(post);
  // A field that records of the other kind do not have is none of ours.
  const bool links = kind == RecordKind::kLinks;
  const FieldName foreign = links ? FieldName::kText : FieldName::kUrls;
  bool has_content = false;
  bool has_time = false;
  for (const auto [name, value] : fields) {
    const FieldName field = field_of(name);
    if (field == foreign) continue;
    // Even null is a key that a splice must not write again.
    post.has_geo = post.has_geo || field == FieldName::kGeo;
    post.has_quality = post.has_quality || field == FieldName::kQuality;
    post.has_lang = post.has_lang || field == FieldName::kLang;
    if (field == FieldName::kOther || value.is_null()) continue;
    ROOKERY_RETURN_IF_ERROR(read_field(field, value, post));
    has_content = has_content || field == FieldName::kText || field == FieldName::kUrls;
    has_time = has_time || field == FieldName::kCreatedAt;
  }
  // Last, whatever the order in the record: it has the final word on text and addresses.
  element quality;
  if (post.has_quality && fields["quality"].get(quality) == simdjson::SUCCESS) {
    ROOKERY_RETURN_IF_ERROR(read_quality(quality, post));
  }
  if (post.id.empty() || !has_content || !has_time) {
    return dead_letter("field_missing", links ? "expected id, created_at and urls"
                                              : "expected id, text and created_at");
  }
  return &post;
}

void splice(std::string& out, std::string_view json, std::string_view addition) {
  const std::size_t brace = json.find_last_of('}');
  ROOKERY_CHECK(brace != std::string_view::npos, "the reader has seen an object");
  const std::string_view head = json.substr(0, brace);
  const std::size_t last = head.find_last_not_of(" \t\r\n");
  out.append(head);
  if (last != std::string_view::npos && head[last] != '{') out.push_back(',');
  out.append(addition);
  out.push_back('}');
}

}  // namespace rookery
