#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace rookery::hashtag_window {

/// Appends to `out` the registered domain of `url`, as example.co.uk of
/// https://news.example.co.uk/a, in lower case, by the public suffix list that libpsl has
/// built in. An address in numbers stands for itself. False, and nothing is appended, for what
/// has no scheme and host, or a host that is a public suffix or has no dot.
bool append_registered_domain(std::string& out, std::string_view url);

}  // namespace rookery::hashtag_window
