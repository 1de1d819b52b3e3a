#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "services/geo-enrich/locator.hpp"

/// geo-eval: how often names of places are understood, against lists with the truth.
namespace rookery::geo_enrich {
namespace {

using nlohmann::json;

struct Case {
  std::string text;
  std::string kind;
  std::string country;  ///< ISO 3166-1 alpha-2, upper case.
  std::optional<Point> point;
};

enum class Split : std::uint8_t { kAll, kTrain, kTest };

std::string lowered(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  return lower;
}

/// Half of the texts, by a hash of their bytes (FNV-1a, mixed): a text is on one side
/// however often it comes, and in whatever file.
bool in_split(std::string_view text, Split split) {
  if (split == Split::kAll) return true;
  NameHash hash;
  hash.add_word(lowered(text));
  return (hash.value() % 2 == 0) == (split == Split::kTrain);
}

std::string upper(std::string text) {
  for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c & ~0x20) : c;
  return text;
}

/// IDRISI-D: the places that tweets mention, resolved in OpenStreetMap.
void add_mentions(const json& row, std::vector<Case>& cases) {
  for (const auto& mention : row["location_mentions"]) {
    if (!mention.contains("osm_json") || !mention["osm_json"].contains("lat")) continue;
    const auto& place = mention["osm_json"];
    const auto address = place.value("address", json::object());
    cases.push_back({.text = mention["text"].get<std::string>(),
                     .kind = mention.value("type", ""),
                     .country = upper(address.value("country_code", "")),
                     .point = Point{std::atof(place["lat"].get<std::string>().c_str()),
                                    std::atof(place["lon"].get<std::string>().c_str())}});
  }
}

std::string text_of(const json& row, const char* name) {
  return row.contains(name) && row[name].is_string() ? row[name].get<std::string>() : "";
}

/// Carmen: what stands in profiles, by the place that it means.
void add_aliases(const json& row, const Gazetteer& gazetteer, std::vector<Case>& cases) {
  std::string country = text_of(row, "countrycode");
  if (country.empty()) {
    PlaceNames names(gazetteer);
    const auto found = names.find(text_of(row, "country"));
    if (found.place && found.place->kind == NameKind::kCountry) {
      country = gazetteer.country_code(static_cast<std::uint16_t>(found.place->index));
    }
  }
  const std::string lat = text_of(row, "latitude");
  const std::string lon = text_of(row, "longitude");
  std::optional<Point> point;
  if (!lat.empty() && !lon.empty()) point = Point{std::atof(lat.c_str()), std::atof(lon.c_str())};
  std::vector<std::string> seen;
  for (const auto& alias : row["aliases"]) {
    const auto text = alias.get<std::string>();
    if (std::find(seen.begin(), seen.end(), text) != seen.end()) continue;
    seen.push_back(text);
    cases.push_back({.text = text,
                     .kind = text_of(row, "city").empty() ? "area" : "city",
                     .country = country,
                     .point = point});
  }
}

std::vector<Case> read_cases(const std::vector<std::string>& paths, const Gazetteer& gazetteer,
                             Split split) {
  std::vector<Case> cases;
  for (const auto& path : paths) {
    std::ifstream file(path);
    if (!file) {
      std::fprintf(stderr, "geo-eval: %s was not found\n", path.c_str());
      std::exit(66);
    }
    for (std::string line; std::getline(file, line);) {
      const json row = json::parse(line, nullptr, false);
      if (row.is_discarded()) continue;
      if (row.contains("location_mentions")) add_mentions(row, cases);
      if (row.contains("aliases")) add_aliases(row, gazetteer, cases);
    }
  }
  std::erase_if(cases,
                [&](const Case& c) { return c.country.empty() || !in_split(c.text, split); });
  return cases;
}

struct Score {
  std::size_t cases = 0;
  std::size_t found = 0;
  std::size_t country = 0;
  std::size_t with_point = 0;
  std::size_t near = 0;

  void print(const char* name) const {
    const auto share = [](std::size_t part, std::size_t whole) {
      return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
    };
    std::printf("%-30s %6zu  found %.3f  country %.3f  within 161 km %.3f\n", name, cases,
                share(found, cases), share(country, cases), share(near, with_point));
  }
};

/// Places with about the same confidence. One name may be half of them, and is right or wrong each
/// time it comes: how much they tell depends on how many different names there are.
struct Bin {
  struct Name {
    double cases = 0;
    double right = 0;
  };
  std::map<std::string, Name> names;  ///< In lower case.
  double confidence = 0;              ///< Summed over the cases.

