#pragma once

#include <istream>
#include <string>
#include <vector>

#include "services/hashtag-window/settings.hpp"

namespace rookery::simulation {

/// The three stages in a row without a broker, as the service runs them as a filter:
/// records of the input as JSON lines, a deletion as {"id":"...","deleted":true}.
struct ChainOutput {
  std::vector<std::string> trends;
  std::vector<std::string> late;
  std::vector<std::string> dead;  ///< Codes.
  std::vector<std::string> partials;
  std::vector<std::string> ranks;
};

/// `batch` records are one transaction. Fails by ROOKERY_CHECK: it is for tests.
ChainOutput run_chain(std::istream& lines, const hashtag_window::Settings& settings,
                      std::size_t batch);

}  // namespace rookery::simulation
