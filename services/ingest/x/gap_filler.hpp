#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "common/observe/log.hpp"
#include "services/ingest/live/reader_feed.hpp"
#include "services/ingest/x/http_client.hpp"
#include "services/ingest/x/search_feed.hpp"
#include "services/ingest/x/x_rules.hpp"

namespace rookery::ingest {

/// Fetches by recent search what a gap of the filtered stream left out: for each of
/// its rules the posts from some seconds before the gap to some seconds behind it,
/// which may have come already. Then the gap is told once more, with how much came.
/// One gap after another, on a thread of its own, so that the stream goes on
/// meanwhile. What is not done when the process ends stays a gap.
class GapFiller {
 public:
  struct Options {
    std::string url;
    HttpClient::Options http;
    std::size_t posts_max = 0;  ///< A gap; 0: nothing is filled.
    /// Until the search knows what the stream has sent.
    std::chrono::milliseconds settle{15'000};
    double wait_scale = 1;
  };

  /// `log` outlives it.
  GapFiller(Options options, Log& log);

  /// Thread of the connection. `out` must stay until close().
  void add(StreamGap gap, std::vector<StreamRule> rules, LiveOutput& out);

  /// Ends the thread.
  void close();

 private:
  struct Task {
    StreamGap gap;
    std::vector<StreamRule> rules;
  };
  /// What has come of one gap so far.
  struct Fill {
    std::uint64_t posts = 0;
    std::string trouble;  ///< Why something is missing; empty: nothing is.
  };

  void run(const std::stop_token& stop, LiveOutput& out);
  Fill fill(const Task& task, const std::stop_token& stop, LiveOutput& out);
  void search(const SearchRange& range, const StreamRule& rule, Fill& fill,
              const std::stop_token& stop, LiveOutput& out);
  std::optional<HttpReply> ask(const std::string& url, Fill& fill, const std::stop_token& stop,
                               LiveOutput& out);
  void wait(std::chrono::milliseconds time, const std::stop_token& stop, LiveOutput& out) const;

  Options options_;
  HttpClient client_;
  Log& log_;
  std::mutex mutex_;
  std::condition_variable_any added_;
  std::deque<Task> tasks_;
  std::jthread thread_;  ///< Last: it uses all others, and is joined first.
};

/// From some seconds before the gap to some behind it, as ids; no further back than
/// the search reaches.
[[nodiscard]] SearchRange range_of(const StreamGap& gap, WallTime now);

/// A page with the rule that found it, as the stream names it.
[[nodiscard]] std::string with_rule(std::string page, const StreamRule& rule);

}  // namespace rookery::ingest
