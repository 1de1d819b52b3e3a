#include "services/geo-enrich/compile/names.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_set>

#include "common/core/check.hpp"
#include "services/geo-enrich/gazetteer/folding.hpp"
#include "services/geo-enrich/gazetteer/names.hpp"

namespace rookery::geo_enrich {
namespace {

/// How much a meaning stands out, as a logarithm of people: a tenth of the people
/// for an alternate name, as for a division beside the city it is named after.
double prominence(NameKind kind, std::uint32_t population, std::uint32_t flags) {
  double score = std::log10(static_cast<double>(population) + 1);
  if (kind == NameKind::kCountry) score += 2;
  if (kind == NameKind::kDivision) score -= 0.8;
  if (kind == NameKind::kNotion) score += 8;
  if ((flags & NameRef::kMain) == 0) score -= 1;
  // "PA" is more often Pennsylvania than Panama.
  if (kind == NameKind::kCountry && (flags & NameRef::kCode) != 0) score -= 5;
  if (kind == NameKind::kCity && (flags & NameRef::kCode) != 0) score -= 3;
  if ((flags & NameRef::kPreferred) != 0) score += 4.5;
  return score;
}

struct Meaning {
  std::uint32_t bits;
  double score;
};

/// Words that GeoNames adds to the names of divisions, and people do not.
constexpr std::array<std::string_view, 20> kSuffixes = {
    " province",    " region",     " oblast",       " state",     " governorate",
    " prefecture",  " county",     " district",     " republic",  " krai",
    " voivodeship", " department", " municipality", " parish",    " department",
    " division",    " emirate",    " canton",       " territory", " sheng"};
constexpr std::array<std::string_view, 8> kPrefixes = {
    "province of ", "state of ",        "estado de ", "estado do ",
    "estado da ",   "departamento de ", "region of ", "provincia de "};

/// Whether an area is also known without the word that says what it is.
enum class Suffixes : std::uint8_t { kKept, kDropped };

class NameBook {
 public:
  NameBook(const Source& source, const NamedTables& tables) : tables_(tables) {
    for (const auto& word : source.words) words_.insert(word);
  }

  /// `bonus` raises the prominence beyond what its people give.
  void add(std::string_view name, NameKind kind, std::uint32_t index, std::uint32_t flags,
           double bonus = 0) {
    bonus_ = bonus;
    folded_.assign(name);
    const std::size_t count = folded_.words().size();
    if (count == 0 || count > Names::kWordsMax) return;
    const std::string joined = folded_.joined();
    add_folded(joined, kind, index, flags);
    // "PuertoRico" as a tag writes it; short ones would be other words.
    if (count == 1 || count > 3 || joined.size() < 7) return;
    const bool main = (flags & NameRef::kMain) != 0;
    // A tenth of a large city's people, of a small one's too few to be in tags.
    if (kind == NameKind::kCity && population(kind, index) < (main ? 15'000 : 100'000)) return;
    if (joined.front() < 'a') return;
    std::string tag = joined;
    std::erase(tag, ' ');
    add_folded(tag, kind, index, flags & ~NameRef::kMain);
  }

  void add_division(std::string_view name, std::uint32_t index, std::uint32_t flags) {
    add_area(name, NameKind::kDivision, index, flags, Suffixes::kDropped);
  }

  void add_area(std::string_view name, NameKind kind, std::uint32_t index, std::uint32_t flags,
                Suffixes suffixes) {
    add(name, kind, index, flags);
    if (suffixes == Suffixes::kKept) return;
    // "Barcelona" is the city, however many more people its province has.
    if (kind == NameKind::kCity) flags &= ~NameRef::kMain;
    folded_.assign(name);
    const std::string joined = folded_.joined();
    for (const auto suffix : kSuffixes) {
      if (joined.size() > suffix.size() + 2 && joined.ends_with(suffix)) {
        add(joined.substr(0, joined.size() - suffix.size()), kind, index, flags);
      }
    }
    for (const auto prefix : kPrefixes) {
      if (joined.size() > prefix.size() + 2 && joined.starts_with(prefix)) {
        add(joined.substr(prefix.size()), kind, index, flags);
      }
    }
  }

