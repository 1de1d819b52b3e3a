#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "common/core/terminal_text.hpp"
#include "services/rookeryctl/commands.hpp"
#include "services/rookeryctl/letter.hpp"
#include "services/rookeryctl/redrive.hpp"
#include "services/rookeryctl/text_table.hpp"
#include "services/rookeryctl/topic_reader.hpp"

namespace rookery::rookeryctl {
namespace {

constexpr std::size_t kShownColumns = 400;
const std::string kTopic = "dead_letters";

struct Options {
  std::string reason;
  std::int64_t limit = -1;
  bool json = false;
  std::string to_topic;
  bool dry_run = false;
};

Result<int> list(Context& context) {
  std::map<std::pair<std::string, std::string>, std::uint64_t> counts;
  ROOKERY_RETURN_IF_ERROR(read_topic(
      context, {.topic = kTopic, .partition = std::nullopt}, [&](const InputRecord& record) {
        const auto letter = parse_letter(record.value.value_or(""));
        ++counts[letter ? std::pair(letter->service, letter->reason)
                        : std::pair(std::string("-"), std::string("not a dead letter"))];
        return true;
      }));
  TextTable table({{"service"}, {"reason"}, {"records", TextTable::Align::kRight}});
  for (const auto& [name, records] : counts) {
    table.add({name.first, name.second, std::to_string(records)});
  }
  print(table.text());
  return 0;
}

std::string shown(std::string_view text) {
  return to_terminal(text, kShownColumns).bytes;
}

void show(const InputRecord& record, const Letter& letter) {
  print(kTopic + "[" + std::to_string(record.partition.value()) + "]@" +
        std::to_string(record.offset.value()) + "  " + shown(letter.service) + "  " +
        shown(letter.reason) + "  " + shown(letter.origin.topic) + "[" +
        std::to_string(letter.origin.partition.value()) + "]@" + shown(letter.offset) + "  " +
        shown(letter.failed_at) + "\n");
  print("  message  " + shown(letter.message) + "\n");
  print("  key      " + (letter.key ? shown(*letter.key) : "(none)") + "\n");
  print("  value    " + (letter.value ? shown(*letter.value) : "(deletion)") + "\n");
}

Result<int> show_all(Context& context, const Options& options) {
  std::int64_t left = options.limit;
  if (left == 0) return 0;
  const auto each = [&](const InputRecord& record) {
    const auto letter = parse_letter(record.value.value_or(""));
    if (!letter || (!options.reason.empty() && letter->reason != options.reason)) return true;
    if (options.json) {
      print(std::string(*record.value) + "\n");
    } else {
      show(record, *letter);
    }
    return --left != 0;
  };
  ROOKERY_RETURN_IF_ERROR(read_topic(context, {.topic = kTopic, .partition = std::nullopt}, each));
  return 0;
}

Result<int> put_back(Context& context, const Options& options) {
  using Mode = RedriveOptions::Mode;
  const auto report = redrive(context, {.reason = options.reason,
                                        .to_topic = options.to_topic,
                                        .mode = options.dry_run ? Mode::kDryRun : Mode::kDoIt});
  ROOKERY_RETURN_IF_ERROR(report);
  for (const auto& [topic, records] : report->written) {
    print(shown(topic) + ": " + std::to_string(records) +
          (options.dry_run ? " would be put back\n" : " put back\n"));
  }
  for (const auto& [why, records] : report->skipped) {
    print("skipped " + std::to_string(records) + ": " + shown(why) + "\n");
  }
  if (report->written.empty() && report->skipped.empty()) print("nothing to put back\n");
  return 0;
}

void add_filters(CLI::App& command, Options& options) {
  command.fallthrough();
  command.add_option("--reason", options.reason, "Letters with this reason alone");
}

}  // namespace

void add_dead_letters(CLI::App& app, Command& chosen) {
  auto options = std::make_shared<Options>();  // shared with the commands that are kept
  auto* letters = app.add_subcommand("dead-letters", "Records that a stage could not take");
  letters->require_subcommand(1);
  letters->fallthrough();
  auto* listing = letters->add_subcommand("list", "How many, by service and reason");
  listing->fallthrough();
  listing->callback([&chosen] { chosen = list; });
  auto* showing = letters->add_subcommand("show", "The letters themselves");
  add_filters(*showing, *options);
  showing->add_option("--limit", options->limit, "At most this many")
      ->check(CLI::NonNegativeNumber);
  showing->add_flag("--json", options->json, "As they are, one per line");
  showing->callback([&chosen, options] {
    chosen = [options](Context& context) { return show_all(context, *options); };
  });
  auto* redriving = letters->add_subcommand(
      "redrive", "Put the records back where they came from, each letter once");
  add_filters(*redriving, *options);
  redriving->add_option("--to-topic", options->to_topic, "Into this topic instead");
  redriving->add_flag("--dry-run", options->dry_run, "Only say what would be done");
  redriving->callback([&chosen, options] {
    chosen = [options](Context& context) { return put_back(context, *options); };
  });
}

}  // namespace rookery::rookeryctl
