// Panes that are folded into one, and the times at which all is forgotten.
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "services/hashtag-window/merge_stage.hpp"
#include "services/hashtag-window/metadata.hpp"
#include "tests/unit/services/hashtag-window/stages_support.hpp"

namespace rookery::hashtag_window {
namespace {

using simulation::concat;

const TopicPartition kSums{std::string(kPosts.partials), Partition(0)};

/// A partition of the sums and its owner, as the pipeline would lead it.
class Owner {
 public:
  explicit Owner(const Settings& settings) : settings_(settings), stage_(settings) {
    REQUIRE(stage_->assign(kSums, std::nullopt));
    REQUIRE(stage_->restored(kSums));
  }

  void post_in(Pane pane, const std::string& key) {
    give(concat({R"({"partial":{"dimension":"hashtag","key":")", key, R"(","pane":)",
                 std::to_string(pane), R"(,"from":)", std::to_string(pane),
                 R"(,"count":1,"sentiment":0,"first":1,"last":2}})"}));
  }

  /// Closes all panes before `pane`.
  void advance_to(Pane pane) {
    give(concat({R"({"frontiers":{"frontiers":[{"partition":0,"offset":"0","pane":)",
                 std::to_string(pane), "}]}}"}));
    do {
      finish();
    } while (metadata().closed < pane);
  }

  /// Another owner that has read window_panes.
  void restart() {
    stage_.emplace(settings_);
    const auto snapshots = stage_->snapshots(kSums, committed_);
    REQUIRE(snapshots);
    REQUIRE(snapshots->topic == kPosts.panes);
    for (std::size_t i = 0; i < panes_.size(); ++i) {
      InputRecord r = record(static_cast<std::int64_t>(i), panes_[i]);
      r.topic = kPosts.panes;
      REQUIRE(stage_->take_snapshot(kSums, r));
    }
    REQUIRE(stage_->snapshots_read(kSums).empty());
    const auto from = stage_->assign(kSums, committed_);
    REQUIRE(from);
    for (auto i = from->value_or(committed_.offset).value(); i < committed_.offset.value(); ++i) {
      REQUIRE(stage_->replay(sum(i)));
    }
    REQUIRE(stage_->restored(kSums));
  }

  /// What another owner would have to read.
  [[nodiscard]] Snapshots snapshots_after_a_kill() const {
    auto snapshots = MergeStage(settings_).snapshots(kSums, committed_);
    REQUIRE(snapshots);
    return *std::move(snapshots);
  }

  [[nodiscard]] MergeMetadata metadata() const {
    auto read = read_merge_metadata(settings_, kSums, committed_);
    REQUIRE(read);
    return *std::move(read);
  }
  [[nodiscard]] const std::vector<std::string>& ranks() const { return ranks_; }

 private:
  [[nodiscard]] InputRecord sum(std::int64_t offset) const {
    InputRecord r = record(offset, sums_[static_cast<std::size_t>(offset)]);
    r.topic = kPosts.partials;
    return r;
  }

  void give(std::string json) {
    sums_.push_back(std::move(json));
    REQUIRE(stage_->process(sum(static_cast<std::int64_t>(sums_.size()) - 1), out_));
  }

  void finish() {
    out_.clear();
    Progress progress{{kSums, {Offset(static_cast<std::int64_t>(sums_.size())), ""}}};
    REQUIRE(stage_->finish_batch({.polled_at = {}, .group = &group_}, out_, progress));
    committed_ = progress.at(kSums);
    ranks_.clear();
    for (std::size_t i = 0; i < out_.size(); ++i) {
      const OutputRecord made = out_.at(i);
      auto& list = made.topic == kPosts.panes ? panes_ : ranks_;
      list.emplace_back(*made.value);
    }
    stage_->on_commit();
  }

