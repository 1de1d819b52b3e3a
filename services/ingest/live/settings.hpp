#pragma once

#include <memory>

#include "common/core/options.hpp"
#include "services/ingest/settings.hpp"

namespace rookery::ingest {

/// Declares the options of the live sources.
void describe_live(OptionSet& options, LiveSettings& settings);

/// What make_live_feed() would refuse, without a connection.
Result<void> check_live(const Settings& settings);

/// Makes the feed of a live source. Error codes (kMisconfigured): option_missing
/// (no token, no query, no address), option_invalid (a rule too long, plain http
/// to another machine).
Result<std::unique_ptr<Feed>> make_live_feed(const Settings& settings, std::string_view instance,
                                             Session& session, Clock& clock, Log& log);

[[nodiscard]] PostParser::Options live_parser_options(const Settings& settings,
                                                      const Session& session);

}  // namespace rookery::ingest
