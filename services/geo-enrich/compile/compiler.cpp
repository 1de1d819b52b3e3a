#include "services/geo-enrich/compile/compiler.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "common/core/check.hpp"
#include "services/geo-enrich/compile/grid.hpp"
#include "services/geo-enrich/compile/names.hpp"
#include "services/geo-enrich/gazetteer/format.hpp"
#include "services/geo-enrich/geodesy.hpp"

namespace rookery::geo_enrich {
namespace {

/// The section `strings`; every text stands in it once.
class Strings {
 public:
  std::uint32_t add(const std::string& text) {
    const auto [entry, fresh] =
        offsets_.try_emplace(text, static_cast<std::uint32_t>(bytes_.size()));
    if (fresh) {
      ROOKERY_CHECK(text.size() <= 0xffff, "a name is shorter than a line");
      const auto length = static_cast<std::uint16_t>(text.size());
      bytes_.append(reinterpret_cast<const char*>(&length), sizeof length);
      bytes_.append(text);
    }
    return entry->second;
  }
  [[nodiscard]] std::span<const char> bytes() const { return bytes_; }

 private:
  std::string bytes_;
  std::unordered_map<std::string, std::uint32_t> offsets_;
};

/// Names that become indices: divisions, time zones.
class Names {
 public:
  std::uint16_t add(const std::string& name, std::uint32_t offset) {
    const auto [entry, fresh] =
        indices_.try_emplace(name, static_cast<std::uint16_t>(offsets_.size()));
    if (fresh) offsets_.push_back(offset);
    ROOKERY_CHECK(offsets_.size() < format::kNone, "an index has 16 bits");
    return entry->second;
  }
  [[nodiscard]] std::uint16_t find(const std::string& name) const {
    const auto found = indices_.find(name);
    return found == indices_.end() ? format::kNone : found->second;
  }
  [[nodiscard]] std::span<const std::uint32_t> offsets() const { return offsets_; }
  [[nodiscard]] const std::map<std::string, std::uint16_t>& indices() const { return indices_; }

 private:
  std::map<std::string, std::uint16_t> indices_;
  std::vector<std::uint32_t> offsets_;
};

struct Node {
  std::array<double, 3> at;
  format::City city;
  std::uint16_t axis;
};

/// Orders [begin, end) as the balanced tree that Cities reads: the middle splits
/// the widest axis.
void grow(std::span<Node> nodes) {
  if (nodes.empty()) return;
  std::array<double, 3> width{};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const auto [low, high] =
        std::minmax_element(nodes.begin(), nodes.end(),
                            [&](const Node& a, const Node& b) { return a.at[axis] < b.at[axis]; });
    width[axis] = high->at[axis] - low->at[axis];
  }
  const auto axis =
      static_cast<std::size_t>(std::max_element(width.begin(), width.end()) - width.begin());
  const std::size_t middle = nodes.size() / 2;
  // Equal coordinates are told apart by the id, so that the same cities always
  // give the same tree.
  std::nth_element(nodes.begin(), nodes.begin() + static_cast<std::ptrdiff_t>(middle), nodes.end(),
                   [&](const Node& a, const Node& b) {
                     return std::pair(a.at[axis], a.city.geonames_id) <
                            std::pair(b.at[axis], b.city.geonames_id);
                   });
  nodes[middle].axis = static_cast<std::uint16_t>(axis);
  grow(nodes.first(middle));
  grow(nodes.subspan(middle + 1));
}

/// The sections one behind the other, and the header before them.
class FileWriter {
 public:
  template <typename T>
  void add(std::string_view name, std::span<const T> items) {
    format::Section section{.name = {}, .offset = body_.size(), .size = items.size_bytes()};
    std::copy(name.begin(), name.end(), section.name.begin());
    sections_.push_back(section);
    body_.append(reinterpret_cast<const char*>(items.data()), items.size_bytes());
    body_.resize((body_.size() + 7) / 8 * 8);
  }

  [[nodiscard]] std::string finish() && {
    const std::size_t table_size = sections_.size() * sizeof(format::Section);
    for (auto& section : sections_) section.offset += sizeof(format::Header) + table_size;
    std::string rest(reinterpret_cast<const char*>(sections_.data()), table_size);
    rest.append(body_);
    const format::Header header{.magic = format::kMagic,
                                .version = format::kVersion,
                                .section_count = static_cast<std::uint32_t>(sections_.size()),
                                .file_size = sizeof(format::Header) + rest.size(),
                                .checksum = format::checksum(std::as_bytes(std::span(rest)))};
    return std::string(reinterpret_cast<const char*>(&header), sizeof header) + rest;
  }