  /// The merge asks it for nothing.
  class Nobody final : public InputGroup {
   public:
    Result<std::vector<std::optional<CommittedOffset>>> committed(std::string_view) override {
      return std::vector<std::optional<CommittedOffset>>{};
    }
    Result<bool> at_end(const TopicPartition&) override { return true; }
    Result<bool> has_drained(const UpstreamStage&, Partition) override { return true; }
    void pause(const TopicPartition&) override {}
    void resume(const TopicPartition&) override {}
  };

  const Settings& settings_;
  Nobody group_;
  std::optional<MergeStage> stage_;
  Outputs out_;
  std::vector<std::string> sums_;
  std::vector<std::string> panes_;
  std::vector<std::string> ranks_;  ///< Of the last batch.
  CommittedOffset committed_;
};

/// The total of the last window of that name in the last batch; empty where there is none.
std::string total_of(const Owner& owner, const std::string& window) {
  const std::string name = concat({R"("window":")", window, "\""});
  std::string total;
  for (const std::string& rank : owner.ranks()) {
    if (rank.find(name) == std::string::npos) continue;
    const auto begin = rank.find(R"("total":")") + 9;
    total = rank.substr(begin, rank.find('"', begin) - begin);
  }
  return total;
}

TEST_CASE("a silence longer than all windows leaves nothing in them", "[merge]") {
  const Settings settings = settings_of(1);
  REQUIRE(settings.fold == 6);
  const auto place = static_cast<Pane>(GENERATE(range(0, 6)));
  const bool restarted = GENERATE(false, true);
  Owner owner(settings);
  owner.post_in(6000 + place, "old");  // Any of the six panes that become one.
  owner.advance_to(6000 + settings.keep - 1);
  CHECK(owner.metadata().closed == 6000 + settings.keep - 1);
  if (restarted) owner.restart();
  owner.post_in(60'000, "new");
  owner.advance_to(60'006);
  CHECK(total_of(owner, "24h/1m") == "1");
}

TEST_CASE("who restored from snapshots knows from where one without them has to count", "[merge]") {
  const Settings settings = settings_of(1);
  Owner owner(settings);
  owner.post_in(6003, "a");
  owner.advance_to(7000);
  CHECK(owner.metadata().replay_from == 0);
  owner.restart();
  owner.post_in(7001, "b");
  owner.advance_to(7002);
  CHECK(owner.metadata().replay_from == 0);  // Pane 6003 is needed still, and lies there.
  CHECK(owner.metadata().resume_from > 0);
}

TEST_CASE("snapshots that do not reach the border of a quarter are left, and it is said why",
          "[merge]") {
  Settings settings;  // Deletions reach nearly as far as the windows.
  settings.windows = {{"2m/10s", 12, 1}, {"12m/20s", 72, 2}};
  settings.dimensions = {Dimension::kHashtag};
  settings.deletion_horizon = 60;
  derive(settings);
  settings.snapshots = {{2, settings.settled}};
  Owner owner(settings);
  int read = 0;
  int left = 0;
  for (Pane pane = 6000; pane < 6000 + 3 * settings.keep; ++pane) {
    owner.post_in(pane, "a");
    owner.advance_to(pane + 1);
    const SavedBlocks saved = owner.metadata().saved.front();
    if (saved.digests.empty() || saved.digests.back() == 0) continue;
    // Of the oldest block the first pane may have been gone when it was written.
    const Pane whole = saved.until - 2 * static_cast<Pane>(saved.digests.size()) + 2;
    const Pane border = floor_to(saved.until, settings.span);
    const Snapshots told = owner.snapshots_after_a_kill();
    INFO(pane << ": saved from " << whole << " to " << saved.until);
    CHECK(told.topic.empty() == (border < whole));
    CHECK(told.lacking.empty() == (border >= whole));
    if (border >= whole) {
      ++read;
      continue;
    }
    ++left;
    CHECK(told.lacking.find("pane " + std::to_string(whole)) != std::string::npos);
    CHECK(told.lacking.find("from " + std::to_string(border)) != std::string::npos);
  }
  CHECK(read > 0);
  CHECK(left > 0);
}

}  // namespace
}  // namespace rookery::hashtag_window
