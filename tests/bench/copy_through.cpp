// The baseline of the chain's benchmark: a service whose transform does nothing,
// so that what it costs is the loop and Kafka alone.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/runtime/service.hpp"

namespace rookery {
namespace {

class Copy final : public Processor {
 public:
  explicit Copy(std::string topic) : topic_(std::move(topic)) {}

  Result<void> process(const InputRecord& record, Outputs& out) override {
    const auto key = record.key.value_or(std::string_view{});
    if (record.value) {
      out.add(topic_, record.partition, key, *record.value);
    } else {
      out.add_deletion(topic_, record.partition, key);
    }
    return {};
  }

 private:
  std::string topic_;
};

class CopyThrough final : public Service {
 public:
  [[nodiscard]] std::string_view name() const override { return "copy-through"; }
  [[nodiscard]] std::string_view summary() const override {
    return "Copies one topic to another, unchanged.";
  }
  [[nodiscard]] std::string_view output_topic() const override { return topic_out_; }

  void describe(OptionSet& options) override {
    options.section("copy-through");
    options.text("topic_in", topic_in_, "Where records are read.");
    options.text("topic_out", topic_out_, "Where they are written; as many partitions.");
  }

  Result<std::vector<Stage>> make_stages(ServiceContext& /*context*/) override {
    std::vector<Stage> stages;
    // A group for each input, so that one broker can serve many runs.
    stages.push_back({.group = "copy-through-" + topic_out_,
                      .inputs = {topic_in_},
                      .processor = std::make_unique<Copy>(topic_out_)});
    return stages;
  }

 private:
  std::string topic_in_ = "raw_tweets";
  std::string topic_out_ = "copies";
};

}  // namespace
}  // namespace rookery

int main(int argc, char** argv) {
  rookery::CopyThrough service;
  return rookery::run_service(argc, argv, service);
}