  void print(const char* label) const {
    if (names.empty()) return;
    double cases = 0;
    double right = 0;
    double each_once = 0;
    for (const auto& [text, name] : names) {
      cases += name.cases;
      right += name.right;
      each_once += name.right / name.cases;
    }
    const double share = right / cases;
    // The standard error of a ratio, with the names drawn and not the cases (W. G. Cochran,
    // Sampling Techniques, 2.11).
    double squares = 0;
    for (const auto& [text, name] : names) {
      const double gap = name.right - share * name.cases;
      squares += gap * gap;
    }
    const auto count = static_cast<double>(names.size());
    const double error =
        count > 1 ? std::sqrt(squares * count / (count - 1)) / cases : std::sqrt(share);
    std::printf("%-10s  %6.0f   %.3f   %.3f  +- %.3f   %5zu   %.3f\n", label, cases,
                confidence / cases, share, 1.645 * error, names.size(), each_once / count);
  }
};

/// OpenStreetMap lists these under the United States; ISO 3166-1 gives them codes.
bool is_us_territory(std::string_view code) {
  return code == "PR" || code == "VI" || code == "GU" || code == "AS" || code == "MP";
}

struct Results {
  Score all;
  Score lenient;  ///< With the territories of the United States as parts of them.
  std::map<std::string, Score> kinds;
  std::array<Bin, 10> bins;
  Bin sure;
};

void count(const Case& c, const Finding& finding, const Gazetteer& gazetteer, Results& results) {
  constexpr double kNearKm = 161;  // 100 miles, as in the literature.
  const bool found = finding.location.has_value();
  const bool country = found && finding.location->country != format::kNone &&
                       gazetteer.country_code(finding.location->country) == c.country;
  const bool near =
      found && c.point && distance_km(*c.point, finding.location->area.centre) <= kNearKm;
  const bool territory = found && c.country == "US" && finding.location->country != format::kNone &&
                         is_us_territory(gazetteer.country_code(finding.location->country));
  for (Score* score : {&results.all, &results.lenient, &results.kinds[c.kind]}) {
    ++score->cases;
    score->found += found ? 1U : 0U;
    const bool right = country || (territory && score == &results.lenient);
    score->country += right ? 1U : 0U;
    score->with_point += c.point ? 1U : 0U;
    score->near += near ? 1U : 0U;
  }
  if (!found) return;
  const double confidence = static_cast<double>(finding.location->confidence_thousandths) / 1000;
  const auto bin = std::min<std::size_t>(static_cast<std::size_t>(confidence * 10), 9);
  const auto add = [&](Bin& to) {
    Bin::Name& name = to.names[lowered(c.text)];
    name.cases += 1;
    name.right += country ? 1 : 0;
    to.confidence += confidence;
  };
  add(results.bins[bin]);
  if (confidence >= 0.8) add(results.sure);
}

void print(const Results& results) {
  results.all.print("all");
  results.lenient.print("all, US with its territories");
  for (const auto& [kind, score] : results.kinds) score.print(kind.c_str());
  std::printf("\nconfidence  places  stated  country right    names  each name once\n");
  for (std::size_t i = 0; i < results.bins.size(); ++i) {
    std::array<char, 16> name{};
    std::snprintf(name.data(), name.size(), ".%zu to %s%zu", i, i == 9 ? "1." : ".",
                  i == 9 ? std::size_t{0} : i + 1);
    results.bins[i].print(name.data());
  }
  results.sure.print("from .8");
}

enum class Listed : std::uint8_t { kSums, kMistakes, kCases };

int run(const std::string& gazetteer_path, Split split, Listed listed, std::string_view language,
        const std::vector<std::string>& paths) {
  const auto gazetteer = Gazetteer::open(gazetteer_path);
  if (!gazetteer) {
    std::fprintf(stderr, "geo-eval: %s\n", gazetteer.error().message.c_str());
    return 78;
  }
  Locator locator(*gazetteer);
  Results results;
  for (const Case& c : read_cases(paths, *gazetteer, split)) {
    const Finding finding = locator.locate_text(c.text, {.language = language});
    count(c, finding, *gazetteer, results);
    if (listed == Listed::kSums) continue;
    const bool country = finding.location && finding.location->country != format::kNone &&
                         gazetteer->country_code(finding.location->country) == c.country;
    const double km =
        finding.location && c.point ? distance_km(*c.point, finding.location->area.centre) : -1;
    if (country && km <= 161 && listed == Listed::kMistakes) continue;
    std::printf(
        "%s\t%s\t%s\t%s\t%.3f\t%.0f km\n", c.text.c_str(), c.kind.c_str(), c.country.c_str(),
        finding.location && finding.location->country != format::kNone
            ? std::string(gazetteer->country_code(finding.location->country)).c_str()
            : std::string(finding.reason).c_str(),
        finding.location ? static_cast<double>(finding.location->confidence_thousandths) / 1000 : 0,
        km);
  }
  if (listed == Listed::kSums) print(results);
  return 0;
}

}  // namespace
}  // namespace rookery::geo_enrich

/// Prints the share of right countries and places, and whether confidence means what
/// it says. Exit status 64 for a wrong command line.
int main(int argc, char** argv) {
  using rookery::geo_enrich::Listed;
  using rookery::geo_enrich::Split;
  Split split = Split::kAll;
  Listed listed = Listed::kSums;
  std::string_view language;
  std::vector<std::string> paths;
  for (int i = 2; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--train") {
      split = Split::kTrain;
    } else if (argument == "--test") {
      split = Split::kTest;
    } else if (argument == "--mistakes") {
      listed = Listed::kMistakes;
    } else if (argument == "--cases") {
      listed = Listed::kCases;
    } else if (argument == "--language" && i + 1 < argc) {
      language = argv[++i];
    } else {
      paths.emplace_back(argument);
    }
  }
  if (paths.empty()) {
    std::fputs(
        "usage: geo-eval GAZETTEER [--train | --test] [--mistakes | --cases] [--language CODE] "
        "FILE...\n",
        stderr);
    return 64;
  }
  return rookery::geo_enrich::run(argv[1], split, listed, language, paths);
}
