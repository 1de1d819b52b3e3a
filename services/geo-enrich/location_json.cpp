#include "services/geo-enrich/location_json.hpp"

#include <cmath>
#include <cstdint>
#include <cstdlib>

#include <utf8proc.h>

#include "common/records/json_writer.hpp"

namespace rookery::geo_enrich {
namespace {

std::string valid_utf8(std::string_view text) {
  std::string result;
  const auto* data = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  for (std::size_t at = 0; at < text.size();) {
    utf8proc_int32_t character = 0;
    const auto length =
        utf8proc_iterate(data + at, static_cast<utf8proc_ssize_t>(text.size() - at), &character);
    if (length <= 0) {
      result.append("\xEF\xBF\xBD");
      ++at;
      continue;
    }
    result.append(text.substr(at, static_cast<std::size_t>(length)));
    at += static_cast<std::size_t>(length);
  }
  return result;
}

void append_id(json::ObjectWriter& object, std::uint32_t geonames_id) {
  std::string& id = object.value("geonames_id");
  id.push_back('"');
  json::append_number(id, std::int64_t{geonames_id});
  id.push_back('"');
}

}  // namespace

void append_located_text(std::string& out, const Gazetteer& gazetteer, std::string_view text,
                         const Finding& finding) {
  json::ObjectWriter object(out);
  object.string("text", valid_utf8(text));
  if (!finding.location) {
    object.string("reason", finding.reason);
    return;
  }
  const Location& location = *finding.location;
  append_degrees(object.value("lat"), location.area.centre.lat);
  append_degrees(object.value("lon"), location.area.centre.lon);
  if (location.country != format::kNone) {
    object.string("country", gazetteer.country_code(location.country));
  }
  if (location.division != format::kNone) {
    object.string("admin1", gazetteer.division_name(location.division));
  }
  if (location.city) {
    const format::City& city = gazetteer.city(location.city->index);
    object.string("city", gazetteer.city_name(city));
    append_id(object, city.geonames_id);
  }
  object.thousandths("confidence", location.confidence_thousandths);
  object.thousandths("radius_km", std::llround(location.area.radius_km * 1000));
  object.string("source", name_of(location.source));
}

void append_degrees(std::string& out, double degrees) {
  const std::int64_t millionths = std::llround(degrees * 1e6);
  if (millionths < 0) out.push_back('-');
  const std::int64_t magnitude = std::abs(millionths);
  json::append_number(out, magnitude / 1'000'000);
  std::int64_t rest = magnitude % 1'000'000;
  if (rest == 0) return;
  out.push_back('.');
  for (std::int64_t digit = 100'000; rest != 0; digit /= 10) {
    out.push_back(static_cast<char>('0' + rest / digit));
    rest %= digit;
  }
}

}  // namespace rookery::geo_enrich
