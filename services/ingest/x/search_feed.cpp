#include "services/ingest/x/search_feed.hpp"

#include <charconv>
#include <utility>

#include <simdjson.h>

#include "services/ingest/v2_post.hpp"
#include "services/ingest/x/x_fields.hpp"
#include "services/ingest/x/x_messages.hpp"

namespace rookery::ingest {
Result<SearchPage> read_search_page(const std::string& body) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  simdjson::dom::object meta;
  if (parser.parse(body).get(root) != simdjson::SUCCESS ||
      root["meta"].get_object().get(meta) != simdjson::SUCCESS) {
    return retry_batch("search_malformed",
                       "search: expected an object with meta, got " + body.substr(0, 200));
  }
  SearchPage page;
  simdjson::dom::array posts;
  if (root["data"].get_array().get(posts) == simdjson::SUCCESS) page.posts = posts.size();
  std::string_view text;
  if (meta["newest_id"].get_string().get(text) == simdjson::SUCCESS) page.newest = text;
  if (meta["next_token"].get_string().get(text) == simdjson::SUCCESS) page.next = text;
  return page;
}

std::string reachable_id(const std::string& newest, WallTime now) {
  const std::uint64_t begin = snowflake_at(now - kSearchReach);
  std::uint64_t id = 0;
  const auto* const end = newest.data() + newest.size();
  const auto read = std::from_chars(newest.data(), end, id);
  if (read.ec != std::errc() || read.ptr != end || id >= begin) return newest;
  return std::to_string(begin);
}

XSearch::XSearch(Options options) : options_(std::move(options)), client_(options_.http) {}

std::string search_url(const std::string& base, const SearchRange& range, const std::string& next) {
  std::string url = base + "/2/tweets/search/recent?max_results=100&";
  url += kXFields;
  url += "&query=" + url_encoded(range.query);
  if (!range.since_id.empty()) url += "&since_id=" + url_encoded(range.since_id);
  if (!range.until_id.empty()) url += "&until_id=" + url_encoded(range.until_id);
  if (!next.empty()) url += "&next_token=" + url_encoded(next);
  return url;
}

std::optional<ConnectionEnd> XSearch::round(LiveOutput& out) {
  const SearchRange range{.query = options_.query,
                          .since_id = reachable_id(since_, out.clock().wall_now())};
  std::string newest;
  std::string next;
  bool first = true;
  do {
    auto reply = client_.send({.url = search_url(options_.url, range, next)}, out.stop());
    if (!reply) return ConnectionEnd{.detail = reply.error().message};
    if (reply->status != 200) return end_of(refusal_of(*reply), *reply);
    auto page = read_search_page(reply->body);
    if (!page) return ConnectionEnd{.kind = LossKind::kHttp, .detail = page.error().message};
    if (first && !out.connected(kSearchReach)) return ConnectionEnd{};
    // The pages go from new to old: only behind the last one all is read.
    if (std::exchange(first, false)) newest = page->newest;
    next = page->next;
    const bool last = next.empty();
    if (page->newest.empty()) {
      out.alive();
    } else if (!out.message(std::move(reply->body), last ? newest : std::string())) {
      return ConnectionEnd{};
    }
  } while (!next.empty());
  if (!newest.empty()) since_ = newest;
  return {};
}

ConnectionEnd XSearch::run(LiveOutput& out) {
  while (!out.stopped()) {
    if (auto end = round(out)) return std::move(*end);
    out.clock().sleep_for(options_.interval, out.stop());
  }
  return {};
}

}  // namespace rookery::ingest
