#pragma once

#include <optional>
#include <string_view>

#include <simdjson.h>

#include "common/core/result.hpp"
#include "services/ingest/parse_buffers.hpp"
#include "services/ingest/v2_includes.hpp"

namespace rookery::ingest {

/// Reads an X API v2 post (docs.x.com, data dictionary) into `buffers.post`: an
/// element of `data` with what stands in `includes`, or a flattened post that
/// carries author and place itself. The text is note_tweet.text where there is
/// one; a cut retweet gets the text of its original where that came along.
/// A post without created_at gets the time in its id. Error codes: field_missing,
/// field_type, field_range.
Result<void> read_v2_post(simdjson::dom::object object, const V2Includes& includes,
                          ParseBuffers& buffers);

/// When a Snowflake id was made (milliseconds since 2010-11-04T01:42:54.657Z in
/// the bits above 22). Absent for ids that are older than Snowflake.
[[nodiscard]] std::optional<WallTime> snowflake_time(std::string_view id);

/// The least Snowflake id of a post at `time`; 0 before there were any.
[[nodiscard]] std::uint64_t snowflake_at(WallTime time);

}  // namespace rookery::ingest
