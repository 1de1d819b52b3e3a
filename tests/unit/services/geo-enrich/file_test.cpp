#include "services/geo-enrich/gazetteer/file.hpp"

#include <cstring>

#include <catch2/catch.hpp>

#include "tests/unit/services/geo-enrich/sample.hpp"

namespace rookery::geo_enrich {
namespace {

std::string sample_bytes() {
  auto bytes = compile(small_world());
  REQUIRE(bytes);
  return *std::move(bytes);
}

/// Puts the checksum right after a change, to come to the checks behind it.
std::string sealed(std::string bytes) {
  const auto body = std::as_bytes(std::span(bytes)).subspan(sizeof(format::Header));
  const std::uint64_t checksum = format::checksum(body);
  std::memcpy(bytes.data() + offsetof(format::Header, checksum), &checksum, sizeof checksum);
  return bytes;
}

std::string with_byte(std::string bytes, std::size_t at, char value) {
  bytes[at] = value;
  return bytes;
}

void check_refused(const std::string& bytes, std::string_view code, const std::string& said) {
  const TemporaryFile file(bytes);
  const auto opened = Gazetteer::open(file.path());
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code == code);
  CHECK(opened.error().disposition == Disposition::kMisconfigured);
  CHECK_THAT(opened.error().message, Catch::Contains(file.path()) && Catch::Contains(said));
}

TEST_CASE("a gazetteer that is not there is named", "[file]") {
  const auto opened = Gazetteer::open("/nonexistent/gazetteer.bin");
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code == "gazetteer_missing");
  CHECK_THAT(opened.error().message, Catch::Contains("/nonexistent/gazetteer.bin"));
  const auto folder = Gazetteer::open("/tmp");
  REQUIRE_FALSE(folder);
  CHECK(folder.error().code == "gazetteer_missing");
}

TEST_CASE("a file that is cut off or grown is refused", "[file]") {
  const std::string whole = sample_bytes();
  check_refused("", "gazetteer_truncated", "got 0");
  check_refused(whole.substr(0, sizeof(format::Header) - 1), "gazetteer_truncated", "got 31");
  check_refused(whole.substr(0, sizeof(format::Header)), "gazetteer_truncated", "got 32");
  check_refused(whole.substr(0, whole.size() - 1), "gazetteer_truncated", "expected");
  check_refused(whole + '\0', "gazetteer_truncated", "expected");
}

TEST_CASE("a file of another kind or version is refused", "[file]") {
  const std::string whole = sample_bytes();
  check_refused(std::string(1000, 'x'), "gazetteer_version", "not a gazetteer");
  check_refused(with_byte(whole, offsetof(format::Header, version), 2), "gazetteer_version",
                "expected version 4, got 2");
}

TEST_CASE("one changed byte anywhere behind the header is noticed", "[file]") {
  const std::string whole = sample_bytes();
  const std::size_t step = whole.size() / 50;
  for (std::size_t at = sizeof(format::Header); at < whole.size(); at += step) {
    check_refused(with_byte(whole, at, static_cast<char>(whole[at] ^ 4)), "gazetteer_checksum",
                  "checksum");
  }
}

TEST_CASE("a file that leads astray is refused in spite of its checksum", "[file]") {
  const std::string whole = sample_bytes();
  format::Header header{};
  std::memcpy(&header, whole.data(), sizeof header);
  for (std::uint32_t i = 0; i < header.section_count; ++i) {
    const std::size_t entry = sizeof header + i * sizeof(format::Section);
    const std::size_t offset = entry + offsetof(format::Section, offset);
    check_refused(sealed(with_byte(whole, offset + 6, 1)), "gazetteer_malformed", "outside");
    check_refused(sealed(with_byte(whole, offset, static_cast<char>(whole[offset] ^ 1))),
                  "gazetteer_malformed", "outside");
    // Renamed: to the reader the section is not there. Divisions may be none.
    const std::string_view name(whole.data() + entry, 6);
    if (name != "admin1") {
      check_refused(sealed(with_byte(whole, entry, '?')), "gazetteer_malformed", "missing");
    }
    // Filled with ones: all references lead astray.
    format::Section section{};
    std::memcpy(&section, whole.data() + entry, sizeof section);
    std::string ones = whole;
    std::memset(ones.data() + section.offset, 0xff, section.size);
    const TemporaryFile file(sealed(ones));
    // A table of names with nothing but free slots is a whole one, without names.
    const bool no_names = std::string_view(section.name.data()) == "names";
    CHECK(Gazetteer::open(file.path()).has_value() == no_names);
  }
  check_refused(sealed(with_byte(whole, offsetof(format::Header, section_count) + 3, 1)),
                "gazetteer_malformed", "cut off");
}

TEST_CASE("a section that this version does not know is left alone", "[file]") {
  std::string bytes = sample_bytes();
  format::Header header{};
  std::memcpy(&header, bytes.data(), sizeof header);
  // One more entry moves all sections on by its own size.
  for (std::uint32_t i = 0; i < header.section_count; ++i) {
    const std::size_t at =
        sizeof header + i * sizeof(format::Section) + offsetof(format::Section, offset);
    std::uint64_t offset = 0;
    std::memcpy(&offset, bytes.data() + at, sizeof offset);
    offset += sizeof(format::Section);
    std::memcpy(bytes.data() + at, &offset, sizeof offset);
  }
  const format::Section later{.name = {'l', 'a', 't', 'e', 'r'},
                              .offset = bytes.size() + sizeof(format::Section),
                              .size = 8};
  bytes.insert(sizeof header, reinterpret_cast<const char*>(&later), sizeof later);
  bytes.append(8, 'x');
  ++header.section_count;
  header.file_size = bytes.size();
  std::memcpy(bytes.data(), &header, sizeof header);
  const TemporaryFile file(sealed(bytes));
  const auto gazetteer = Gazetteer::open(file.path());
  REQUIRE(gazetteer);
  CHECK(gazetteer->country_name(gazetteer->country_of("BB")) == "Beeland");
}

TEST_CASE("a mapped file can be moved", "[file]") {
  const TemporaryFile file(sample_bytes());
  auto first = GazetteerFile::open(file.path());
  REQUIRE(first);
  GazetteerFile second = *std::move(first);
  CHECK_FALSE(second.section<format::Country>("country").empty());
  auto third = GazetteerFile::open(file.path());
  REQUIRE(third);
  second = *std::move(third);
  CHECK_FALSE(second.section<format::Country>("country").empty());
  CHECK(second.section<format::Country>("nothing").empty());
}

}  // namespace
}  // namespace rookery::geo_enrich
