#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/core/clock.hpp"
#include "common/core/result.hpp"
#include "common/observe/log.hpp"
#include "common/runtime/feed.hpp"
#include "services/ingest/post_parser.hpp"
#include "services/ingest/session.hpp"

namespace rookery::ingest {

/// Options of the live sources.
struct LiveSettings {
  bool redundant = false;
  std::int64_t queue_bytes_max = 8 << 20;
  std::chrono::milliseconds duplicate_window_ms{600'000};
  std::int64_t duplicate_ids_max = 700'000;
  std::chrono::milliseconds idle_timeout_ms{21'000};
  double wait_scale = 1;
  std::string tls_ca_file;

  std::string ws_url;
  std::string ws_profile = "jetstream";
  std::vector<std::string> ws_fields;
  std::string ws_token;
  std::vector<std::string> ws_collections = {"app.bsky.feed.post"};
  std::vector<std::string> ws_dids;
  bool ws_compress = false;
  std::string ws_zstd_dictionary;

  std::string x_url = "https://api.x.com";
  std::string x_token;
  std::vector<std::string> x_keywords;
  std::vector<std::string> x_hashtags;
  std::vector<std::string> x_languages;
  std::vector<std::string> x_rules;
  std::string x_rules_mode = "sync";
  std::int64_t x_rules_max = 1000;
  std::int64_t x_rule_length_max = 1024;
  std::int64_t x_backfill_minutes = 0;
  std::int64_t x_fill_posts_max = 0;
  std::string x_proxy;
  std::string x_query;
  std::chrono::milliseconds x_search_interval_ms{15'000};
};

/// The values of the service's options, as they are declared in service.cpp.
struct Settings {
  std::string source = "file";
  std::vector<std::string> file;
  std::string file_format = "auto";
  std::vector<std::string> csv_columns;
  bool follow = false;
  std::string referenced = "name";
  LiveSettings live;
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
  double sim_link_share = 0;
};

/// What can be told to be wrong without a look at files, network or broker. Error
/// codes (all kMisconfigured): option_invalid, option_missing.
Result<void> check(const Settings& settings);

/// Makes the feed of `source`; writes the simulator's truth where asked. With
/// `pipe` and without files, standard input is read. `instance` is this process's name
/// among redundant ones. Error codes (all
/// kMisconfigured): option_invalid, truth_endless, truth_unwritable.
enum class Standalone : std::uint8_t { kNo, kPipe };
Result<std::unique_ptr<Feed>> make_feed(const Settings& settings, Standalone standalone,
                                        std::string_view instance, Session& session, Clock& clock,
                                        Log& log);

/// Whether the source is a live one, where posts may come twice and be missed.
[[nodiscard]] bool is_live(const Settings& settings);

[[nodiscard]] Referenced referenced_of(const Settings& settings);

/// How the lines of the feed are to be parsed.
[[nodiscard]] PostParser::Options parser_options(const Settings& settings, const Session& session);

}  // namespace rookery::ingest
