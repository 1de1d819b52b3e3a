#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "services/ingest/live/reader_feed.hpp"
#include "services/ingest/x/gap_filler.hpp"
#include "services/ingest/x/http_client.hpp"
#include "services/ingest/x/x_rules.hpp"

namespace rookery::ingest {

/// The streams of the X API v2: the filtered stream with its rules, and the
/// sample of one percent. One thread uses it.
class XStream final : public LiveProtocol {
 public:
  enum class Endpoint : std::uint8_t { kFiltered, kSample };
  enum class RulesMode : std::uint8_t { kSync, kKeep };

  struct Options {
    Endpoint endpoint = Endpoint::kFiltered;
    std::string url = "https://api.x.com";
    HttpClient::Options http;
    std::vector<StreamRule> rules;
    RulesMode rules_mode = RulesMode::kSync;
    std::size_t rules_max = 1000;
    std::chrono::minutes backfill_max{0};
    /// X sends an empty line every 20 s at least.
    std::chrono::milliseconds idle_timeout{21'000};
    std::size_t line_bytes_max = 16U << 20U;
    std::size_t fill_posts_max = 0;  ///< Of a gap, by recent search; 0: gaps stay.
    double wait_scale = 1;           ///< Of the waits of filling.
  };

  /// `log` outlives it.
  XStream(Options options, Log& log);

  [[nodiscard]] std::string_view source() const override;
  [[nodiscard]] std::string location() const override { return options_.url; }
  [[nodiscard]] Backoff::Schedule schedule() const override { return Backoff::Schedule::kX; }
  void resume(const Resume& /*from*/) override {}
  ConnectionEnd run(LiveOutput& out) override;
  void close() override { filler_.close(); }

 private:
  class Listener;

  /// A gap that no backfill covers.
  void on_gap(const StreamGap& gap, LiveOutput& out);

  /// Makes the server's rules those of the options; absent: done.
  std::optional<ConnectionEnd> synchronise(const std::stop_token& stop);
  std::optional<ConnectionEnd> change_rules(const std::string& body, std::string_view query,
                                            const std::stop_token& stop);
  void look_at_connections(const std::stop_token& stop);
  [[nodiscard]] std::string stream_url(std::chrono::minutes backfill) const;
  [[nodiscard]] std::string rules_url() const;

  Options options_;
  HttpClient client_;
  Log& log_;
  bool rules_done_ = false;
  GapFiller filler_;
};

}  // namespace rookery::ingest
