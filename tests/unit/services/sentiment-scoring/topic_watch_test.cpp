#include "services/rookery-train/topic_watch.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include <catch2/catch.hpp>

namespace rookery::train {
namespace {

/// An archive that posts come into.
class Archive {
 public:
  Archive() {
    std::string name = (std::filesystem::temp_directory_path() / "rookery_watch_XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
    std::filesystem::create_directory(folder());
  }
  ~Archive() { std::filesystem::remove_all(path_); }
  Archive(const Archive&) = delete;
  Archive& operator=(const Archive&) = delete;

  [[nodiscard]] std::string folder() const { return path_ / "posts"; }
  [[nodiscard]] std::string model() const { return path_ / "t.model"; }
  [[nodiscard]] std::string file(const std::string& name) const { return folder() + "/" + name; }

  void put(const std::string& name, int texts) const {
    std::ofstream file(this->file(name));
    for (int i = 0; i < texts; ++i) {
      file << R"({"id":"1","text":")" << (i % 2 > 0 ? "rain storm cloud" : "goal team match")
           << "\"}\n";
    }
  }
  [[nodiscard]] TopicsCommand command() const {
    TopicsCommand command;
    command.corpus.input.inputs = {folder()};
    command.corpus.documents_share_max = 1;
    command.sampler.topics = 2;
    command.starts = 1;
    command.sweeps = 4;
    command.model = model();
    return command;
  }

 private:
  std::filesystem::path path_;
};

/// Runs a watch whose n-th look finds what step n made of the archive; gives how
/// many trainings there had been before each look, and at the end.
std::vector<std::size_t> trainings(const Archive& archive, std::uint64_t texts,
                                   const std::vector<std::function<void()>>& steps,
                                   std::ostream& log, Watch watch = {}) {
  SystemClock clock;
  std::ostringstream out;
  std::vector<std::size_t> counts;
  watch.texts = texts;
  watch.wait = [&] {
    const std::string printed = out.str();
    counts.push_back(static_cast<std::size_t>(std::count(printed.begin(), printed.end(), '\n')));
    if (counts.size() > steps.size()) return false;
    steps[counts.size() - 1]();
    return true;
  };
  REQUIRE(watch_topics(archive.command(), watch, clock, out, log));
  return counts;
}

}  // namespace

TEST_CASE("a watched archive is learnt from when it has grown enough", "[topics][watch]") {
  const Archive archive;
  std::ostringstream log;
  const std::vector<std::function<void()>> steps{
      [&] { archive.put("a.jsonl", 30); },
      [&] { archive.put("b.jsonl", 9); },  // 39 of 40
      [&] { archive.put("b.jsonl", 10); },
      [] {},
      [&] { archive.put("dead_letters-a.jsonl", 100); },
      [&] { std::filesystem::remove(archive.file("a.jsonl")); },  // retention
      [&] { archive.put("c.jsonl", 39); },
      [&] { archive.put("d.jsonl", 1); },
  };
  CHECK(trainings(archive, 40, steps, log) == std::vector<std::size_t>{0, 0, 0, 1, 1, 1, 1, 1, 2});
  CHECK(std::filesystem::exists(archive.model()));
}

TEST_CASE("a watch that starts again knows what was learnt from", "[topics][watch]") {
  const Archive archive;
  std::ostringstream log;
  const auto add = [&](const char* name, int texts) {
    return std::function<void()>([&archive, name, texts] { archive.put(name, texts); });
  };
  CHECK(trainings(archive, 40, {add("a.jsonl", 40)}, log) == std::vector<std::size_t>{0, 1});
  CHECK(trainings(archive, 40, {add("b.jsonl", 39), add("c.jsonl", 1)}, log) ==
        std::vector<std::size_t>{0, 0, 1});
  std::ofstream(archive.model() + ".learnt") << "broken";
  SystemClock clock;
  std::ostringstream out;
  const auto refused = watch_topics(archive.command(), {}, clock, out, log);
  REQUIRE_FALSE(refused);
  CHECK_THAT(refused.error().message, Catch::Contains("t.model.learnt"));
}

TEST_CASE("what a watch cannot read is told and tried again", "[topics][watch]") {
  const Archive archive;
  std::ostringstream log;
  const auto half_a_line = [&] {
    std::ofstream(archive.file("a.jsonl"), std::ios::app) << R"({"id":"9","te)";
  };
  CHECK(trainings(archive, 40,
                  {[] {},
                   [&] {
                     archive.put("a.jsonl", 50);
                     half_a_line();
                   },
                   [&] { archive.put("a.jsonl", 51); }},
                  log) == std::vector<std::size_t>{0, 0, 0, 1});
  CHECK_THAT(log.str(), Catch::Contains("not trained: file_unreadable") &&
                            Catch::Contains("not trained: file_malformed"));
}

TEST_CASE("a model that cannot be published is published later, and once", "[topics][watch]") {
  const Archive archive;
  std::ostringstream log;
  int calls = 0;
  Watch watch;
  watch.publish = [&](const std::string& path) -> Result<void> {
    CHECK(path == archive.model());
    if (++calls < 3) return retry_batch("broker_unreachable", "nobody there");
    return {};
  };
  const auto nothing = [] {};
  CHECK(trainings(archive, 40, {[&] { archive.put("a.jsonl", 40); }, nothing, nothing, nothing},
                  log, watch) == std::vector<std::size_t>{0, 1, 1, 1, 1});
  CHECK(calls == 3);
  CHECK_THAT(log.str(), Catch::Contains("not published: broker_unreachable: nobody there"));
}

}  // namespace rookery::train
