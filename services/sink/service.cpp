#include "services/sink/service.hpp"

#include <algorithm>
#include <cstdio>
#include <utility>

#include <sys/ioctl.h>
#include <unistd.h>

#include "services/sink/console_store.hpp"
#include "services/sink/file_store.hpp"
#include "services/sink/row_processor.hpp"
#include "services/sink/trend.hpp"

namespace rookery::sink {
namespace {

using namespace std::chrono_literals;

/// Passes a ranking on as it is, once it is known to be one.
class TrendEncoder final : public Encoder {
 public:
  Result<void> encode(const InputRecord& record, std::string& out) override {
    if (!record.value) {
      return dead_letter("record_malformed", "expected a ranking, got a deletion");
    }
    ROOKERY_RETURN_IF_ERROR(reader_.read(*record.value));
    out.append(*record.value);
    return {};
  }

 private:
  TrendReader reader_;
};

/// Kafka's rule for names of topics; here it also keeps names of files in their folder.
bool is_topic_name(std::string_view name) {
  const auto is_legal = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  };
  return !name.empty() && name.size() <= 249 && name != "." && name != ".." &&
         std::all_of(name.begin(), name.end(), is_legal);
}

std::size_t screen_lines() {
  winsize size{};
  // Not every terminal knows its size.
  return ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 ? size.ws_row : 24;
}

Failure refused(const std::string& option, const std::string& what) {
  return misconfigured("option_invalid", "option \"" + option + "\": " + what);
}

}  // namespace

void SinkService::describe(OptionSet& options) {
  options.list("topics", topics_, "Topics to load; with --pipe the first of them is read.");
  options.choice("store", store_, {"console", "file"}, "Where the records go.");
  options.text("group", group_,
               "Consumer group; unset: sink- and the store's name, so that stores do not share "
               "one.");
  options.choice("early", early_, {"keep", "skip"},
                 "Rankings of windows that are still open (final false): keep them, marked as "
                 "such, or skip them.");
  options.choice("console_format", console_format_, {"table", "json"},
                 "Tables of trends (redrawn in place on a terminal), or the records as lines.");
  options.integer("console_rows", console_rows_, {1, 1'000}, "Most rows of a table.");
  options.list("console_windows", console_windows_,
               "Windows to show in tables, as 5m/1m; none named: all.");
  options.list("console_dimensions", console_dimensions_,
               "Dimensions to show in tables, as hashtag; none named: all.");
  options.choice("file_format", file_format_, {"jsonl", "csv"},
                 "JSON lines, or CSV (topics trends and processed_tweets).");
  options.text("directory", directory_, "Folder of the files; made where it is absent.");
  options.integer("file_records_max", file_records_max_, {1, 100'000'000},
                  "A file with this many records of its partition is closed and shown.");
  options.duration("file_interval_ms", file_interval_, {10ms, 24h},
                   "A file is closed and shown after this time at the latest.");
}

bool SinkService::shows_tables() const {
  return store_ == "console" && console_format_ == "table";
}

Result<void> SinkService::check() const {
  if (topics_.empty()) return refused("topics", "expected at least one topic, got none");
  for (const auto& topic : topics_) {
    if (!is_topic_name(topic)) {
      return refused("topics", "expected letters, digits, dots, dashes and underscores, got \"" +
                                   topic + "\"");
    }
    if (shows_tables() && topic != "trends") {
      return refused("console_format",
                     "expected json for topic \"" + topic + "\": tables show trends alone");
    }
    if (make_encoder(topic) == nullptr) {
      return refused("file_format", "expected jsonl for topic \"" + topic +
                                        "\": csv has columns for trends and processed_tweets");
    }
  }
  return {};
}

std::unique_ptr<Encoder> SinkService::make_encoder(const std::string& topic) const {
  if (shows_tables()) return std::make_unique<TrendEncoder>();
  return store_ == "file" && file_format_ == "csv" ? make_csv_encoder(topic) : make_jsonl_encoder();
}

Result<std::vector<Stage>> SinkService::make_stages(ServiceContext& /*context*/) {
  ROOKERY_RETURN_IF_ERROR(check());
  Encoders encoders;
  for (const auto& topic : topics_) encoders[topic] = make_encoder(topic);
  std::vector<Stage> stages;
  stages.push_back({.group = group_.empty() ? "sink-" + store_ : group_,
                    .inputs = topics_,
                    .processor = std::make_unique<RowProcessor>(
                        std::move(encoders), link_,
                        early_ == "skip" ? EarlyResults::kSkip : EarlyResults::kKeep)});
  return stages;
}

Result<std::unique_ptr<TransactionalSink>> SinkService::make_store(ServiceContext& context,
                                                                   OffsetCommitter* offsets) {
  if (store_ == "file") return make_files(context, offsets);
  return make_console(context, offsets);
}

std::unique_ptr<TransactionalSink> SinkService::make_console(ServiceContext& context,
                                                             OffsetCommitter* offsets) {
  auto mode = ConsoleMode::kLines;
  if (shows_tables()) {
    mode = ::isatty(STDOUT_FILENO) == 1 ? ConsoleMode::kLiveTable : ConsoleMode::kTables;
  }
  return std::make_unique<ConsoleStore>(
      ConsoleStoreOptions{.mode = mode,
                          .rows = static_cast<std::size_t>(console_rows_),
                          .windows = console_windows_,
                          .dimensions = console_dimensions_,
                          .screen_lines = screen_lines},
      link_, offsets, context.clock(), stdout, stderr);
}

Result<std::unique_ptr<TransactionalSink>> SinkService::make_files(ServiceContext& context,
                                                                   OffsetCommitter* offsets) {
  FileStoreOptions options{.directory = directory_,
                           .extension = file_format_,
                           .headers = {},
                           .records_max = file_records_max_,
                           .interval = file_interval_};
  for (const auto& topic : topics_) options.headers[topic] = make_encoder(topic)->header();
  auto files = FileStore::open(std::move(options), link_, offsets, context.clock());
  ROOKERY_RETURN_IF_ERROR(files);
  return std::unique_ptr<TransactionalSink>(std::move(*files));
}

}  // namespace rookery::sink
