#include "services/geo-enrich/gazetteer/gazetteer.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>
#include <utility>

namespace rookery::geo_enrich {
namespace {

std::string_view code_of(const format::Country& country) {
  return {country.code.data(), country.code.size()};
}

}  // namespace

Result<std::string> own_gazetteer_path() {
  std::error_code error;
  const auto executable = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) {
    return misconfigured("gazetteer_missing",
                         "option \"gazetteer\": expected a path, as the executable's own folder "
                         "is not known: " +
                             error.message());
  }
  return (executable.parent_path().parent_path() / "share/rookery/gazetteer.bin").string();
}

Gazetteer::Gazetteer(GazetteerFile file)
    : file_(std::move(file)),
      strings_(file_.section<char>("strings")),
      countries_(file_.section<format::Country>("country")),
      admin1_(file_.section<std::uint32_t>("admin1")),
      zones_(file_.section<std::uint32_t>("zones")),
      zone_offsets_(file_.section<format::ZoneOffset>("zoneoff")),
      city_table_(file_.section<format::City>("cities")),
      country_table_(file_.section<format::CountryMore>("ctrymore")),
      division_table_(file_.section<format::Division>("divmore")),
      cities_(city_table_, file_.section<format::TreePoint>("citytree")),
      borders_(file_.section<std::uint32_t>("grid"), file_.section<std::uint16_t>("cells")),
      names_(file_.section<format::NameSlot>("names"), file_.section<std::uint32_t>("namerefs")) {}

Result<Gazetteer> Gazetteer::open(const std::string& path) {
  auto file = GazetteerFile::open(path);
  ROOKERY_RETURN_IF_ERROR(file);
  Gazetteer gazetteer(*std::move(file));
  if (!gazetteer.well_formed()) {
    return misconfigured("gazetteer_malformed",
                         "gazetteer \"" + path + "\": a section is missing or leads astray");
  }
  gazetteer.file_.let_go();
  return gazetteer;
}

bool Gazetteer::well_formed() const {
  const auto is_name = [&](std::uint32_t offset) { return is_string(offset); };
  const auto tree = file_.section<format::TreePoint>("citytree");
  constexpr std::size_t kNotions = 2;
  constexpr std::uint16_t kRadiusKmMax = 20'016;  // Half-way around the globe.
  const std::array<std::size_t, 4> counts = {countries_.size(), admin1_.size(), city_table_.size(),
                                             kNotions};
  return !countries_.empty() && countries_.size() < format::kNone && !city_table_.empty() &&
         !tree.empty() && tree.size() <= city_table_.size() &&
         country_table_.size() == countries_.size() && division_table_.size() == admin1_.size() &&
         std::all_of(
             division_table_.begin(), division_table_.end(),
             [&](const auto& division) {
               return (division.country == format::kNone || division.country < countries_.size()) &&
                      division.radius_km <= kRadiusKmMax;
             }) &&
         std::all_of(country_table_.begin(), country_table_.end(),
                     [&](const auto& country) { return country.radius_km <= kRadiusKmMax; }) &&
         names_.well_formed(counts) && std::all_of(admin1_.begin(), admin1_.end(), is_name) &&
         std::all_of(zones_.begin(), zones_.end(), is_name) && !zone_offsets_.empty() &&
         std::all_of(zone_offsets_.begin(), zone_offsets_.end(),
                     [&](const auto& zone) { return is_string(zone.name); }) &&
         std::is_sorted(countries_.begin(), countries_.end(),
                        [](const auto& a, const auto& b) { return a.code < b.code; }) &&
         std::all_of(countries_.begin(), countries_.end(),
                     [&](const auto& country) { return is_string(country.name); }) &&
         std::all_of(tree.begin(), tree.end(),
                     [&](const auto& node) { return node.axis < node.at.size(); }) &&
         std::all_of(city_table_.begin(), city_table_.end(),
                     [&](const auto& city) {
                       return is_string(city.name) && city.country < countries_.size() &&
                              (city.admin1 == format::kNone || city.admin1 < admin1_.size()) &&
                              city.zone < zones_.size();
                     }) &&
         borders_.well_formed(countries_.size());
}

