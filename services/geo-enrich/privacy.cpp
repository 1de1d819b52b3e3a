#include "services/geo-enrich/privacy.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "common/core/check.hpp"
#include "services/geo-enrich/cells.hpp"

namespace rookery::geo_enrich {
namespace {

Point point_of(std::int32_t lat_e5, std::int32_t lon_e5) {
  constexpr auto kUnits = static_cast<double>(format::kUnitsPerDegree);
  return {lat_e5 / kUnits, lon_e5 / kUnits};
}

bool to_country(const Gazetteer& gazetteer, Location& location) {
  location.city.reset();
  location.division = format::kNone;
  if (location.country == format::kNone) return false;
  const auto& country = gazetteer.country(location.country);
  location.area = {point_of(country.lat_e5, country.lon_e5),
                   static_cast<double>(country.radius_km)};
  return true;
}

bool to_city(const Gazetteer& gazetteer, Location& location) {
  if (!location.city) return to_country(gazetteer, location);
  const Point centre = position(gazetteer.city(location.city->index));
  // The same for all of the city: a radius of its own would tell the distance.
  location.area = {centre, kCityRadiusKm};
  location.city->km = 0;
  return true;
}

void to_cell(const Gazetteer& gazetteer, int level, Location& location) {
  const double radius = s2_radius_km(level);
  if (location.area.radius_km >= radius) return;
  location.area = {s2_centre(s2_parent(s2_leaf(location.area.centre), level)), radius};
  // The city of the cell: the one nearest to the point would tell more than the cell.
  location.city.reset();
  location.division = format::kNone;
  if (radius > kCityRadiusKm || location.country == format::kNone) return;
  location.city = gazetteer.cities().nearest(location.area.centre, kCityRadiusKm, location.country);
  if (location.city) location.division = gazetteer.city(location.city->index).admin1;
}

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/// Walks over the text of an object that a parser has accepted.
class Scanner {
 public:
  explicit Scanner(std::string_view json) : json_(json) {}

  [[nodiscard]] char peek() {
    while (at_ < json_.size() && is_space(json_[at_])) ++at_;
    return at_ < json_.size() ? json_[at_] : '}';
  }
  void pass(char expected) {
    if (peek() == expected) ++at_;
  }
  /// The next value as it stands.
  std::string_view value() {
    const char first = peek();
    const std::size_t begin = at_;
    if (first == '"') {
      skip_string();
    } else if (first == '{' || first == '[') {
      skip_nested();
    } else {
      while (at_ < json_.size() && !is_space(json_[at_]) && json_[at_] != ',' &&
             json_[at_] != '}' && json_[at_] != ']') {
        ++at_;
      }
    }
    return json_.substr(begin, at_ - begin);
  }

 private:
  void skip_string() {
    for (++at_; at_ < json_.size() && json_[at_] != '"'; ++at_) {
      if (json_[at_] == '\\') ++at_;
    }
    at_ = std::min(at_ + 1, json_.size());
  }
  void skip_nested() {
    int depth = 0;
    do {
      const char c = json_[at_];
      if (c == '"') {
        skip_string();
        continue;
      }
      if (c == '{' || c == '[') ++depth;
      if (c == '}' || c == ']') --depth;
      ++at_;
    } while (depth > 0 && at_ < json_.size());
  }

  std::string_view json_;
  std::size_t at_ = 0;
};

/// A name that is written with escapes is left out: it may be any.
bool is_left_out(std::string_view quoted, std::span<const std::string_view> names) {
  if (quoted.find('\\') != std::string_view::npos) return true;
  const std::string_view name = quoted.substr(1, quoted.size() - 2);
  return std::find(names.begin(), names.end(), name) != names.end();
}

constexpr std::array<std::string_view, 2> kPlaces = {"coordinates", "place"};
constexpr std::array<std::string_view, 2> kLocation = {"location", "time_zone"};

void append_object(std::string& out, std::string_view json,
                   std::span<const std::string_view> left_out) {
  Scanner scanner(json);
  scanner.pass('{');
  out.push_back('{');
  bool first = true;
  while (scanner.peek() == '"') {
    const std::string_view name = scanner.value();
    scanner.pass(':');
    const std::string_view value = scanner.value();
    scanner.pass(',');
    if (is_left_out(name, left_out)) continue;
    if (!first) out.push_back(',');
    first = false;
    out.append(name).push_back(':');
    if (name == "\"author\"" && value.starts_with('{')) {
      append_object(out, value, kLocation);
    } else {
      out.append(value);
    }
  }
  out.push_back('}');
}

}  // namespace

bool coarsen(const Gazetteer& gazetteer, const Privacy& privacy, Location& location) {
  switch (privacy.precision) {
    case Precision::kExact:
      return true;
    case Precision::kCell:
      to_cell(gazetteer, privacy.cell_level, location);
      return true;
    case Precision::kCity:
      return to_city(gazetteer, location);
    case Precision::kCountry:
      return to_country(gazetteer, location);
  }
  ROOKERY_CHECK(false, "all precisions are listed");
}

void append_without_places(std::string& out, std::string_view json) {
  append_object(out, json, kPlaces);
}

}  // namespace rookery::geo_enrich
