#include "services/rookeryctl/topic_plan.hpp"

#include <catch2/catch.hpp>

namespace rookery::rookeryctl {
namespace {

using Kind = TopicDifference::Kind;

TopicDeclaration declare(const std::string& name, std::int32_t partitions) {
  TopicDeclaration topic;
  topic.name = name;
  topic.partitions = partitions;
  topic.cleanup = "delete";
  topic.retention = std::chrono::hours(1);
  topic.config = {{"max.message.bytes", "1000"}};
  return topic;
}

kafka::TopicState as_declared(const TopicDeclaration& topic) {
  return {topic.partitions, topic.settings()};
}

TEST_CASE("a broker as declared has no differences", "[rookeryctl][topics]") {
  const auto topic = declare("a", 3);
  auto state = as_declared(topic);
  state.settings["segment.bytes"] = "7";  // nobody's concern
  const TopicStates found = {{"a", state}, {"other", {}}};
  CHECK(compare_topics({topic}, found).empty());
  const auto plan = plan_topics({topic}, found, -1);
  REQUIRE(plan);
  CHECK(plan->create.empty());
  CHECK(plan->alter.empty());
}

TEST_CASE("each way of being different is found and said", "[rookeryctl][topics]") {
  const auto a = declare("a", 3);
  const auto b = declare("b", 1);
  auto state = as_declared(a);
  state.partitions = 4;
  state.settings["retention.ms"] = "5";
  state.settings.erase("max.message.bytes");
  const auto differences = compare_topics({a, b}, {{"a", state}});
  CHECK(differences ==
        std::vector<TopicDifference>{{Kind::kPartitions, "a", "", "3", "4"},
                                     {Kind::kSetting, "a", "max.message.bytes", "1000", ""},
                                     {Kind::kSetting, "a", "retention.ms", "3600000", "5"},
                                     {Kind::kMissing, "b", "", "1", ""}});
  std::vector<std::string> texts;
  for (const auto& difference : differences) texts.push_back(to_text(difference));
  CHECK(texts ==
        std::vector<std::string>{"topic a: 3 partitions declared, 4 found",
                                 "topic a: setting max.message.bytes: declared 1000, found none",
                                 "topic a: setting retention.ms: declared 3600000, found 5",
                                 "topic b: missing"});
}

TEST_CASE("what is missing is created, what is set otherwise is set", "[rookeryctl][topics]") {
  const auto a = declare("a", 3);
  const auto b = declare("b", 2);
  auto state = as_declared(a);
  state.settings["cleanup.policy"] = "compact";
  const auto plan = plan_topics({a, b}, {{"a", state}}, 2);
  REQUIRE(plan);
  REQUIRE(plan->create.size() == 1);
  CHECK(plan->create[0].name == "b");
  CHECK(plan->create[0].partitions == 2);
  CHECK(plan->create[0].replication_factor == 2);
  CHECK(plan->create[0].settings == b.settings());
  CHECK(plan->alter == std::map<std::string, std::map<std::string, std::string>>{
                           {"a", {{"cleanup.policy", "delete"}}}});
}

TEST_CASE("another number of partitions is refused, with both numbers", "[rookeryctl][topics]") {
  const auto a = declare("a", 3);
  auto state = as_declared(a);
  state.partitions = 6;
  const auto plan = plan_topics({a, declare("b", 1)}, {{"a", state}}, -1);
  REQUIRE_FALSE(plan);
  CHECK(plan.error().disposition == Disposition::kMisconfigured);
  CHECK(plan.error().code == "partitions_differ");
  CHECK(plan.error().message.starts_with("topic a: 3 partitions declared, 6 found"));
}

}  // namespace
}  // namespace rookery::rookeryctl