Spot Gazetteer::find(Point point, std::uint16_t hint) const {
  if (point.lon == 180) point.lon = -180;
  Spot spot;
  spot.country = borders_.country_at(point);
  auto city = cities_.nearest(point, kCityRadiusKm);
  if (spot.country != format::kNone) {
    spot.evidence = Evidence::kGround;
  } else if (const auto coast = borders_.nearest(point, kCoastKm)) {
    spot.country = coast->country;
    spot.evidence = Evidence::kCoast;
    spot.coast_km = coast->km;
  } else if (city && city->km <= kCoastKm) {
    spot.country = city_table_[city->index].country;
    spot.evidence = Evidence::kCity;
  }
  const bool city_speaks = city && city->km <= kBorderKm;
  const std::uint16_t rival = hint != format::kNone ? hint
                              : city_speaks         ? city_table_[city->index].country
                                                    : format::kNone;
  // At sea there is no border to be near to: the source may name any coast in reach.
  const bool at_sea = hint != format::kNone && spot.evidence != Evidence::kGround;
  const double reach_km = at_sea ? kCoastKm : kBorderKm;
  if (rival != format::kNone && rival != spot.country && beside(point, rival, reach_km)) {
    spot.country = rival;
    spot.evidence = Evidence::kBorder;
  }
  if (spot.country == format::kNone) return spot;
  if (city && city_table_[city->index].country != spot.country) {
    city = cities_.nearest(point, kCityRadiusKm, spot.country);
  }
  spot.city = city;
  return spot;
}

bool Gazetteer::beside(Point point, std::uint16_t country, double km) const {
  if (countries_[country].drawn == 0) return cities_.nearest(point, km, country).has_value();
  return borders_.nearest(point, km, country).has_value();
}

std::uint16_t Gazetteer::country_of(std::string_view code) const {
  const auto found = std::lower_bound(countries_.begin(), countries_.end(), code,
                                      [](const format::Country& country, std::string_view wanted) {
                                        return code_of(country) < wanted;
                                      });
  if (found == countries_.end() || code_of(*found) != code) return format::kNone;
  return static_cast<std::uint16_t>(found - countries_.begin());
}

std::string_view Gazetteer::country_code(std::uint16_t country) const {
  return code_of(countries_[country]);
}
std::string_view Gazetteer::country_name(std::uint16_t country) const {
  return string(countries_[country].name);
}
std::string_view Gazetteer::city_name(const format::City& city) const {
  return string(city.name);
}
std::string_view Gazetteer::admin1_name(const format::City& city) const {
  return city.admin1 == format::kNone ? std::string_view{} : string(admin1_[city.admin1]);
}
std::string_view Gazetteer::time_zone(const format::City& city) const {
  return string(zones_[city.zone]);
}

std::optional<std::int32_t> Gazetteer::zone_minutes(std::string_view name) const {
  const auto found = std::lower_bound(zone_offsets_.begin(), zone_offsets_.end(), name,
                                      [&](const format::ZoneOffset& zone, std::string_view wanted) {
                                        return string(zone.name) < wanted;
                                      });
  if (found == zone_offsets_.end() || string(found->name) != name) return std::nullopt;
  return found->minutes;
}

bool Gazetteer::is_string(std::uint32_t offset) const {
  std::uint16_t length = 0;
  if (strings_.size() < sizeof length || offset > strings_.size() - sizeof length) return false;
  std::memcpy(&length, strings_.data() + offset, sizeof length);
  return length <= strings_.size() - sizeof length - offset;
}

std::string_view Gazetteer::string(std::uint32_t offset) const {
  std::uint16_t length = 0;
  std::memcpy(&length, strings_.data() + offset, sizeof length);
  return {strings_.data() + offset + sizeof length, length};
}

}  // namespace rookery::geo_enrich
