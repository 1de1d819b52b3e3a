#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "services/ingest/live/reader_feed.hpp"
#include "services/ingest/x/http_client.hpp"

namespace rookery::ingest {

/// The recent search of the X API v2, asked again and again for what is newer:
/// the source for those without a stream. Its cursor is the newest id of the
/// last answer that was read to its end. One thread uses it.
class XSearch final : public LiveProtocol {
 public:
  struct Options {
    std::string url = "https://api.x.com";
    HttpClient::Options http;
    std::string query;
    std::chrono::milliseconds interval{15'000};
  };

  explicit XSearch(Options options);

  [[nodiscard]] std::string_view source() const override { return "x-search"; }
  [[nodiscard]] std::string location() const override {
    return options_.url + " " + options_.query;
  }
  [[nodiscard]] Backoff::Schedule schedule() const override { return Backoff::Schedule::kX; }
  void resume(const Resume& from) override { since_ = from.cursor; }
  ConnectionEnd run(LiveOutput& out) override;

 private:
  /// One round over all pages; absent: it went well.
  std::optional<ConnectionEnd> round(LiveOutput& out);
  Options options_;
  HttpClient client_;
  std::string since_;  ///< Empty: the search's own beginning, seven days ago.
};

/// How far back the recent search looks, but for a minute for the way: what is a second too old
/// is refused.
inline constexpr std::chrono::seconds kSearchReach =
    std::chrono::hours(7 * 24) - std::chrono::minutes(1);

/// Behind which id to ask for what is newer than `newest`: that one, or where the reach begins. X
/// refuses an older id, and a query may find nothing for longer than a week. Empty stays empty.
[[nodiscard]] std::string reachable_id(const std::string& newest, WallTime now);

/// What a search asks for: posts newer than since_id and older than until_id.
struct SearchRange {
  std::string query;
  std::string since_id = {};  ///< Empty: the search's own beginning.
  std::string until_id = {};  ///< Empty: now.
};
/// The address of a page; `next` is empty for the first.
[[nodiscard]] std::string search_url(const std::string& base, const SearchRange& range,
                                     const std::string& next);

/// The parts of an answer that say how to go on.
struct SearchPage {
  std::uint64_t posts = 0;
  std::string newest;  ///< Empty: the page has no posts.
  std::string next;    ///< Empty: the last page.
};
[[nodiscard]] Result<SearchPage> read_search_page(const std::string& body);

}  // namespace rookery::ingest
