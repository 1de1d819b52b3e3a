#include "services/rookery-train/input_files.hpp"

#include <filesystem>
#include <iostream>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/unit/services/sentiment-scoring/scratch.hpp"

namespace rookery::train {
namespace {

SystemClock clock;
constexpr const char* kFolder = "tests/fixtures/parquet";

InputFiles open(InputSettings settings) {
  auto files = InputFiles::open(settings, clock);
  REQUIRE(files);
  return std::move(*files);
}

/// Whether this build reads Parquet; says so where not.
bool reads_parquet() {
  auto files = open({});
  const auto count = files.count({std::string(kFolder) + "/posts-zstd.parquet", ""});
  if (count || count.error().code != "parquet_missing") return true;
  std::cerr << "skipped: " << count.error().message << '\n';
  return false;
}

Result<std::vector<std::string>> texts_of(InputFiles& files, const std::string& name) {
  std::vector<std::string> texts;
  ROOKERY_RETURN_IF_ERROR(
      files.read({name, ""}, [&](std::string_view text) { texts.emplace_back(text); }));
  return texts;
}

}  // namespace

TEST_CASE("Parquet gives the posts of the JSON lines, however it was written", "[topics]") {
  if (!reads_parquet()) return;
  auto files = open({});
  const std::string folder = std::string(kFolder) + "/posts";
  const auto expected = texts_of(files, folder + ".jsonl");
  REQUIRE(expected);
  REQUIRE(expected->size() == 299);  // one is a deletion
  for (const char* kind : {"-snappy", "-zstd", "-gzip", "-dictionary", "-duckdb"}) {
    INFO(kind);
    const auto texts = texts_of(files, folder + kind + ".parquet");
    REQUIRE(texts);
    CHECK(*texts == *expected);
    CHECK(files.count({folder + kind + ".parquet", ""}).value() == 300);
  }
  CHECK(files.count({folder + ".jsonl", ""}).value() == 300);
}

TEST_CASE("a Parquet file that is none is named, with what was expected", "[topics]") {
  if (!reads_parquet()) return;
  const std::string good = std::string(kFolder) + "/posts-zstd.parquet";
  auto files = open({.text_field = "body"});
  auto refused = texts_of(files, good);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == "file_malformed");
  CHECK_THAT(
      refused.error().message,
      Catch::Contains(good) &&
          Catch::Contains("column \"body\" of texts, got the columns id, geo, text, deleted"));
  auto nested = open({.text_field = "geo"});
  CHECK_THAT(texts_of(nested, good).error().message, Catch::Contains("column \"geo\" of texts"));
  auto parquet = open({.format = "parquet"});
  const Scratch cut("cut.parquet", "PAR1, and no more");
  CHECK(texts_of(parquet, cut.path()).error().code == "file_malformed");
  CHECK(parquet.count({cut.path(), ""}).error().code == "file_malformed");
  CHECK(texts_of(parquet, "/nonexistent.parquet").error().code == "file_unreadable");
}

TEST_CASE("a folder gives the files of the format in the order of their names", "[topics]") {
  const auto names = [](const char* format) {
    auto files = open({.inputs = {kFolder}, .format = format});
    const auto found = files.find();
    std::vector<std::string> all;
    if (found) {
      for (const InputFile& file : *found) {
        all.push_back(std::filesystem::path(file.name).filename().string());
        CHECK_FALSE(file.stamp.empty());
      }
    }
    return all;
  };
  CHECK(names("jsonl") == std::vector<std::string>{"posts.jsonl"});
  CHECK(names("parquet").size() == 5);
  CHECK(names("posts").size() == 6);
  CHECK(names("posts").front() == "posts-dictionary.parquet");
  CHECK(names("text").empty());
  auto nothing = open({.inputs = {kFolder}, .format = "text"});
  CHECK_THAT(nothing.find().error().message, Catch::Contains("format \"text\""));
}

TEST_CASE("an input in S3 is checked before anything is read", "[topics]") {
  CHECK(InputFiles::open({.inputs = {"s3://x"}}, clock).error().code == "option_invalid");
  CHECK(InputFiles::open({.inputs = {"s3://archive/x"}, .s3 = {.endpoint = "minio"}}, clock)
            .error()
            .code == "option_invalid");
}

}  // namespace rookery::train
