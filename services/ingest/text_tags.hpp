#pragma once

#include <string_view>
#include <vector>

#include "services/ingest/raw_post.hpp"

namespace rookery::ingest {

/// Finds the hashtags of a text whose source does not name them: "#" or the
/// full-width "＃" at the beginning or behind what is no word, then letters,
/// digits and "_" of any script, at least one of them no digit (after
/// github.com/twitter/twitter-text, hashtags). Spans are code points of `text`,
/// which must be valid UTF-8 and outlive `tags`.
void find_hashtags(std::string_view text, std::vector<TagEntity>& tags);

}  // namespace rookery::ingest
