#include "common/records/post_reader_plain.hpp"

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#include "common/records/json_scanner.hpp"
#include "common/records/timestamp.hpp"

namespace rookery {
namespace {

namespace scan = json::scan;
using scan::Cursor;

/// The first eight bytes of a name, without the rest of them where it is shorter.
constexpr std::uint64_t head_of(std::string_view name) {
  std::uint64_t head = 0;
  for (std::size_t i = 0; i < name.size() && i < 8; ++i) {
    head |= std::uint64_t{static_cast<unsigned char>(name[i])} << (8 * i);
  }
  return head;
}

/// The same of a name in the text, behind which there is enough to read.
std::uint64_t head_in_text(std::string_view name) {
  if constexpr (std::endian::native != std::endian::little) return head_of(name);
  if (name.empty()) return 0;
  std::uint64_t head = 0;
  std::memcpy(&head, name.data(), sizeof head);
  return name.size() < sizeof head ? head & (~std::uint64_t{0} >> (64 - 8 * name.size())) : head;
}

/// One name of an object, which may come once: which of two counts, the parser decides.
struct Field {
  std::string_view name;
  Cursor (*read)(Cursor at, PostView& post);
  std::uint64_t head = head_of(name);

  [[nodiscard]] bool is(std::string_view other, std::uint64_t other_head) const {
    if (head != other_head || name.size() != other.size()) return false;
    return name.size() <= 8 || name.substr(8) == other.substr(8);
  }
};

/// Reads an object of which `fields` are wanted. They are looked for from the last one on: mostly
/// they come in this order.
template <std::size_t kSize>
Cursor read_object(Cursor at, PostView& post, const std::array<Field, kSize>& fields) {
  std::uint32_t seen = 0;
  std::size_t next = 0;
  return scan::object(at, [&](std::string_view name, Cursor value) -> Cursor {
    const std::uint64_t head = head_in_text(name);
    for (std::size_t tried = 0; tried < kSize; ++tried) {
      const std::size_t i = next + tried < kSize ? next + tried : next + tried - kSize;
      if (!fields[i].is(name, head)) continue;
      if ((seen >> i & 1U) != 0) return nullptr;
      seen |= 1U << i;
      next = i + 1;
      return fields[i].read(value, post);
    }
    return scan::skip(value);
  });
}

/// Null is as good as absent.
template <std::string_view PostView::*kMember>
Cursor text(Cursor at, PostView& post) {
  return scan::null(at) ? at : scan::string(at, post.*kMember);
}

Cursor within(Cursor at, double bound, double& out) {
  at = scan::number(at, out);
  return at != nullptr && out >= -bound && out <= bound ? at : nullptr;
}

template <std::optional<double> PostView::*kMember>
Cursor latitude(Cursor at, PostView& post) {
  return within(at, 90, (post.*kMember).emplace());
}
template <std::optional<double> PostView::*kMember>
Cursor longitude(Cursor at, PostView& post) {
  return within(at, 180, (post.*kMember).emplace());
}

template <auto kMember, int kBound>
Cursor side(Cursor at, PostView& post) {
  return within(at, kBound, (*post.place_box).*kMember);
}

/// An array of objects, of each of which one string is wanted.
Cursor strings_of(Cursor at, std::string_view wanted, std::vector<std::string_view>& out) {
  return scan::array(at, [&](Cursor item) {
    bool found = false;
    item = scan::object(item, [&](std::string_view name, Cursor value) -> Cursor {
      if (name != wanted) return scan::skip(value);
      if (found) return nullptr;
      found = true;
      return scan::string(value, out.emplace_back());
    });
    return found ? item : nullptr;
  });
}

constexpr std::array<Field, 3> kAuthor = {{{"id", text<&PostView::author_id>},
                                           {"location", text<&PostView::author_location>},
                                           {"time_zone", text<&PostView::author_time_zone>}}};

constexpr std::array<Field, 2> kEntities = {
    {{"hashtags", [](Cursor at, PostView& post) { return strings_of(at, "tag", post.hashtags); }},
     {"urls", [](Cursor at, PostView& post) {
        return strings_of(at, "expanded_url", post.expanded_urls);
      }}}};

constexpr std::array<Field, 2> kCoordinates = {
    {{"lat", latitude<&PostView::lat>}, {"lon", longitude<&PostView::lon>}}};

constexpr std::array<Field, 4> kBox = {{{"south", side<&BoundingBoxView::south, 90>},
                                        {"west", side<&BoundingBoxView::west, 180>},
                                        {"north", side<&BoundingBoxView::north, 90>},
                                        {"east", side<&BoundingBoxView::east, 180>}}};

Cursor read_box(Cursor at, PostView& post) {
  if (scan::null(at)) return at;
  post.place_box = {.south = 1'000, .west = 1'000, .north = 1'000, .east = 1'000};
  at = read_object(at, post, kBox);
  const BoundingBoxView& box = *post.place_box;
  const bool whole = box.south < 1'000 && box.west < 1'000 && box.north < 1'000 && box.east < 1'000;
  return whole ? at : nullptr;
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
                                        {"radius_km", [](Cursor at, PostView& post) {
                                           return within(at, 20'038, post.geo_radius_km);
                                         }}}};

constexpr std::array<Field, 2> kSentiment = {
    {{"label", text<&PostView::sentiment_label>},
     {"score", [](Cursor at, PostView& post) { return within(at, 1, post.sentiment_score); }}}};

constexpr std::array<Field, 2> kQuality = {
    {{"text", text<&PostView::text>}, {"urls", [](Cursor at, PostView& post) {
                                         post.expanded_urls.clear();
                                         return scan::array(at, [&](Cursor item) {
                                           return scan::string(item,
                                                               post.expanded_urls.emplace_back());
                                         });
                                       }}}};

/// What is cleansed takes the place of text and addresses, which therefore must not come later.
Cursor read_quality(Cursor at, PostView& post) {
  post.has_quality = true;
  return post.text.data() != nullptr ? read_object(at, post, kQuality) : nullptr;
}

Cursor read_raw_text(Cursor at, PostView& post) {
  return post.has_quality ? nullptr : scan::string(at, post.text);
}

Cursor read_topics(Cursor at, PostView& post) {
  double likeliest = -1;
  return scan::array(at, [&](Cursor item) -> Cursor {
    std::string_view label;
    double probability = 0;
    int labels = 0;
    int probabilities = 0;
    item = scan::object(item, [&](std::string_view name, Cursor value) -> Cursor {
      if (name == "label") return ++labels == 1 ? scan::string(value, label) : nullptr;
      if (name != "probability") return scan::skip(value);
      return ++probabilities == 1 ? scan::number(value, probability) : nullptr;
    });
    if (labels != 1 || probabilities != 1) return nullptr;
    if (probability > likeliest) {
      likeliest = probability;
      post.topic = label;
    }
    return item;
  });
}

Cursor read_created_at(Cursor at, PostView& post) {
  std::string_view text;
  at = scan::string(at, text);
  if (at == nullptr) return nullptr;
  const auto time = parse_rfc3339(text);
  if (!time) return nullptr;
  post.created_at = *time;
  return at;
}

Cursor read_entities(Cursor at, PostView& post) {
  post.has_entities = true;
  return post.has_quality ? nullptr : read_object(at, post, kEntities);
}

template <bool PostView::*kHas, const auto& kFields>
Cursor part(Cursor at, PostView& post) {
  post.*kHas = true;
  return read_object(at, post, kFields);
}

Cursor read_coordinates(Cursor at, PostView& post) {
  at = read_object(at, post, kCoordinates);
  return post.lat && post.lon ? at : nullptr;
}

Cursor read_lang(Cursor at, PostView& post) {
  post.has_lang = true;
  return text<&PostView::lang>(at, post);
}

/// In the order of a processed post. A part that is null is left to the parser.
constexpr std::array<Field, 13> kPost = {
    {{"id", [](Cursor at, PostView& post) { return scan::string(at, post.id); }},
     {"text", read_raw_text},
     {"created_at", read_created_at},
     {"lang", read_lang},
     {"author", [](Cursor at, PostView& post) { return read_object(at, post, kAuthor); }},
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
  const Cursor behind = read_object(json.data(), post, kPost);
  if (behind == nullptr || scan::blanks(behind) != json.data() + json.size()) return false;
  return !post.id.empty() && post.text.data() != nullptr && post.created_at != WallTime();
}

}  // namespace rookery
