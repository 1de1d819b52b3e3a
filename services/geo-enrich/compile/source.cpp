#include "services/geo-enrich/compile/source.hpp"

#include <array>
#include <charconv>
#include <fstream>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

namespace rookery::geo_enrich {
namespace {

using Fields = std::span<const std::string_view>;

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

template <typename T>
std::optional<T> parse(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Hands each row of `path` to `take`, which returns false for one that it cannot
/// read. The first line names the columns.
Result<void> read_table(const std::string& path, std::size_t columns,
                        const std::function<bool(Fields)>& take) {
  std::ifstream file(path);
  if (!file) return fatal("source_missing", "file \"" + path + "\" was not found");
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    if (line.starts_with('#')) continue;
    const auto fields = split(line, '\t');
    if (fields.size() != columns || !take(fields)) {
      return fatal("source_malformed", path + ":" + std::to_string(number) + ": expected " +
                                           std::to_string(columns) + " columns, got \"" +
                                           line.substr(0, 80) + "\"");
    }
  }
  return {};
}

bool take_city(Fields fields, std::vector<Source::City>& cities) {
  const auto id = parse<std::uint32_t>(fields[0]);
  const auto lat = parse<double>(fields[2]);
  const auto lon = parse<double>(fields[3]);
  const auto population = parse<std::uint32_t>(fields[7]);
  if (!id || !lat || !lon || !population) return false;
  if (!(*lat >= -90 && *lat <= 90 && *lon >= -180 && *lon <= 180)) return false;
  cities.push_back({.geonames_id = *id,
                    .name = std::string(fields[1]),
                    .lat = *lat,
                    .lon = *lon,
                    .kind = std::string(fields[4]),
                    .country = std::string(fields[5]),
                    .admin1 = std::string(fields[6]),
                    .population = *population,
                    .time_zone = std::string(fields[8])});
  return true;
}

bool take_ring(Fields fields, std::vector<Source::Ring>& rings) {
  const auto numbers = split(fields[1], ' ');
  if (numbers.size() < 6 || numbers.size() % 2 != 0) return false;
  Source::Ring ring{.country = std::string(fields[0]), .vertices = {}};
  Source::Vertex at{0, 0};
  for (std::size_t i = 0; i < numbers.size(); i += 2) {
    const auto dx = parse<std::int64_t>(numbers[i]);
    const auto dy = parse<std::int64_t>(numbers[i + 1]);
    if (!dx || !dy) return false;
    at = {at.x + *dx, at.y + *dy};
    if (at.x < -180'000 || at.x > 180'000 || at.y < -90'000 || at.y > 90'000) return false;
    ring.vertices.push_back(at);
  }
  rings.push_back(std::move(ring));
  return true;
}

std::vector<std::string> names_of(std::string_view text) {
  std::vector<std::string> names;
  for (const std::string_view name : split(text, '|')) {
    if (!name.empty()) names.emplace_back(name);
  }
  return names;
}

bool take_city_names(Fields fields, std::vector<Source::CityNames>& all) {
  const auto id = parse<std::uint32_t>(fields[0]);
  if (!id) return false;
  all.push_back({*id, names_of(fields[1])});
  return true;
}

bool take_country_names(Fields fields, std::vector<Source::CountryNames>& all) {
  const auto population = parse<std::uint32_t>(fields[2]);
  if (!population) return false;
  all.push_back({.code = std::string(fields[0]),
                 .iso3 = std::string(fields[1]),
                 .population = *population,
                 .language = std::string(fields[3].substr(0, fields[3].find(','))),
                 .names = names_of(fields[4])});
  return true;
}

bool take_division(Fields fields, std::vector<Source::Division>& all) {
  const auto lat = parse<double>(fields[1]);
  const auto lon = parse<double>(fields[2]);
  const auto radius = parse<std::uint16_t>(fields[3]);
  if (!lat || !lon || !radius) return false;
  all.push_back({.code = std::string(fields[0]),
                 .lat = *lat,
                 .lon = *lon,
                 .radius_km = *radius,
                 .postal = std::string(fields[4]),
                 .names = names_of(fields[5])});
  return true;
}

bool take_town(Fields fields, std::vector<Source::Town>& all) {
  const std::array<std::string_view, 9> city = {fields[0], fields[1], fields[2], fields[3], "",
                                                fields[4], fields[5], fields[6], fields[7]};
  std::vector<Source::City> place;
  if (!take_city(city, place)) return false;
  all.push_back({.place = std::move(place.front()), .word = !fields[8].empty()});
  return true;
}

bool take_county(Fields fields, std::vector<Source::County>& all) {
  const auto lat = parse<double>(fields[1]);
  const auto lon = parse<double>(fields[2]);
  const auto radius = parse<std::uint16_t>(fields[5]);
  const auto population = parse<std::uint32_t>(fields[6]);
  if (!lat || !lon || !radius || *radius == 0 || *radius > 1000 || !population) return false;
  all.push_back({.name = std::string(fields[0]),
                 .lat = *lat,
                 .lon = *lon,
                 .country = std::string(fields[3]),
                 .admin1 = std::string(fields[4]),
                 .radius_km = *radius,
                 .population = *population});
  return true;
}

bool take_nickname(Fields fields, std::vector<Source::Nickname>& all) {
  const std::size_t space = fields[0].find(' ');
  if (space == std::string_view::npos) return false;
  all.push_back({.kind = std::string(fields[0].substr(0, space)),
                 .id = std::string(fields[0].substr(space + 1)),
                 .names = names_of(fields[1])});
  return true;
}

Result<void> read_zones(const std::string& folder, Source& source) {
  ROOKERY_RETURN_IF_ERROR(read_table(folder + "/zone_offsets.tsv", 2, [&](Fields fields) {
    constexpr std::int16_t kMost = 14 * 60;
    const auto minutes = parse<std::int16_t>(fields[1]);
    if (!minutes || *minutes < -kMost || *minutes > kMost) return false;
    source.zone_offsets.push_back({std::string(fields[0]), *minutes});
    return true;
  }));
  return read_table(folder + "/zone_names.tsv", 2, [&](Fields fields) {
    source.zone_names.push_back({std::string(fields[0]), std::string(fields[1])});
    return true;
  });
}

/// The tables of names: what else the places are called.
Result<void> read_names(const std::string& folder, Source& source) {
  for (const char* script : {"latin", "greek_cyrillic", "other"}) {
    ROOKERY_RETURN_IF_ERROR(read_table(folder + "/names_" + script + ".tsv", 2, [&](Fields fields) {
      return take_city_names(fields, source.city_names);
    }));
  }
  ROOKERY_RETURN_IF_ERROR(read_table(folder + "/country_names.tsv", 5, [&](Fields fields) {
    return take_country_names(fields, source.country_names);
  }));
  ROOKERY_RETURN_IF_ERROR(read_table(folder + "/divisions.tsv", 6, [&](Fields fields) {
    return take_division(fields, source.divisions);
  }));
  for (const char* part :
       {"americas_west", "americas_east", "west", "middle", "east", "far_east"}) {
    ROOKERY_RETURN_IF_ERROR(read_table(folder + "/towns_" + part + ".tsv", 9, [&](Fields fields) {
      return take_town(fields, source.towns);
    }));
  }
  ROOKERY_RETURN_IF_ERROR(read_table(folder + "/counties.tsv", 7, [&](Fields fields) {
    return take_county(fields, source.counties);
  }));
  ROOKERY_RETURN_IF_ERROR(read_table(folder + "/nicknames.tsv", 2, [&](Fields fields) {
    return take_nickname(fields, source.nicknames);
  }));
  return read_table(folder + "/words.tsv", 1, [&](Fields fields) {
    source.words.emplace_back(fields[0]);
    return true;
  });
}

}  // namespace

Result<Source> read_source(const std::string& folder) {
  Source source;
  ROOKERY_RETURN_IF_ERROR(read_table(folder + "/countries.tsv", 2, [&](Fields fields) {
    source.countries.push_back({std::string(fields[0]), std::string(fields[1])});
    return fields[0].size() == 2;
  }));
  ROOKERY_RETURN_IF_ERROR(read_table(folder + "/admin1.tsv", 2, [&](Fields fields) {
    source.admin1.push_back({std::string(fields[0]), std::string(fields[1])});
    return true;
  }));
  for (const char* half : {"/cities_west.tsv", "/cities_east.tsv"}) {
    ROOKERY_RETURN_IF_ERROR(read_table(
        folder + half, 9, [&](Fields fields) { return take_city(fields, source.cities); }));
  }
  ROOKERY_RETURN_IF_ERROR(read_table(
      folder + "/borders.tsv", 2, [&](Fields fields) { return take_ring(fields, source.rings); }));
  ROOKERY_RETURN_IF_ERROR(read_zones(folder, source));
  ROOKERY_RETURN_IF_ERROR(read_names(folder, source));
  return source;
}

}  // namespace rookery::geo_enrich
