#include <memory>

#include "services/rookeryctl/commands.hpp"
#include "services/rookeryctl/compliance.hpp"

namespace rookery::rookeryctl {
namespace {

struct Options {
  bool dry_run = false;
  bool follow = false;
  std::int64_t interval_ms = 600'000;
};

void show(const ComplianceReport& report, bool dry_run) {
  const std::string would = dry_run ? " would be " : " ";
  print(std::to_string(report.events) + " new events: " + std::to_string(report.deleted) +
        " posts" + would + "deleted, " + std::to_string(report.amended) + would + "amended\n");
  if (report.unknown > 0) {
    print(std::to_string(report.unknown) + " events are of no known kind\n", stderr);
  }
}

Result<int> apply(Context& context, const Options& options) {
  using Mode = ComplianceOptions::Mode;
  while (true) {
    const auto report =
        apply_compliance(context, {.mode = options.dry_run ? Mode::kDryRun : Mode::kDoIt});
    // Followed for days, a broker that is away for a while is no end.
    const bool again = !report && report.error().disposition == Disposition::kRetryBatch;
    if (!report && !(options.follow && again)) return tl::make_unexpected(report.error());
    if (report && (report->events > 0 || !options.follow)) show(*report, options.dry_run);
    if (!report) print("waiting: " + report.error().message + "\n", stderr);
    std::fflush(stdout);
    if (!options.follow) return 0;
    context.clock.sleep_for(std::chrono::milliseconds(options.interval_ms), {});
  }
}

}  // namespace

void add_compliance(CLI::App& app, Command& chosen) {
  auto options = std::make_shared<Options>();  // shared with the command that is kept
  auto* compliance =
      app.add_subcommand("compliance", "What sources demand for posts that they sent earlier");
  compliance->require_subcommand(1);
  compliance->fallthrough();
  auto* applying = compliance->add_subcommand(
      "apply", "Delete and amend the posts of raw_tweets that compliance_events is about");
  applying->fallthrough();
  auto* dry = applying->add_flag("--dry-run", options->dry_run, "Only say what would be done");
  applying->add_flag("--follow", options->follow, "Go on with what comes later, until stopped")
      ->excludes(dry);
  applying->add_option("--interval-ms", options->interval_ms, "With --follow: how often to look")
      ->check(CLI::Range(std::int64_t{100}, std::int64_t{86'400'000}))
      ->capture_default_str();
  applying->callback([&chosen, options] {
    chosen = [options](Context& context) { return apply(context, *options); };
  });
}

}  // namespace rookery::rookeryctl
