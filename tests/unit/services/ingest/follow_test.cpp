// Folders and followed files.
#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>

#include "services/ingest/file_feed.hpp"
#include "tests/unit/services/ingest/folder.hpp"
#include "tests/unit/services/ingest/support.hpp"

namespace rookery::ingest {
namespace {

namespace fs = std::filesystem;
using Items = std::vector<std::string>;

void append(const std::string& path, std::string_view text) {
  std::ofstream(path, std::ios::app | std::ios::binary) << text;
}

FileFeed make(const std::string& path, Clock& clock,
              FileBytes::AtEnd at_end = FileBytes::AtEnd::kFinish) {
  return FileFeed({.paths = {path}, .limits = {}, .pace = {}, .at_end = at_end}, clock);
}

/// What `reads` reads give; a followed file never ends.
Items next(FileFeed& feed, int reads = 4) {
  Items items;
  for (int i = 0; i < reads; ++i) {
    const auto batch = feed.read(std::chrono::milliseconds(10), 1000);
    REQUIRE(batch);
    CHECK_FALSE(batch->finished);
    for (const auto item : batch->items) items.emplace_back(item);
  }
  return items;
}

TEST_CASE("a folder is all files below it, in order, without the hidden", "[feed]") {
  const Folder folder;
  folder.write("b/2.jsonl", "3\n");
  folder.write("a.jsonl", "1\n2");
  folder.write(".hidden", "x\n");
  folder.write(".git/x", "x\n");
  folder.write("c/empty", "");
  folder.write("d", "4\n");
  ManualClock clock;
  FileFeed feed = make(folder.path.string(), clock);
  CHECK(drain(feed) == Items{"1", "2", "3", "4"});
}

TEST_CASE("a folder goes on in the file of its position though others came before it", "[feed]") {
  const Folder folder;
  folder.write("b", "1\n2\n");
  folder.write("c", "3\n");
  ManualClock clock;
  FileFeed feed = make(folder.path.string(), clock);
  REQUIRE(feed.read(std::chrono::milliseconds(10), 1)->items.size() == 1);
  const auto position = feed.position();
  folder.write("a", "0\n");
  FileFeed again = make(folder.path.string(), clock);
  REQUIRE(again.seek(position));
  CHECK(drain(again) == Items{"2", "3"});
  fs::remove(folder.path / "b");
  FileFeed gone = make(folder.path.string(), clock);
  CHECK(gone.seek(position).error().code == "position_invalid");
}

TEST_CASE("an empty folder stops the start, unless it is followed", "[feed]") {
  const Folder folder;
  ManualClock clock;
  FileFeed feed = make(folder.path.string(), clock);
  CHECK(feed.seek(std::nullopt).error().code == "input_unreadable");
  FileFeed followed = make(folder.path.string(), clock, FileBytes::AtEnd::kFollow);
  REQUIRE(followed.seek(std::nullopt));
  CHECK(next(followed).empty());
  folder.write("first", "1\n");
  CHECK(next(followed) == Items{"1"});
}

TEST_CASE("a followed file gives whole lines as they come", "[feed]") {
  const Folder folder;
  ManualClock clock;
  const std::string path = folder.write("log", "1\n2");
  FileFeed feed = make(path, clock, FileBytes::AtEnd::kFollow);
  CHECK(next(feed) == Items{"1"});
  append(path, "2\n3\n");
  CHECK(next(feed) == Items{"22", "3"});
  CHECK(next(feed).empty());
  append(path, "4\n");
  CHECK(next(feed) == Items{"4"});
}

TEST_CASE("a followed file that is renamed and written anew loses no line", "[feed]") {
  const Folder folder;
  ManualClock clock;
  const std::string path = folder.write("log", "1\n");
  FileFeed feed = make(path, clock, FileBytes::AtEnd::kFollow);
  CHECK(next(feed) == Items{"1"});
  append(path, "2\nlast without a break");
  fs::rename(path, path + ".1");
  CHECK(next(feed) == Items{"2"});
  folder.write("log", "new\n");
  CHECK(next(feed) == Items{"last without a break", "new"});
}

TEST_CASE("a followed file that is cut short is read from its beginning", "[feed]") {
  const Folder folder;
  ManualClock clock;
  const std::string path = folder.write("log", "1\n2\n3\n");
  FileFeed feed = make(path, clock, FileBytes::AtEnd::kFollow);
  CHECK(next(feed) == Items{"1", "2", "3"});
  folder.write("log", "4\n");
  CHECK(next(feed) == Items{"4"});
}

TEST_CASE("a file that was replaced while nobody followed is read from its beginning", "[feed]") {
  const Folder folder;
  ManualClock clock;
  const std::string path = folder.write("log", "1\n2\n");
  std::string position;
  {
    FileFeed feed = make(path, clock, FileBytes::AtEnd::kFollow);
    CHECK(next(feed) == Items{"1", "2"});
    position = feed.position();
    append(path, "3\n");
    FileFeed again = make(path, clock, FileBytes::AtEnd::kFollow);
    REQUIRE(again.seek(position));
    CHECK(next(again) == Items{"3"});
  }
  fs::rename(path, path + ".1");
  folder.write("log", "new\n");
  FileFeed feed = make(path, clock, FileBytes::AtEnd::kFollow);
  REQUIRE(feed.seek(position));
  CHECK(next(feed) == Items{"new"});
}

TEST_CASE("a followed folder goes on in the next file", "[feed]") {
  const Folder folder;
  ManualClock clock;
  const std::string first = folder.write("2026-01-01", "1\n");
  FileFeed feed = make(folder.path.string(), clock, FileBytes::AtEnd::kFollow);
  CHECK(next(feed) == Items{"1"});
  append(first, "2\n");
  folder.write("2026-01-02", "3\n");
  CHECK(next(feed) == Items{"2", "3"});
}

}  // namespace
}  // namespace rookery::ingest
