#include "services/sink/file_store.hpp"

#include <random>

#include <catch2/catch.hpp>

#include "tests/unit/services/sink/fakes.hpp"

namespace rookery::sink {
namespace {

using namespace std::chrono_literals;

const TopicPartition kZero{"posts", Partition(0)};
const TopicPartition kOne{"posts", Partition(1)};

std::string row(const TopicPartition& partition, std::int64_t offset) {
  return std::to_string(partition.partition.value()) + ":" + std::to_string(offset) + "\n";
}

/// One life of a process: a store over a folder, fed from what is committed.
class Life {
 public:
  Life(const ScratchFolder& folder, FakeCommitter& group, HandClock& clock,
       std::int64_t records_max)
      : group_(group) {
    auto opened = FileStore::open({.directory = folder.path,
                                   .extension = "jsonl",
                                   .headers = {},
                                   .records_max = records_max,
                                   .interval = 60s},
                                  link_, &group, clock);
    REQUIRE(opened);
    store = std::move(*opened);
    rewind();
  }

  /// As the source does it after an abort and at the start.
  void rewind() {
    for (const auto& partition : {kZero, kOne}) {
      store->drop(partition);
      const auto committed = group_.committed.find(partition);
      std::optional<CommittedOffset> start;
      if (committed != group_.committed.end()) start = committed->second;
      REQUIRE(store->take(partition, start));
      next_[partition] = start ? start->offset.value() : 0;
    }
  }

  [[nodiscard]] std::int64_t next(const TopicPartition& partition) const {
    return next_.at(partition);
  }

  /// The next `count` records of a partition as one batch.
  Result<void> batch(const TopicPartition& partition, std::int64_t count) {
    REQUIRE(store->begin());
    std::int64_t& next = next_.at(partition);
    for (const std::int64_t end = next + count; next < end; ++next) {
      REQUIRE(write(partition, next));
    }
    auto done = store->commit({{partition, {Offset(next), ""}}});
    if (!done) {
      REQUIRE(store->abort());
      rewind();
    }
    return done;
  }

  /// Every seventh record is one that could not be taken.
  Result<void> write(const TopicPartition& partition, std::int64_t offset) {
    const std::string value = row(partition, offset);
    if (offset % 7 != 6) {
      return store->write({partition.topic, partition.partition, "k", value, Offset(offset)});
    }
    const std::string letter = R"({"topic":"posts","partition":)" +
                               std::to_string(partition.partition.value()) + R"(,"offset":")" +
                               std::to_string(offset) + R"("})";
    return store->write({"dead_letters", std::nullopt, "k", letter, Offset(offset)});
  }

  StoreLink link_;
  std::unique_ptr<FileStore> store;

 private:
  FakeCommitter& group_;
  std::map<TopicPartition, std::int64_t> next_;
};

/// How often each record stands in the files that readers see.
std::map<std::string, int> records_in(const ScratchFolder& folder) {
  std::map<std::string, int> found;
  for (const auto& [name, content] : folder.files()) {
    if (name.ends_with(".partial")) continue;
    std::istringstream lines(content);
    for (std::string line; std::getline(lines, line);) ++found[line];
  }
  return found;
}

void check_once(const ScratchFolder& folder, const FakeCommitter& group) {
  const auto found = records_in(folder);
  std::size_t expected = 0;
  for (const auto& [partition, end] : group.committed) {
    for (std::int64_t offset = 0; offset < end.offset.value(); ++offset, ++expected) {
      std::string line = row(partition, offset);
      line.pop_back();
      if (offset % 7 == 6) {
        line = R"({"topic":"posts","partition":)" + std::to_string(partition.partition.value()) +
               R"(,"offset":")" + std::to_string(offset) + R"("})";
      }
      INFO(line);
      REQUIRE(found.contains(line));
      REQUIRE(found.at(line) == 1);
    }
  }
  CHECK(found.size() == expected);
}

