#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <simdjson.h>

#include "common/core/result.hpp"
#include "services/ingest/feed_posts.hpp"
#include "services/ingest/message_shape.hpp"
#include "services/ingest/parse_buffers.hpp"

namespace rookery::ingest {

/// Whether `message` is an event of Jetstream v1 ({"did","time_us","kind",...})
/// or a frame of v2 ({"$type":"message"|"error"|...,...}).
[[nodiscard]] bool is_jetstream(const MessageShape& message);

/// Reads one event into buffers.post (a deletion: its id alone; an edit:
/// buffers.revision too). Only commits of
/// app.bsky.feed.post are posts; likes, follows and identities are notices, and an
/// account that goes or comes back is a demand. The id is the record's address,
/// at://did/collection/rkey. createdAt is the client's and may lie in the future: the time is the
/// earlier of it and of when the server saw the event. Facet indices are UTF-8 bytes and are
/// clamped to code points. Error codes, dead letters: field_missing, field_type,
/// field_range.
[[nodiscard]] Result<FeedMessage> read_jetstream(simdjson::dom::object message,
                                                 ParseBuffers& buffers);

/// Where the event stands in the stream: time_us of v1, seq of v2. Absent for
/// frames without one.
[[nodiscard]] std::optional<std::int64_t> jetstream_cursor(simdjson::dom::object message);

}  // namespace rookery::ingest
