#include "services/ingest/source_options.hpp"

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace rookery::ingest {
namespace {

/// An option, and whether it is set and heard.
struct Option {
  std::string_view name;
  std::string got;  ///< Empty: it is not set.
  bool heard;
  std::string_view needs;
};

std::string shown(bool set) {
  return set ? "true" : "";
}

std::string shown(double value) {
  return value > 0 ? std::to_string(value) : "";
}

std::string shown(std::int64_t value) {
  return value > 0 ? std::to_string(value) : "";
}

std::string shown(const std::string& value, std::string_view unset = "") {
  return value == unset ? "" : value;
}

std::string shown(const std::vector<std::string>& list,
                  const std::vector<std::string>& unset = {}) {
  if (list == unset) return "";
  std::string all;
  for (const auto& entry : list) all += (all.empty() ? "" : ",") + entry;
  return all.empty() ? "[]" : all;
}

std::vector<Option> options_of_files(const Settings& s) {
  const bool file = s.source == "file";
  const bool simulator = s.source == "simulator";
  const bool rows = file && (s.file_format == "auto" || s.file_format == "csv");
  constexpr std::string_view kFile = "source \"file\"";
  constexpr std::string_view kSimulator = "source \"simulator\"";
  constexpr std::string_view kPaced = "source \"file\" or \"simulator\"";
  return {{"file", shown(s.file), file, kFile},
          {"file_format", shown(s.file_format, "auto"), file, kFile},
          {"csv_columns", shown(s.csv_columns), rows,
           "source \"file\" with file_format \"csv\" or \"auto\""},
          {"follow", shown(s.follow), file, kFile},
          {"rate", shown(s.rate), file || simulator, kPaced},
          {"speed", shown(s.speed), file || simulator, kPaced},
          {"sim_posts", shown(s.sim_posts), simulator, kSimulator},
          {"sim_truth", shown(s.sim_truth), simulator, kSimulator}};
}

std::vector<Option> options_of_websocket(const Settings& s) {
  const LiveSettings& live = s.live;
  const bool websocket = s.source == "websocket";
  const bool jetstream = websocket && live.ws_profile.starts_with("jetstream");
  constexpr std::string_view kWebSocket = "source \"websocket\"";
  constexpr std::string_view kJetstream =
      "source \"websocket\" with ws_profile \"jetstream\" or \"jetstream-v2\"";
  return {// An address may hold a token.
          {"ws_url", live.ws_url.empty() ? "" : "(an address)", websocket, kWebSocket},
          {"ws_fields", shown(live.ws_fields), websocket, kWebSocket},
          {"ws_compress", shown(live.ws_compress), websocket, kWebSocket},
          {"ws_zstd_dictionary", shown(live.ws_zstd_dictionary), websocket && live.ws_compress,
           "ws_compress true"},
          {"ws_collections", shown(live.ws_collections, LiveSettings().ws_collections), jetstream,
           kJetstream},
          {"ws_dids", shown(live.ws_dids), jetstream, kJetstream}};
}

std::vector<Option> options_of_x(const Settings& s) {
  const LiveSettings& live = s.live;
  const bool stream = s.source == "x-stream";
  const bool sync = stream && live.x_rules_mode == "sync";
  const bool terms = !live.x_keywords.empty() || !live.x_hashtags.empty();
  constexpr std::string_view kStream = "source \"x-stream\"";
  constexpr std::string_view kSync = "source \"x-stream\" with x_rules_mode \"sync\"";
  return {{"x_keywords", shown(live.x_keywords), sync, kSync},
          {"x_hashtags", shown(live.x_hashtags), sync, kSync},
          {"x_rules", shown(live.x_rules), sync, kSync},
          {"x_languages", shown(live.x_languages), sync && terms,
           "x_keywords or x_hashtags (a raw rule says lang: itself)"},
          {"x_rules_mode", shown(live.x_rules_mode, "sync"), stream, kStream},
          {"x_backfill_minutes", shown(live.x_backfill_minutes), stream || s.source == "x-sample",
           "source \"x-stream\" or \"x-sample\""},
          {"x_fill_posts_max", shown(live.x_fill_posts_max), sync, kSync},
          {"x_query", shown(live.x_query), s.source == "x-search", "source \"x-search\""}};
}

}  // namespace

Result<void> check_heard(const Settings& settings) {
  for (const auto& options :
       {options_of_files(settings), options_of_websocket(settings), options_of_x(settings)}) {
    for (const Option& option : options) {
      if (option.heard || option.got.empty()) continue;
      return misconfigured("option_invalid",
                           std::string(option.name) + ": expected " + std::string(option.needs) +
                               " beside it, or none of it; got \"" + option.got.substr(0, 80) +
                               "\" with source \"" + settings.source + "\"");
    }
  }
  return {};
}

}  // namespace rookery::ingest
