#include "services/ingest/json_fields.hpp"

#include <charconv>
#include <limits>
#include <utility>

#include "common/records/json_writer.hpp"

namespace rookery::ingest {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::element_type;
using simdjson::dom::object;

constexpr std::size_t kQuotedMax = 64;

/// At most kQuotedMax bytes of valid UTF-8, not cut within a code point.
std::string_view head_of(std::string_view text) {
  if (text.size() <= kQuotedMax) return text;
  std::size_t end = kQuotedMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) --end;
  return text.substr(0, end);
}

std::string describe(element value) {
  switch (value.type()) {
    case element_type::ARRAY:
      return "an array";
    case element_type::OBJECT:
      return "an object";
    case element_type::STRING:
      return quoted(std::string_view(value));
    case element_type::INT64:
    case element_type::UINT64:
    case element_type::DOUBLE:
    case element_type::BOOL:
    case element_type::NULL_VALUE:
      break;
  }
  return simdjson::minify(value);
}

std::string degrees_text(double value) {
  std::string text;
  json::append_number(text, value);
  return text;
}

}  // namespace

Field member(object object, std::string_view name) {
  for (const auto [key, value] : object) {
    if (key == name) return value.is_null() ? Field{} : Field{value};
  }
  return {};
}

std::string Path::text() const {
  std::string whole(object);
  if (!whole.empty()) whole.push_back('.');
  return whole.append(member);
}

std::string quoted(std::string_view text) {
  std::string out;
  json::append_string(out, head_of(text));
  return out;
}

Failure wrong_type(const Path& path, std::string_view expected, element found) {
  return dead_letter("field_type", "field \"" + path.text() + "\": expected " +
                                       std::string(expected) + ", got " + describe(found));
}

Failure out_of_range(const Path& path, std::string_view expected, std::string_view found) {
  return dead_letter("field_range", "field \"" + path.text() + "\": expected " +
                                        std::string(expected) + ", got " +
                                        std::string(head_of(found)));
}

Failure missing(const Path& path) {
  return dead_letter("field_missing", "field \"" + path.text() + "\" is absent");
}

Result<void> read_text(const Field& field, const Path& path, std::string_view& out) {
  if (field && field->get_string().get(out) != simdjson::SUCCESS) {
    return wrong_type(path, "a string", *field);
  }
  return {};
}

Result<void> read_id(const Field& field, const Path& path, TextArena& arena,
                     std::string_view& out) {
  if (!field) return {};
  if (field->get_string().get(out) == simdjson::SUCCESS) return {};
  std::uint64_t number = 0;
  if (field->get_uint64().get(number) != simdjson::SUCCESS) {
    return wrong_type(path, "an id (a string or a whole number)", *field);
  }
  std::string& text = arena.make();
  text = std::to_string(number);
  out = text;
  return {};
}

Result<void> read_count(const Field& field, const Path& path, std::optional<std::uint32_t>& out) {
  if (!field) return {};
  constexpr std::uint64_t kMax = std::numeric_limits<std::uint32_t>::max();
  std::int64_t number = 0;
  if (field->get_int64().get(number) != simdjson::SUCCESS) {
    return wrong_type(path, "a whole number", *field);
  }
  if (number < 0 || static_cast<std::uint64_t>(number) > kMax) {
    return out_of_range(path, "0 to 4294967295", std::to_string(number));
  }
  out = static_cast<std::uint32_t>(number);
  return {};
}

Result<void> read_flag(const Field& field, const Path& path, std::optional<bool>& out) {
  if (!field) return {};
  bool flag = false;
  if (field->get_bool().get(flag) != simdjson::SUCCESS) {
    return wrong_type(path, "true or false", *field);
  }
  out = flag;
  return {};
}

Result<double> as_degrees(element value, const Path& path, double bound) {
  double degrees = 0;
  if (value.get_double().get(degrees) != simdjson::SUCCESS) {
    return wrong_type(path, "degrees", value);
  }
  if (!(degrees >= -bound && degrees <= bound)) {
    return out_of_range(path, degrees_text(-bound) + " to " + degrees_text(bound),
                        degrees_text(degrees));
  }
  return degrees;
}

Result<object> as_object(element value, const Path& path) {
  object result;
  if (value.get_object().get(result) != simdjson::SUCCESS) {
    return wrong_type(path, "an object", value);
  }
  return result;
}

Result<array> as_array(element value, const Path& path) {
  array result;
  if (value.get_array().get(result) != simdjson::SUCCESS) {
    return wrong_type(path, "an array", value);
  }
  return result;
}

Result<void> read_point(const Field& field, const Path& path, std::optional<PointFields>& out) {
  if (!field) return {};
  auto geometry = as_object(*field, path);
  ROOKERY_RETURN_IF_ERROR(geometry);
  const Field type = member(*geometry, "type");
  const Field coordinates = member(*geometry, "coordinates");
  std::string_view name;
  if (!type || type->get_string().get(name) != simdjson::SUCCESS || name != "Point") return {};
  if (!coordinates) return {};
  auto pair = as_array(*coordinates, path);
  ROOKERY_RETURN_IF_ERROR(pair);
  // Altitude may follow (RFC 7946, section 3.1.1).
  if (pair->size() < 2) return {};
  const element first = pair->at(0);
  const element second = pair->at(1);
  if (first.is_null() || second.is_null()) return {};
  auto lon = as_degrees(first, path, 180);
  ROOKERY_RETURN_IF_ERROR(lon);
  auto lat = as_degrees(second, path, 90);
  ROOKERY_RETURN_IF_ERROR(lat);
  out = PointFields{.lat = *lat, .lon = *lon};
  return {};
}

std::string_view language_of(std::string_view code) {
  using namespace std::string_view_literals;
  // docs.x.com, "Supported languages and codes"; RFC 5646, section 2.2.1.
  constexpr std::array kNone = {"und"sv, "qam"sv, "qct"sv, "qht"sv,
                                "qme"sv, "qst"sv, "zxx"sv, "art"sv};
  constexpr std::array kRenamed = {std::pair("in"sv, "id"sv), std::pair("iw"sv, "he"sv),
                                   std::pair("ji"sv, "yi"sv)};
  for (const auto none : kNone) {
    if (code == none) return {};
  }
  for (const auto& [withdrawn, current] : kRenamed) {
    if (code == withdrawn) return current;
  }
  return code;
}

}  // namespace rookery::ingest
