#include "services/rookeryctl/topic_plan.hpp"

namespace rookery::rookeryctl {

std::vector<TopicDifference> compare_topics(const std::vector<TopicDeclaration>& declared,
                                            const TopicStates& found) {
  using Kind = TopicDifference::Kind;
  std::vector<TopicDifference> differences;
  for (const auto& topic : declared) {
    const std::string partitions = std::to_string(topic.partitions);
    const auto state = found.find(topic.name);
    if (state == found.end()) {
      differences.push_back({Kind::kMissing, topic.name, "", partitions, ""});
      continue;
    }
    if (state->second.partitions != topic.partitions) {
      differences.push_back({Kind::kPartitions, topic.name, "", partitions,
                             std::to_string(state->second.partitions)});
    }
    for (const auto& [name, value] : topic.settings()) {
      const auto setting = state->second.settings.find(name);
      const std::string has = setting == state->second.settings.end() ? "" : setting->second;
      if (has != value) differences.push_back({Kind::kSetting, topic.name, name, value, has});
    }
  }
  return differences;
}

Result<TopicPlan> plan_topics(const std::vector<TopicDeclaration>& declared,
                              const TopicStates& found, std::int32_t replication_factor) {
  TopicPlan plan;
  std::string refused;
  for (const auto& difference : compare_topics(declared, found)) {
    switch (difference.kind) {
      case TopicDifference::Kind::kMissing:
        break;  // below: it needs the whole declaration
      case TopicDifference::Kind::kPartitions:
        refused += (refused.empty() ? "" : "; ") + to_text(difference);
        break;
      case TopicDifference::Kind::kSetting:
        plan.alter[difference.topic][difference.setting] = difference.declared;
        break;
    }
  }
  if (!refused.empty()) {
    return misconfigured("partitions_differ",
                         refused +
                             ": the number of partitions is never changed, since keys "
                             "would move to other partitions");
  }
  for (const auto& topic : declared) {
    if (found.contains(topic.name)) continue;
    plan.create.push_back({topic.name, topic.partitions, replication_factor, topic.settings()});
  }
  return plan;
}

std::string to_text(const TopicDifference& difference) {
  const std::string topic = "topic " + difference.topic + ": ";
  switch (difference.kind) {
    case TopicDifference::Kind::kMissing:
      return topic + "missing";
    case TopicDifference::Kind::kPartitions:
      return topic + difference.declared + " partitions declared, " + difference.found + " found";
    case TopicDifference::Kind::kSetting:
      break;
  }
  return topic + "setting " + difference.setting + ": declared " + difference.declared +
         ", found " + (difference.found.empty() ? "none" : difference.found);
}

}  // namespace rookery::rookeryctl
