#pragma once

#include <string_view>
#include <vector>

namespace rookery::hashtag_window {

/// Appends to `tags` the hashtags in `text` (valid UTF-8), without their signs, as views into
/// it: for sources that do not name them. By the rules of twitter-text (github.com/twitter/
/// twitter-text, Regexp.java, VALID_HASHTAG): "#" or "＃", not behind a letter, digit or "&",
/// then letters, marks, digits and some signs, of which at least one is a letter or a mark; no
/// tag is what "://" or another sign follows. What lies in a link with a scheme is none; links
/// without one are not recognised.
void extract_hashtags(std::string_view text, std::vector<std::string_view>& tags);

}  // namespace rookery::hashtag_window
