#pragma once

#include <simdjson.h>

#include "common/core/result.hpp"
#include "services/ingest/json_fields.hpp"
#include "services/ingest/parse_buffers.hpp"

namespace rookery::ingest {

/// Sets text and entities of `buffers.post` from a v2 post. `original` is the
/// retweeted post, where the message carries it. Annotations are not read: their
/// indices are not reliable (inclusive ends, changing base).
Result<void> read_v2_text(simdjson::dom::object post, const Field& original, ParseBuffers& buffers);

}  // namespace rookery::ingest
