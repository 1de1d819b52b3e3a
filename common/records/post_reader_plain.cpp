#include "common/records/post_reader_plain.hpp"

#include <array>
#include <cstdint>

#include "common/records/json_scanner.hpp"
#include "common/records/timestamp.hpp"

namespace rookery {
namespace {

using json::Scanner;

/// One name of an object, which may come once: which of two counts, the parser decides.
struct Field {
  std::string_view name;
  bool (*read)(Scanner& scan, PostView& post);
};

/// Reads an object of which `fields` are wanted.
template <std::size_t kSize>
bool read_object(Scanner& scan, PostView& post, const std::array<Field, kSize>& fields) {
  std::uint32_t seen = 0;
  return scan.object([&](std::string_view name) {
    for (std::size_t i = 0; i < kSize; ++i) {
      if (fields[i].name != name) continue;
      if ((seen >> i & 1U) != 0) return false;
      seen |= 1U << i;
      return fields[i].read(scan, post);
    }
    return scan.skip();
  });
}

/// Null is as good as absent.
template <std::string_view PostView::*kMember>
bool text(Scanner& scan, PostView& post) {
  return scan.null() || scan.string(post.*kMember);
}

bool within(Scanner& scan, double bound, double& out) {
  return scan.number(out) && out >= -bound && out <= bound;
}

template <std::optional<double> PostView::*kMember>
bool latitude(Scanner& scan, PostView& post) {
  return within(scan, 90, (post.*kMember).emplace());
}
template <std::optional<double> PostView::*kMember>
bool longitude(Scanner& scan, PostView& post) {
  return within(scan, 180, (post.*kMember).emplace());
}

template <auto kMember, int kBound>
bool side(Scanner& scan, PostView& post) {
  return within(scan, kBound, (*post.place_box).*kMember);
}

/// An array of objects, of each of which one string is wanted.
bool strings_of(Scanner& scan, std::string_view wanted, std::vector<std::string_view>& out) {
  return scan.array([&] {
    bool found = false;
    return scan.object([&](std::string_view name) {
      if (name != wanted) return scan.skip();
      if (found) return false;
      found = true;
      return scan.string(out.emplace_back());
    }) && found;
  });
}

constexpr std::array<Field, 3> kAuthor = {{{"id", text<&PostView::author_id>},
                                           {"location", text<&PostView::author_location>},
                                           {"time_zone", text<&PostView::author_time_zone>}}};

constexpr std::array<Field, 2> kEntities = {
    {{"hashtags",
      [](Scanner& scan, PostView& post) { return strings_of(scan, "tag", post.hashtags); }},
     {"urls", [](Scanner& scan, PostView& post) {
        return strings_of(scan, "expanded_url", post.expanded_urls);
      }}}};

constexpr std::array<Field, 2> kCoordinates = {
    {{"lat", latitude<&PostView::lat>}, {"lon", longitude<&PostView::lon>}}};

constexpr std::array<Field, 4> kBox = {{{"south", side<&BoundingBoxView::south, 90>},
                                        {"west", side<&BoundingBoxView::west, 180>},
                                        {"north", side<&BoundingBoxView::north, 90>},
                                        {"east", side<&BoundingBoxView::east, 180>}}};

bool read_box(Scanner& scan, PostView& post) {
  if (scan.null()) return true;
  post.place_box = {.south = 1'000, .west = 1'000, .north = 1'000, .east = 1'000};
  if (!read_object(scan, post, kBox)) return false;
  const BoundingBoxView& box = *post.place_box;
  return box.south < 1'000 && box.west < 1'000 && box.north < 1'000 && box.east < 1'000;
}

constexpr std::array<Field, 4> kPlace = {{{"country_code", text<&PostView::place_country_code>},
                                          {"full_name", text<&PostView::place_full_name>},
                                          {"name", text<&PostView::place_name>},
                                          {"bounding_box", read_box}}};

constexpr std::array<Field, 7> kGeo = {{{"country_code", text<&PostView::country_code>},
                                        {"admin1", text<&PostView::admin1>},
                                        {"city", text<&PostView::city>},
                                        {"s2_cell", text<&PostView::s2_cell>},
                                        {"lat", latitude<&PostView::geo_lat>},
                                        {"lon", longitude<&PostView::geo_lon>},
                                        {"radius_km", [](Scanner& scan, PostView& post) {
                                           return within(scan, 20'038, post.geo_radius_km);
                                         }}}};

constexpr std::array<Field, 2> kSentiment = {
    {{"label", text<&PostView::sentiment_label>}, {"score", [](Scanner& scan, PostView& post) {
                                                     return within(scan, 1, post.sentiment_score);
                                                   }}}};

constexpr std::array<Field, 2> kQuality = {
    {{"text", text<&PostView::text>}, {"urls", [](Scanner& scan, PostView& post) {
                                         post.expanded_urls.clear();
                                         return scan.array([&] {
                                           return scan.string(post.expanded_urls.emplace_back());
                                         });
                                       }}}};

/// What is cleansed takes the place of text and addresses, which therefore must not come later.
bool read_quality(Scanner& scan, PostView& post) {
  post.has_quality = true;
  return post.text.data() != nullptr && read_object(scan, post, kQuality);
}

bool read_raw_text(Scanner& scan, PostView& post) {
  return !post.has_quality && scan.string(post.text);
}

bool read_topics(Scanner& scan, PostView& post) {
  double likeliest = -1;
  return scan.array([&] {
    std::string_view label;
    double probability = 0;
    int labels = 0;
    int probabilities = 0;
    const bool read = scan.object([&](std::string_view name) {
      if (name == "label") return ++labels == 1 && scan.string(label);
      if (name == "probability") return ++probabilities == 1 && scan.number(probability);
      return scan.skip();
    });
    if (!read || labels != 1 || probabilities != 1) return false;
    if (probability > likeliest) {
      likeliest = probability;
      post.topic = label;
    }
    return true;
  });
}

bool read_created_at(Scanner& scan, PostView& post) {
  std::string_view text;
  if (!scan.string(text)) return false;
  const auto time = parse_rfc3339(text);
  if (time) post.created_at = *time;
  return time.has_value();
}

bool read_entities(Scanner& scan, PostView& post) {
  post.has_entities = true;
  return !post.has_quality && read_object(scan, post, kEntities);
}

template <bool PostView::*kHas, const auto& kFields>
bool part(Scanner& scan, PostView& post) {
  post.*kHas = true;
  return read_object(scan, post, kFields);
}

bool read_coordinates(Scanner& scan, PostView& post) {
  return read_object(scan, post, kCoordinates) && post.lat && post.lon;
}

bool read_lang(Scanner& scan, PostView& post) {
  post.has_lang = true;
  return text<&PostView::lang>(scan, post);
}

/// In the order of a processed post, so that few comparisons are made. A part that is null is left
/// to the parser.
constexpr std::array<Field, 13> kPost = {
    {{"id", [](Scanner& scan, PostView& post) { return scan.string(post.id); }},
     {"text", read_raw_text},
     {"created_at", read_created_at},
     {"lang", read_lang},
     {"author", [](Scanner& scan, PostView& post) { return read_object(scan, post, kAuthor); }},
     {"entities", read_entities},
     {"place", part<&PostView::has_place, kPlace>},
     {"coordinates", read_coordinates},
     {"geo", part<&PostView::has_geo, kGeo>},
     {"quality", read_quality},
     {"sentiment", part<&PostView::has_sentiment, kSentiment>},
     {"topics", read_topics},
     {"amendment", text<&PostView::amendment>}}};

}  // namespace

bool read_plain_post(std::string_view json, PostView& post) {
  Scanner scan(json);
  if (!read_object(scan, post, kPost) || !scan.finished()) return false;
  return !post.id.empty() && post.text.data() != nullptr && post.created_at != WallTime();
}

}  // namespace rookery
