#include "services/sentiment-scoring/model_store.hpp"

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <unistd.h>

#include "services/sentiment-scoring/score_sentiment.hpp"
#include "tests/unit/services/sentiment-scoring/support.hpp"
#include "tests/unit/services/sentiment-scoring/topic_support.hpp"

namespace rookery::sentiment_scoring {
namespace {

/// A folder that is there while the test runs.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "rookery_models_XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  [[nodiscard]] std::string path(const std::string& name = "") const { return path_ / name; }
  /// Replaces the file as a deployment does: written beside it, then renamed.
  void put(const std::string& name, const std::string& bytes) const {
    std::ofstream(path_ / ".new", std::ios::binary) << bytes;
    std::filesystem::rename(path_ / ".new", path_ / name);
  }

 private:
  std::filesystem::path path_;
};

/// Remembers what it heard.
class Heard final : public ModelObserver {
 public:
  void on_model_loaded(std::string_view use, std::string_view id, WallTime made) override {
    CHECK(made > WallTime{});
    lines.push_back(std::string(use) + " loaded " + std::string(id));
  }
  void on_model_refused(std::string_view use, const Error& error) override {
    lines.push_back(std::string(use) + " refused " + std::string(error.code));
    messages.push_back(error.message);
  }
  void on_model_withdrawn(std::string_view use) override {
    lines.push_back(std::string(use) + " withdrawn");
  }
  std::vector<std::string> lines, messages;
};

std::string sentiment_model(float positive, const std::string& language = "en") {
  ModelParts parts = small_parts();
  parts.language = language;
  parts.bias[2] = positive;
  return Model::encode(parts);
}

std::string topic_model(const std::string& label) {
  TopicParts parts = small_topics();
  parts.labels[0] = label;
  return encode_topics(parts);
}

std::string scored(ScoreSentiment& stage, const std::string& text) {
  Outputs out;
  const std::string json =
      R"({"id":"7","text":")" + text + R"(","created_at":"2026-11-21T10:00:00Z","lang":"en"})";
  REQUIRE(stage.process(
      {"enriched_tweets", Partition(0), Offset(0), WallTime{}, "7", std::string_view(json), {}},
      out));
  return std::string(out.at(0).value.value());
}

}  // namespace

TEST_CASE("only files named by a language are taken from a folder", "[sentiment][reload]") {
  const Folder folder;
  folder.put("en.model", sentiment_model(1));
  folder.put("en-polarity.model", sentiment_model(2));
  folder.put("topics.model", topic_model("x"));
  folder.put("en.md", "a card");
  const auto files = ModelSet::files({folder.path()});
  REQUIRE(files);
  REQUIRE(files->size() == 1);
  CHECK(files->front().language == "en");
  CHECK(ModelSet::files({folder.path("absent")}).error().code == "models_missing");
}

TEST_CASE("a changed file is taken up, an unchanged one is not read again", "[sentiment][reload]") {
  const Folder folder;
  folder.put("en.model", sentiment_model(1));
  folder.put("t.bin", topic_model("sport"));
  auto store = ModelStore::open({{folder.path()}, folder.path("t.bin")});
  REQUIRE(store);
  Heard heard;
  store->refresh(&heard);
  CHECK(heard.lines.empty());
  const std::string old_id = store->sentiment().find("en")->id();

  folder.put("en.model", sentiment_model(2));
  folder.put("t.bin", topic_model("football"));
  folder.put("de.model", sentiment_model(1, "de"));
  store->refresh(&heard);
  REQUIRE(heard.lines.size() == 3);
  CHECK_THAT(heard.lines[0], Catch::StartsWith("sentiment-de loaded small-"));
  CHECK_THAT(heard.lines[1], Catch::StartsWith("sentiment-en loaded small-"));
  CHECK_THAT(heard.lines[2], Catch::StartsWith("topics loaded small-"));
  CHECK(store->sentiment().find("en")->id() != old_id);
  CHECK(store->sentiment().find("de") != nullptr);
  CHECK(store->topics()->label(0) == "football");
  store->refresh(&heard);
  CHECK(heard.lines.size() == 3);
}

