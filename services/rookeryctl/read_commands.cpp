#include <cstdint>
#include <memory>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include "common/core/terminal_text.hpp"
#include "common/records/json_writer.hpp"
#include "services/rookeryctl/commands.hpp"
#include "services/rookeryctl/text_table.hpp"
#include "services/rookeryctl/topic_reader.hpp"

namespace rookery::rookeryctl {
namespace {

struct TailOptions {
  std::string topic;
  bool from_beginning = false;
  bool until_end = false;
  std::int64_t limit = -1;
  std::int32_t partition = -1;
  bool keys = false;
  bool positions = false;
  std::string format = "lines";
};

/// Bytes that are no UTF-8 become U+FFFD: JSON has no others.
std::string dump(const nlohmann::ordered_json& json) {
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

nlohmann::ordered_json text_or_null(const std::optional<std::string_view>& text) {
  return text ? nlohmann::ordered_json(std::string(*text)) : nlohmann::ordered_json();
}

std::string to_object(const InputRecord& record) {
  return dump({{"partition", record.partition.value()},
               {"offset", record.offset.value()},
               {"timestamp", record.timestamp.time_since_epoch().count()},
               {"key", text_or_null(record.key)},
               {"value", text_or_null(record.value)}});
}

/// Bytes as they are for a program, harmless for a terminal.
std::string readable(std::string_view bytes) {
  static const bool terminal = ::isatty(STDOUT_FILENO) == 1;
  return terminal ? to_terminal(bytes, bytes.size() * 4).bytes : std::string(bytes);
}

std::string to_line(const InputRecord& record, const TailOptions& options) {
  std::string line;
  if (options.positions) {
    line += std::to_string(record.partition.value()) + "\t" +
            std::to_string(record.offset.value()) + "\t";
  }
  if (options.keys) line.append(readable(record.key.value_or(""))).append("\t");
  if (record.value) return line.append(readable(*record.value)).append("\n");
  // A deletion as --pipe reads and writes it.
  json::ObjectWriter deletion(line);
  deletion.string("id", readable(record.key.value_or("")));
  deletion.boolean("deleted", true);
  deletion.close();
  return line.append("\n");
}

Result<int> tail(Context& context, const TailOptions& options) {
  ReadOptions reading{
      .topic = options.topic,
      .partition = std::nullopt,
      .start = options.from_beginning ? ReadOptions::Start::kBeginning : ReadOptions::Start::kEnd,
      .until = options.until_end ? ReadOptions::Until::kEnd : ReadOptions::Until::kStopped};
  if (options.partition >= 0) reading.partition = Partition(options.partition);
  std::int64_t left = options.limit;
  if (left == 0) return 0;
  const auto done = read_topic(
      context, reading,
      [&](const InputRecord& record) {
        print(options.format == "records" ? to_object(record) : to_line(record, options));
        // A reader that has seen enough closes the pipe.
        return --left != 0 && std::ferror(stdout) == 0;
      },
      [] { std::fflush(stdout); });
  ROOKERY_RETURN_IF_ERROR(done);
  return 0;
}

Result<int> count(Context& context, const std::vector<std::string>& topics) {
  TextTable table({{"topic"}, {"records", TextTable::Align::kRight}});
  for (const auto& topic : topics) {
    std::int64_t records = 0;
    ROOKERY_RETURN_IF_ERROR(read_topic(context, {.topic = topic, .partition = std::nullopt},
                                       [&](const InputRecord&) { return ++records > 0; }));
    table.add({topic, std::to_string(records)});
  }
  print(table.text());
  return 0;
}

}  // namespace

void add_tail(CLI::App& app, Command& chosen) {
  auto options = std::make_shared<TailOptions>();  // shared with the command that is kept
  auto* command = app.add_subcommand("tail", "Committed records of a topic, one per line");
  command->fallthrough();
  command->add_option("topic", options->topic, "Name of the topic")->required();
  command->add_flag("--from-beginning", options->from_beginning, "Not only what comes from now on");
  command->add_flag("--until-end", options->until_end, "Stop at what is the end now");
  command->add_option("--limit", options->limit, "Stop after this many records")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--partition", options->partition, "This partition alone")
      ->check(CLI::NonNegativeNumber);
  command->add_flag("--keys", options->keys, "Key and a tab before the value");
  command->add_flag("--positions", options->positions, "Partition, offset and tabs at the front");
  command
      ->add_option("--format", options->format,
                   "lines: the values; records: JSON objects with partition, offset, timestamp "
                   "(ms), key and value")
      ->check(CLI::IsMember({"lines", "records"}))
      ->capture_default_str();
  command->callback([&chosen, options] {
    chosen = [options](Context& context) { return tail(context, *options); };
  });
}

void add_count(CLI::App& app, Command& chosen) {
  auto topics = std::make_shared<std::vector<std::string>>();  // shared with the command
  auto* command = app.add_subcommand("count", "Number of committed records of each topic");
  command->fallthrough();
  command->add_option("topic", *topics, "Names of topics")->required();
  command->callback([&chosen, topics] {
    chosen = [topics](Context& context) { return count(context, *topics); };
  });
}

}  // namespace rookery::rookeryctl
