#include "services/ingest/ws/profile.hpp"

#include <charconv>

#include <simdjson.h>

#include "services/ingest/jetstream_post.hpp"
#include "services/ingest/x/http_client.hpp"

namespace rookery::ingest {
namespace {

constexpr std::int64_t kRewindMicros = 5'000'000;

struct Named {
  std::string_view name;
  FeedProfile profile;
};
constexpr std::array<Named, 5> kProfiles = {{{"jetstream", FeedProfile::kJetstream},
                                             {"jetstream-v2", FeedProfile::kJetstreamV2},
                                             {"mastodon", FeedProfile::kMastodon},
                                             {"now-playing", FeedProfile::kNowPlaying},
                                             {"custom", FeedProfile::kCustom}}};

void add_query(std::string& url, std::string_view name, std::string_view value) {
  url += url.find('?') == std::string::npos ? '?' : '&';
  url.append(name).append("=").append(url_encoded(value));
}

}  // namespace

std::optional<FeedProfile> feed_profile(std::string_view name) {
  for (const auto& entry : kProfiles) {
    if (entry.name == name) return entry.profile;
  }
  return {};
}

LineFormat format_of(FeedProfile profile) {
  switch (profile) {
    case FeedProfile::kJetstream:
    case FeedProfile::kJetstreamV2:
      return LineFormat::kJetstream;
    case FeedProfile::kMastodon:
      return LineFormat::kMastodon;
    case FeedProfile::kNowPlaying:
      return LineFormat::kNowPlaying;
    case FeedProfile::kCustom:
      return LineFormat::kCustom;
  }
  return LineFormat::kAuto;
}

bool has_cursor(FeedProfile profile) {
  return profile == FeedProfile::kJetstream || profile == FeedProfile::kJetstreamV2;
}

std::string connect_url(FeedProfile profile, const std::string& url,
                        const std::vector<std::string>& collections,
                        const std::vector<std::string>& dids, std::string_view cursor) {
  std::string full = url;
  if (!has_cursor(profile)) return full;
  const bool v1 = profile == FeedProfile::kJetstream;
  for (const auto& name : collections) {
    add_query(full, v1 ? "wantedCollections" : "collections", name);
  }
  for (const auto& did : dids) add_query(full, v1 ? "wantedDids" : "dids", did);
  std::int64_t number = 0;
  const auto* const end = cursor.data() + cursor.size();
  if (cursor.empty() || std::from_chars(cursor.data(), end, number).ptr != end) return full;
  add_query(full, "cursor", std::to_string(v1 ? number - kRewindMicros : number));
  return full;
}

std::string cursor_behind(FeedProfile profile, std::string_view message) {
  if (!has_cursor(profile)) return {};
  simdjson::dom::parser parser;
  simdjson::dom::object event;
  const simdjson::padded_string padded(message);
  if (parser.parse(padded).get_object().get(event) != simdjson::SUCCESS) return {};
  const auto cursor = jetstream_cursor(event);
  return cursor && *cursor > 0 ? std::to_string(*cursor) : std::string();
}

FrameMeaning meaning_of_frame(FeedProfile profile, std::string_view message) {
  // An error or advice is short and says so near its beginning.
  constexpr std::size_t kShort = 2000;
  if (message.size() > kShort) return FrameMeaning::kMessage;
  simdjson::dom::parser parser;
  simdjson::dom::object frame;
  const simdjson::padded_string padded(message);
  if (parser.parse(padded).get_object().get(frame) != simdjson::SUCCESS) {
    return FrameMeaning::kMessage;
  }
  std::string_view text;
  if (profile == FeedProfile::kMastodon) {
    const bool error = frame["error"].get_string().get(text) == simdjson::SUCCESS;
    return error ? FrameMeaning::kError : FrameMeaning::kMessage;
  }
  if (profile != FeedProfile::kJetstreamV2) return FrameMeaning::kMessage;
  if (frame["$type"].get_string().get(text) == simdjson::SUCCESS && text == "error") {
    return FrameMeaning::kError;
  }
  const bool outdated = frame["payload"]["name"].get_string().get(text) == simdjson::SUCCESS &&
                        text == "OutdatedCursor";
  return outdated ? FrameMeaning::kCursorOutdated : FrameMeaning::kMessage;
}

}  // namespace rookery::ingest
