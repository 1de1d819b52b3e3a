#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/core/result.hpp"
#include "services/ingest/live/reader_feed.hpp"
#include "services/ingest/x/http_client.hpp"

namespace rookery::ingest {

/// What a line of a stream means for the connection.
enum class LineMeaning : std::uint8_t {
  kKeepAlive,   ///< Blank.
  kMessage,     ///< For the parser: a post, a deletion, or what it refuses.
  kDisconnect,  ///< The server is about to go silent: operational-disconnect of
                ///< either kind, or v1.1's disconnect.
};

/// Looks at a line as cheaply as possible: all but a few are posts.
[[nodiscard]] LineMeaning meaning_of(std::string_view line);

/// What an answer that is no stream means.
enum class RefusalKind : std::uint8_t {
  kTooManyConnections,  ///< An old connection is still open, or another client's.
  kRateLimited,
  kNoRules,        ///< The stream has no rules.
  kProvisioning,   ///< The subscription is being changed.
  kUnauthorized,   ///< The token is refused, or may not do this: nothing will help.
  kBadRequest,     ///< The request itself: nothing will help.
  kServerTrouble,  ///< 5xx, a page of HTML, anything else.
};

struct Refusal {
  RefusalKind kind = RefusalKind::kServerTrouble;
  std::string detail;  ///< The title and the detail of the answer, or its beginning.
};

/// Reads an answer with another status than 200. Its body may be an X problem
/// (RFC 7807), a list of errors, HTML, or nothing.
[[nodiscard]] Refusal refusal_of(const HttpReply& reply);

/// How the connection ended, for waiting and for the gap.
[[nodiscard]] ConnectionEnd end_of(const Refusal& refusal, const HttpReply& reply);

}  // namespace rookery::ingest
