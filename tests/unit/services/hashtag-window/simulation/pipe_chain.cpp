#include "tests/unit/services/hashtag-window/simulation/pipe_chain.hpp"

#include <map>
#include <utility>

#include <simdjson.h>

#include "common/core/check.hpp"
#include "common/runtime/partitioner.hpp"
#include "services/hashtag-window/merge_stage.hpp"
#include "services/hashtag-window/partial_stage.hpp"
#include "services/hashtag-window/rank_stage.hpp"

namespace rookery::simulation {
namespace {

struct Message {
  Partition partition;
  std::string key;
  std::optional<std::string> value;
};

class Chain {
 public:
  Chain(const hashtag_window::Settings& settings, ChainOutput& output)
      : settings_(settings),
        partial_(settings),
        merge_(settings),
        rank_(settings),
        output_(output) {}

  /// Gives `messages` to the stage that reads `topic`, and what it writes to the next.
  void feed(const std::string& topic, std::vector<Message> messages, bool end) {
    Processor& stage = topic == settings_.family->input    ? static_cast<Processor&>(partial_)
                       : topic == settings_.partials_topic ? static_cast<Processor&>(merge_)
                                                           : static_cast<Processor&>(rank_);
    Progress progress;
    std::map<std::string, std::vector<Message>> made;
    for (const Message& message : messages) {
      auto& offset = offsets_[{topic, message.partition}];
      Outputs out;
      const auto result = stage.process(
          {.topic = topic,
           .partition = message.partition,
           .offset = Offset(offset++),
           .timestamp = {},
           .key = message.key,
           .value = message.value ? std::optional<std::string_view>(*message.value) : std::nullopt,
           .headers = {}},
          out);
      progress[{topic, message.partition}] = {Offset(offset), ""};
      if (!result) {
        ROOKERY_CHECK(result.error().disposition == Disposition::kDeadLetter, "no other error");
        output_.dead.emplace_back(result.error().code);
        continue;
      }
      collect(out, made);
    }
    now_ += std::chrono::seconds(1);
    for (;;) {  // A stage may bound what it does at a time.
      Outputs out;
      const BatchContext context{.polled_at = now_, .end_of_input = end};
      ROOKERY_CHECK(stage.finish_batch(context, out, progress).has_value(),
                    "the chain's settings fit");
      if (out.empty()) break;
      collect(out, made);
    }
    for (auto& [next, list] : made) {
      const bool inner = next == settings_.partials_topic || next == settings_.family->ranks;
      if (inner) feed(next, std::move(list), false);
    }
  }

 private:
  void collect(const Outputs& out, std::map<std::string, std::vector<Message>>& made) {
    for (std::size_t i = 0; i < out.size(); ++i) {
      const OutputRecord record = out.at(i);
      const std::string topic(record.topic);
      const std::string value(record.value.value_or(""));
      if (topic == "trends") output_.trends.push_back(value);
      if (topic == "late_tweets") output_.late.push_back(value);
      if (topic == settings_.partials_topic) output_.partials.push_back(value);
      if (topic == settings_.family->ranks) output_.ranks.push_back(value);
      made[topic].push_back(
          {record.partition.value_or(Partition(0)), std::string(record.key), value});
    }
  }

  const hashtag_window::Settings& settings_;
  hashtag_window::PartialStage partial_;
  hashtag_window::MergeStage merge_;
  hashtag_window::RankStage rank_;
  std::map<std::pair<std::string, Partition>, std::int64_t> offsets_;
  MonotonicTime now_{};
  ChainOutput& output_;
};

}  // namespace

ChainOutput run_chain(std::istream& lines, const hashtag_window::Settings& settings,
                      std::size_t batch) {
  ChainOutput output;
  Chain chain(settings, output);
  const std::string input(settings.family->input);
  std::vector<Message> messages;
  simdjson::dom::parser parser;
  for (std::string line; std::getline(lines, line);) {
    if (line.empty()) continue;
    std::string_view id;
    bool deleted = false;
    const auto record = parser.parse(line);
    if (record["id"].get_string().get(id) != simdjson::SUCCESS) id = "";
    if (record["deleted"].get_bool().get(deleted) != simdjson::SUCCESS) deleted = false;
    messages.push_back({partition_of(id, settings.source_partitions), std::string(id),
                        deleted ? std::nullopt : std::optional(line)});
    if (messages.size() == batch) chain.feed(input, std::exchange(messages, {}), false);
  }
  chain.feed(input, std::move(messages), true);
  return output;
}

}  // namespace rookery::simulation
