#pragma once

#include <string_view>

namespace rookery {

/// A named point at which a test may kill the process, as if the machine had
/// lost power: ROOKERY_TEST_CRASH_AT=NAME:N (the N-th passage raises SIGKILL). A
/// note is written to ROOKERY_TEST_CRASH_LOG first, so that a test can show that
/// its fault has fired. Costs a comparison with null per call; called per batch,
/// never per record. Builds with -DROOKERY_FAULT_POINTS=OFF have none.
void crash_point(std::string_view name);

/// A named point at which a test may have a step fail: true at the N-th passage of
/// ROOKERY_TEST_FAIL_AT=NAME:N, and the caller acts as if the broker had refused.
[[nodiscard]] bool fail_point(std::string_view name);

/// Whether the deliberate mistake `name` is switched on (ROOKERY_TEST_MISTAKE):
/// the storm test shows with it that its oracle would notice.
[[nodiscard]] bool planted_mistake(std::string_view name);

/// True when one of the variables is set; the service frame warns about it at start.
[[nodiscard]] bool faults_armed();

}  // namespace rookery
