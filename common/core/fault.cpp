#include "common/core/fault.hpp"

#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <string>

#include <fcntl.h>
#include <unistd.h>

namespace rookery {
namespace {

#ifdef ROOKERY_FAULT_POINTS
constexpr bool kFaultPoints = true;
#else
constexpr bool kFaultPoints = false;
#endif

/// Read once, before threads start: nobody sets the environment later.
std::string_view variable(const char* name) {
  const char* value = kFaultPoints ? std::getenv(name) : nullptr;  // NOLINT(concurrency-mt-unsafe)
  return value == nullptr ? std::string_view{} : std::string_view(value);
}

struct Plan {
  std::string_view point;
  int passage = 1;
  std::atomic<int> passages{0};

  /// Whether this is the passage at which it happens.
  bool due(std::string_view name) {
    return !point.empty() && name == point && ++passages == passage;
  }
};

Plan read_plan(const char* name) {
  const auto text = variable(name);
  const auto colon = text.find(':');
  int passage = 1;
  if (colon != std::string_view::npos) {
    std::from_chars(text.data() + colon + 1, text.data() + text.size(), passage);
  }
  return {text.substr(0, colon), passage};
}

Plan crash = read_plan("ROOKERY_TEST_CRASH_AT");
Plan failure = read_plan("ROOKERY_TEST_FAIL_AT");
const std::string_view kMistake = variable("ROOKERY_TEST_MISTAKE");

void note_crash(std::string_view name) {
  const auto path = variable("ROOKERY_TEST_CRASH_LOG");
  if (path.empty()) return;
  const int log = ::open(std::string(path).c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  if (log < 0) return;
  const std::string line = std::string(name) + "\n";
  [[maybe_unused]] const auto written = ::write(log, line.data(), line.size());
  ::fsync(log);
  ::close(log);
}

}  // namespace

void crash_point(std::string_view name) {
  if (!crash.due(name)) return;
  note_crash(name);
  std::raise(SIGKILL);
}

bool fail_point(std::string_view name) {
  return failure.due(name);
}

bool planted_mistake(std::string_view name) {
  return !kMistake.empty() && name == kMistake;
}

bool faults_armed() {
  return !crash.point.empty() || !failure.point.empty() || !kMistake.empty();
}

}  // namespace rookery
