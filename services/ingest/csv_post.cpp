#include "services/ingest/csv_post.hpp"

#include <array>
#include <charconv>
#include <string>

#include <simdjson.h>

#include "common/records/timestamp.hpp"
#include "services/ingest/json_fields.hpp"

namespace rookery::ingest {
namespace {

struct Zone {
  std::string_view name;
  std::string_view offset;
};
// RFC 5322, section 4.3 (obs-zone). Sentiment140 has PDT and UTC.
constexpr std::array<Zone, 10> kZones = {{{"UTC", "+0000"},
                                          {"GMT", "+0000"},
                                          {"EST", "-0500"},
                                          {"EDT", "-0400"},
                                          {"CST", "-0600"},
                                          {"CDT", "-0500"},
                                          {"MST", "-0700"},
                                          {"MDT", "-0600"},
                                          {"PST", "-0800"},
                                          {"PDT", "-0700"}}};

/// "Mon Apr 06 22:19:45 PDT 2009" as "Mon Apr 06 22:19:45 -0700 2009" is read.
std::optional<WallTime> parse_named_zone(std::string_view text) {
  constexpr std::size_t kZoneBegin = 20;
  if (text.size() < kZoneBegin + 8) return {};
  const std::size_t end = text.find(' ', kZoneBegin);
  for (const auto& [name, offset] : kZones) {
    if (end == std::string_view::npos || text.substr(kZoneBegin, end - kZoneBegin) != name) {
      continue;
    }
    // The reader of the v1.1 form knows +0000 only.
    const auto local = parse_twitter_v1(std::string(text.substr(0, kZoneBegin)) + "+0000" +
                                        std::string(text.substr(end)));
    if (!local) return {};
    const int hours = (offset[1] - '0') * 10 + (offset[2] - '0');
    const auto shift = std::chrono::hours(offset[0] == '-' ? -hours : hours);
    return *local - shift;
  }
  return {};
}

std::optional<WallTime> parse_time(std::string_view text) {
  if (const auto time = parse_rfc3339(text)) return time;
  if (const auto time = parse_twitter_v1(text)) return time;
  if (const auto time = parse_named_zone(text)) return time;
  return parse_rfc3339(std::string(text) + "Z");
}

/// ISO 8859-1 is the first 256 code points of Unicode.
void append_latin1(std::string& out, std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      out.push_back(c);
    } else {
      out.push_back(static_cast<char>(0xc0U | (byte >> 6U)));
      out.push_back(static_cast<char>(0x80U | (byte & 0x3fU)));
    }
  }
}

Result<double> degrees(std::string_view text, CsvField field, double bound) {
  double value = 0;
  const auto* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  if (read.ec != std::errc() || read.ptr != end || !(value >= -bound && value <= bound)) {
    return out_of_range({"", name_of(field)}, "degrees", quoted(text));
  }
  return value;
}

}  // namespace

std::string_view CsvPostReader::cell(const CsvColumns& columns, CsvField field,
                                     std::size_t index) const {
  const auto& places = columns.of(field);
  return index < places.size() ? row_.fields()[places[index]] : std::string_view{};
}

Result<void> CsvPostReader::read(std::string_view record, const CsvColumns& columns,
                                 ParseBuffers& buffers) {
  if (!simdjson::validate_utf8(record)) {
    std::string& converted = buffers.arena.make();
    append_latin1(converted, record);
    record = converted;
  }
  ROOKERY_RETURN_IF_ERROR(row_.split(record));
  if (row_.fields().size() != columns.width) {
    return dead_letter("csv_malformed", "expected " + std::to_string(columns.width) +
                                            " columns, got " +
                                            std::to_string(row_.fields().size()));
  }
  RawPost& post = buffers.post;
  post.clear();
  post.id = cell(columns, CsvField::kId);
  if (post.id.empty()) return missing({"", "id"});
  const std::string_view time_text = cell(columns, CsvField::kCreatedAt);
  if (time_text.empty()) return missing({"", "created_at"});
  const auto time = parse_time(time_text);
  if (!time) return out_of_range({"", "created_at"}, "a time", quoted(time_text));
  post.created_at = *time;
  read_text(columns, buffers);
  if (post.text.empty()) return missing({"", "text"});
  post.lang = language_of(cell(columns, CsvField::kLang));
  post.author.id = cell(columns, CsvField::kAuthorId);
  post.author.username = cell(columns, CsvField::kAuthor);
  read_entities(columns, post);
  return read_place(columns, post);
}

void CsvPostReader::read_text(const CsvColumns& columns, ParseBuffers& buffers) {
  const std::size_t parts = columns.of(CsvField::kText).size();
  std::string_view whole = cell(columns, CsvField::kText);
  if (parts > 1) {
    std::string& joined = buffers.arena.make();
    for (std::size_t i = 0; i < parts; ++i) {
      const std::string_view part = cell(columns, CsvField::kText, i);
      if (!joined.empty() && !part.empty()) joined.append("\n");
      joined.append(part);
    }
    whole = joined;
  }
  buffers.text.start(whole);
  buffers.post.text = buffers.text.text();
}

void CsvPostReader::read_entities(const CsvColumns& columns, RawPost& post) const {
  if (const std::string_view url = cell(columns, CsvField::kUrl); !url.empty()) {
    post.urls.push_back({.span = {},
                         .url = url,
                         .expanded_url = url,
                         .display_url = {},
                         .title = cell(columns, CsvField::kTitle)});
  }
  std::string_view tags = cell(columns, CsvField::kHashtags);
  constexpr std::string_view kSeparators = ",; \t\r\n#";
  while (true) {
    const std::size_t begin = tags.find_first_not_of(kSeparators);
    if (begin == std::string_view::npos) return;
    tags.remove_prefix(begin);
    const std::size_t size = std::min(tags.find_first_of(kSeparators), tags.size());
    post.hashtags.push_back({.span = {}, .tag = tags.substr(0, size)});
    tags.remove_prefix(size);
  }
}

Result<void> CsvPostReader::read_place(const CsvColumns& columns, RawPost& post) const {
  const std::string_view lat = cell(columns, CsvField::kLat);
  const std::string_view lon = cell(columns, CsvField::kLon);
  if (lat.empty() || lon.empty()) return {};
  auto north = degrees(lat, CsvField::kLat, 90);
  ROOKERY_RETURN_IF_ERROR(north);
  auto east = degrees(lon, CsvField::kLon, 180);
  ROOKERY_RETURN_IF_ERROR(east);
  post.point = PointFields{.lat = *north, .lon = *east};
  return {};
}

}  // namespace rookery::ingest
