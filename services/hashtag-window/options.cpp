#include "services/hashtag-window/settings.hpp"

namespace rookery::hashtag_window {

void WindowOptions::describe(OptionSet& options) {
  const auto day = std::chrono::milliseconds(std::chrono::hours(24));
  options.section("Windows");
  options.list(
      "windows", windows,
      "Lengths and slides of the windows, as 5m/1m, or 5m/1m:20 with a top_k of its own; the "
      "common divisor of all is the pane.");
  options.list("dimensions", dimensions, "What is counted: " + dimension_names() + ".");
  options.duration("lateness_ms", lateness, {std::chrono::milliseconds(0), day},
                   "How much older than its partition's newest post a post may be; rounded up to "
                   "whole panes.");
  options.duration("deletion_horizon_ms", deletion_horizon, {std::chrono::milliseconds(0), day},
                   "How long after a post its deletion is subtracted. Beyond three quarters of the "
                   "longest window there are no snapshots: a restore counts all sums again.");
  options.duration("future_max_ms", future_max, {std::chrono::milliseconds(0), day},
                   "How far a post may be dated after its record; 0 turns the check off.");
  options.integer("top_k", top_k, {1, 1000}, "Keys in each ranking, of windows without their own.");
  options.integer("trend_history", trend_history, {2, 48},
                  "Blocks of time with which the trend score compares the newest one; a block is "
                  "a slide, or more where that many fit into the window.");
  options.integer("authors_exact_max", authors_exact_max, {1, 256},
                  "Distinct authors that are counted exactly; beyond, they are estimated.");
  options.integer("key_bytes_max", key_bytes_max, {1, 4096},
                  "A longer key is not counted (bytes of UTF-8).");
  options.integer("pane_keys_max", pane_keys_max, {1, 10'000'000},
                  "Keys of a dimension that a partition of the sums keeps of one pane; of "
                  "more, those with the fewest posts go, and rankings are marked approximate.");
  options.integer("open_keys_max", open_keys_max, {1, 10'000'000},
                  "Keys of a dimension that a partition of the input brings into a pane "
                  "while it is open, the first; a spelling counts as one more, and so does every "
                  "32 bytes. What comes beyond is not counted, and rankings are marked "
                  "approximate.");
  options.integer(
      "window_keys_max", window_keys_max, {4, 1'000'000'000},
      "Keys of a dimension that a partition of the sums keeps of all closed panes "
      "together, a quarter of them of each quarter; spellings and long ones count as in "
      "open_keys_max. Of more new ones, those with the fewest posts in their pane go, "
      "and rankings are marked approximate.");
  options.integer("hotspot_hashtags", hotspot_hashtags, {0, 50},
                  "Hashtags that are named with each hotspot, in dimensions of cells; 0: none, "
                  "which spares counting each pair of cell and hashtag.");
  options.section("Progress");
  options.integer("posts_batch_max", posts_batch_max, {1, 1'000'000},
                  "Most posts that one transaction of the first step sums up; the steps behind it "
                  "follow batch_records_max, and all of them batch_bytes_max.");
  options.duration("idle_ms", idle, {std::chrono::milliseconds(0), day},
                   "A partition without posts for so long no longer holds the windows open; 0: "
                   "it always does.");
  options.list("upstream", upstream,
               "The stages before this one, first to last, as GROUP:TOPIC that the group reads. A "
               "partition is silent only once they have read theirs of the same number to the "
               "end; empty where something else writes processed_tweets.");
  options.list("url_upstream", url_upstream,
               "Likewise the stages behind those, which clustered_urls comes from; empty where "
               "something else writes it.");
  options.choice("idle_policy", idle_policy, {"follow", "jump"},
                 "When all partitions are silent: follow the wall clock, or jump to the end of "
                 "the last window (finite inputs).");
  options.integer("skew_panes", skew_panes, {1, 100'000},
                  "A partition further ahead of the slowest is not read until that one follows, of "
                  "posts and of sums.");
  options.integer("slides_max", slides_max, {1, 100'000},
                  "Slides of a window partition that one transaction closes.");
  options.duration("early_ms", early, {std::chrono::milliseconds(0), day},
                   "How often windows that are still open are reported too, with final false; "
                   "0: never.");
}

}  // namespace rookery::hashtag_window
