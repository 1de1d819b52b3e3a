#pragma once

#include <simdjson.h>

#include "common/core/result.hpp"
#include "services/ingest/json_fields.hpp"
#include "services/ingest/parse_buffers.hpp"

namespace rookery::ingest {

/// The members of a v2 post that say what its text is.
struct V2TextFields {
  Field text, entities, note_tweet, note_post;
};

/// Sets text and entities of `buffers.post` from those of a v2 post. `original` is the
/// retweeted post, where the message carries it. Annotations are not read: their
/// indices are not reliable (inclusive ends, changing base).
Result<void> read_v2_text(const V2TextFields& fields, const Field& original, ParseBuffers& buffers);

}  // namespace rookery::ingest
