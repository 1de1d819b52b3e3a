#pragma once

#include <string_view>

#include "common/core/result.hpp"
#include "services/ingest/json_fields.hpp"
#include "services/ingest/parse_buffers.hpp"

namespace rookery::ingest {

/// A text as v1.1 sends it, and the entities that belong to it.
struct V1Text {
  std::string_view raw;
  Field entities;
};

/// Sets text and entities of `buffers.post`. Where `own` is a retweet that was
/// cut, the text is its prefix "RT @name: " and the whole text of `original`,
/// which is null if there is none. Links of attached media are links too, as in
/// v2.
Result<void> read_v1_text(const V1Text& own, const V1Text* original, ParseBuffers& buffers);

/// Length in bytes of the prefix "RT @name: " of a retweet whose text was cut
/// (it ends with an ellipsis); 0 for any other text.
[[nodiscard]] std::size_t cut_retweet_prefix(std::string_view text);

}  // namespace rookery::ingest
