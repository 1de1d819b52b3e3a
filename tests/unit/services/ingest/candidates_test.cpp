// Of what redundant instances have read, each post goes on once.
#include "services/ingest/candidates.hpp"

#include <map>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

namespace rookery::ingest {
namespace {

using std::chrono::minutes;

const TopicPartition kZero{"ingest_candidates", Partition(0)};

/// One partition of the topic, and a processor that may be killed.
class Bench {
 public:
  explicit Bench(std::size_t ids_max = 700'000) : ids_max_(ids_max) { start(); }

  /// A record at the end of the log; returns what goes on: "id", "-id" or nothing.
  std::string add(const std::string& key, std::chrono::milliseconds at, const char* revision = "",
                  bool deletion = false) {
    Entry entry{.key = key, .value = {}, .time = WallTime(at), .deletion = deletion};
    entry.value = R"({"id":")" + key + R"(","origin":{"source":"x")";
    if (*revision != 0) entry.value += std::string(R"(,"revision":")") + revision + "\"";
    entry.value += "}}";
    log_.push_back(entry);
    Outputs out;
    REQUIRE(processor_->process(record(log_.size() - 1), out));
    if (out.empty()) return "";
    CHECK(out.at(0).topic == "raw_tweets");
    CHECK(out.at(0).partition == Partition(0));
    CHECK(out.at(0).value.has_value() == !deletion);
    return (deletion ? "-" : "") + std::string(out.at(0).key);
  }

  void commit() {
    Progress progress{{kZero, {Offset(static_cast<std::int64_t>(log_.size())), ""}}};
    Outputs out;
    REQUIRE(processor_->finish_batch({}, out, progress));
    processor_->on_commit();
    committed_ = progress.at(kZero);
  }

  /// Another process, or this one after an abort: what was not committed comes again.
  std::int64_t restart() {
    start();
    const auto from = processor_->assign(kZero, committed_);
    REQUIRE(from);
    const std::int64_t end = committed_ ? committed_->offset.value() : 0;
    const std::int64_t begin = *from ? (*from)->value() : end;
    for (std::int64_t i = begin; i < end; ++i) {
      REQUIRE(processor_->replay(record(static_cast<std::size_t>(i))));
    }
    REQUIRE(processor_->restored(kZero));
    log_.resize(static_cast<std::size_t>(end));
    return end - begin;
  }

  std::uint64_t duplicates = 0;
  std::uint64_t shortened = 0;

 private:
  struct Entry {
    std::string key, value;
    WallTime time;
    bool deletion;
  };

  void start() {
    processor_ = std::make_unique<Candidates>(
        Candidates::Options{.ids = {.window = minutes(10), .ids_max = ids_max_},
                            .committed = [this](std::uint64_t more, std::uint64_t cut) {
                              duplicates += more;
                              shortened += cut;
                            }});
  }

  InputRecord record(std::size_t i) {
    const Entry& entry = log_[i];
    InputRecord record{.topic = kZero.topic,
                       .partition = kZero.partition,
                       .offset = Offset(static_cast<std::int64_t>(i)),
                       .timestamp = entry.time,
                       .key = entry.key,
                       .value = std::nullopt,
                       .headers = {}};
    if (!entry.deletion) record.value = entry.value;
    return record;
  }

  std::size_t ids_max_;
  std::vector<Entry> log_;
  std::optional<CommittedOffset> committed_;
  std::unique_ptr<Candidates> processor_;
};

TEST_CASE("the first of each post, edit and deletion goes on", "[redundant]") {
  Bench bench;
  CHECK(bench.add("1", minutes(0)) == "1");
  CHECK(bench.add("1", minutes(1)).empty());
  CHECK(bench.add("1", minutes(1), "edit") == "1");
  CHECK(bench.add("1", minutes(1), "edit").empty());
  CHECK(bench.add("1", minutes(2), "", true) == "-1");
  CHECK(bench.add("1", minutes(2), "", true).empty());
  CHECK(bench.add("2", minutes(2), "", true) == "-2");
  CHECK(bench.add("2", minutes(2)) == "2");
  bench.commit();
  CHECK(bench.duplicates == 3);
}

TEST_CASE("another process knows what came within the window", "[redundant]") {
  Bench bench;
  CHECK(bench.add("old", minutes(0)) == "old");
  CHECK(bench.add("older", minutes(20)) == "older");
  CHECK(bench.add("1", minutes(25)) == "1");
  CHECK(bench.add("2", minutes(27), "", true) == "-2");
  CHECK(bench.add("3", minutes(30), "edit") == "3");
  bench.commit();
  // The oldest is out of every window: it is not read again.
  CHECK(bench.restart() == 4);
  CHECK(bench.add("1", minutes(31)).empty());
  CHECK(bench.add("2", minutes(31), "", true).empty());
  CHECK(bench.add("3", minutes(31), "edit").empty());
  CHECK(bench.add("4", minutes(31)) == "4");
}

TEST_CASE("what was not committed is first once more", "[redundant]") {
  Bench bench;
  CHECK(bench.add("1", minutes(0)) == "1");
  bench.commit();
  CHECK(bench.add("2", minutes(0)) == "2");
  CHECK(bench.add("1", minutes(0)).empty());
  bench.restart();
  CHECK(bench.add("2", minutes(0)) == "2");
  CHECK(bench.add("1", minutes(0)).empty());
  bench.commit();
  CHECK(bench.duplicates == 1);
}

TEST_CASE("a window is remembered whole however often the process dies", "[redundant]") {
  Bench bench;
  for (int second = 0; second <= 3600; second += 15) {
    const auto at = std::chrono::seconds(second);
    CHECK(bench.add(std::to_string(second), at) == std::to_string(second));
    if (second >= 600) {
      INFO(second);
      CHECK(bench.add(std::to_string(second - 600), at).empty());
    }
    bench.commit();
    if (second % 105 == 0) {
      // Twice a record, ten minutes and a twentieth of them.
      CHECK(bench.restart() <= 2 * (630 / 15 + 2));
    }
  }
}

TEST_CASE("more ids than may be remembered shorten the window, and that is told", "[redundant]") {
  Bench bench(1000);
  for (int i = 0; i < 5000; ++i) bench.add(std::to_string(i), minutes(0));
  bench.commit();
  CHECK(bench.shortened >= 3);
}

TEST_CASE("a candidate without a key is a dead letter", "[redundant]") {
  Candidates candidates({.ids = {}});
  Outputs out;
  const auto refused = candidates.process({.topic = kZero.topic,
                                           .partition = kZero.partition,
                                           .offset = Offset(0),
                                           .timestamp = {},
                                           .key = std::nullopt,
                                           .value = "{}",
                                           .headers = {}},
                                          out);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == "key_missing");
  CHECK(refused.error().disposition == Disposition::kDeadLetter);
}

}  // namespace
}  // namespace rookery::ingest
