#include "common/runtime/pipe.hpp"

#include <random>

#include <catch2/catch.hpp>
#include <unistd.h>

#include "common/runtime/partitioner.hpp"

namespace rookery {
namespace {

using namespace std::chrono_literals;

/// A pipe whose reading end a reader has.
struct Fixture {
  Fixture() { REQUIRE(::pipe(ends) == 0); }
  ~Fixture() {
    ::close(ends[0]);
    close();
  }
  void write(std::string_view text) const {
    REQUIRE(::write(ends[1], text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  }
  void close() {
    if (ends[1] >= 0) ::close(ends[1]);
    ends[1] = -1;
  }
  int ends[2] = {-1, -1};
};

TEST_CASE_METHOD(Fixture, "lines come whole, however they were cut", "[pipe]") {
  LineReader reader(ends[0]);
  std::vector<std::string_view> lines;
  bool finished = false;
  write("one\ntw");
  REQUIRE(reader.read(10ms, 10, lines, finished));
  CHECK(lines == std::vector<std::string_view>{"one"});
  write("o\r\n\nthree");
  REQUIRE(reader.read(10ms, 10, lines, finished));
  CHECK(lines == std::vector<std::string_view>{"two"});
  CHECK_FALSE(finished);
  close();
  REQUIRE(reader.read(10ms, 10, lines, finished));
  CHECK(lines == std::vector<std::string_view>{"three"});
  CHECK(finished);
}

TEST_CASE_METHOD(Fixture, "no more lines are given than were asked for", "[pipe]") {
  LineReader reader(ends[0]);
  write("1\n2\n3\n4\n5");
  close();
  std::vector<std::string> all;
  bool finished = false;
  for (int i = 0; i < 3; ++i) {
    CHECK_FALSE(finished);
    std::vector<std::string_view> lines;
    REQUIRE(reader.read(10ms, 2, lines, finished));
    CHECK(lines.size() <= 2);
    all.insert(all.end(), lines.begin(), lines.end());
  }
  CHECK(finished);
  CHECK(all == std::vector<std::string>{"1", "2", "3", "4", "5"});
}

struct NoListener final : PartitionListener {
  Result<std::optional<Offset>> assign(const TopicPartition& partition,
                                       const std::optional<CommittedOffset>&) override {
    assigned.push_back(partition.partition.value());
    return std::optional<Offset>{};
  }
  Result<void> replay(const InputRecord&) override { return {}; }
  Result<void> restored(const TopicPartition&) override { return {}; }
  void revoke(const TopicPartition&) override {}
  std::vector<std::int32_t> assigned;
};

TEST_CASE_METHOD(Fixture, "a line becomes a record with key and partition", "[pipe]") {
  PipeSource source(ends[0], "raw_tweets", 6, 100);
  NoListener listener;
  source.listen(listener);
  write("{\"id\":\"42\"}\n{\"id\":\"42\",\"deleted\":true}\nnot json\n{\"id\":7}\n");
  close();
  const auto batch = source.poll(10ms);
  REQUIRE(batch);
  CHECK(listener.assigned.size() == 6);
  REQUIRE(batch->records.size() == 4);
  CHECK(batch->records[0].key == "42");
  CHECK(batch->records[0].partition == partition_of("42", 6));
  CHECK(batch->records[0].offset == Offset(0));
  CHECK_FALSE(batch->records[1].value);
  CHECK(batch->records[1].offset == Offset(1));
  CHECK_FALSE(batch->records[2].key);
  CHECK(batch->records[2].value == "not json");
  CHECK_FALSE(batch->records[3].key);
  const auto last = source.poll(10ms);
  REQUIRE(last);
  CHECK(last->records.empty());
  CHECK(last->end_of_input);
}

TEST_CASE("a batch shows at its commit, each topic where it belongs", "[pipe]") {
  std::FILE* out = std::tmpfile();
  std::FILE* dead = std::tmpfile();
  const auto text = [](std::FILE* file) {
    std::string content(1000, '\0');
    std::rewind(file);
    content.resize(std::fread(content.data(), 1, content.size(), file));
    return content;
  };
  PipeSink sink("out", out, dead);
  REQUIRE(sink.begin());
  REQUIRE(sink.write({.topic = "out", .partition = {}, .key = "1", .value = "{}"}));
  REQUIRE(sink.write({.topic = "out", .partition = {}, .key = "2", .value = std::nullopt}));
  REQUIRE(sink.write({.topic = "dead_letters", .partition = {}, .key = "", .value = "{\"x\":1}"}));
  REQUIRE(sink.write({.topic = "late_tweets", .partition = {}, .key = "", .value = "{}"}));
  CHECK(text(out).empty());
  REQUIRE(sink.commit({}));
  CHECK(text(out) == "{}\n{\"id\":\"2\",\"deleted\":true}\n");
  CHECK(text(dead) == "{\"x\":1}\n");
  CHECK(sink.left_out() == std::map<std::string, std::uint64_t>{{"late_tweets", 1}});
  REQUIRE(sink.write({.topic = "late_tweets", .partition = {}, .key = "", .value = "{}"}));
  REQUIRE(sink.write({.topic = "out", .partition = {}, .key = "1", .value = "gone"}));
  REQUIRE(sink.abort());
  REQUIRE(sink.commit({}));
  CHECK(text(out).find("gone") == std::string::npos);
  CHECK(sink.left_out().at("late_tweets") == 1);
  std::fclose(out);
  std::fclose(dead);
}

}  // namespace
}  // namespace rookery
