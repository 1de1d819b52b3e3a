#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/result.hpp"

namespace rookery {

/// One topic as proto/topics.toml declares it.
struct TopicDeclaration {
  std::string name;
  std::string key;
  std::string record;  ///< Message name in proto/rookery/v1.
  std::string writer;
  std::vector<std::string> readers;
  std::int32_t partitions = 1;
  std::optional<std::chrono::milliseconds> retention;  ///< Absent: forever.
  std::string cleanup;
  std::map<std::string, std::string> config;  ///< Further settings, unchanged.

  /// All settings that the topic is to have, with Kafka's names.
  [[nodiscard]] std::map<std::string, std::string> settings() const;
};

/// Reads a topic table. Errors: topics_malformed (kMisconfigured), naming the
/// topic and the field.
Result<std::vector<TopicDeclaration>> parse_topics(const std::string& toml);

/// proto/topics.toml as it was when the program was built.
[[nodiscard]] const std::string& built_in_topics();

}  // namespace rookery
