#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/core/clock.hpp"
#include "common/core/result.hpp"
#include "common/runtime/feed.hpp"
#include "services/ingest/post_parser.hpp"

namespace rookery::ingest {

/// The values of the service's options, as they are declared in service.cpp.
struct Settings {
  std::string source = "file";
  std::vector<std::string> file;
  std::string file_format = "auto";
  std::vector<std::string> csv_columns;
  bool follow = false;
  std::int64_t line_bytes_max = 16 << 20;
  double rate = 0;
  double speed = 0;
  std::chrono::milliseconds speed_wait_ms_max{60'000};

  std::int64_t sim_seed = 1;
  std::int64_t sim_posts = 0;
  double sim_rate = 50;
  std::string sim_start = "2026-01-01T00:00:00Z";
  std::string sim_truth;
  std::chrono::milliseconds sim_burst_interval_ms{300'000};
  double sim_burst_share = 0.15;
  double sim_hotspot_share = 0.05;
  double sim_duplicate_share = 0.02;
  double sim_late_share = 0.01;
  double sim_malformed_share = 0.005;
  double sim_deletion_share = 0.005;
};

/// What feed and parser have in common while they run, on one thread.
struct Session {
  std::optional<CsvColumns> csv;  ///< Set while the feed gives rows of CSV.
};

/// Makes the feed of `source`; writes the simulator's truth where asked. With
/// `pipe` and without files, standard input is read. Error codes (all
/// kMisconfigured): option_invalid, truth_endless, truth_unwritable.
enum class Standalone : std::uint8_t { kNo, kPipe };
Result<std::unique_ptr<Feed>> make_feed(const Settings& settings, Standalone standalone,
                                        Session& session, Clock& clock);

/// How the lines of the feed are to be parsed.
[[nodiscard]] PostParser::Options parser_options(const Settings& settings, const Session& session);

}  // namespace rookery::ingest
