#include <algorithm>
#include <cstdint>
#include <memory>
#include <set>

#include <nlohmann/json.hpp>

#include "services/rookeryctl/commands.hpp"
#include "services/rookeryctl/text_table.hpp"

namespace rookery::rookeryctl {
namespace {

struct Options {
  std::string group;
  bool json = false;
};

struct Row {
  std::string group;
  TopicPartition partition;
  std::int64_t committed;
  std::int64_t end;
  [[nodiscard]] std::int64_t lag() const { return std::max<std::int64_t>(end - committed, 0); }
};

Result<std::vector<Row>> read_lags(kafka::Admin& admin, const std::string& only) {
  std::vector<std::string> groups = {only};
  if (only.empty()) {
    auto all = admin.groups();
    ROOKERY_RETURN_IF_ERROR(all);
    groups = std::move(*all);
  }
  const auto counts = admin.partition_counts();
  ROOKERY_RETURN_IF_ERROR(counts);
  std::vector<Row> rows;
  std::set<TopicPartition> partitions;
  for (const auto& group : groups) {
    const auto progress = admin.committed(group);
    ROOKERY_RETURN_IF_ERROR(progress);
    for (const auto& [partition, committed] : *progress) {
      // Offsets outlive the topic that they speak of.
      const auto count = counts->find(partition.topic);
      if (count == counts->end() || partition.partition.value() >= count->second) continue;
      rows.push_back({group, partition, committed.offset.value(), 0});
      partitions.insert(partition);
    }
  }
  const std::vector<TopicPartition> asked(partitions.begin(), partitions.end());
  const auto ends = admin.ends(asked);
  ROOKERY_RETURN_IF_ERROR(ends);
  for (auto& row : rows) row.end = ends->at(row.partition).value();
  return rows;
}

Result<int> lag(Context& context, const Options& options) {
  const auto admin = connect(context);
  ROOKERY_RETURN_IF_ERROR(admin);
  const auto rows = read_lags(**admin, options.group);
  ROOKERY_RETURN_IF_ERROR(rows);
  TextTable table({{"group"},
                   {"topic"},
                   {"partition", TextTable::Align::kRight},
                   {"committed", TextTable::Align::kRight},
                   {"end", TextTable::Align::kRight},
                   {"lag", TextTable::Align::kRight}});
  for (const auto& row : *rows) {
    const std::int32_t partition = row.partition.partition.value();
    if (options.json) {
      const nlohmann::ordered_json json = {{"group", row.group},     {"topic", row.partition.topic},
                                           {"partition", partition}, {"committed", row.committed},
                                           {"end", row.end},         {"lag", row.lag()}};
      print(json.dump() + "\n");
      continue;
    }
    table.add({row.group, row.partition.topic, std::to_string(partition),
               std::to_string(row.committed), std::to_string(row.end), std::to_string(row.lag())});
  }
  if (!options.json) print(table.text());
  return 0;
}

}  // namespace

void add_lag(CLI::App& app, Command& chosen) {
  auto options = std::make_shared<Options>();  // shared with the command that is kept
  auto* command = app.add_subcommand(
      "lag", "How far each consumer group is behind; transaction markers count as records");
  command->fallthrough();
  command->add_option("--group", options->group, "This group alone");
  command->add_flag("--json", options->json, "One JSON object per line");
  command->callback([&chosen, options] {
    chosen = [options](Context& context) { return lag(context, *options); };
  });
}

}  // namespace rookery::rookeryctl
