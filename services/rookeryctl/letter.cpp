#include "services/rookeryctl/letter.hpp"

#include <nlohmann/json.hpp>

namespace rookery::rookeryctl {
namespace {

using nlohmann::json;

/// The value of one base64 digit; negative: it is none.
int digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  return c == '/' ? 63 : -1;
}

/// Text under `name`, or base64 under NAME_base64, or neither. False: malformed.
bool read_bytes(const json& letter, const std::string& name, std::optional<std::string>& bytes) {
  if (letter.contains(name)) {
    bytes = letter.at(name).get<std::string>();
  } else if (letter.contains(name + "_base64")) {
    bytes = from_base64(letter.at(name + "_base64").get<std::string>());
    return bytes.has_value();
  }
  return true;
}

bool read_headers(const json& letter, Letter& read) {
  for (const auto& header : letter.value("headers", json::array())) {
    auto value = from_base64(header.value("value_base64", ""));
    if (!value) return false;
    read.headers.emplace_back(header.value("name", ""), std::move(*value));
  }
  return true;
}

}  // namespace

std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::size_t padding = 0;
  while (padding < 2 && !text.empty() && text.back() == '=') {
    text.remove_suffix(1);
    ++padding;
  }
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3 + 2);
  unsigned bits = 0;
  unsigned held = 0;
  for (const char c : text) {
    const int value = digit(c);
    if (value < 0) return std::nullopt;
    bits = bits << 6U | static_cast<unsigned>(value);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes.push_back(static_cast<char>(bits >> held & 0xFFU));
  }
  return bytes;
}

std::optional<Letter> parse_letter(std::string_view text) {
  try {
    const json fields = json::parse(text);
    Letter letter;
    letter.service = fields.at("service").get<std::string>();
    letter.reason = fields.at("reason").get<std::string>();
    letter.message = fields.value("message", "");
    // The proto3 JSON mapping may leave out a zero.
    letter.origin = {fields.at("topic").get<std::string>(),
                     Partition(fields.value("partition", 0))};
    letter.offset = fields.value("offset", "0");
    letter.failed_at = fields.value("failed_at", "");
    if (!read_bytes(fields, "key", letter.key) || !read_bytes(fields, "value", letter.value) ||
        !read_headers(fields, letter)) {
      return std::nullopt;
    }
    return letter;
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

}  // namespace rookery::rookeryctl
