#include "services/rookeryctl/letter.hpp"

#include <nlohmann/json.hpp>

#include "common/records/base64.hpp"

namespace rookery::rookeryctl {
namespace {

using nlohmann::json;

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