  [[nodiscard]] NameIndex finish() {
    NameIndex index;
    index.slots.assign(meanings_.size() * 3 / 2 + 2, {0, format::kNoName});
    std::unordered_map<std::uint64_t, std::string> hashes;
    for (auto& [name, meanings] : meanings_) {
      const std::uint64_t hash = hash_of(name);
      ROOKERY_CHECK(hashes.try_emplace(hash, name).second, "no two names have one hash");
      std::size_t at = first_slot(hash, index.slots.size());
      while (index.slots[at].first != format::kNoName) at = (at + 1) % index.slots.size();
      index.slots[at] = {static_cast<std::uint32_t>(hash >> 32),
                         static_cast<std::uint32_t>(index.refs.size())};
      append(meanings, index.refs);
    }
    return index;
  }

 private:
  static std::uint64_t hash_of(std::string_view name) {
    NameHash hash;
    for (std::size_t begin = 0; begin <= name.size();) {
      const std::size_t end = std::min(name.find(' ', begin), name.size());
      hash.add_word(name.substr(begin, end - begin));
      begin = end + 1;
    }
    return hash.value();
  }

  static void append(std::vector<Meaning>& meanings, std::vector<std::uint32_t>& refs) {
    std::stable_sort(meanings.begin(), meanings.end(), [](const Meaning& a, const Meaning& b) {
      return a.score > b.score || (a.score == b.score && a.bits < b.bits);
    });
    if (meanings.size() > Names::kMeaningsMax) {
      meanings.erase(meanings.begin() + Names::kMeaningsMax, meanings.end());
    }
    for (const Meaning& meaning : meanings) refs.push_back(meaning.bits);
    refs.back() |= NameRef::kLast;
  }

  [[nodiscard]] std::uint32_t population(NameKind kind, std::uint32_t index) const {
    switch (kind) {
      case NameKind::kCountry:
        return tables_.country_table[index].population;
      case NameKind::kDivision:
        return tables_.division_table[index].population;
      case NameKind::kCity:
        return tables_.city_table[index].population;
      case NameKind::kNotion:
        return 0;
    }
    ROOKERY_CHECK(false, "all kinds of names are listed");
  }

