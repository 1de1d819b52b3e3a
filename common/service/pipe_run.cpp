#include "common/service/pipe_run.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include <unistd.h>

#include "common/runtime/chain.hpp"
#include "common/runtime/pipe.hpp"

namespace rookery {
namespace {

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

Result<File> open_dead_letters(const std::string& path) {
  if (path.empty()) return File(stderr, [](std::FILE*) { return 0; });
  File file(std::fopen(path.c_str(), "w"), std::fclose);
  if (!file) {
    return misconfigured("option_invalid", "option \"dead_letters\": cannot write " + path + ": " +
                                               strerrordesc_np(errno));
  }
  return file;
}

/// A service's store, with its dead letters going to a file instead.
class StoreAndLetters final : public TransactionalSink {
 public:
  StoreAndLetters(std::unique_ptr<TransactionalSink> store, std::FILE* letters)
      : store_(std::move(store)), letters_({}, stdout, letters) {}

  Result<void> begin() override { return store_->begin(); }
  Result<void> write(const OutputRecord& record) override {
    return record.topic == "dead_letters" ? letters_.write(record) : store_->write(record);
  }
  Result<void> commit(const Progress& progress) override {
    ROOKERY_RETURN_IF_ERROR(letters_.commit(progress));
    return store_->commit(progress);
  }
  Result<void> abort() override {
    ROOKERY_RETURN_IF_ERROR(letters_.abort());
    return store_->abort();
  }
  Result<void> finish() override { return store_->finish(); }

 private:
  std::unique_ptr<TransactionalSink> store_;
  PipeSink letters_;
};

Result<std::unique_ptr<Processor>> make_chain(std::vector<Stage> stages, ServiceContext& context) {
  if (stages.size() == 1) return std::move(stages.front().processor);
  std::map<std::string, std::int32_t> partitions;
  for (std::size_t i = 1; i < stages.size(); ++i) {
    for (const auto& topic : stages[i].inputs) {
      const auto count = context.partitions(topic);
      ROOKERY_RETURN_IF_ERROR(count);
      partitions[topic] = *count;
    }
  }
  return std::unique_ptr<Processor>(
      std::make_unique<Chain>(std::move(stages), std::move(partitions)));
}

}  // namespace

Result<void> run_pipe(const Process& process, Service& service, ServiceContext& context,
                      std::vector<Stage> stages, std::stop_token stop) {
  const Settings& settings = process.settings;
  const auto batch_records_max = stages.front().batch_records_max.value_or(
      static_cast<std::size_t>(settings.batch_records_max));
  auto dead = open_dead_letters(settings.dead_letters);
  ROOKERY_RETURN_IF_ERROR(dead);
  auto feed = service.make_feed(context);
  ROOKERY_RETURN_IF_ERROR(feed);
  std::unique_ptr<Source> source;
  if (*feed) {
    source =
        std::make_unique<FeedSource>(**feed, process.clock, FeedSource::Limits{batch_records_max});
  } else {
    const std::string& topic = stages.front().inputs.front();
    const auto partitions = context.partitions(topic);
    ROOKERY_RETURN_IF_ERROR(partitions);
    source = std::make_unique<PipeSource>(STDIN_FILENO, topic, *partitions, batch_records_max);
  }
  auto store = service.make_store(context, nullptr);
  ROOKERY_RETURN_IF_ERROR(store);
  std::unique_ptr<TransactionalSink> sink = std::move(*store);
  if (sink && !settings.dead_letters.empty()) {
    sink = std::make_unique<StoreAndLetters>(std::move(sink), dead->get());
  }
  const PipeSink* pipe = nullptr;
  if (!sink) {
    auto made =
        std::make_unique<PipeSink>(std::string(service.output_topic()), stdout, dead->get());
    pipe = made.get();
    sink = std::move(made);
  }
  auto processor = make_chain(std::move(stages), context);
  ROOKERY_RETURN_IF_ERROR(processor);
  MetricsObserver observer(std::string(service.name()), process.metrics, process.log,
                           process.clock);
  Pipeline pipeline({.commit_interval = settings.commit_interval,
                     .record_bytes_max = static_cast<std::size_t>(settings.record_bytes_max),
                     .service = std::string(service.name())},
                    *source, *sink, **processor, observer, process.clock);
  const auto done = pipeline.run(std::move(stop));
  if (pipe != nullptr) {
    for (const auto& [topic, records] : pipe->left_out()) {
      process.log.warn("a pipe has one output: records of another topic were not written",
                       {{"topic", topic}, {"records", records}});
    }
  }
  return done;
}

}  // namespace rookery
