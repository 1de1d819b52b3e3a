#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/clock.hpp"
#include "common/core/result.hpp"

namespace rookery {

struct BoundingBoxView {
  double south, west, north, east;
};

/// A group of links that are about the same.
struct UrlClusterView {
  std::string_view id;
  std::string_view label;
};

/// The fields of a chain record that the stages use, as views into the reader:
/// they hold until its next read(). Empty or absent: not in the record.
struct PostView {
  std::string_view id;
  std::string_view text;  ///< quality.text, else text
  WallTime created_at;
  std::string_view lang;
  bool has_lang = false;  ///< The record has the field, whatever it says.
  std::string_view author_id;
  std::string_view author_location;
  std::string_view author_time_zone;
  bool has_entities = false;               ///< The source says what the text contains.
  std::vector<std::string_view> hashtags;  ///< entities.hashtags[].tag
  std::vector<std::string_view>
      expanded_urls;          ///< quality.urls, else entities.urls[].expanded_url, else url
  std::optional<double> lat;  ///< coordinates
  std::optional<double> lon;
  bool has_place = false;
  std::string_view place_full_name;
  std::string_view place_name;
  std::string_view place_country_code;
  std::optional<BoundingBoxView> place_box;
  bool has_geo = false;           ///< geo-enrich was here; the key may be null
  bool has_quality = false;       ///< As has_geo, for "quality"
  std::string_view country_code;  ///< geo.country_code
  std::string_view admin1;        ///< geo.admin1
  std::string_view city;          ///< geo.city
  std::string_view s2_cell;       ///< geo.s2_cell, a token
  std::optional<double> geo_lat;  ///< geo.lat
  std::optional<double> geo_lon;  ///< geo.lon
  double geo_radius_km = 0;       ///< geo.radius_km
  bool has_sentiment = false;     ///< sentiment-scoring was here
  std::string_view sentiment_label;
  double sentiment_score = 0;  ///< sentiment.score
  std::string_view topic;      ///< Label of the likeliest of topics[]
  /// Not empty: the record takes the place of an earlier one with its id and is no
  /// new post; why, as "scrub_geo".
  std::string_view amendment;
  std::vector<UrlClusterView> url_clusters;  ///< urls[].cluster; RecordKind::kLinks alone has them
};

/// What a record is of.
enum class RecordKind : std::uint8_t {
  kPost,   ///< A record of the chain.
  kLinks,  ///< A record of clustered_urls: `urls` instead of `text`.
};

/// Reads a record of raw_tweets, enriched_tweets, processed_tweets or clustered_urls: checks
/// that it is one whole JSON object in valid UTF-8 with the required fields and
/// the right types. Unknown fields are left alone. One thread uses it; it keeps
/// its buffers, so that reading does not allocate once it is warm.
class PostReader {
 public:
  PostReader();
  ~PostReader();
  PostReader(PostReader&&) noexcept;
  PostReader& operator=(PostReader&&) noexcept;

  /// The view belongs to the reader. Error codes, all dead letters:
  ///   json_malformed   not JSON, not UTF-8, or nested deeper than 64
  ///   not_an_object    JSON, but not an object
  ///   field_missing    id, created_at, or what the kind demands is absent
  ///   field_type       a field has another type than the contract says
  ///   field_range      a number or a time is out of its range
  [[nodiscard]] Result<const PostView*> read(std::string_view json,
                                             RecordKind kind = RecordKind::kPost);

  /// Likewise, without the short way that read() takes with plain posts (json_scanner.hpp). Two
  /// ways have to agree, which tests compare.
  [[nodiscard]] Result<const PostView*> read_by_parser(std::string_view json,
                                                       RecordKind kind = RecordKind::kPost);

 private:
  struct Buffers;
  std::unique_ptr<Buffers> buffers_;
};

/// Appends `json` (a whole object as PostReader accepts it) with `addition` (one
/// or more `"name":value` pairs, without braces) before its closing brace. What
/// stood there is not touched.
void splice(std::string& out, std::string_view json, std::string_view addition);

}  // namespace rookery
