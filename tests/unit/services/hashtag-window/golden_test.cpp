// What the executable does is in tests/golden; here: that batches make no difference.
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <catch2/catch.hpp>

#include "tests/unit/services/hashtag-window/simulation/pipe_chain.hpp"

namespace rookery::simulation {
namespace {

std::string content(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST_CASE("the golden inputs give the golden trends, whatever the batches", "[golden]") {
  const std::filesystem::path folder = "tests/golden/hashtag-window";
  hashtag_window::WindowOptions options;
  options.windows = {"5m/1m", "1h/10s"};
  const auto settings = hashtag_window::make_settings(options, 6, 4);
  REQUIRE(settings);
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    const auto suffix = name.find(".in.jsonl");
    if (suffix == std::string::npos) continue;
    const std::string stem = name.substr(0, suffix);
    // Those with these settings.
    if (content(folder / (stem + ".args")) != "--windows 5m/1m,1h/10s\n") continue;
    ++files;
    for (const std::size_t batch : {1U, 7U, 100'000U}) {
      INFO(stem << ", batches of " << batch);
      std::ifstream input(entry.path());
      std::string trends;
      for (const auto& line : run_chain(input, *settings, batch).trends) trends += line + "\n";
      CHECK(trends == content(folder / (stem + ".out.jsonl")));
    }
  }
  CHECK(files >= 3);
}

}  // namespace
}  // namespace rookery::simulation
