#include "common/runtime/topic_table.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <sstream>
#include <utility>

#include <toml.hpp>

namespace rookery {
namespace {

using std::chrono::milliseconds;

Failure malformed(const std::string& topic, const std::string& what) {
  return misconfigured("topics_malformed", "topic table: \"" + topic + "\": " + what);
}

/// "7d", "12h", "30m"; absent for "forever". False for anything else.
bool parse_retention(std::string_view text, std::optional<milliseconds>& out) {
  out.reset();
  if (text == "forever") return true;
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{} || end + 1 != text.data() + text.size() || count < 1) return false;
  switch (text.back()) {
    case 'd':
      out = std::chrono::days(count);
      return true;
    case 'h':
      out = std::chrono::hours(count);
      return true;
    case 'm':
      out = std::chrono::minutes(count);
      return true;
    default:
      return false;
  }
}

Result<TopicDeclaration> parse_topic(const std::string& name, const toml::value& table) {
  TopicDeclaration topic;
  topic.name = name;
  std::string retention;
  try {
    topic.key = toml::find<std::string>(table, "key");
    topic.record = toml::find<std::string>(table, "record");
    topic.writer = toml::find<std::string>(table, "writer");
    topic.readers = toml::find<std::vector<std::string>>(table, "readers");
    topic.partitions = toml::find<std::int32_t>(table, "partitions");
    topic.cleanup = toml::find<std::string>(table, "cleanup");
    topic.config = toml::find<std::map<std::string, std::string>>(table, "config");
    retention = toml::find<std::string>(table, "retention");
  } catch (const std::exception& error) {
    return malformed(name, error.what());
  }
  if (topic.partitions < 1 || topic.partitions > 10'000) {
    return malformed(name,
                     "partitions: expected 1 to 10000, got " + std::to_string(topic.partitions));
  }
  if (!parse_retention(retention, topic.retention)) {
    return malformed(name, "retention: expected \"7d\", \"12h\", \"30m\" or \"forever\", got \"" +
                               retention + "\"");
  }
  constexpr std::array<std::string_view, 3> kPolicies = {"delete", "compact", "compact,delete"};
  if (std::find(kPolicies.begin(), kPolicies.end(), topic.cleanup) == kPolicies.end()) {
    return malformed(
        name, "cleanup: expected delete, compact or compact,delete, got \"" + topic.cleanup + "\"");
  }
  return topic;
}

}  // namespace

std::map<std::string, std::string> TopicDeclaration::settings() const {
  auto settings = config;
  settings["cleanup.policy"] = cleanup;
  settings["retention.ms"] = retention ? std::to_string(retention->count()) : "-1";
  return settings;
}

Result<std::vector<TopicDeclaration>> parse_topics(const std::string& toml) {
  toml::value root;
  try {
    std::istringstream stream(toml);
    root = toml::parse(stream, "topics.toml");
  } catch (const std::exception& error) {
    return misconfigured("topics_malformed", error.what());
  }
  if (!root.contains("topic")) return misconfigured("topics_malformed", "expected [topic.NAME]");
  std::vector<TopicDeclaration> topics;
  for (const auto& [name, table] : root.at("topic").as_table()) {
    auto topic = parse_topic(name, table);
    ROOKERY_RETURN_IF_ERROR(topic);
    topics.push_back(std::move(*topic));
  }
  std::sort(topics.begin(), topics.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  return topics;
}

}  // namespace rookery