TEST_CASE("a broken file is refused once and the old model stays", "[sentiment][reload]") {
  const Folder folder;
  folder.put("en.model", sentiment_model(1));
  folder.put("t.bin", topic_model("sport"));
  auto store = ModelStore::open({{"en=" + folder.path("en.model")}, folder.path("t.bin")});
  REQUIRE(store);
  const std::string id = store->sentiment().find("en")->id();
  struct Case {
    std::string bytes;
    std::string line;
  };
  std::string older = sentiment_model(3);
  older[8] = 0;
  const std::vector<Case> cases{
      {sentiment_model(3).substr(0, 1000), "sentiment refused model_broken"},
      {older, "sentiment refused model_version"},
      {"", "sentiment refused model_unreadable"},
      {sentiment_model(3, "de"), "sentiment refused models_conflict"},
      {topic_model("x"), "sentiment refused model_broken"},
  };
  for (const Case& c : cases) {
    Heard heard;
    folder.put("en.model", c.bytes);
    store->refresh(&heard);
    store->refresh(&heard);
    CHECK(heard.lines == std::vector<std::string>{c.line});
    CHECK_THAT(heard.messages.at(0), Catch::Contains("en.model"));
    CHECK(store->sentiment().find("en")->id() == id);
  }
  Heard heard;
  folder.put("t.bin", topic_model("x").substr(0, 99));
  store->refresh(&heard);
  CHECK(heard.lines == std::vector<std::string>{"topics refused model_broken"});
  CHECK(store->topics()->label(0) == "sport");
  std::filesystem::remove_all(folder.path());
  store->refresh(&heard);
  CHECK(store->sentiment().find("en")->id() == id);
  CHECK(heard.lines.size() == 1);
}

TEST_CASE("a new model is taken up between two batches, not within one", "[sentiment][reload]") {
  const Folder folder;
  folder.put("en.model", sentiment_model(1));
  folder.put("t.bin", topic_model("sport"));
  auto store = ModelStore::open({{folder.path()}, folder.path("t.bin")});
  REQUIRE(store);
  Heard heard;
  ScoreSentiment::Settings settings;
  settings.check_interval = std::chrono::seconds(5);
  settings.observer = &heard;
  ScoreSentiment stage(std::move(*store), settings);
  CHECK(heard.lines.empty());

  MonotonicTime now{};
  Outputs out;
  Progress progress;
  const auto finish = [&] { REQUIRE(stage.finish_batch({now, false, nullptr}, out, progress)); };
  finish();
  const std::string before = scored(stage, "goal");
  CHECK_THAT(before, Catch::Contains(R"("topics":[{"id":0,"label":"sport")"));
  folder.put("t.bin", topic_model("football"));
  CHECK(scored(stage, "goal") == before);
  now += std::chrono::milliseconds(4999);
  finish();
  CHECK(scored(stage, "goal") == before);
  now += std::chrono::milliseconds(1);
  finish();
  CHECK_THAT(scored(stage, "goal"), Catch::Contains(R"("topics":[{"id":0,"label":"football")"));
}

TEST_CASE("a post has the topics' model, or why it has no topics", "[sentiment][topics]") {
  const Folder folder;
  folder.put("en.model", sentiment_model(1));
  folder.put("t.bin", topic_model("sport"));
  auto store = ModelStore::open({{folder.path()}, folder.path("t.bin")});
  REQUIRE(store);
  const std::string id = store->topics()->id();
  ScoreSentiment stage(std::move(*store), {});
  CHECK_THAT(scored(stage, "goal"), Catch::EndsWith(R"(],"topic_model":")" + id + "\"}"));
  CHECK_THAT(scored(stage, "unheard of"), Catch::EndsWith(R"(,"topics":[],"topic_model":")" + id +
                                                          R"(","topics_reason":"no_known_word"})"));
}

}  // namespace rookery::sentiment_scoring
