#pragma once

#include <optional>

#include <simdjson.h>

#include "common/core/result.hpp"
#include "services/ingest/parse_buffers.hpp"

namespace rookery::ingest {

/// Reads an X API v1.1 post (developer.x.com, "Tweet object" v1.1) into
/// `buffers.post`. The text is the whole one: extended_tweet.full_text, else
/// full_text, else text; a retweet that was cut ("RT @name: ...…") gets the text
/// and the entities of its original behind the prefix. Error codes:
/// field_missing, field_type, field_range.
Result<void> read_v1_post(simdjson::dom::object object, ParseBuffers& buffers);

/// The box of a v1.1 place: a ring of corners, longitude first, not closed. A
/// ring that is wider than 180 degrees and begins at its south-east-most corner
/// as if that were the south-west one crosses the antimeridian; longitudes
/// beyond 180 are taken round the globe. Absent for other shapes.
Result<std::optional<BoxFields>> read_v1_box(simdjson::dom::element bounding_box);

}  // namespace rookery::ingest
