#pragma once

#include "common/core/result.hpp"
#include "services/ingest/settings.hpp"

namespace rookery::ingest {

/// Refuses options that the chosen source does not hear: who sets them believes that they do
/// something. What does no harm in an environment that several instances share (tokens,
/// certificates, limits) is let be. Error code: option_invalid (kMisconfigured).
Result<void> check_heard(const Settings& settings);

}  // namespace rookery::ingest
