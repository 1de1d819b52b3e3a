#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/result.hpp"
#include "services/ingest/post_parser.hpp"

namespace rookery::ingest {

/// What kind of feed stands behind a WebSocket.
enum class FeedProfile : std::uint8_t { kJetstream, kJetstreamV2, kMastodon, kNowPlaying, kCustom };

/// "jetstream", "jetstream-v2", "mastodon", "now-playing", "custom".
[[nodiscard]] std::optional<FeedProfile> feed_profile(std::string_view name);

/// How the messages of the profile are read.
[[nodiscard]] LineFormat format_of(FeedProfile profile);

/// Whether the server can be asked to repeat from a cursor.
[[nodiscard]] bool has_cursor(FeedProfile profile);

/// How far back a server with a cursor goes: the shorter of what Jetstream's
/// hosts kept at any time.
inline constexpr std::chrono::hours kReplayReach{24};

/// The address to connect to: `url` with the wishes and the cursor as its query.
/// v1's cursor is a time, and replay is not exact at its boundary: five seconds
/// are read again. v2's is the number of an event, which comes again.
[[nodiscard]] std::string connect_url(FeedProfile profile, const std::string& url,
                                      const std::vector<std::string>& collections,
                                      const std::vector<std::string>& dids,
                                      std::string_view cursor);

/// Where the stream goes on behind `message`; empty: it does not say or says what is
/// none (a cursor is above 0), or the profile has no cursor.
[[nodiscard]] std::string cursor_behind(FeedProfile profile, std::string_view message);

/// Whether the server says with `message` that it ends the connection, or that
/// our cursor is older than what it has.
enum class FrameMeaning : std::uint8_t { kMessage, kError, kCursorOutdated };
[[nodiscard]] FrameMeaning meaning_of_frame(FeedProfile profile, std::string_view message);

}  // namespace rookery::ingest
