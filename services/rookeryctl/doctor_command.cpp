#include <memory>

#include "common/runtime/topic_table.hpp"
#include "services/rookeryctl/commands.hpp"
#include "services/rookeryctl/text_table.hpp"
#include "services/rookeryctl/topic_plan.hpp"

namespace rookery::rookeryctl {
namespace {

std::string broker_list(const std::vector<kafka::Broker>& brokers) {
  std::string text =
      std::to_string(brokers.size()) + (brokers.size() == 1 ? " broker" : " brokers");
  for (const auto& broker : brokers)
    text += (&broker == brokers.data() ? ": " : ", ") + broker.address;
  return text;
}

/// Whether each partition has a leader that answers.
Result<void> check_readable(kafka::Admin& admin, const std::string& topic, std::int32_t count) {
  std::vector<TopicPartition> partitions;
  partitions.reserve(static_cast<std::size_t>(count));
  for (std::int32_t i = 0; i < count; ++i) partitions.push_back({topic, Partition(i)});
  const auto ends = admin.ends(partitions);
  ROOKERY_RETURN_IF_ERROR(ends);
  return {};
}

std::string complaint(kafka::Admin& admin, const TopicDeclaration& topic,
                      const TopicStates& states) {
  std::string text;
  for (const auto& difference : compare_topics({topic}, states)) {
    const std::string all = to_text(difference);
    text += (text.empty() ? "" : "; ") + all.substr(all.find(": ") + 2);
  }
  const auto state = states.find(topic.name);
  if (state == states.end()) return text;
  const auto readable = check_readable(admin, topic.name, state->second.partitions);
  if (!readable) text += (text.empty() ? "" : "; ") + readable.error().message;
  return text;
}

Result<int> examine(Context& context) {
  const auto declared = parse_topics(built_in_topics());
  ROOKERY_RETURN_IF_ERROR(declared);
  const auto admin = connect(context);
  ROOKERY_RETURN_IF_ERROR(admin);
  const auto brokers = (*admin)->brokers();
  ROOKERY_RETURN_IF_ERROR(brokers);
  std::vector<std::string> names;
  for (const auto& topic : *declared) names.push_back(topic.name);
  const auto states = (*admin)->topics(names);
  ROOKERY_RETURN_IF_ERROR(states);
  int status = 0;
  TextTable table({{"finding"}, {"what"}, {"detail"}});
  table.add({"ok", "brokers", broker_list(*brokers)});
  for (const auto& topic : *declared) {
    const std::string text = complaint(**admin, topic, *states);
    if (!text.empty()) status = 1;
    table.add({text.empty() ? "ok" : "wrong", "topic " + topic.name,
               text.empty() ? "as declared, every partition answers" : text});
  }
  print(table.text());
  if (status != 0) print("rookeryctl topics apply mends missing topics and settings\n");
  return status;
}

}  // namespace

void add_doctor(CLI::App& app, Command& chosen) {
  auto* command =
      app.add_subcommand("doctor", "Whether brokers and topics are as the suite needs them");
  command->fallthrough();
  command->callback([&chosen] { chosen = examine; });
}

}  // namespace rookery::rookeryctl
