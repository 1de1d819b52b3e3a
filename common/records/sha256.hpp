#pragma once

#include <string>
#include <string_view>

namespace rookery {

/// SHA-256 (FIPS 180-4) in 64 hexadecimal digits, as sha256sum prints it.
[[nodiscard]] std::string sha256_hex(std::string_view bytes);

}  // namespace rookery
