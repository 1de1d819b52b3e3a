#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

#include <catch2/catch.hpp>

#include "services/geo-enrich/compile/compiler.hpp"
#include "services/geo-enrich/gazetteer/gazetteer.hpp"

namespace rookery::geo_enrich {

/// The gazetteer of the build.
inline Gazetteer world() {
  auto gazetteer = Gazetteer::open(ROOKERY_GAZETTEER);
  REQUIRE(gazetteer);
  return *std::move(gazetteer);
}

/// A file of this test run, removed at the end.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& bytes) : path_(make_path()) {
    std::ofstream(path_, std::ios::binary)
        .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }
  ~TemporaryFile() { std::filesystem::remove(path_); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  static std::string make_path() {
    std::string pattern = std::filesystem::temp_directory_path() / "rookery-geo-XXXXXX";
    const int file = ::mkstemp(pattern.data());
    REQUIRE(file >= 0);
    ::close(file);
    return pattern;
  }
  std::string path_;
};

/// Two countries side by side at the equator: AA from 0 to 2 degrees east with a
/// hole, which is CC; BB from 2 to 4 degrees east. Sea around.
inline Source small_world() {
  const auto square = [](std::string country, std::int64_t west, std::int64_t south,
                         std::int64_t side) {
    return Source::Ring{
        std::move(country),
        {{west, south}, {west + side, south}, {west + side, south + side}, {west, south + side}}};
  };
  return {.countries = {{"BB", "Beeland"}, {"AA", "Ayland"}, {"CC", "Ceeland"}},
          .admin1 = {{"AA.1", "Ay North"}},
          .cities = {{.geonames_id = 7,
                      .name = "Ay",
                      .lat = 1.9,
                      .lon = 1.9,
                      .kind = "PPL",
                      .country = "AA",
                      .admin1 = "1",
                      .population = 5,
                      .time_zone = "Etc/UTC"},
                     {.geonames_id = 8,
                      .name = "Bee",
                      .lat = 1.9,
                      .lon = 2.1,
                      .kind = "PPL",
                      .country = "BB",
                      .admin1 = "",
                      .population = 5,
                      .time_zone = "Etc/UTC"}},
          .rings = {square("AA", 0, 0, 2000), square("AA", 900, 900, 200),
                    square("CC", 900, 900, 200), square("BB", 2000, 0, 2000)},
          .zone_offsets = {{"Etc/UTC", 0}}};
}

}  // namespace rookery::geo_enrich
