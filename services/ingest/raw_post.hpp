#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/clock.hpp"

namespace rookery::ingest {

/// Strings that outlive the JSON document they were made from, in buffers that
/// are used again: addresses stay until clear().
class TextArena {
 public:
  /// An empty string, valid until clear().
  std::string& make();
  void clear() { used_ = 0; }

 private:
  std::deque<std::string> texts_;
  std::size_t used_ = 0;
};

/// A stretch of the decoded text in code points, end exclusive. Empty (0, 0)
/// where the source's indices do not lie in the text: then they are not written.
struct Span {
  std::uint32_t start = 0;
  std::uint32_t end = 0;

  [[nodiscard]] bool known() const { return start < end; }
  friend bool operator==(const Span&, const Span&) = default;
};

struct TagEntity {
  Span span;
  std::string_view tag;
};

struct MentionEntity {
  Span span;
  std::string_view username;
  std::string_view id;
};

struct UrlEntity {
  Span span;
  std::string_view url;
  std::string_view expanded_url;
  std::string_view display_url;
  std::string_view title;
};

struct AuthorFields {
  std::string_view id;
  std::string_view username;
  std::string_view name;
  std::string_view location;
  std::string_view time_zone;
  std::optional<std::uint32_t> followers_count;
  std::optional<bool> verified;
};

struct MetricFields {
  std::optional<std::uint32_t> retweets;
  std::optional<std::uint32_t> replies;
  std::optional<std::uint32_t> likes;
  std::optional<std::uint32_t> quotes;
};

struct ReferenceFields {
  std::string_view type;
  std::string_view id;
};

/// Degrees, WGS 84.
struct PointFields {
  double lat = 0;
  double lon = 0;
};

/// Degrees; west > east crosses the antimeridian.
struct BoxFields {
  double south = 0;
  double west = 0;
  double north = 0;
  double east = 0;
};

struct PlaceFields {
  std::string_view id;
  std::string_view full_name;
  std::string_view name;
  std::string_view place_type;
  std::string_view country;
  std::string_view country_code;
  std::optional<BoxFields> box;
};

/// A song that the post announces.
struct SongFields {
  std::string_view track;
  std::string_view artist;
  std::string_view album;
  std::optional<std::uint32_t> popularity;
};

/// Where a record came from.
struct OriginFields {
  std::string_view source;              ///< The feed's name.
  std::optional<WallTime> received_at;  ///< Of live feeds only.
  std::string_view revision = {};       ///< Of an edit that keeps the post's id.
};

/// One post in the terms of proto/rookery/v1/raw_tweets.proto, as views into
/// what it was read from. Empty or absent: not written.
struct RawPost {
  std::string_view id;
  std::string_view text;
  WallTime created_at;
  std::string_view lang;
  AuthorFields author;
  std::vector<TagEntity> hashtags;
  std::vector<TagEntity> cashtags;
  std::vector<MentionEntity> mentions;
  std::vector<UrlEntity> urls;
  MetricFields metrics;
  std::vector<ReferenceFields> references;
  std::string_view conversation_id;
  std::optional<PointFields> point;
  std::optional<PlaceFields> place;
  std::optional<bool> possibly_sensitive;
  std::vector<std::string_view> withheld_in_countries;
  SongFields song;
  std::vector<std::string_view> rule_tags;

  /// Forgets the values and keeps the buffers.
  void clear();
};

/// Appends `post` as one line of raw_tweets, without a line break.
void append_raw_tweet(std::string& out, const RawPost& post, const OriginFields& origin);

/// origin.revision of a record of append_raw_tweet(), as it stands there (with its
/// escapes); empty: it has none.
[[nodiscard]] std::string_view revision_of(std::string_view record);

}  // namespace rookery::ingest