TEST_CASE("a file shows, and its offsets are committed, only when it is full", "[file_store]") {
  const ScratchFolder folder;
  FakeCommitter group;
  HandClock clock;
  Life life(folder, group, clock, 5);
  REQUIRE(life.batch(kZero, 4));
  CHECK(folder.files().empty());
  CHECK(group.calls == 0);
  REQUIRE(life.batch(kZero, 2));
  CHECK(folder.files() == std::map<std::string, std::string>{{"posts-0-00000000000000000000.jsonl",
                                                              "0:0\n0:1\n0:2\n0:3\n0:4\n0:5\n"}});
  CHECK(group.committed == Progress{{kZero, {Offset(6), ""}}});
}

TEST_CASE("a file of one partition commits nothing of another", "[file_store]") {
  const ScratchFolder folder;
  FakeCommitter group;
  HandClock clock;
  Life life(folder, group, clock, 5);
  REQUIRE(life.batch(kOne, 3));
  REQUIRE(life.batch(kZero, 5));
  CHECK(group.committed == Progress{{kZero, {Offset(5), ""}}});
}

TEST_CASE("a file that gets no more records shows after the interval", "[file_store]") {
  const ScratchFolder folder;
  FakeCommitter group;
  HandClock clock;
  Life life(folder, group, clock, 1'000);
  REQUIRE(life.batch(kZero, 2));
  Progress progress;
  life.store->add_due(clock.now + 59s, progress);
  CHECK(progress.empty());
  clock.now += 60s;
  life.store->add_due(clock.now, progress);
  REQUIRE(progress == Progress{{kZero, {Offset(2), ""}}});
  REQUIRE(life.store->begin());
  REQUIRE(life.store->commit(progress));
  CHECK(folder.files().size() == 1);
  CHECK(group.committed == progress);
}

TEST_CASE("an orderly end shows and commits what is there", "[file_store]") {
  const ScratchFolder folder;
  FakeCommitter group;
  HandClock clock;
  Life life(folder, group, clock, 1'000);
  REQUIRE(life.batch(kZero, 8));
  REQUIRE(life.batch(kOne, 1));
  REQUIRE(life.store->finish());
  check_once(folder, group);
  CHECK(folder.files().size() == 3);
  CHECK(folder.files().contains("dead_letters-posts-0-00000000000000000000.jsonl"));
}

TEST_CASE("rows of a partition that was taken away are forgotten", "[file_store]") {
  const ScratchFolder folder;
  FakeCommitter group;
  HandClock clock;
  Life life(folder, group, clock, 1'000);
  REQUIRE(life.batch(kZero, 3));
  REQUIRE(life.batch(kOne, 3));
  life.store->drop(kZero);
  REQUIRE(life.store->finish());
  CHECK(folder.files().size() == 1);
  CHECK(group.committed == Progress{{kOne, {Offset(3), ""}}});
}

TEST_CASE("an abort forgets all that is not committed, since all of it is read again",
          "[file_store]") {
  const ScratchFolder folder;
  FakeCommitter group;
  HandClock clock;
  Life life(folder, group, clock, 1'000);
  REQUIRE(life.batch(kZero, 3));
  REQUIRE(life.write(kOne, 0));
  REQUIRE(life.store->abort());
  REQUIRE(life.store->finish());
  CHECK(folder.files().empty());
  CHECK(group.committed.empty());
}

TEST_CASE("a crash before the rename loses and doubles nothing", "[file_store]") {
  const ScratchFolder folder;
  FakeCommitter group;
  HandClock clock;
  {
    Life life(folder, group, clock, 1'000);
    REQUIRE(life.batch(kZero, 10));
  }
  // A killed process leaves what it was writing.
  folder.put("posts-0-00000000000000000000.jsonl.partial", "0:0\n0:");
  folder.put("dead_letters-posts-0-00000000000000000000.jsonl.partial", "{");
  Life life(folder, group, clock, 1'000);
  CHECK(folder.files().empty());
  REQUIRE(life.batch(kZero, 10));
  REQUIRE(life.store->finish());
  check_once(folder, group);
}

TEST_CASE("a crash between rename and commit is mended by the same name", "[file_store]") {
  const ScratchFolder folder;
  FakeCommitter group;
  HandClock clock;
  // Twice is not enough: the predecessor's file is shorter, equal, or longer.
  const std::int64_t second_max = GENERATE(5, 20, 40);
  {
    Life life(folder, group, clock, 20);
    group.fails = true;
    CHECK_FALSE(life.batch(kZero, 20));
    CHECK(records_in(folder).size() == 20);
  }
  group.fails = false;
  Life life(folder, group, clock, second_max);
  for (int i = 0; i < 8; ++i) REQUIRE(life.batch(kZero, 5));
  REQUIRE(life.store->finish());
  check_once(folder, group);
}

TEST_CASE("dead letters of a file that is read again in other pieces stay single", "[file_store]") {
  const ScratchFolder folder;
  FakeCommitter group;
  HandClock clock;
  {
    Life life(folder, group, clock, 10);
    group.fails = true;
    CHECK_FALSE(life.batch(kZero, 10));  // record 6 is a dead letter
  }
  group.fails = false;
  Life life(folder, group, clock, 3);
  for (int i = 0; i < 5; ++i) REQUIRE(life.batch(kZero, 3));
  check_once(folder, group);
}

TEST_CASE("files of a run that was set back are replaced, whatever their pieces", "[file_store]") {
  const ScratchFolder folder;
  FakeCommitter group;
  HandClock clock;
  {
    Life life(folder, group, clock, 4);
    for (int i = 0; i < 5; ++i) REQUIRE(life.batch(kZero, 4));
    CHECK(folder.files().size() == 7);
  }
  group.committed.clear();
  Life life(folder, group, clock, 9);
  for (int i = 0; i < 3; ++i) REQUIRE(life.batch(kZero, 9));
  check_once(folder, group);
}

TEST_CASE("a folder that others write to keeps their files", "[file_store]") {
  const ScratchFolder folder;
  for (const std::string name :
       {"posts-0-notes.jsonl", "posts-01-00000000000000000000.jsonl.partial", "other.partial",
        "posts-0-000000000000000000001.jsonl.partial"}) {
    folder.put(name, "mine");
  }
  FakeCommitter group;
  HandClock clock;
  Life life(folder, group, clock, 1);
  REQUIRE(life.batch(kZero, 1));
  CHECK(folder.files().size() == 5);
}

TEST_CASE("any sequence of failed commits, lost partitions and ends is exact", "[file_store]") {
  const auto seed = GENERATE(range(0, 60));
  CAPTURE(seed);
  std::mt19937 random(static_cast<unsigned>(seed));
  const auto below = [&](int bound) {
    return static_cast<int>(random() % static_cast<unsigned>(bound));
  };
  const ScratchFolder folder;
  FakeCommitter group;
  HandClock clock;
  for (int life_number = 0; life_number < 4; ++life_number) {
    Life life(folder, group, clock, 1 + below(30));
    for (int step = 0; step < 20; ++step) {
      group.fails = below(5) == 0;
      if (below(8) == 0) life.rewind();
      clock.now += std::chrono::seconds(below(40));
      (void)life.batch(below(2) == 0 ? kZero : kOne, 1 + below(9)).has_value();
    }
    group.fails = false;
    if (below(2) == 0) REQUIRE(life.store->finish());
  }
  Life last(folder, group, clock, 10);
  // So far that what was shown and not committed is read again.
  for (int i = 0; i < 80; ++i) {
    REQUIRE(last.batch(kZero, 9));
    REQUIRE(last.batch(kOne, 9));
  }
  REQUIRE(last.store->finish());
  check_once(folder, group);
}

TEST_CASE("a folder that cannot be written stops the start", "[file_store]") {
  const ScratchFolder folder;
  folder.put("plain", "");
  StoreLink link;
  FakeCommitter group;
  HandClock clock;
  const auto opened = FileStore::open(
      {.directory = folder.path / "plain", .extension = "csv", .headers = {}}, link, &group, clock);
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code == "directory_unwritable");
  CHECK(opened.error().disposition == Disposition::kMisconfigured);
}

TEST_CASE("a file that another process replaced is not shown", "[file_store]") {
  const ScratchFolder folder;
  DurableFile file(folder.path / "a.jsonl");
  REQUIRE(file.append("mine\n"));
  REQUIRE(file.seal());
  std::filesystem::remove(folder.path / "a.jsonl.partial");
  folder.put("a.jsonl.partial", "theirs");
  CHECK_FALSE(file.publish());
  CHECK(folder.files() == std::map<std::string, std::string>{{"a.jsonl.partial", "theirs"}});
}

}  // namespace
}  // namespace rookery::sink
