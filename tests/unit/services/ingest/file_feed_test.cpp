#include "services/ingest/file_feed.hpp"

#include <filesystem>
#include <random>

#include <bzlib.h>
#include <catch2/catch.hpp>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "services/ingest/codec.hpp"
#include "tests/unit/services/ingest/folder.hpp"
#include "tests/unit/services/ingest/support.hpp"

namespace rookery::ingest {
namespace {

std::string gzip(std::string_view text) {
  std::string out(compressBound(text.size()) + 64, '\0');
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, 6, Z_DEFLATED, 16 + 15, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<unsigned>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<unsigned>(out.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string bzip2(std::string_view text) {
  std::string out(text.size() + text.size() / 100 + 600, '\0');
  auto size = static_cast<unsigned>(out.size());
  REQUIRE(BZ2_bzBuffToBuffCompress(out.data(), &size, const_cast<char*>(text.data()),
                                   static_cast<unsigned>(text.size()), 1, 0, 0) == BZ_OK);
  out.resize(size);
  return out;
}

std::string zstd(std::string_view text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

using Compress = std::string (*)(std::string_view);
std::string plain(std::string_view text) {
  return std::string(text);
}

/// Text in two members, where the format knows members.
std::string members(Compress compress, std::string_view text) {
  const std::size_t middle = text.size() / 2;
  return compress(text.substr(0, middle)) + compress(text.substr(middle));
}

FileFeed make(std::vector<std::string> paths, Clock& clock, std::size_t line_bytes_max = 1000,
              Pace::Options pace = {}) {
  return FileFeed({.paths = std::move(paths),
                   .limits = {.line_bytes_max = line_bytes_max, .fill_bytes = 5000},
                   .pace = pace},
                  clock);
}

TEST_CASE("lines are cut wherever they end", "[feed]") {
  struct Case {
    std::string text;
    std::vector<std::string> lines;
  };
  const auto c =
      GENERATE(Case{"", {}}, Case{"\n", {}}, Case{"\r\n\r\n", {}}, Case{"a", {"a"}},
               Case{"a\n", {"a"}}, Case{"a\r\nb\r\n", {"a", "b"}}, Case{"a\n\nb", {"a", "b"}},
               Case{"a\r", {"a"}}, Case{"\xef\xbb\xbf{}\nb\n", {"{}", "b"}},
               Case{"a\n\xef\xbb\xbf"
                    "b\n",
                    {"a",
                     "\xef\xbb\xbf"
                     "b"}},
               Case{"\xef\xbb\xbf", {}}, Case{"a\rb\n", {"a\rb"}},
               Case{std::string(1000, 'x') + "\ny\n", {std::string(1000, 'x'), "y"}},
               Case{std::string(1001, 'x') + "\ny\n", {std::string(1001, 'x'), "y"}},
               Case{std::string(900'000, 'x') + "\ny\n", {std::string(1001, 'x'), "y"}},
               Case{"w\n" + std::string(900'000, 'x'), {"w", std::string(1001, 'x')}});
  const auto compress = GENERATE(&plain, &gzip, &bzip2, &zstd);
  const Folder folder;
  ManualClock clock;
  FileFeed feed = make({folder.write("f", compress(c.text))}, clock);
  CHECK(drain(feed) == c.lines);
}

TEST_CASE("a feed that is stopped anywhere goes on exactly there", "[feed]") {
  std::mt19937 random(7);
  std::string text;
  for (int i = 0; i < 3000; ++i) {
    text.append(random() % 50, static_cast<char>('a' + i % 26));
    text.append(i % 3 == 0 ? "\r\n" : "\n");
  }
  text.append("last, without a line break");
  const auto compress = GENERATE(&plain, &gzip, &bzip2, &zstd);
  const Folder folder;
  ManualClock clock;
  const std::vector<std::string> paths = {folder.write("a", members(compress, text)),
                                          folder.write("b", compress("")),
                                          folder.write("c", compress("x\ny\n"))};
  FileFeed whole = make(paths, clock);
  const auto expected = drain(whole);
  REQUIRE(expected.back() == "y");
  std::vector<std::string> seen;
  std::optional<std::string> position;
  bool finished = false;
  while (!finished) {
    FileFeed feed = make(paths, clock);
    REQUIRE(feed.seek(position));
    for (int reads = static_cast<int>(random() % 4); reads >= 0 && !finished; --reads) {
      const auto batch = feed.read(std::chrono::milliseconds(0), 1 + random() % 300);
      REQUIRE(batch);
      for (const auto item : batch->items) seen.emplace_back(item);
      finished = batch->finished;
    }
    position = feed.position();
  }
  CHECK(seen == expected);
}

TEST_CASE("the position counts bytes of the decompressed file and all lines", "[feed]") {
  const Folder folder;
  ManualClock clock;
  FileFeed feed = make({folder.write("f", gzip("a\r\n\nbb\n"))}, clock);
  CHECK(feed.position() == R"({"file":0,"byte":0,"line":0})");
  REQUIRE(feed.read(std::chrono::milliseconds(0), 1)->items.size() == 1);
  CHECK(feed.position() == R"({"file":0,"byte":3,"line":1})");
  REQUIRE(feed.read(std::chrono::milliseconds(0), 1)->finished);
  CHECK(feed.position() == R"({"file":0,"byte":7,"line":3})");
  REQUIRE(feed.read(std::chrono::milliseconds(0), 1)->items.empty());
}

TEST_CASE("the position behind a skipped line counts all of it", "[feed]") {
  const Folder folder;
  ManualClock clock;
  FileFeed feed = make({folder.write("f", std::string(900'000, 'x') + "\ny\n")}, clock);
  REQUIRE(feed.read(std::chrono::milliseconds(0), 1)->items.size() == 1);
  CHECK(feed.position() == R"({"file":0,"byte":900001,"line":1})");
  REQUIRE(feed.seek(feed.position()));
  CHECK(drain(feed) == std::vector<std::string>{"y"});
}

TEST_CASE("a position that is not of these files stops the start", "[feed]") {
  const Folder folder;
  ManualClock clock;
  FileFeed feed = make({folder.write("f", "abc\ndef\n")}, clock);
  CHECK(feed.seek(R"({"file":0,"byte":8,"line":2})"));
  const auto position =
      GENERATE(R"({"file":0,"byte":2,"line":0})", R"({"file":0,"byte":9,"line":2})",
               R"({"file":1,"byte":0,"line":0})", R"({"file":0})", "7", "");
  INFO(position);
  const auto result = feed.seek(position);
  REQUIRE_FALSE(result);
  CHECK(result.error().code == "position_invalid");
  CHECK(result.error().disposition == Disposition::kMisconfigured);
}

TEST_CASE("a file that is not there stops the start and is named", "[feed]") {
  const Folder folder;
  ManualClock clock;
  const std::string path = (folder.path / "none").string();
  FileFeed feed = make({folder.write("f", "a\n"), path}, clock);
  const auto result = feed.seek(std::nullopt);
  REQUIRE_FALSE(result);
  CHECK(result.error().code == "input_unreadable");
  CHECK(result.error().disposition == Disposition::kMisconfigured);
  CHECK_THAT(result.error().message, Catch::Matchers::Contains(path));
}

TEST_CASE("a truncated file gives its whole lines and then an error", "[feed]") {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text.append(std::to_string(i * 7919)).append("\n");
  const auto compress = GENERATE(&gzip, &bzip2, &zstd);
  std::string bytes = compress(text);
  bytes.resize(bytes.size() * 3 / 4);
  const Folder folder;
  ManualClock clock;
  const std::string path = folder.write("f", bytes);
  FileFeed feed = make({path}, clock);
  std::string seen;
  while (true) {
    const auto batch = feed.read(std::chrono::milliseconds(0), 1000);
    if (!batch) {
      CHECK(batch.error().code == "input_corrupt");
      CHECK(batch.error().disposition == Disposition::kMisconfigured);
      CHECK_THAT(batch.error().message, Catch::Matchers::Contains(path));
      break;
    }
    REQUIRE_FALSE(batch->finished);
    for (const auto item : batch->items) seen.append(item).append("\n");
  }
  CHECK(seen.size() > 1000);
  CHECK(text.substr(0, seen.size()) == seen);
  // Once the file is whole, reading goes on where it stopped.
  folder.write("f", compress(text));
  FileFeed repaired = make({path}, clock);
  REQUIRE(repaired.seek(feed.position()));
  for (const auto& item : drain(repaired)) seen.append(item).append("\n");
  CHECK(seen == text);
}

TEST_CASE("damaged compressed data are an error, not garbage", "[feed]") {
  const auto compress = GENERATE(&gzip, &bzip2, &zstd);
  const Folder folder;
  ManualClock clock;
  FileFeed feed = make({folder.write("f", compress("a\nb\n") + "trailing garbage")}, clock);
  CHECK(drain(feed).back() == "error input_corrupt");
  // gzip(1) pads with zeros for tapes.
  FileFeed padded = make({folder.write("g", gzip("a\n") + std::string(512, '\0'))}, clock);
  CHECK(drain(padded) == std::vector<std::string>{"a"});
}

TEST_CASE("a file that expands a thousandfold is read in little memory", "[feed]") {
  const Folder folder;
  ManualClock clock;
  FileFeed feed = make({folder.write("f", gzip(std::string(50'000'000, 'x') + "\ny\n"))}, clock);
  CHECK(drain(feed) == std::vector<std::string>{std::string(1001, 'x'), "y"});
}

TEST_CASE("compression is told by the first bytes alone", "[feed]") {
  CHECK(compression_of("{\"id\"") == Compression::kNone);
  CHECK(compression_of("\x1f\x8b\x08") == Compression::kGzip);
  CHECK(compression_of("\x1f") == Compression::kUndecided);
  CHECK(compression_of("BZh91AY&SY") == Compression::kBzip2);
  CHECK(compression_of("BZh9\x17\x72\x45\x38\x50\x90") == Compression::kBzip2);
  CHECK(compression_of("BZh5, he said") == Compression::kNone);
  CHECK(compression_of("BZ") == Compression::kUndecided);
  CHECK(compression_of("\x28\xb5\x2f\xfd") == Compression::kZstd);
  CHECK(compression_of("\x52\x2a\x4d\x18") == Compression::kZstd);
  CHECK(compression_of("Path") == Compression::kNone);
  CHECK(compression_of("") == Compression::kUndecided);
}

TEST_CASE("a rate holds lines back", "[feed]") {
  const Folder folder;
  ManualClock clock;
  std::string text;
  for (int i = 0; i < 100; ++i) text.append("line\n");
  FileFeed feed = make({folder.write("f", text)}, clock, 1000, {.rate = 20});
  CHECK(drain(feed).size() == 100);
  CHECK(clock.elapsed >= std::chrono::milliseconds(4900));
  CHECK(clock.elapsed <= std::chrono::milliseconds(5100));
}

TEST_CASE("posts keep their own pace, whatever their format", "[feed]") {
  const Folder folder;
  ManualClock clock;
  const std::string text = R"({"data":{"created_at":"2026-11-21T10:00:00Z"}})"
                           "\n"
                           R"({"created_at":"Sat Nov 21 10:00:10 +0000 2026"})"
                           "\n"
                           "no time\n"
                           R"({"data":[{"created_at":"2026-11-21T10:00:05Z"}]})"
                           "\n"
                           R"({"created_at":"2026-11-21T10:00:20Z"})"
                           "\n";
  FileFeed feed = make({folder.write("f", text)}, clock, 1000, {.speed = 2});
  CHECK(drain(feed).size() == 5);
  CHECK(clock.elapsed >= std::chrono::milliseconds(10'000));
  CHECK(clock.elapsed <= std::chrono::milliseconds(10'200));
}

}  // namespace
}  // namespace rookery::ingest
