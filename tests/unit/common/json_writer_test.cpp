#include "common/records/json_writer.hpp"

#include <cmath>
#include <limits>

#include <catch2/catch.hpp>

namespace rookery::json {
namespace {

std::string quoted(std::string_view text) {
  std::string out;
  append_string(out, text);
  return out;
}

std::string thousandths(std::int64_t value) {
  std::string out;
  append_thousandths(out, value);
  return out;
}

std::string number(double value) {
  std::string out;
  append_number(out, value);
  return out;
}

TEST_CASE("a string is escaped as RFC 8259 asks, and no more", "[json]") {
  CHECK(quoted("") == R"("")");
  CHECK(quoted("plain") == R"("plain")");
  CHECK(quoted("a\"b\\c/d") == R"("a\"b\\c/d")");
  CHECK(quoted("line\nbreak\ttab\r\b\f") == R"("line\nbreak\ttab\r\b\f")");
  CHECK(quoted(std::string_view("\0\x1f\x7f", 3)) == "\"\\u0000\\u001f\x7f\"");
  CHECK(quoted("Zürich 🇨🇭") == "\"Zürich 🇨🇭\"");
}

TEST_CASE("an escape is found wherever it stands", "[json]") {
  for (std::size_t size = 1; size <= 40; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      for (const std::string_view fill : {"a", "!", "~", "\x7f"}) {
        std::string text;
        for (std::size_t i = 0; i < size; ++i) text += fill;
        const std::string plain = text;
        text[at] = '"';
        CHECK(quoted(text) == "\"" + plain.substr(0, at) + "\\\"" + plain.substr(at + 1) + "\"");
        text[at] = '\x1f';
        CHECK(quoted(text) == "\"" + plain.substr(0, at) + "\\u001f" + plain.substr(at + 1) + "\"");
        text[at] = '\\';
        CHECK(quoted(text) == "\"" + plain.substr(0, at) + "\\\\" + plain.substr(at + 1) + "\"");
      }
    }
  }
}

TEST_CASE("thousandths are written without floating point", "[json]") {
  CHECK(thousandths(0) == "0");
  CHECK(thousandths(1) == "0.001");
  CHECK(thousandths(-1) == "-0.001");
  CHECK(thousandths(120) == "0.12");
  CHECK(thousandths(1000) == "1");
  CHECK(thousandths(-12345) == "-12.345");
  CHECK(thousandths(std::numeric_limits<std::int64_t>::min()) == "-9223372036854775.808");
}

TEST_CASE("a double is written so that it reads back", "[json]") {
  CHECK(number(0.1) == "0.1");
  CHECK(number(-0.0) == "0");
  CHECK(number(1e300) == "1e+300");
  CHECK(number(std::nan("")) == "0");
  CHECK(number(std::numeric_limits<double>::infinity()) == "0");
}

TEST_CASE("an object writes its commas and closes itself", "[json]") {
  std::string out;
  {
    ObjectWriter post(out);
    post.string("id", "1");
    {
      ObjectWriter author = post.object("author");
      author.string("name", "A");
      author.boolean("verified", true);
    }
    ArrayWriter tags(post.value("tags"));
    tags.string("x");
    tags.string("y");
    tags.close();
    post.time("created_at", WallTime(std::chrono::milliseconds(1)));
  }
  CHECK(out == R"({"id":"1","author":{"name":"A","verified":true},"tags":["x","y"],)"
               R"("created_at":"1970-01-01T00:00:00.001Z"})");
}

}  // namespace
}  // namespace rookery::json
