#include <cstdint>
#include <memory>

#include "services/rookeryctl/commands.hpp"
#include "services/rookeryctl/window_rescale.hpp"

namespace rookery::rookeryctl {
namespace {

struct Options {
  std::int32_t sources = 0;
  std::int32_t partials = 0;
  std::int32_t url_partials = 0;
  std::int64_t wait_ms = 60'000;
  bool dry_run = false;
};

void print_sums(const WindowRescaleReport::Sums& sums, bool dry_run) {
  const std::string with = " with " + std::to_string(sums.partitions) + " partitions";
  if (sums.topic == sums.topic_before) {
    print("topic " + sums.topic + " stays," + with + "\n");
    return;
  }
  if (dry_run) {
    print("topic " + sums.topic + ": would be created" + with + "\n");
    return;
  }
  print("topic " + sums.topic + ": created" + with + ", " + std::to_string(sums.copied) +
        " sums copied\n");
  print("topic " + sums.topic_before + " is not read any more; it can be deleted\n");
}

Result<int> rescale(Context& context, const Options& options) {
  WindowRescaleOptions wanted{.sources = {}, .partials = {}, .url_partials = {}};
  wanted.wait = std::chrono::milliseconds(options.wait_ms);
  if (options.sources != 0) wanted.sources = options.sources;
  if (options.partials != 0) wanted.partials = options.partials;
  if (options.url_partials != 0) wanted.url_partials = options.url_partials;
  if (!wanted.sources && !wanted.partials && !wanted.url_partials) {
    return misconfigured("option_invalid",
                         "expected --partials, --url-partials or --sources, got none");
  }
  if (options.dry_run) wanted.mode = WindowRescaleOptions::Mode::kDryRun;
  const auto report = rescale_windows(context, wanted);
  ROOKERY_RETURN_IF_ERROR(report);
  for (const auto& [topic, partitions] : report->grown) {
    print("topic " + topic + ": " + (options.dry_run ? "would be " : "") + "given " +
          std::to_string(partitions) + " partitions\n");
  }
  for (const auto& sums : report->sums) print_sums(sums, options.dry_run);
  return 0;
}

}  // namespace

void add_windows(CLI::App& app, Command& chosen) {
  auto options = std::make_shared<Options>();  // shared with the command that is kept
  auto* windows = app.add_subcommand("windows", "The state of hashtag-window");
  windows->require_subcommand(1);
  windows->fallthrough();
  auto* rescaling = windows->add_subcommand(
      "rescale", "Other numbers of partitions, while all its instances are stopped (else 78)");
  rescaling->fallthrough();
  rescaling->add_option("--partials", options->partials, "Partitions of the windows' sums")
      ->check(CLI::Range(1, 1'000));
  rescaling
      ->add_option("--url-partials", options->url_partials,
                   "Partitions of the sums of dimension url_cluster")
      ->check(CLI::Range(1, 1'000));
  rescaling
      ->add_option("--sources", options->sources,
                   "Partitions of raw_tweets, enriched_tweets, processed_tweets and "
                   "clustered_urls; only more")
      ->check(CLI::Range(1, 1'000));
  rescaling
      ->add_option("--wait-ms", options->wait_ms,
                   "How long to wait for stopped instances to be forgotten")
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{3'600'000}))
      ->capture_default_str();
  rescaling->add_flag("--dry-run", options->dry_run, "Only say what would be done");
  rescaling->callback([&chosen, options] {
    chosen = [options](Context& context) { return rescale(context, *options); };
  });
}

}  // namespace rookery::rookeryctl