 private:
  std::vector<format::Section> sections_;
  std::string body_;
};

/// What the sections are made of.
struct Tables {
  Strings strings;
  std::map<std::string, std::uint16_t> country_indices;
  std::vector<format::Country> countries;
  Names admin1;
  Names zones;
};

Tables make_tables(const Source& source) {
  Tables tables;
  auto countries = source.countries;
  std::sort(countries.begin(), countries.end(),
            [](const auto& a, const auto& b) { return a.code < b.code; });
  for (const auto& country : countries) {
    tables.country_indices[country.code] = static_cast<std::uint16_t>(tables.countries.size());
    tables.countries.push_back({.code = {country.code[0], country.code[1]},
                                .drawn = 0,
                                .name = tables.strings.add(country.name)});
  }
  for (const auto& admin1 : source.admin1) {
    tables.admin1.add(admin1.code, tables.strings.add(admin1.name));
  }
  return tables;
}

Result<std::uint16_t> index_of(const Tables& tables, const std::string& code) {
  const auto found = tables.country_indices.find(code);
  if (found != tables.country_indices.end()) return found->second;
  return fatal("source_malformed", "country \"" + code + "\" is not in countries.tsv");
}

std::int32_t units(double degrees) {
  return static_cast<std::int32_t>(
      std::lround(degrees * static_cast<double>(format::kUnitsPerDegree)));
}

/// Whether people would name it as the city where they are: not a part of one
/// (PPLX: Berlin's Mitte), nor one that is historical, abandoned or destroyed.
/// The codes are GeoNames' (featureCodes).
bool is_city(const Source::City& city) {
  return city.kind != "PPLX" && city.kind != "PPLH" && city.kind != "PPLQ" && city.kind != "PPLW";
}

/// Those that are cities in the order of the tree, or the others as they come.
enum class Which : std::uint8_t { kCities, kParts };

Result<std::vector<Node>> make_nodes(const Source& source, Tables& tables, Which which) {
  std::vector<Node> nodes;
  for (const auto& city : source.cities) {
    if (is_city(city) != (which == Which::kCities)) continue;
    const auto country = index_of(tables, city.country);
    ROOKERY_RETURN_IF_ERROR(country);
    const format::City entry{
        .geonames_id = city.geonames_id,
        .lat_e5 = units(city.lat),
        .lon_e5 = units(city.lon),
        .population = city.population,
        .name = tables.strings.add(city.name),
        .country = *country,
        .admin1 = tables.admin1.find(city.country + "." + city.admin1),
        .zone = tables.zones.add(city.time_zone, tables.strings.add(city.time_zone)),
        .part = which == Which::kParts ? std::uint16_t{1} : std::uint16_t{0}};
    nodes.push_back({.at = unit_vector({city.lat, city.lon}), .city = entry, .axis = 0});
  }
  if (which == Which::kCities) grow(nodes);
  return nodes;
}

/// The time zone of all cities of a country, for the towns that tell none.
std::map<std::string, std::string> zones_of(const Source& source) {
  std::map<std::string, std::string> zones;
  for (const auto& city : source.cities) zones.try_emplace(city.country, city.time_zone);
  return zones;
}

/// The towns behind the cities: they are found by their names, but are no one's
/// nearest city.
Result<void> add_towns(const Source& source, Tables& tables, std::vector<format::City>& cities) {
  const auto zones = zones_of(source);
  for (const auto& [town, word] : source.towns) {
    const auto country = index_of(tables, town.country);
    ROOKERY_RETURN_IF_ERROR(country);
    const auto usual = zones.find(town.country);
    if (town.time_zone.empty() && usual == zones.end()) {
      return fatal("source_malformed", "town " + town.name + ": expected a time zone");
    }
    const std::string& zone = town.time_zone.empty() ? usual->second : town.time_zone;
    cities.push_back({.geonames_id = town.geonames_id,
                      .lat_e5 = units(town.lat),
                      .lon_e5 = units(town.lon),
                      .population = town.population,
                      .name = tables.strings.add(town.name),
                      .country = *country,
                      .admin1 = tables.admin1.find(town.country + "." + town.admin1),
                      .zone = tables.zones.add(zone, tables.strings.add(zone)),
                      .part = 0});
  }
  return {};
}

/// The counties as parts, behind all others.
Result<void> add_counties(const Source& source, Tables& tables, std::vector<format::City>& cities) {
  for (const auto& county : source.counties) {
    const auto country = index_of(tables, county.country);
    ROOKERY_RETURN_IF_ERROR(country);
    cities.push_back({.geonames_id = 0,
                      .lat_e5 = units(county.lat),
                      .lon_e5 = units(county.lon),
                      .population = county.population,
                      .name = tables.strings.add(county.name),
                      .country = *country,
                      .admin1 = tables.admin1.find(county.country + "." + county.admin1),
                      .zone = 0,
                      .part = static_cast<std::uint16_t>(county.radius_km + 1)});
  }
  return {};
}

/// The names of tzdata, and what else the zones are called, in the order of their bytes.
Result<std::vector<format::ZoneOffset>> make_zone_offsets(const Source& source, Tables& tables) {
  std::map<std::string, std::int32_t> minutes;
  for (const auto& zone : source.zone_offsets) minutes[zone.name] = zone.minutes;
  auto all = minutes;
  for (const auto& [name, zone] : source.zone_names) {
    const auto found = minutes.find(zone);
    if (found == minutes.end()) {
      return fatal("source_malformed", "time zone \"" + zone + "\" is not in zone_offsets.tsv");
    }
    all[name] = found->second;
  }
  std::vector<format::ZoneOffset> offsets;
  for (const auto& [name, east] : all) {
    offsets.push_back({.name = tables.strings.add(name), .minutes = east});
  }
  return offsets;
}

/// Appends the sections of the names, and of where countries and divisions lie.
void add_names(const Source& source, const Tables& tables, std::span<const format::City> cities,
               FileWriter& file) {
  std::unordered_map<std::uint32_t, std::uint32_t> city_indices;
  for (std::uint32_t i = 0; i < cities.size(); ++i) city_indices[cities[i].geonames_id] = i;
  const auto countries = make_countries(source, tables.country_indices);
  const auto divisions = make_divisions(source, tables.country_indices, tables.admin1.indices());
  const NameIndex names = make_names(source, {.countries = tables.country_indices,
                                              .divisions = tables.admin1.indices(),
                                              .cities = city_indices,
                                              .country_table = countries,
                                              .division_table = divisions,
                                              .city_table = cities});
  file.add("ctrymore", std::span<const format::CountryMore>(countries));
  file.add("divmore", std::span<const format::Division>(divisions));
  file.add("names", std::span<const format::NameSlot>(names.slots));
  file.add("namerefs", std::span<const std::uint32_t>(names.refs));
}

}  // namespace

