#pragma once

#include <string_view>

#include "common/records/post_reader.hpp"

namespace rookery {

/// Reads a post of the plain kind, in a third of the time that a whole parser takes. `json` is
/// followed by json::scan::kBehind bytes, the first a zero, and is valid UTF-8. Returns false
/// where the post is not plain, or not as it should be: then `post` holds anything, and
/// PostReader's parser decides. Where it returns true, `post` is what that would have made of it.
/// `post` comes empty; its views are into `json`.
[[nodiscard]] bool read_plain_post(std::string_view json, PostView& post);

}  // namespace rookery
