#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace rookery {

// Base64 with padding, RFC 4648 section 4.

void append_base64(std::string& out, std::string_view bytes);
/// Absent: not base64.
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);
/// Likewise into `bytes`, whose memory is used again. Returns false where it is not base64.
[[nodiscard]] bool from_base64(std::string_view text, std::string& bytes);

}  // namespace rookery
