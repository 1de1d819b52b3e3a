// Runs the parser over real lines, which lie outside of the repository because
// they may not be passed on.
#include <filesystem>
#include <map>
#include <set>

#include <catch2/catch.hpp>

#include "common/records/post_reader.hpp"
#include "services/ingest/file_feed.hpp"
#include "tests/unit/services/ingest/support.hpp"

namespace rookery::ingest {
namespace {

namespace fs = std::filesystem;

const fs::path kData = "../shared/data/tweets";

struct Counts {
  std::size_t lines = 0;
  std::size_t posts = 0;
  std::size_t deletions = 0;
  std::size_t demands = 0;
  std::size_t notices = 0;
  std::size_t tags_outside = 0;
  std::map<std::string, std::size_t> refused;
  std::map<std::string, std::string> example;
  std::map<std::string, std::set<std::string>> tag_posts;
};

std::string folded(std::string_view tag) {
  std::string text(tag);
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

void check_outputs(const Outputs& out, Counts& counts) {
  static PostReader reader;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const OutputRecord record = out.at(i);
    REQUIRE_FALSE(record.key.empty());
    REQUIRE_FALSE(record.partition);
    if (!record.value || record.topic != "raw_tweets") continue;
    const auto post = reader.read(*record.value);
    INFO(*record.value);
    REQUIRE(post);
    CHECK((*post)->id == record.key);
    for (const auto tag : (*post)->hashtags) {
      counts.tag_posts[folded(tag)].insert(std::string(record.key));
      if ((*post)->text.find(tag) == std::string_view::npos) ++counts.tags_outside;
    }
  }
}

Counts run(const std::vector<fs::path>& files) {
  Counts counts;
  ManualClock clock;
  FileFeed::Options options;
  for (const auto& file : files) options.paths.push_back(file.string());
  FileFeed feed(std::move(options), clock);
  PostParser parser({});
  Outputs out;
  bool finished = false;
  while (!finished) {
    const auto batch = feed.read(std::chrono::milliseconds(100), 1000);
    REQUIRE(batch);
    finished = batch->finished;
    for (const auto line : batch->items) {
      ++counts.lines;
      out.clear();
      const auto parsed = parser.parse(line, out);
      if (!parsed) {
        ++counts.refused[std::string(parsed.error().code)];
        counts.example[std::string(parsed.error().code)] = parsed.error().message;
        continue;
      }
      counts.posts += parsed->posts;
      counts.deletions += parsed->deletions;
      counts.demands += parsed->demands;
      counts.notices += parsed->notices;
      check_outputs(out, counts);
    }
  }
  for (const auto& [code, count] : counts.refused) {
    WARN(code << " " << count << ", as: " << counts.example[code]);
  }
  return counts;
}

std::vector<fs::path> files_in(const fs::path& folder, std::string_view extension) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == extension) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

bool present() {
  if (fs::exists(kData)) return true;
  WARN("skipped: " << kData << " is not here");
  return false;
}

TEST_CASE("three real minutes of the stream of 2013 are read whole", "[corpus]") {
  if (!present()) return;
  const Counts counts = run(files_in(kData / "stream_2013", ".bz2"));
  CHECK(counts.posts == 8290);
  CHECK(counts.deletions == 949);
  CHECK(counts.refused.empty());
  // Counted apart from this program, by post and without regard to case.
  auto tags = counts.tag_posts;
  CHECK(tags["mtvhottest"].size() >= 76);
  CHECK(tags["gameinsight"].size() >= 36);
  CHECK(counts.tags_outside == 0);
}

TEST_CASE("a real minute of the stream of 2017 is read whole", "[corpus]") {
  if (!present()) return;
  const Counts counts = run(files_in(kData / "stream_2017", ".bz2"));
  CHECK(counts.posts == 3696);
  CHECK(counts.deletions == 583);
  CHECK(counts.refused.empty());
  auto tags = counts.tag_posts;
  CHECK(tags["missuniverse"].size() >= 162);
  CHECK(tags["iheartawards"].size() >= 27);
}

TEST_CASE("real Dutch posts and one file per variant of v1.1 are read whole", "[corpus]") {
  if (!present()) return;
  CHECK(run({kData / "utwente_tweets/tweets.json.gz"}).posts == 1000);
  const Counts counts = run(files_in(kData / "variants_v11", ".jsonl"));
  CHECK(counts.refused.empty());
  CHECK(counts.posts == 142);
  CHECK(counts.deletions == 15);
}

TEST_CASE("real v2 pages, streams and flattened posts are read", "[corpus]") {
  if (!present()) return;
  const Counts counts = run(files_in(kData / "twarc_csv_v2", ".jsonl"));
  CHECK(counts.posts > 1109);
  // The stream that was cut within a line.
  CHECK(counts.refused.at("json_malformed") == 1);
  // Users, lists, counts, and results of compliance jobs.
  CHECK(counts.refused.at("not_a_post") == 8);
  CHECK(counts.refused.size() == 2);
}

TEST_CASE("messages of the protocols that are no posts are demands of compliance or notices",
          "[corpus]") {
  if (!present()) return;
  const Counts counts = run(files_in(kData / "protocol_messages", ".jsonl"));
  CHECK(counts.deletions == 2);
  CHECK(counts.demands == 3);
  const std::size_t read = counts.demands + counts.notices + counts.posts + counts.deletions;
  CHECK(read + 4 >= counts.lines);
}

}  // namespace
}  // namespace rookery::ingest
