#include "common/records/sha256.hpp"

#include <array>

#include <openssl/evp.h>

#include "common/core/check.hpp"

namespace rookery {

std::string sha256_hex(std::string_view bytes) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  const int done =
      EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr);
  ROOKERY_CHECK(done == 1 && size == 32, "OpenSSL always has SHA-256");
  std::string text;
  for (unsigned i = 0; i < size; ++i) text.append({kHex[digest[i] >> 4U], kHex[digest[i] & 15U]});
  return text;
}

}  // namespace rookery