Result<std::string> compile(const Source& source) {
  Tables tables = make_tables(source);
  const auto nodes = make_nodes(source, tables, Which::kCities);
  ROOKERY_RETURN_IF_ERROR(nodes);
  const auto parts = make_nodes(source, tables, Which::kParts);
  ROOKERY_RETURN_IF_ERROR(parts);
  std::vector<format::City> cities;
  std::vector<format::TreePoint> tree;
  for (const Node& node : *nodes) {
    cities.push_back(node.city);
    tree.push_back({.at = {static_cast<float>(node.at[0]), static_cast<float>(node.at[1]),
                           static_cast<float>(node.at[2])},
                    .country = node.city.country,
                    .axis = node.axis});
  }
  for (const Node& part : *parts) cities.push_back(part.city);
  ROOKERY_RETURN_IF_ERROR(add_towns(source, tables, cities));
  ROOKERY_RETURN_IF_ERROR(add_counties(source, tables, cities));
  std::vector<IndexedRing> rings;
  for (const auto& ring : source.rings) {
    const auto country = index_of(tables, ring.country);
    ROOKERY_RETURN_IF_ERROR(country);
    tables.countries[*country].drawn = 1;
    rings.push_back({*country, ring.vertices});
  }
  const auto zone_offsets = make_zone_offsets(source, tables);
  ROOKERY_RETURN_IF_ERROR(zone_offsets);
  const Grid grid = make_grid(rings);
  FileWriter file;
  file.add("strings", tables.strings.bytes());
  file.add("country", std::span<const format::Country>(tables.countries));
  file.add("admin1", tables.admin1.offsets());
  file.add("zones", tables.zones.offsets());
  file.add("zoneoff", std::span<const format::ZoneOffset>(*zone_offsets));
  file.add("cities", std::span<const format::City>(cities));
  file.add("citytree", std::span<const format::TreePoint>(tree));
  file.add("grid", std::span<const std::uint32_t>(grid.cells));
  file.add("cells", std::span<const std::uint16_t>(grid.maps));
  add_names(source, tables, cities, file);
  return std::move(file).finish();
}

Result<void> write_file(const std::string& path, const std::string& bytes) {
  const std::string draft = path + ".draft";
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
  std::ofstream file(draft, std::ios::binary);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.close();
  if (!file) return fatal("output_failed", "file \"" + draft + "\" was not written");
  std::filesystem::rename(draft, path, error);
  if (error) return fatal("output_failed", "file \"" + path + "\": " + error.message());
  return {};
}

}  // namespace rookery::geo_enrich