  void add_folded(const std::string& name, NameKind kind, std::uint32_t index,
                  std::uint32_t flags) {
    if (words_.contains(name)) flags |= NameRef::kWord;
    // A short alternate name is an airport or a transliterated syllable.
    const bool ascii = std::all_of(name.begin(), name.end(), [](char c) { return c > 0; });
    if (kind == NameKind::kCity && ascii && name.size() <= 3 && (flags & NameRef::kMain) == 0) {
      if ((flags & NameRef::kPreferred) == 0 && population(kind, index) < 300'000) return;
      flags |= NameRef::kCode;
    }
    auto& meanings = meanings_[name];
    const std::uint32_t bits =
        index | static_cast<std::uint32_t>(kind) << NameRef::kKindShift | flags;
    const double score = prominence(kind, population(kind, index), flags) + bonus_;
    for (Meaning& meaning : meanings) {
      if (((meaning.bits ^ bits) & (NameRef::kIndexMask | 3U << NameRef::kKindShift)) != 0)
        continue;
      if (score > meaning.score) meaning = {bits, score};
      return;
    }
    meanings.push_back({bits, score});
  }

  const NamedTables& tables_;
  FoldedText folded_;
  double bonus_ = 0;
  std::unordered_set<std::string> words_;
  std::map<std::string, std::vector<Meaning>> meanings_;
};

void add_countries(const Source& source, const NamedTables& tables, NameBook& book) {
  for (const auto& country : source.countries) {
    const auto index = tables.countries.at(country.code);
    book.add(country.name, NameKind::kCountry, index, NameRef::kMain);
    book.add(country.code, NameKind::kCountry, index, NameRef::kCode);
  }
  for (const auto& more : source.country_names) {
    const auto found = tables.countries.find(more.code);
    if (found == tables.countries.end()) continue;
    book.add(more.iso3, NameKind::kCountry, found->second, NameRef::kCode);
    for (const auto& name : more.names) book.add(name, NameKind::kCountry, found->second, 0);
  }
}

void add_divisions(const Source& source, const NamedTables& tables, NameBook& book) {
  for (const auto& admin1 : source.admin1) {
    const auto index = tables.divisions.at(admin1.code);
    if (tables.division_table[index].radius_km == 0) continue;
    book.add_division(admin1.name, index, NameRef::kMain);
    if (admin1.code.starts_with("US.")) {
      // The post's abbreviations are in daily use here more than anywhere.
      constexpr double kUsual = 1.5;
      book.add(admin1.code.substr(3), NameKind::kDivision, index, NameRef::kCode, kUsual);
    }
  }
  for (const auto& more : source.divisions) {
    const auto found = tables.divisions.find(more.code);
    if (found == tables.divisions.end()) continue;
    for (const auto& name : more.names) book.add_division(name, found->second, 0);
    if (!more.postal.empty()) {
      book.add(more.postal, NameKind::kDivision, found->second, NameRef::kCode);
    }
  }
}

void add_nicknames(const Source& source, const NamedTables& tables, NameBook& book) {
  for (const auto& nickname : source.nicknames) {
    NameKind kind = NameKind::kNotion;
    std::uint32_t index = nickname.kind == "region" ? 1 : 0;
    if (nickname.kind == "city") {
      const auto found = tables.cities.find(
          static_cast<std::uint32_t>(std::strtoul(nickname.id.c_str(), nullptr, 10)));
      if (found == tables.cities.end()) continue;
      kind = NameKind::kCity;
      index = found->second;
    } else if (nickname.kind.ends_with("admin1") || nickname.kind.ends_with("country")) {
      const bool division = nickname.kind.ends_with("admin1");
      const auto& codes = division ? tables.divisions : tables.countries;
      const auto found = codes.find(nickname.id);
      if (found == codes.end()) continue;
      kind = division ? NameKind::kDivision : NameKind::kCountry;
      index = found->second;
    }
    const bool code = nickname.kind.starts_with("code-");
    const std::uint32_t flags = code ? NameRef::kCode : NameRef::kPreferred;
    for (const auto& name : nickname.names) book.add(name, kind, index, flags);
  }
}

/// What counties are called besides: "Dare Co", and without the word where a county
/// is not always named with it, as it is in the United States.
void add_county(const Source::County& county, std::uint32_t index, NameBook& book) {
  book.add_area(county.name, NameKind::kCity, index, NameRef::kMain,
                county.country == "US" ? Suffixes::kKept : Suffixes::kDropped);
  constexpr std::string_view kCounty = " County";
  if (!county.name.ends_with(kCounty)) return;
  const std::string bare = county.name.substr(0, county.name.size() - kCounty.size());
  book.add(bare + " Co", NameKind::kCity, index, 0);
  if (county.country != "US") book.add("County " + bare, NameKind::kCity, index, 0);
}

void add_towns_and_counties(const Source& source, const NamedTables& tables, NameBook& book) {
  // The last entries of the table, in the order of the source.
  auto index = static_cast<std::uint32_t>(tables.city_table.size() - source.towns.size() -
                                          source.counties.size());
  for (const auto& [place, word] : source.towns) {
    book.add(place.name, NameKind::kCity, index++, NameRef::kMain | (word ? NameRef::kWord : 0U));
  }
  for (const auto& county : source.counties) add_county(county, index++, book);
}

}  // namespace

NameIndex make_names(const Source& source, const NamedTables& tables) {
  NameBook book(source, tables);
  add_countries(source, tables, book);
  add_divisions(source, tables, book);
  for (const auto& city : source.cities) {
    const auto found = tables.cities.find(city.geonames_id);
    if (found != tables.cities.end()) {
      constexpr double kCapital = 0.7;
      book.add(city.name, NameKind::kCity, found->second, NameRef::kMain,
               city.kind == "PPLC" ? kCapital : 0);
    }
  }
  for (const auto& more : source.city_names) {
    const auto found = tables.cities.find(more.geonames_id);
    if (found == tables.cities.end()) continue;
    for (const auto& name : more.names) book.add(name, NameKind::kCity, found->second, 0);
  }
  add_towns_and_counties(source, tables, book);
  add_nicknames(source, tables, book);
  return book.finish();
}

}  // namespace rookery::geo_enrich
