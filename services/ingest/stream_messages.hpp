#pragma once

#include <optional>
#include <string_view>

#include <simdjson.h>

#include "common/core/result.hpp"
#include "services/ingest/message_shape.hpp"
#include "services/ingest/raw_post.hpp"

namespace rookery::ingest {

/// The id of the deleted post, if `message` is a v1.1 deletion
/// ({"delete":{"status":...}}), the compliance stream's
/// ({"delete":{"tweet":...}}, what stands in v2's `data`; "drop" likewise: the post
/// must not be shown any more), or the suite's own
/// ({"id":...,"deleted":true}). The view holds while document and arena do.
Result<std::optional<std::string_view>> deleted_post(const MessageShape& message, TextArena& arena);

/// Whether `message` is something else than a post that X sends on a stream:
/// limit, warning, disconnect and profile notices, errors, and v2
/// answers without posts. Takes the names of the closed list in the source.
[[nodiscard]] bool is_notice(simdjson::dom::object message);

}  // namespace rookery::ingest
