#include <cstdint>
#include <memory>

#include "services/rookeryctl/commands.hpp"
#include "services/rookeryctl/window_rescale.hpp"

namespace rookery::rookeryctl {
namespace {

struct Options {
  std::int32_t sources = 0;
  std::int32_t partials = 0;
  std::int64_t wait_ms = 60'000;
  bool dry_run = false;
};

Result<int> rescale(Context& context, const Options& options) {
  WindowRescaleOptions wanted{.sources = {}, .partials = {}};
  wanted.wait = std::chrono::milliseconds(options.wait_ms);
  if (options.sources != 0) wanted.sources = options.sources;
  if (options.partials != 0) wanted.partials = options.partials;
  if (!wanted.sources && !wanted.partials) {
    return misconfigured("option_invalid", "expected --partials or --sources, got neither");
  }
  if (options.dry_run) wanted.mode = WindowRescaleOptions::Mode::kDryRun;
  const auto report = rescale_windows(context, wanted);
  ROOKERY_RETURN_IF_ERROR(report);
  const std::string be = options.dry_run ? "would be " : "";
  for (const std::string& topic : report->grown) {
    const auto count = topic == kPanesTopic ? report->partials : report->sources;
    print("topic " + topic + ": " + be + "given " + std::to_string(count) + " partitions\n");
  }
  if (report->topic == report->topic_before) {
    print("topic " + report->topic + " stays, with " + std::to_string(report->partials) +
          " partitions\n");
    return 0;
  }
  print("topic " + report->topic + ": " + be + "created with " + std::to_string(report->partials) +
        " partitions" +
        (options.dry_run ? "" : ", " + std::to_string(report->copied) + " sums copied") + "\n");
  if (!options.dry_run) {
    print("topic " + report->topic_before + " is not read any more; it can be deleted\n");
  }
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
      ->add_option("--sources", options->sources,
                   "Partitions of raw_tweets, enriched_tweets and processed_tweets; only more")
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
