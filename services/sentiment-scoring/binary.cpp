#include "services/sentiment-scoring/binary.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <utility>

#include "common/core/check.hpp"
#include "services/sentiment-scoring/checksum.hpp"

namespace rookery::sentiment_scoring {
namespace {

constexpr std::size_t kMagicBytes = 8;
constexpr std::size_t kChecksumAt = 16;
constexpr std::size_t kBodyAt = 24;

}  // namespace

std::string wrap_file(std::string_view magic, std::uint32_t version, std::string_view body) {
  ROOKERY_CHECK(magic.size() == kMagicBytes, "readers look for eight bytes");
  std::string out(magic);
  put(out, version);
  put(out, std::uint32_t{0});
  put(out, fnv1a(body));
  out.append(body);
  return out;
}

std::uint32_t file_version(std::string_view bytes) {
  return BinaryReader(bytes.substr(std::min(bytes.size(), kMagicBytes))).number<std::uint32_t>();
}

Result<std::string_view> unwrap_file(std::string_view magic, std::uint32_t version,
                                     std::string_view bytes) {
  if (!bytes.starts_with(magic) || bytes.size() < kBodyAt) {
    return model_broken("expected a file that starts with \"" + std::string(magic) + "\"");
  }
  BinaryReader header(bytes.substr(kMagicBytes));
  if (const auto got = header.number<std::uint32_t>(); got != version) {
    return misconfigured("model_version", "expected format " + std::to_string(version) + ", got " +
                                              std::to_string(got));
  }
  BinaryReader checksum(bytes.substr(kChecksumAt));
  if (checksum.number<std::uint64_t>() != fnv1a(bytes.substr(kBodyAt))) {
    return model_broken("its checksum does not match: cut short or changed");
  }
  return bytes.substr(kBodyAt);
}

Result<std::string> read_model_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;  // its << does not throw, as an iterator does on a folder
  content << file.rdbuf();
  std::string bytes = std::move(content).str();
  if (!file || bytes.empty()) {
    return misconfigured("model_unreadable", "model \"" + path + "\": cannot be read, or is empty");
  }
  return bytes;
}

std::string checksum_text(std::string_view bytes) {
  constexpr std::string_view kHex = "0123456789abcdef";
  const auto checksum = BinaryReader(bytes.substr(kChecksumAt)).number<std::uint64_t>();
  std::string text;
  for (unsigned shift = 60; shift >= 32; shift -= 4) text.push_back(kHex[checksum >> shift & 15U]);
  return text;
}

Failure model_broken(std::string message) {
  return misconfigured("model_broken", std::move(message));
}

void put_text(std::string& out, std::string_view text, std::size_t bytes) {
  ROOKERY_CHECK(!text.empty() && text.size() < bytes, "the trainer checks names");
  out.append(text);
  out.append(bytes - text.size(), '\0');
}

std::string_view BinaryReader::bytes(std::size_t count) {
  if (count > rest_.size()) {
    short_ = true;
    return {};
  }
  const std::string_view taken = rest_.substr(0, count);
  rest_.remove_prefix(count);
  return taken;
}

std::string BinaryReader::text(std::size_t count) {
  const std::string_view taken = bytes(count);
  return std::string(taken.substr(0, taken.find('\0')));
}

}  // namespace rookery::sentiment_scoring
