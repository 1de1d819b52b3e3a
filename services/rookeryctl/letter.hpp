#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/runtime/io.hpp"

namespace rookery::rookeryctl {

/// A record of the topic dead_letters (proto/rookery/v1/dead_letters.proto), its
/// bytes as they were.
struct Letter {
  std::string service;
  std::string reason;
  std::string message;
  TopicPartition origin;
  std::string offset;  ///< As text: a feed's position may be any.
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string failed_at;
};

/// Absent: `json` is not a dead letter.
[[nodiscard]] std::optional<Letter> parse_letter(std::string_view json);

}  // namespace rookery::rookeryctl
