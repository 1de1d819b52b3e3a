#pragma once

#include <stop_token>
#include <vector>

#include "common/runtime/service.hpp"
#include "common/service/settings.hpp"

namespace rookery {

/// Runs the stages of `service` as one filter, from standard input (or its feed)
/// to standard output (or its store), until the input ends.
Result<void> run_pipe(const Process& process, Service& service, ServiceContext& context,
                      std::vector<Stage> stages, std::stop_token stop);

}  // namespace rookery
