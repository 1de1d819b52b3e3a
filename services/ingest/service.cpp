#include "services/ingest/service.hpp"

#include <limits>

#include "common/observe/log.hpp"
#include "common/observe/metrics.hpp"
#include "services/ingest/candidates.hpp"
#include "services/ingest/ingest_processor.hpp"
#include "services/ingest/live/settings.hpp"

namespace rookery::ingest {

void IngestService::describe(OptionSet& options) {
  using std::chrono::milliseconds;
  options.section("Source");
  options.choice("source", settings_.source,
                 {"file", "simulator", "websocket", "x-stream", "x-sample", "x-search"},
                 "Where posts come from.");
  options.list("file", settings_.file,
               "Files and folders, read one after another: plain, gzip, bzip2 or Zstandard. "
               "\"-\" is standard input, and the default with --pipe.");
  options.choice(
      "file_format", settings_.file_format,
      {"auto", "v1", "v2", "record", "jetstream", "csv", "post-compliance", "user-compliance"},
      "What the lines are: X API v1.1, X API v2, records of raw_tweets, Jetstream, rows of CSV; or "
      "any of them, with CSV told by the name's ending. The last two are results of X's batch "
      "compliance jobs about posts and about users.");
  options.list(
      "csv_columns", settings_.csv_columns,
      "Which columns of CSV hold what, as FIELD=COLUMN by the header's names or by numbers "
      "from 1: id, text (also A+B), created_at, lang, author_id, author, url, title, "
      "hashtags, lat, lon. Not needed for Sentiment140 and for the campaign file.");
  options.flag("follow", settings_.follow,
               "Read the last file on as it grows, is replaced, or gets a successor in its "
               "folder.");
  options.choice("referenced", settings_.referenced, {"name", "write"},
                 "The originals that come along with retweets and quotes: named by their ids, or "
                 "written as posts of their own too.");
  options.integer("line_bytes_max", settings_.line_bytes_max, {1 << 10, 32 << 20},
                  "The longest line in bytes; a longer one is a dead letter.");
  options.number("rate", settings_.rate, {0, 1e6}, "Posts per second; 0: as fast as possible.");
  options.number("speed", settings_.speed, {0, 1e6},
                 "Factor of the posts' own pace, by their times; 0: as fast as possible.");
  options.duration("speed_wait_ms_max", settings_.speed_wait_ms_max,
                   {milliseconds(0), milliseconds(3'600'000)},
                   "The longest pause between two posts with speed.");
  describe_simulator(options);
  describe_live(options, settings_.live);
}

void IngestService::describe_simulator(OptionSet& options) {
  using std::chrono::milliseconds;
  options.section("Simulator");
  options.integer("sim_seed", settings_.sim_seed, {0, std::numeric_limits<std::int64_t>::max()},
                  "The same seed gives the same posts.");
  options.integer("sim_posts", settings_.sim_posts, {0, 1'000'000'000'000},
                  "How many items; 0: without end.");
  options.number("sim_rate", settings_.sim_rate, {0.001, 1e6},
                 "Items per second of event time. How fast they come is up to rate or speed.");
  options.text("sim_start", settings_.sim_start, "Event time of the first post, RFC 3339.");
  options.text("sim_truth", settings_.sim_truth,
               "Where to write what is planted and what is to be counted, as JSON.");
  options.duration("sim_burst_interval_ms", settings_.sim_burst_interval_ms,
                   {milliseconds(1000), milliseconds(86'400'000)},
                   "Event time per planted hashtag and hotspot.");
  const OptionSet::Bounds<double> share{0, 1};
  options.number("sim_burst_share", settings_.sim_burst_share, share,
                 "Share of posts with the planted hashtag while it trends.");
  options.number("sim_hotspot_share", settings_.sim_hotspot_share, share,
                 "Share of posts within the planted hotspot while it is hot.");
  options.number("sim_duplicate_share", settings_.sim_duplicate_share, share,
                 "Share of items that repeat an earlier post.");
  options.number("sim_late_share", settings_.sim_late_share, share,
                 "Share of posts that are 2 to 30 minutes late.");
  options.number("sim_malformed_share", settings_.sim_malformed_share, share,
                 "Share of lines that are broken.");
  options.number("sim_deletion_share", settings_.sim_deletion_share, share,
                 "Share of items that delete an earlier post.");
  options.number("sim_link_share", settings_.sim_link_share, share,
                 "Share of posts with a link, to one of 40 sites.");
}

/// Makes one post of what redundant instances have read.
Result<Stage> IngestService::make_merging_stage(ServiceContext& context) {
  const auto partitions = context.partitions("ingest_candidates");
  ROOKERY_RETURN_IF_ERROR(partitions);
  const LiveSettings& live = settings_.live;
  Candidates::Options options{
      .ids = {.window = live.duplicate_window_ms,
              .ids_max = static_cast<std::size_t>(live.duplicate_ids_max / *partitions + 1)},
      .committed = [&metrics = context.metrics(), source = settings_.source](
                       std::uint64_t duplicates, std::uint64_t shortened) {
        metrics.add_duplicates(source, duplicates);
        if (shortened > 0) metrics.add_shortened_windows(source, shortened);
      }};
  return Stage{.group = "ingest-merge",
               .inputs = {"ingest_candidates"},
               .processor = std::make_unique<Candidates>(std::move(options))};
}

Result<std::vector<Stage>> IngestService::make_stages(ServiceContext& context) {
  std::vector<Stage> stages;
  const bool live = is_live(settings_);
  const auto committed = [&metrics = context.metrics(),
                          source = settings_.source](const LiveCounts& counts) {
    for (const StreamGap& gap : counts.gaps) {
      if (!gap.fill.empty()) {
        metrics.add_filled_posts(source, gap.filled_posts);
        continue;
      }
      metrics.add_stream_gap(source, name_of(gap.reason),
                             std::chrono::duration<double>(gap.duration()).count());
    }
    metrics.add_duplicates(source, counts.duplicates);
    if (counts.shortened > 0) metrics.add_shortened_windows(source, counts.shortened);
  };
  using Liveness = IngestProcessor::Liveness;
  const bool redundant = live && settings_.live.redundant;
  stages.push_back(
      {.group = "ingest",
       .inputs = {},
       .processor = std::make_unique<IngestProcessor>(parser_options(settings_, session_),
                                                      redundant ? Liveness::kRedundant
                                                      : live    ? Liveness::kLive
                                                                : Liveness::kStored,
                                                      session_, committed)});
  if (redundant) {
    auto merging = make_merging_stage(context);
    ROOKERY_RETURN_IF_ERROR(merging);
    stages.push_back(std::move(*merging));
  } else if (live && settings_.live.duplicate_window_ms.count() > 0) {
    stages.back().tail = Stage::Tail{.topic = std::string(output_topic()),
                                     .window = settings_.live.duplicate_window_ms};
  }
  return stages;
}

Result<std::unique_ptr<Feed>> IngestService::make_feed(ServiceContext& context) {
  return ingest::make_feed(settings_, context.pipe() ? Standalone::kPipe : Standalone::kNo,
                           context.instance(), session_, context.clock(), context.log());
}

}  // namespace rookery::ingest
