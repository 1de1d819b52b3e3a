#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

/// gazetteer.bin: a header, a table of sections, and the sections, each aligned
/// to 8 bytes. Little-endian, used in place, the same for all readers. A section
/// that a reader does not know is left alone, so new ones need no new version;
/// the version changes when a section changes its meaning.
///
///   strings   u16 length and bytes, one behind the other; referred to by offset
///   country   Country[], sorted by code
///   admin1    u32 string[]
///   zones     u32 string[] (IANA time zones)
///   cities    City[], in the order of the tree; behind it parts of cities, towns
///             and counties, which have names but are no one's nearest city
///   citytree  TreePoint[]: a balanced k-d tree on the unit sphere. The root of
///             [a, b) is its middle, a + (b - a) / 2
///   grid      u32[kGridRows * kGridColumns], from the south-west: kSea, the index
///             of the country that fills the cell, or kMixed | offset in `cells`
///   ctrymore  CountryMore[], beside `country`: where its people live, how many
///   divmore   Division[], beside `admin1`
///   zoneoff   ZoneOffset[]: how far time zones are from Greenwich, sorted by name
///   names     NameSlot[]: folded names by hash, open addressing. The search begins at
///             the lower half of the hash, as a share of the slots
///   namerefs  u32[]: the meanings of the names (NameRef), the last of each marked
///   cells     u16[]: number of countries, and for each: its index, the number of
///             edges, and the edges (x1, y1, x2, y2) of its ground in this cell
///
/// A cell's edges are closed along its east side only (x1 == x2 == kCellUnits):
/// a ray to the east then counts right, and all other edges are true borders.
namespace rookery::geo_enrich::format {

static_assert(std::endian::native == std::endian::little, "the file is used in place");

inline constexpr std::array<char, 8> kMagic = {'R', 'O', 'O', 'K', 'G', 'A', 'Z', '\n'};
inline constexpr std::uint32_t kVersion = 4;

struct Header {
  std::array<char, 8> magic;
  std::uint32_t version;
  std::uint32_t section_count;
  std::uint64_t file_size;
  std::uint64_t checksum;  ///< checksum() of all that follows the header.
};

struct Section {
  std::array<char, 8> name;  ///< Padded with zeros.
  std::uint64_t offset;      ///< From the beginning of the file.
  std::uint64_t size;
};

inline constexpr std::uint16_t kNone = 0xffff;  ///< No country, no division.

struct Country {
  std::array<char, 2> code;  ///< ISO 3166-1 alpha-2.
  std::uint16_t drawn;       ///< 1: it has borders in the grid.
  std::uint32_t name;
};

struct CountryMore {
  std::int32_t lat_e5;  ///< The point that stands for the whole.
  std::int32_t lon_e5;
  std::uint32_t population;
  std::uint16_t radius_km;
  std::uint16_t language;  ///< Two letters of its first language (ISO 639-1); 0: none.
};

struct Division {
  std::int32_t lat_e5;
  std::int32_t lon_e5;
  std::uint32_t population;  ///< Of its cities.
  std::uint16_t country;
  std::uint16_t radius_km;  ///< 0: nobody knows where it is.
};

struct ZoneOffset {
  std::uint32_t name;    ///< Of tzdata, or as people and services call it.
  std::int32_t minutes;  ///< East of Greenwich, without daylight saving.
};

struct NameSlot {
  std::uint32_t tag;    ///< The upper half of the hash.
  std::uint32_t first;  ///< Index in `namerefs`; kNoName: free.
};

inline constexpr std::uint32_t kNoName = 0xffff'ffff;

struct City {
  std::uint32_t geonames_id;
  std::int32_t lat_e5;  ///< Hundred-thousandths of a degree.
  std::int32_t lon_e5;
  std::uint32_t population;
  std::uint32_t name;
  std::uint16_t country;
  std::uint16_t admin1;  ///< kNone: GeoNames knows none.
  std::uint16_t zone;
  /// 0: a city or town; 1: a part of one (GeoNames' PPLX) or a former one; else a
  /// county with a radius of so many kilometres less one, without id and zone.
  std::uint16_t part;
};

struct TreePoint {
  std::array<float, 3> at;  ///< On the unit sphere; 6e-8, or 40 cm, exact.
  std::uint16_t country;
  std::uint16_t axis;  ///< The coordinate that splits the children: 0, 1, 2.
};

/// Half-degree cells in units of 1e-5 degrees. The lines are shifted by 25 units,
/// so that none runs through a vertex of the borders, which are in multiples of
/// 100: an edge on a line was made by cutting.
inline constexpr std::int64_t kUnitsPerDegree = 100'000;
inline constexpr std::int64_t kCellUnits = 50'000;
inline constexpr std::int64_t kGridShift = 25;
inline constexpr std::int64_t kGridRows = 361;
inline constexpr std::int64_t kGridColumns = 721;
inline constexpr std::uint32_t kSea = 0x7fff'ffff;
inline constexpr std::uint32_t kMixed = 0x8000'0000;

/// FNV-1a over 64-bit words (the last one padded with zeros): any change within
/// one word changes it.
[[nodiscard]] std::uint64_t checksum(std::span<const std::byte> bytes);

}  // namespace rookery::geo_enrich::format
