#pragma once

#include <cstdint>

#include <simdjson.h>

#include "common/core/result.hpp"
#include "services/ingest/parse_buffers.hpp"

namespace rookery::ingest {

/// What a message of a feed is to us; an edit has buffers.revision, a demand
/// buffers.demand.
enum class FeedMessage : std::uint8_t { kPost, kEdit, kDeletion, kDemand, kNotice };

/// Reads a frame of Mastodon's streaming API, {"stream","event","payload"}, whose
/// payload is a Status as a JSON string, or a bare id for "delete"
/// (docs.joinmastodon.org/methods/streaming). The HTML of the content becomes
/// text. A boost refers to the original. Error codes, dead letters:
/// json_malformed, field_missing, field_type, field_range.
class MastodonReader {
 public:
  Result<FeedMessage> read(simdjson::dom::object frame, ParseBuffers& buffers);

 private:
  Result<FeedMessage> read_status(std::string_view payload, bool edited, ParseBuffers& buffers);

  simdjson::dom::parser parser_;
  simdjson::padded_string status_;
};

/// Reads a song that somebody plays, as one flat object: track_name, artist_name,
/// album_name, popularity, user_id, timestamp. The text is "Now playing: TRACK by
/// ARTIST #NowPlaying #Music"; a time without offset is UTC, and without a time
/// the post has `received`. The id is the account and the time, so that the same
/// message gives the same post. Error codes, dead letters: field_missing,
/// field_type, field_range.
Result<void> read_now_playing(simdjson::dom::object message, WallTime received,
                              ParseBuffers& buffers);

/// Appends the text of `html`: paragraphs and breaks as line breaks, tags left
/// out, character references decoded.
void append_html_text(std::string& out, std::string_view html);

}  // namespace rookery::ingest
