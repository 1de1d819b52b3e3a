#include <cstdint>
#include <fstream>
#include <memory>
#include <sstream>

#include <nlohmann/json.hpp>

#include "common/runtime/topic_table.hpp"
#include "services/rookeryctl/commands.hpp"
#include "services/rookeryctl/text_table.hpp"
#include "services/rookeryctl/topic_plan.hpp"

namespace rookery::rookeryctl {
namespace {

struct Options {
  std::string file;
  bool json = false;
  bool dry_run = false;
  std::int32_t replication_factor = -1;
};

Result<std::vector<TopicDeclaration>> read_table(const Options& options) {
  if (options.file.empty()) return parse_topics(built_in_topics());
  const std::ifstream file(options.file);
  if (!file) {
    return misconfigured("option_invalid",
                         "--file: expected a readable file, got \"" + options.file + "\"");
  }
  std::ostringstream text;
  text << file.rdbuf();
  return parse_topics(text.str());
}

std::string retention_text(const TopicDeclaration& topic) {
  if (!topic.retention) return "forever";
  const auto hours = std::chrono::duration_cast<std::chrono::hours>(*topic.retention).count();
  if (std::chrono::hours(hours) != *topic.retention) {
    return std::to_string(topic.retention->count() / 60'000) + "m";
  }
  return hours % 24 == 0 ? std::to_string(hours / 24) + "d" : std::to_string(hours) + "h";
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : ", ") + word;
  return text.empty() ? "-" : text;
}

Result<int> list(const Options& options) {
  const auto declared = read_table(options);
  ROOKERY_RETURN_IF_ERROR(declared);
  if (options.json) {
    for (const auto& topic : *declared) {
      const nlohmann::ordered_json json = {{"name", topic.name},
                                           {"partitions", topic.partitions},
                                           {"key", topic.key},
                                           {"record", topic.record},
                                           {"writer", topic.writer},
                                           {"readers", topic.readers},
                                           {"settings", topic.settings()}};
      print(json.dump() + "\n");
    }
    return 0;
  }
  TextTable table({{"topic"},
                   {"partitions", TextTable::Align::kRight},
                   {"retention"},
                   {"cleanup"},
                   {"key"},
                   {"writer"},
                   {"readers"}});
  for (const auto& topic : *declared) {
    table.add({topic.name, std::to_string(topic.partitions), retention_text(topic), topic.cleanup,
               topic.key, topic.writer, joined(topic.readers)});
  }
  print(table.text());
  return 0;
}

Result<TopicStates> read_states(kafka::Admin& admin,
                                const std::vector<TopicDeclaration>& declared) {
  std::vector<std::string> names;
  names.reserve(declared.size());
  for (const auto& topic : declared) names.push_back(topic.name);
  return admin.topics(names);
}

Result<int> diff(Context& context, const Options& options) {
  const auto declared = read_table(options);
  ROOKERY_RETURN_IF_ERROR(declared);
  const auto admin = connect(context);
  ROOKERY_RETURN_IF_ERROR(admin);
  const auto found = read_states(**admin, *declared);
  ROOKERY_RETURN_IF_ERROR(found);
  const auto differences = compare_topics(*declared, *found);
  for (const auto& difference : differences) print(to_text(difference) + "\n");
  return differences.empty() ? 0 : 1;
}

Result<void> carry_out(Context& context, kafka::Admin& admin, const TopicPlan& plan) {
  ROOKERY_RETURN_IF_ERROR(create_topics(context, admin, plan.create));
  for (const auto& [topic, settings] : plan.alter) {
    ROOKERY_RETURN_IF_ERROR(admin.alter_settings(topic, settings));
  }
  return {};
}

Result<int> apply(Context& context, const Options& options) {
  const auto declared = read_table(options);
  ROOKERY_RETURN_IF_ERROR(declared);
  const auto admin = connect(context);
  ROOKERY_RETURN_IF_ERROR(admin);
  const auto found = read_states(**admin, *declared);
  ROOKERY_RETURN_IF_ERROR(found);
  const auto plan = plan_topics(*declared, *found, options.replication_factor);
  ROOKERY_RETURN_IF_ERROR(plan);
  if (!options.dry_run) ROOKERY_RETURN_IF_ERROR(carry_out(context, **admin, *plan));
  const std::string prefix = options.dry_run ? "would be " : "";
  for (const auto& topic : plan->create) {
    print("topic " + topic.name + ": " + prefix + "created with " +
          std::to_string(topic.partitions) + " partitions\n");
  }
  for (const auto& [topic, settings] : plan->alter) {
    for (const auto& [name, value] : settings) {
      std::string line = "topic ";
      line.append(topic).append(": ").append(name).append(" ").append(prefix);
      print(line.append("set to ").append(value).append("\n"));
    }
  }
  if (plan->create.empty() && plan->alter.empty()) print("all topics are as declared\n");
  return 0;
}

}  // namespace

void add_topics(CLI::App& app, Command& chosen) {
  auto options = std::make_shared<Options>();  // shared with the commands that are kept
  auto* topics = app.add_subcommand("topics", "The topics that are declared and those there are");
  topics->require_subcommand(1);
  topics->fallthrough();
  topics->add_option("--file", options->file, "Topic table instead of the built-in one");
  auto* listing = topics->add_subcommand("list", "The declared topics");
  listing->fallthrough();
  listing->add_flag("--json", options->json, "One JSON object per line");
  listing->callback(
      [&chosen, options] { chosen = [options](Context&) { return list(*options); }; });
  auto* comparing = topics->add_subcommand("diff", "How the broker differs (exit status 1)");
  comparing->fallthrough();
  comparing->callback([&chosen, options] {
    chosen = [options](Context& context) { return diff(context, *options); };
  });
  auto* applying = topics->add_subcommand(
      "apply", "Create missing topics, alter settings; never the number of partitions (78)");
  applying->fallthrough();
  applying->add_flag("--dry-run", options->dry_run, "Only say what would be done");
  applying
      ->add_option("--replication-factor", options->replication_factor,
                   "Of new topics; -1: the broker's default")
      ->check(CLI::Range(-1, 100))
      ->capture_default_str();
  applying->callback([&chosen, options] {
    chosen = [options](Context& context) { return apply(context, *options); };
  });
}

}  // namespace rookery::rookeryctl
