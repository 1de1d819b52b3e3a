// The service as a filter without its frame, for tests/broker/oracle_test.py:
// chain [--windows LIST] [--dimensions LIST] [--top-k N] ... < input.jsonl > trends.jsonl
#include <cstdlib>
#include <iostream>
#include <sstream>
#include <string>

#include "tests/unit/services/hashtag-window/simulation/pipe_chain.hpp"

namespace {

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, ',');) parts.push_back(part);
  return parts;
}

}  // namespace

int main(int argc, char** argv) {
  rookery::hashtag_window::WindowOptions options;
  std::int32_t partitions = 6;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    const std::string value = argv[i + 1];
    const auto number = std::strtoll(value.c_str(), nullptr, 10);
    if (name == "--windows")
      options.windows = split(value);
    else if (name == "--dimensions")
      options.dimensions = split(value);
    else if (name == "--top-k")
      options.top_k = number;
    else if (name == "--trend-history")
      options.trend_history = number;
    else if (name == "--authors-exact-max")
      options.authors_exact_max = number;
    else if (name == "--lateness-ms")
      options.lateness = std::chrono::milliseconds(number);
    else if (name == "--deletion-horizon-ms")
      options.deletion_horizon = std::chrono::milliseconds(number);
    else if (name == "--pane-keys-max")
      options.pane_keys_max = number;
    else if (name == "--open-keys-max")
      options.open_keys_max = number;
    else if (name == "--window-keys-max")
      options.window_keys_max = number;
    else if (name == "--hotspot-hashtags")
      options.hotspot_hashtags = number;
    else if (name == "--partitions")
      partitions = static_cast<std::int32_t>(number);
    else
      return 64;
  }
  const auto families = rookery::hashtag_window::families_of(options);
  const auto settings =
      rookery::hashtag_window::make_settings(options, partitions, 4, *families.front());
  if (!settings) {
    std::cerr << settings.error().message << "\n";
    return 78;
  }
  const auto output = rookery::simulation::run_chain(std::cin, *settings, 500);
  for (const auto& trend : output.trends) std::cout << trend << "\n";
  return 0;
}
