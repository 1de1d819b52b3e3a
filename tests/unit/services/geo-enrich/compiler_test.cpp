#include "services/geo-enrich/compile/compiler.hpp"

#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>

#include "tests/unit/services/geo-enrich/sample.hpp"

namespace rookery::geo_enrich {
namespace {

/// A folder with the small world's tables, one of them replaced.
class DataFolder {
 public:
  explicit DataFolder(const std::string& replaced = "", const std::string& text = "") {
    std::string pattern = std::filesystem::temp_directory_path() / "rookery-geo-XXXXXX";
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
    write("countries.tsv", "#code\tname\nAA\tAyland\n");
    write("admin1.tsv", "#code\tname\nAA.1\tAy North\n");
    write("cities_west.tsv", "7\tAy\t1.5\t1.5\tPPL\tAA\t1\t5\tEtc/UTC\n");
    write("cities_east.tsv", "8\tBy\t0.5\t0.5\tPPL\tAA\t\t5\tEtc/UTC\n");
    write("borders.tsv", "AA\t0 0 2000 0 0 2000 -2000 0\n");
    write("names_latin.tsv", "7\tOld Ay|Ayburg\n");
    write("names_greek_cyrillic.tsv", "7\tАй\n");
    write("names_other.tsv", "");
    write("country_names.tsv", "AA\tAAA\t900\taa,bb\tLand of Ay|Ayreich\n");
    write("divisions.tsv", "AA.1\t1.5\t1.5\t40\tAN\tNorth of Ay\n");
    write("nicknames.tsv", "city 7\tthe big y\nnowhere -\tthe clouds\n");
    for (const char* part : {"americas_west", "americas_east", "middle", "east", "far_east"}) {
      write("towns_" + std::string(part) + ".tsv", "");
    }
    write("towns_west.tsv", "9\tHamlet\t0.7\t0.7\tAA\t1\t1200\t\t\n");
    write("counties.tsv", "Ay Province\t0.7\t0.7\tAA\t1\t9\t1205\n");
    write("words.tsv", "#word\nby\n");
    write("zone_offsets.tsv", "Etc/UTC\t0\nEtc/GMT-3\t180\n");
    write("zone_names.tsv", "Ay Time\tEtc/GMT-3\n");
    if (!replaced.empty()) write(replaced, text);
  }
  ~DataFolder() { std::filesystem::remove_all(path_); }
  DataFolder(const DataFolder&) = delete;
  DataFolder& operator=(const DataFolder&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  void write(const std::string& name, const std::string& text) {
    std::ofstream(path_ + "/" + name) << text;
  }
  std::string path_;
};

TEST_CASE("what was compiled is what is read", "[compiler]") {
  const DataFolder folder;
  const auto source = read_source(folder.path());
  REQUIRE(source);
  const auto bytes = compile(*source);
  REQUIRE(bytes);
  const TemporaryFile file("");
  REQUIRE(write_file(file.path(), *bytes));
  const auto gazetteer = Gazetteer::open(file.path());
  REQUIRE(gazetteer);
  CHECK(gazetteer->country_name(gazetteer->country_of("AA")) == "Ayland");
  CHECK(gazetteer->country_of("ZZ") == format::kNone);
  CHECK(gazetteer->country_of("") == format::kNone);
  CHECK(gazetteer->country_of("AAA") == format::kNone);
  const Spot spot = gazetteer->find({1.4, 1.4});
  REQUIRE(spot.city);
  const auto& city = gazetteer->city(spot.city->index);
  CHECK(gazetteer->city_name(city) == "Ay");
  CHECK(gazetteer->admin1_name(city) == "Ay North");
  CHECK(gazetteer->time_zone(city) == "Etc/UTC");
  CHECK(gazetteer->zone_minutes("Etc/UTC") == 0);
  CHECK(gazetteer->zone_minutes("Ay Time") == 180);
  CHECK_FALSE(gazetteer->zone_minutes("Ay"));
  CHECK_FALSE(gazetteer->zone_minutes(""));
  const auto& other = gazetteer->city(gazetteer->find({0.5, 0.5}).city->index);
  CHECK(gazetteer->admin1_name(other).empty());
}

TEST_CASE("a part of a city is not a city", "[compiler]") {
  Source source = small_world();
  source.cities[0].kind = "PPLX";
  const auto bytes = compile(source);
  REQUIRE(bytes);
  const TemporaryFile file(*bytes);
  const auto gazetteer = Gazetteer::open(file.path());
  REQUIRE(gazetteer);
  CHECK(gazetteer->city_table().size() == 1);
  CHECK_FALSE(gazetteer->find({1.9, 1.9}).city);
}

TEST_CASE("the same source gives the same bytes", "[compiler]") {
  CHECK(*compile(small_world()) == *compile(small_world()));
}

TEST_CASE("a row that makes no sense is named with file and line", "[compiler]") {
  struct Case {
    std::string file;
    std::string text;
  };
  const auto c =
      GENERATE(Case{"countries.tsv", "#\nAAA\tAyland\n"}, Case{"countries.tsv", "#\nAA\n"},
               Case{"cities_west.tsv", "#\n7\tAy\t91\t1.5\tPPL\tAA\t1\t5\tEtc/UTC\n"},
               Case{"cities_west.tsv", "#\n7\tAy\tnan\t1.5\tPPL\tAA\t1\t5\tEtc/UTC\n"},
               Case{"cities_east.tsv", "#\nx\tAy\t9\t1.5\tPPL\tAA\t1\t5\tEtc/UTC\n"},
               Case{"cities_east.tsv", "#\n7\tAy\t9\t1.5\tPPL\tAA\t1\t5\n"},
               Case{"borders.tsv", "#\nAA\t0 0 1 1\n"}, Case{"borders.tsv", "#\nAA\t0 0 1 1 2\n"},
               Case{"borders.tsv", "#\nAA\t0 0 1 one 1 1\n"},
               Case{"borders.tsv", "#\nAA\t180000 0 1 1 1 1\n"},
               Case{"zone_offsets.tsv", "#\nEtc/UTC\tnoon\n"},
               Case{"zone_offsets.tsv", "#\nEtc/UTC\t841\n"});
  const DataFolder folder(c.file, c.text);
  const auto source = read_source(folder.path());
  REQUIRE_FALSE(source);
  CHECK(source.error().code == "source_malformed");
  CHECK_THAT(source.error().message, Catch::Contains(c.file + ":2"));
}

TEST_CASE("a country or a time zone without a row in its table is named", "[compiler]") {
  Source source = small_world();
  source.rings[0].country = "QQ";
  CHECK(compile(source).error().message == "country \"QQ\" is not in countries.tsv");
  source = small_world();
  source.cities[0].country = "QQ";
  CHECK(compile(source).error().code == "source_malformed");
  source = small_world();
  source.zone_names = {{"Ay Time", "Etc/Nowhere"}};
  CHECK(compile(source).error().message == "time zone \"Etc/Nowhere\" is not in zone_offsets.tsv");
}

TEST_CASE("files that are missing or cannot be written are errors", "[compiler]") {
  CHECK(read_source("/nonexistent").error().code == "source_missing");
  CHECK(write_file("/proc/nonexistent/file", "x").error().code == "output_failed");
}

}  // namespace
}  // namespace rookery::geo_enrich
