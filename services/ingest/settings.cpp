#include "services/ingest/settings.hpp"

#include "common/core/check.hpp"
#include "common/records/timestamp.hpp"
#include "services/ingest/file_feed.hpp"
#include "services/ingest/live/settings.hpp"
#include "services/ingest/simulator_feed.hpp"
#include "services/ingest/simulator_truth.hpp"
#include "services/ingest/source_options.hpp"

namespace rookery::ingest {
namespace {

Pace::Options pace_of(const Settings& settings) {
  return {.rate = settings.rate, .speed = settings.speed, .wait_max = settings.speed_wait_ms_max};
}

Result<std::unique_ptr<Feed>> make_file_feed(const Settings& settings, Standalone standalone,
                                             Session& session, Clock& clock) {
  FileFeed::Options options;
  options.paths = settings.file;
  if (options.paths.empty() && standalone == Standalone::kPipe) options.paths = {"-"};
  if (options.paths.empty()) {
    return misconfigured("option_invalid", "file: expected one or more paths, or \"-\"");
  }
  auto mapping = parse_csv_mapping(settings.csv_columns);
  ROOKERY_RETURN_IF_ERROR(mapping);
  options.mapping = std::move(*mapping);
  options.csv = settings.file_format == "csv"    ? FileFeed::Csv::kAll
                : settings.file_format == "auto" ? FileFeed::Csv::kByName
                                                 : FileFeed::Csv::kNone;
  options.columns = &session.csv;
  if (settings.follow) options.at_end = FileBytes::AtEnd::kFollow;
  options.limits.line_bytes_max = static_cast<std::size_t>(settings.line_bytes_max);
  options.pace = pace_of(settings);
  return std::unique_ptr<Feed>(std::make_unique<FileFeed>(std::move(options), clock));
}

Result<SimOptions> simulator_options(const Settings& settings) {
  const auto start = parse_rfc3339(settings.sim_start);
  if (!start) {
    return misconfigured("option_invalid",
                         "sim_start: expected RFC 3339, got \"" + settings.sim_start + "\"");
  }
  const double special = settings.sim_duplicate_share + settings.sim_late_share +
                         settings.sim_malformed_share + settings.sim_deletion_share;
  if (special > 1) {
    return misconfigured("option_invalid",
                         "sim_duplicate_share, sim_late_share, sim_malformed_share and "
                         "sim_deletion_share: expected a sum of at most 1, got " +
                             std::to_string(special));
  }
  return SimOptions{.seed = static_cast<std::uint64_t>(settings.sim_seed),
                    .posts = settings.sim_posts,
                    .rate = settings.sim_rate,
                    .start = *start,
                    .burst_interval = settings.sim_burst_interval_ms,
                    .burst_share = settings.sim_burst_share,
                    .hotspot_share = settings.sim_hotspot_share,
                    .duplicate_share = settings.sim_duplicate_share,
                    .late_share = settings.sim_late_share,
                    .malformed_share = settings.sim_malformed_share,
                    .deletion_share = settings.sim_deletion_share,
                    .link_share = settings.sim_link_share};
}

/// Instances can only share what comes to each of them in the same way, and over Kafka.
Result<void> check_redundant(const Settings& settings, Standalone standalone) {
  if (!settings.live.redundant) return {};
  const auto refused = [](const std::string& expected, const std::string& got) -> Result<void> {
    return misconfigured("option_invalid",
                         "redundant: expected " + expected + ", got \"" + got + "\"");
  };
  if (standalone == Standalone::kPipe) return refused("a broker", "--pipe");
  if (settings.live.duplicate_window_ms.count() > 0) return {};
  return refused("duplicate_window_ms above 0, or every post would come from each instance", "0");
}

}  // namespace

Result<void> check(const Settings& settings) {
  if (settings.rate > 0 && settings.speed > 0) {
    return misconfigured("option_invalid", "rate and speed: expected at most one of them");
  }
  ROOKERY_RETURN_IF_ERROR(check_heard(settings));
  if (settings.live.redundant && !is_live(settings)) {
    return misconfigured("option_invalid",
                         "redundant: expected a live source, got \"" + settings.source + "\"");
  }
  if (is_live(settings)) return check_live(settings);
  if (settings.source == "simulator") {
    ROOKERY_RETURN_IF_ERROR(simulator_options(settings));
  } else {
    ROOKERY_RETURN_IF_ERROR(parse_csv_mapping(settings.csv_columns));
  }
  return {};
}

Result<std::unique_ptr<Feed>> make_feed(const Settings& settings, Standalone standalone,
                                        std::string_view instance, Session& session, Clock& clock,
                                        Log& log) {
  ROOKERY_RETURN_IF_ERROR(check(settings));
  ROOKERY_RETURN_IF_ERROR(check_redundant(settings, standalone));
  if (settings.source == "file") return make_file_feed(settings, standalone, session, clock);
  if (is_live(settings)) return make_live_feed(settings, instance, session, clock, log);
  ROOKERY_CHECK(settings.source == "simulator", "the option is a choice");
  auto options = simulator_options(settings);
  ROOKERY_RETURN_IF_ERROR(options);
  if (!settings.sim_truth.empty()) {
    ROOKERY_RETURN_IF_ERROR(write_simulator_truth(*options, settings.sim_truth));
  }
  return std::unique_ptr<Feed>(std::make_unique<SimulatorFeed>(*options, pace_of(settings), clock));
}

Referenced referenced_of(const Settings& settings) {
  return settings.referenced == "write" ? Referenced::kWritten : Referenced::kNamed;
}

PostParser::Options parser_options(const Settings& settings, const Session& session) {
  if (settings.source == "simulator") {
    return {.format = LineFormat::kRecord, .source = "simulator"};
  }
  if (is_live(settings)) return live_parser_options(settings, session);
  const auto format = line_format(settings.file_format);
  ROOKERY_CHECK(format.has_value(), "the option is a choice");
  return {.format = *format,
          .source = "file",
          .line_bytes_max = static_cast<std::size_t>(settings.line_bytes_max),
          .referenced = referenced_of(settings),
          .csv = &session.csv};
}

}  // namespace rookery::ingest
