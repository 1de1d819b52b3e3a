#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "common/core/result.hpp"
#include "services/geo-enrich/gazetteer/borders.hpp"
#include "services/geo-enrich/gazetteer/cities.hpp"
#include "services/geo-enrich/gazetteer/file.hpp"
#include "services/geo-enrich/gazetteer/names.hpp"
#include "services/geo-enrich/geodesy.hpp"

namespace rookery::geo_enrich {

/// Cities are sought this far: the contract of Geo.city.
inline constexpr double kCityRadiusKm = 50;
/// A point off the coast belongs to the nearest country within its territorial
/// sea: 12 nautical miles (UNCLOS, article 3).
inline constexpr double kCoastKm = 22.224;
/// How far the drawn borders may be off: they are made for 1:50,000,000.
inline constexpr double kBorderKm = 5;

/// How a country was found, the surest first.
enum class Evidence : std::uint8_t {
  kGround,   ///< The point lies on its ground.
  kBorder,   ///< Beside its border, and a city or the source speaks for it.
  kCoast,    ///< Off its coast, within kCoastKm.
  kCity,     ///< Near no drawn ground, but within kCoastKm of one of its cities.
  kOpenSea,  ///< No country.
};

/// What the gazetteer knows about a point.
struct Spot {
  std::uint16_t country = format::kNone;
  Evidence evidence = Evidence::kOpenSea;
  double coast_km = 0;                ///< With kCoast: the distance to the coast.
  std::optional<Cities::Match> city;  ///< The nearest one of the country within kCityRadiusKm.
};

/// ../share/rookery/gazetteer.bin, seen from the executable's folder: the same in
/// the build tree and when installed. Error: gazetteer_missing.
Result<std::string> own_gazetteer_path();

/// Countries, divisions, time zones and cities of the world, read in place from
/// a mapped file. Costs no memory of the process's own; const, so any thread may
/// use it.
class Gazetteer {
 public:
  /// Opens and checks `path`: 2 ms. The errors are those of GazetteerFile::open()
  /// and gazetteer_malformed for a section that is missing or leads astray.
  static Result<Gazetteer> open(const std::string& path);

  /// Where `point` is. `hint` is the country that the source names (kNone: none);
  /// it is believed where the drawn border leaves doubt.
  ///
  /// The ground decides, with two exceptions within kBorderKm of a border: there
  /// the hint wins, or without one the country of a city within kBorderKm. At sea
  /// the hint wins within kCoastKm of its coast. A country that is not drawn
  /// (Gibraltar) has its cities as its ground.
  [[nodiscard]] Spot find(Point point, std::uint16_t hint = format::kNone) const;

  /// The country with the ISO 3166-1 alpha-2 `code`; kNone: there is none.
  [[nodiscard]] std::uint16_t country_of(std::string_view code) const;
  [[nodiscard]] std::size_t country_count() const { return countries_.size(); }
  [[nodiscard]] std::string_view country_code(std::uint16_t country) const;
  [[nodiscard]] std::string_view country_name(std::uint16_t country) const;

  [[nodiscard]] const format::CountryMore& country(std::size_t index) const {
    return country_table_[index];
  }
  [[nodiscard]] const format::Division& division(std::size_t index) const {
    return division_table_[index];
  }
  [[nodiscard]] std::string_view division_name(std::size_t index) const {
    return string(admin1_[index]);
  }

  [[nodiscard]] const format::City& city(std::size_t index) const { return city_table_[index]; }
  [[nodiscard]] std::string_view city_name(const format::City& city) const;
  /// Empty: GeoNames knows none.
  [[nodiscard]] std::string_view admin1_name(const format::City& city) const;
  [[nodiscard]] std::string_view time_zone(const format::City& city) const;
  /// Minutes east of Greenwich, without daylight saving, in the time zone that tzdata or
  /// the X API calls so: "Europe/Vienna", "Eastern Time (US & Canada)". Absent: not known.
  [[nodiscard]] std::optional<std::int32_t> zone_minutes(std::string_view name) const;

  /// Those that are cities; what has an index behind them is a part of one.
  [[nodiscard]] std::span<const format::City> city_table() const {
    return city_table_.first(cities_.size());
  }
  [[nodiscard]] const Cities& cities() const { return cities_; }
  [[nodiscard]] const Names& names() const { return names_; }
  [[nodiscard]] const Borders& borders() const { return borders_; }

 private:
  explicit Gazetteer(GazetteerFile file);
  [[nodiscard]] bool well_formed() const;
  [[nodiscard]] bool is_string(std::uint32_t offset) const;
  [[nodiscard]] std::string_view string(std::uint32_t offset) const;
  /// Whether ground of `country` begins within `km` of `point`.
  [[nodiscard]] bool beside(Point point, std::uint16_t country, double km) const;

  GazetteerFile file_;
  std::span<const char> strings_;
  std::span<const format::Country> countries_;
  std::span<const std::uint32_t> admin1_;
  std::span<const std::uint32_t> zones_;
  std::span<const format::ZoneOffset> zone_offsets_;
  std::span<const format::City> city_table_;
  std::span<const format::CountryMore> country_table_;
  std::span<const format::Division> division_table_;
  Cities cities_;
  Borders borders_;
  Names names_;
};

}  // namespace rookery::geo_enrich
