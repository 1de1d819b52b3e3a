#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/observe/health.hpp"
#include "common/records/timestamp.hpp"
#include "services/rookeryctl/commands.hpp"
#include "services/rookeryctl/text_table.hpp"
#include "services/sentiment-scoring/model_place_store.hpp"
#include "services/sentiment-scoring/model_topic_store.hpp"

namespace rookery::rookeryctl {
namespace {

using sentiment_scoring::ModelEntry;
using sentiment_scoring::PublishOptions;

/// Calls `work` once the broker answers.
template <typename Work>
auto with_broker(Context& context, Work work)
    -> decltype(work(std::declval<const kafka::Surroundings&>())) {
  const auto admin = connect(context);
  ROOKERY_RETURN_IF_ERROR(admin);
  StageStatus status("rookeryctl", context.clock);
  return work(kafka::Surroundings{context.log, context.clock, status, {}});
}

std::string place_of(const ModelEntry& entry) {
  if (!entry.location.empty()) return entry.location;
  return std::to_string(entry.parts) + " records";
}

void print_entries(const std::vector<ModelEntry>& entries, TextTable& table) {
  for (const ModelEntry& entry : entries) {
    // What is no entry has a use alone.
    const bool read = !entry.id.empty();
    table.add({entry.use, read ? entry.id : "(not an entry)",
               read ? std::to_string(entry.bytes) : "", read ? to_rfc3339(entry.published_at) : "",
               read ? place_of(entry) : ""});
  }
  print(table.text());
}

Result<int> list(Context& context, bool json) {
  const auto entries = with_broker(context, [&](const kafka::Surroundings& around) {
    return sentiment_scoring::published_models(context.connection, around);
  });
  ROOKERY_RETURN_IF_ERROR(entries);
  if (json) {
    for (const ModelEntry& entry : *entries) print(to_json(entry) + "\n");
    return 0;
  }
  TextTable table(
      {{"use"}, {"model"}, {"bytes", TextTable::Align::kRight}, {"published"}, {"place"}});
  print_entries(*entries, table);
  return 0;
}

Result<int> publish(Context& context, const PublishOptions& options) {
  const auto entry = with_broker(context, [&](const kafka::Surroundings& around) {
    return sentiment_scoring::publish(options, context.connection, around);
  });
  ROOKERY_RETURN_IF_ERROR(entry);
  print(entry->use + ": " + entry->id + " published, " + place_of(*entry) + "\n");
  return 0;
}

Result<int> withdraw(Context& context, const std::string& use) {
  const auto done = with_broker(context, [&](const kafka::Surroundings& around) {
    return sentiment_scoring::withdraw_model(context.connection, around, use);
  });
  ROOKERY_RETURN_IF_ERROR(done);
  print(use + ": withdrawn\n");
  return 0;
}

struct Options {
  PublishOptions publish;
  std::string use;
  bool json = false;
};

}  // namespace

void add_models(CLI::App& app, Command& chosen) {
  auto options = std::make_shared<Options>();  // shared with the commands that are kept
  auto* models = app.add_subcommand("models", "The models that are published to be scored with");
  models->require_subcommand(1);
  models->fallthrough();
  auto* listing = models->add_subcommand("list", "What is published");
  listing->fallthrough();
  listing->add_flag("--json", options->json, "The entries, one a line");
  listing->callback([&chosen, options] {
    chosen = [options](Context& context) { return list(context, options->json); };
  });
  auto* publishing = models->add_subcommand("publish", "Publish a model; scoring takes it up");
  publishing->fallthrough();
  PublishOptions& what = options->publish;
  publishing->add_option("model", what.file, "The model: a file or s3://BUCKET/KEY")->required();
  publishing->add_option("--where", what.where, std::string(sentiment_scoring::kWhereHelp))
      ->capture_default_str();
  publishing->add_option("--s3-endpoint", what.s3.endpoint, std::string(s3::kEndpointHelp));
  publishing->add_option("--s3-region", what.s3.region, std::string(s3::kRegionHelp));
  publishing->add_option("--s3-credentials-file", what.s3.credentials_file,
                         std::string(s3::kCredentialsHelp));
  publishing->callback([&chosen, options] {
    chosen = [options](Context& context) { return publish(context, options->publish); };
  });
  auto* withdrawing = models->add_subcommand(
      "withdraw", "Take an entry back: the file of the scoring service counts again");
  withdrawing->fallthrough();
  withdrawing->add_option("use", options->use, "As models list shows it: topics, sentiment-en")
      ->required();
  withdrawing->callback([&chosen, options] {
    chosen = [options](Context& context) { return withdraw(context, options->use); };
  });
}

}  // namespace rookery::rookeryctl
