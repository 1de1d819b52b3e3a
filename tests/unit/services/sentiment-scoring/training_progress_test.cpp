#include "services/rookery-train/training_progress.hpp"

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <string>

#include <catch2/catch.hpp>

#include "services/rookery-train/commands.hpp"
#include "services/rookery-train/lines.hpp"
#include "services/rookery-train/topics_command.hpp"
#include "tests/unit/services/sentiment-scoring/scratch.hpp"

namespace rookery::train {
namespace {

std::string drawn(ProgressShape shape, std::size_t steps, std::size_t done) {
  std::ostringstream log;
  TrainingProgress progress(log, shape);
  progress.expect(steps);
  for (std::size_t i = 0; i < done; ++i) progress.step();
  return log.str();
}

}  // namespace

TEST_CASE("a bar is as long as the work that is done", "[train]") {
  CHECK(progress_bar(0, 7, 4) == "[    ]   0 %");
  CHECK(progress_bar(1, 2, 4) == "[##  ]  50 %");
  CHECK(progress_bar(6, 7, 4) == "[### ]  85 %");
  CHECK(progress_bar(7, 7, 4) == "[####] 100 %");
  CHECK(progress_bar(0, 0, 4) == "[    ]   0 %");
}

TEST_CASE("a bar moves by whole percents and never beyond its end", "[train]") {
  const auto times = [](const std::string& text) {
    return std::count(text.begin(), text.end(), '\r');
  };
  CHECK(times(drawn(ProgressShape::kBar, 100'000, 99'999)) == 100);
  CHECK(times(drawn(ProgressShape::kBar, 3, 3)) == 3);
  CHECK_THAT(drawn(ProgressShape::kBar, 3, 50), Catch::EndsWith("100 %"));
  CHECK(drawn(ProgressShape::kBar, 0, 50).empty());
  CHECK(drawn(ProgressShape::kLines, 3, 3).empty());
}

TEST_CASE("lines stand above the bar, and it is gone in the end", "[train]") {
  std::ostringstream log;
  {
    TrainingProgress progress(log, ProgressShape::kBar);
    progress.line("begin");
    progress.expect(2);
    progress.step();
    progress.line("half");
  }
  const std::string text = log.str();
  CHECK_THAT(text, Catch::StartsWith("begin\n\r[#"));
  const std::size_t half = text.find("\rhalf\n\r[#");
  REQUIRE(half != std::string::npos);
  CHECK(text.substr(0, half).ends_with("  "));                  // the bar was wiped away before
  CHECK(text.find_last_not_of(" \r") < text.rfind('\r') - 50);  // and at the end
}

TEST_CASE("a device is written into, and stays one", "[train]") {
  // By a link: as root, a file that was renamed over /dev/null would be there for everybody.
  const Scratch link("device", "");
  std::filesystem::remove(link.path());
  std::filesystem::create_symlink("/dev/null", link.path());
  CHECK(check_writable(link.path()));
  CHECK(write_file(link.path(), "a card"));
  CHECK(std::filesystem::is_symlink(link.path()));
  CHECK(std::filesystem::is_character_file(link.path()));
  std::filesystem::remove(link.path());
  std::filesystem::create_symlink("/dev/full", link.path());
  CHECK(write_file(link.path(), "a card").error().code == "file_unwritable");
}

TEST_CASE("a file that cannot be written is told before the work, not after it", "[train]") {
  const std::string nowhere = "/nonexistent/folder/x.model";
  const std::string folder = std::filesystem::temp_directory_path().string();
  CHECK(check_writable(""));
  CHECK(check_writable(nowhere).error().message == "file \"" + nowhere + "\": cannot be written");
  CHECK(check_writable(folder).error().code == "file_unwritable");
  const Scratch old("writable", "old");
  CHECK(check_writable(old.path()));
  CHECK(std::filesystem::file_size(old.path()) == 3);
  CHECK_FALSE(std::filesystem::exists(old.path() + ".part"));

  // Nothing is read: the inputs are not there.
  std::ostringstream out;
  std::ostringstream log;
  SentimentCommand sentiment;
  sentiment.folds = 2;
  sentiment.texts = sentiment.labels = "/nonexistent/texts";
  sentiment.model = nowhere;
  CHECK(run_sentiment(sentiment, out, log).error().code == "file_unwritable");
  sentiment.model = old.path();
  sentiment.card = nowhere;
  CHECK(run_sentiment(sentiment, out, log).error().code == "file_unwritable");
  TopicsCommand topics;
  topics.corpus.input.inputs = {"/nonexistent/texts"};
  topics.model = nowhere;
  SystemClock clock;
  CHECK(run_topics(topics, clock, out, log).error().code == "file_unwritable");
  topics.model = old.path();
  topics.plot = nowhere;
  CHECK(run_topics(topics, clock, out, log).error().code == "file_unwritable");
  const Scratch names("names_first", "0 no tab\n");
  topics.plot.clear();
  topics.names = names.path();
  CHECK(run_topics(topics, clock, out, log).error().code == "file_malformed");
  CHECK(log.str().empty());
}

}  // namespace rookery::train
