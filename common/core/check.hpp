#pragma once

#include <string_view>

namespace rookery {

/// Writes the condition and the reason to standard error and aborts.
[[noreturn]] void check_failed(std::string_view condition, std::string_view why,
                               std::string_view file, int line);

}  // namespace rookery

/// Ends the process when an invariant is broken, in all builds: that is a bug.
/// Input never triggers a check.
#define ROOKERY_CHECK(condition, why)                                 \
  do {                                                                \
    if (!(condition)) {                                               \
      ::rookery::check_failed(#condition, (why), __FILE__, __LINE__); \
    }                                                                 \
  } while (false)
