// Every record that the parser makes is read by protobuf's own strict parser,
// and its entities lie where they say.
#include <algorithm>
#include <filesystem>

#include <catch2/catch.hpp>
#include <google/protobuf/util/json_util.h>
#include <rookery/v1/raw_tweets.pb.h>

#include "common/records/timestamp.hpp"
#include "services/ingest/file_feed.hpp"
#include "services/ingest/simulator_feed.hpp"
#include "tests/unit/services/ingest/support.hpp"

namespace rookery::ingest {
namespace {

namespace fs = std::filesystem;

struct Seen {
  int records = 0;
  int spans = 0;
  int elsewhere = 0;  ///< Spans that do not cover their hashtag.
  std::string example;
};

/// The bytes of code points [start, end) of `text`.
std::string_view slice(std::string_view text, std::uint32_t start, std::uint32_t end) {
  std::uint32_t index = 0;
  std::size_t begin = text.size();
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xc0U) == 0x80U) continue;
    if (index == start) begin = i;
    if (index == end) return text.substr(begin, i - begin);
    ++index;
  }
  return text.substr(begin);
}

void check_record(std::string_view json, Seen& seen) {
  v1::RawTweet record;
  const auto status = google::protobuf::util::JsonStringToMessage(std::string(json), &record);
  INFO(json);
  INFO(status.ToString());
  REQUIRE(status.ok());
  ++seen.records;
  for (const auto& tag : record.entities().hashtags()) {
    if (tag.end() == 0) continue;
    ++seen.spans;
    const auto covered = slice(record.text(), tag.start(), tag.end());
    if (covered == "#" + tag.tag() || covered == "\uff03" + tag.tag()) continue;
    ++seen.elsewhere;
    seen.example = std::string(covered) + " for " + tag.tag() + " in " + record.text();
  }
}

Seen check(Feed& feed, LineFormat format) {
  Seen seen;
  PostParser parser({.format = format});
  Outputs out;
  for (const auto& line : drain(feed)) {
    out.clear();
    if (!parser.parse(line, out)) continue;
    for (std::size_t i = 0; i < out.size(); ++i) {
      if (out.at(i).value) check_record(*out.at(i).value, seen);
    }
  }
  return seen;
}

Seen check_files(std::vector<std::string> paths) {
  ManualClock clock;
  FileFeed feed({.paths = std::move(paths), .limits = {}, .pace = {}}, clock);
  return check(feed, LineFormat::kAuto);
}

TEST_CASE("records of the goldens and the sample keep the contract", "[contract]") {
  const Seen seen =
      check_files({"tests/golden/ingest/v1.in.jsonl", "tests/golden/ingest/v2.in.jsonl",
                   "tests/fixtures/sample/sample.v2.jsonl"});
  CHECK(seen.records > 300);
  CHECK(seen.spans > 200);
  INFO(seen.example);
  CHECK(seen.elsewhere == 0);
}

TEST_CASE("records of the simulator keep the contract", "[contract]") {
  ManualClock clock;
  SimulatorFeed feed(
      {.seed = 3, .posts = 3000, .rate = 50, .start = *parse_rfc3339("2026-01-01T00:00:00Z")}, {},
      clock);
  const Seen seen = check(feed, LineFormat::kRecord);
  CHECK(seen.records > 2900);
  CHECK(seen.spans > 2000);
  INFO(seen.example);
  CHECK(seen.elsewhere == 0);
}

TEST_CASE("records of real lines keep the contract", "[contract][corpus]") {
  const fs::path data = "../shared/data/tweets";
  if (!fs::exists(data)) {
    WARN("skipped: " << data << " is not here");
    return;
  }
  std::vector<std::string> paths;
  for (const auto* folder :
       {"stream_2013", "stream_2017", "utwente_tweets", "variants_v11", "twarc_csv_v2"}) {
    for (const auto& entry : fs::directory_iterator(data / folder)) {
      const auto name = entry.path().extension();
      if (name == ".bz2" || name == ".gz" || name == ".jsonl") paths.push_back(entry.path());
    }
  }
  std::sort(paths.begin(), paths.end());
  const Seen seen = check_files(paths);
  CHECK(seen.records > 14'000);
  CHECK(seen.spans > 4000);
  INFO(seen.example);
  CHECK(seen.elsewhere == 0);
}

}  // namespace
}  // namespace rookery::ingest
