#include "tests/unit/services/hashtag-window/simulation/world.hpp"

#include <algorithm>

#include "services/hashtag-window/merge_stage.hpp"
#include "services/hashtag-window/metadata.hpp"
#include "services/hashtag-window/pane_snapshot.hpp"
#include "services/hashtag-window/partial_stage.hpp"
#include "services/hashtag-window/rank_stage.hpp"

namespace rookery::simulation {

using hashtag_window::kNoPane;
using hashtag_window::Pane;

namespace {

/// Ticks in which a rescale is tried while posts come.
constexpr std::int64_t kPatience = 100;

/// The earlier stage: hands records on as they are.
class Relay final : public Processor {
 public:
  Result<void> process(const InputRecord& record, Outputs& out) override {
    if (record.value) {
      out.add(hashtag_window::kPosts.input, record.partition, *record.key, *record.value);
    } else {
      out.add_deletion(hashtag_window::kPosts.input, record.partition, *record.key);
    }
    return {};
  }
};

/// `panes` under the name of `name`, as if they were those.
std::string of_another_life(const std::string& name, const std::string& panes) {
  const auto any = [](const hashtag_window::SavedPanes&) { return true; };
  hashtag_window::RecordReader names;
  hashtag_window::RecordReader contents;
  auto made = names.read_panes(name, any);
  const auto other = contents.read_panes(panes, any);
  if (!made || !other || made->dimension != other->dimension ||
      made->end - made->begin != other->end - other->begin) {
    return name;
  }
  const std::string bytes = hashtag_window::moved_panes(other->panes, made->begin);
  made->panes = bytes;
  made->block ^= made->check();
  std::string record;
  hashtag_window::append_panes(record, *made);
  return record;
}

}  // namespace

World::World(const Scenario& scenario, std::uint64_t seed, Faults faults)
    : scenario_(scenario),
      settings_(scenario.settings),
      dice_(seed),
      broker_(dice_, dice_.pick({150, 900}), dice_.pick({300, 900})),
      faults_(faults) {
  start_stages();
  const auto end = scenario.arrivals.empty() ? 0 : scenario.arrivals.back().tick;
  faults_end_ = end + dice_.below(1500);
}

void World::start_stages() {
  const auto& s = settings_;
  stages_ = {{"hashtag-window-partial", "processed_tweets", s.source_partitions, 8,
              [&s] { return std::make_unique<hashtag_window::PartialStage>(s); }},
             {"hashtag-window-merge", s.partials_topic, s.partial_partitions, 20,
              [&s] { return std::make_unique<hashtag_window::MergeStage>(s); }},
             {"hashtag-window-rank", "window_ranks", 1, 20,
              [&s] { return std::make_unique<hashtag_window::RankStage>(s); }}};
  for (const UpstreamStage& stage : s.upstream) {
    stages_.push_back({stage.group, stage.topic, s.source_partitions, 8,
                       [] { return std::make_unique<Relay>(); }});
  }
  for (const auto& stage : stages_) {
    broker_.create_group(stage.group, stage.topic, stage.partitions);
    const auto most = stage.partitions + 1;
    for (auto n = faults_ == Faults::kNone ? 1 : dice_.between(1, most); n > 0; --n) add(stage);
  }
}

std::string World::run() {
  const std::int64_t deadline = 2 * faults_end_ + 60'000;
  int settled = 0;
  while (broker_.now() < deadline) {
    broker_.tick();
    deliver();
    const bool calm = faults_ == Faults::kNone || broker_.now() > faults_end_;
    if (!calm && dice_.chance(.012)) fault();
    step();
    if (next_rescale_ < scenario_.rescales.size() && dice_.chance(.02)) rescale();
    if (!violation_.empty()) return violation_;
    for (const Instance& instance : instances_) {
      if (!instance.violation().empty()) return instance.violation();
    }
    if (broker_.now() % 64 == 0 && calm && done() && ++settled > 6) return {};
  }
  return "not all windows closed";
}

void World::add(const Instance::Stage& stage) {
  instances_.emplace_back(broker_, dice_, stage, ++slots_);
}

void World::deliver() {
  // Who feeds the chain waits for a rescale, and not at once; there is none before any windows.
  if (next_rescale_ < scenario_.rescales.size() && next_arrival_ > 20 &&
      broker_.now() > scenario_.rescales[next_rescale_].tick + kPatience) {
    return;
  }
  for (; next_arrival_ < scenario_.arrivals.size(); ++next_arrival_) {
    const Arrival& arrival = scenario_.arrivals[next_arrival_];
    if (arrival.tick > broker_.now() || arrival.partition >= settings_.source_partitions) return;
    if (arrival.partition >= 0) {
      broker_.append({scenario_.input, Partition(arrival.partition)}, arrival.record);
    } else if (faults_ == Faults::kMany) {
      for (Instance& instance : instances_) {
        if (&instance.stage() == &stages_.front()) instance.crash();
      }
    }
  }
}

void World::fault() {
  if (scenario_.damaged && dice_.chance(.3)) return damage();
  auto victim = instances_.begin();
  std::advance(victim, dice_.below(static_cast<std::int64_t>(instances_.size())));
  const auto draw = dice_.below(100);
  if (draw < 45) {
    ++events_["crash"];
    victim->crash();
    victim->stalled_until = broker_.now() + dice_.pick({0, 5, 60, 400});
  } else if (draw < 70) {
    ++events_["stall"];
    victim->stalled_until = broker_.now() + dice_.pick({10, 50, 120, 200, 350, 800});
  } else if (draw < 85) {
    ++events_["shuffle"];
    broker_.rebalance(victim->stage().group, true);
  } else if (draw < 93) {
    ++events_["add"];
    if (instances_.size() < 12) add(victim->stage());
  } else {
    ++events_["remove"];
    const auto same = std::count_if(instances_.begin(), instances_.end(), [&](const Instance& i) {
      return &i.stage() == &victim->stage();
    });
    if (same > 1) instances_.erase(victim);
  }
}

/// One record of window_panes is changed, is gone, or is one of another life of the topic: of the
/// same panes in name, with others in it.
void World::damage() {
  const auto q = dice_.below(settings_.partial_partitions);
  auto& log = broker_.stored({"window_panes", Partition(static_cast<std::int32_t>(q))});
  std::vector<Stored*> records;
  for (Stored& stored : log) {
    if (stored.value && !stored.marker) records.push_back(&stored);
  }
  if (records.empty()) return;
  const auto any = [&] {
    return records[static_cast<std::size_t>(
        dice_.below(static_cast<std::int64_t>(records.size())))];
  };
  Stored& victim = *any();
  const auto kind = dice_.below(3);
  ++events_["damage"];
  if (kind == 0) {
    const auto begin = static_cast<std::int64_t>(victim.value->find("\"panes\":\"") + 9);
    const auto end = static_cast<std::int64_t>(victim.value->size()) - 5;
    if (begin >= end) return;
    char& digit = (*victim.value)[static_cast<std::size_t>(dice_.between(begin, end))];
    digit = digit == 'A' ? 'B' : 'A';
  } else if (kind == 1) {
    victim.value.reset();
  } else {
    victim.value = of_another_life(*victim.value, *any()->value);
  }
}

void World::step() {
  std::vector<Instance*> ready;
  for (Instance& instance : instances_) {
    if (instance.stalled_until <= broker_.now() || broker_.now() > faults_end_ + 900) {
      ready.push_back(&instance);
    }
  }
  if (broker_.now() % 8 == 0) {
    for (Instance* instance : ready) broker_.beat(instance->stage().group, instance->member());
  }
  if (ready.empty()) return;
  Instance& chosen =
      *ready[static_cast<std::size_t>(dice_.below(static_cast<std::int64_t>(ready.size())))];
  if (!chosen.step()) chosen.crash();  // Fenced: the process leaves and is started anew.
}

std::int64_t World::deepest_restore() const {
  std::int64_t deepest = 0;
  for (const Instance& instance : instances_) {
    deepest = std::max(deepest, instance.deepest_restore());
  }
  return deepest;
}

World::Snapshots World::snapshots() const {
  Snapshots sum;
  for (const Instance& instance : instances_) {
    sum.used += instance.snapshots_used();
    sum.refused += instance.snapshots_refused();
    sum.begin_late += instance.snapshots_late();
    sum.deepest_resume = std::max(sum.deepest_resume, instance.deepest_resume());
  }
  return sum;
}

/// Whatever the instances are doing. What is not read to the end is refused; what is not refused
/// must be right.
void World::rescale() {
  const Rescale& wanted = scenario_.rescales[next_rescale_];
  if (wanted.tick > broker_.now()) return;
  const auto state = drained_state(wanted.sources.has_value());
  if (!state) return;
  const auto plan = hashtag_window::plan_rescale(
      *state, {.sources = wanted.sources,
               .partials = wanted.partials,
               .topic = "window_partials-" + std::to_string(topics_ + 1)});
  if (plan) {
    ++next_rescale_;
    return carry_out(*plan, wanted.killed);
  }
  const auto& [code, message] = std::pair(plan.error().code, plan.error().message);
  if (code != "not_drained" && code != "window_state") violation_ = message;
  ++events_["rescale refused"];
}

std::optional<Progress> World::decided(const Instance::Stage& stage) const {
  Progress progress;
  for (std::int32_t p = 0; p < stage.partitions; ++p) {
    const TopicPartition at{stage.topic, Partition(p)};
    const auto committed = broker_.committed(stage.group, at);
    if (!committed.stable) return std::nullopt;
    if (committed.offset) progress[at] = *committed.offset;
  }
  return progress;
}

std::optional<hashtag_window::CommittedState> World::drained_state(bool with_sources) {
  std::vector<Progress> found;
  for (std::size_t i = 0; i < 3; ++i) {
    const Instance::Stage& stage = stages_[i];
    auto progress = decided(stage);
    if (!progress) return std::nullopt;
    found.push_back(*std::move(progress));
    if (i == 0 && !with_sources) continue;
    for (std::int32_t p = 0; p < stage.partitions; ++p) {
      if (!broker_.has_drained(stage.group, {stage.topic, Partition(p)})) return std::nullopt;
    }
  }
  return hashtag_window::CommittedState{found[0], found[1], found[2]};
}

/// As rookeryctl does it, but that no other process sees it in the middle.
void World::carry_out(const hashtag_window::RescalePlan& plan, bool killed) {
  for (Instance& instance : instances_) instance.crash();  // All are stopped.
  for (const auto& [from, begin, end] : plan.copies) {
    for (const auto& [offset, stored] :
         broker_.read(from, begin.value(), SIZE_MAX, end.value()).records) {
      if (killed && dice_.chance(.01)) break;
      const auto homes = hashtag_window::new_homes(*stored->value, plan.partials);
      if (!homes) continue;
      for (const Partition home : *homes) {
        broker_.append({plan.topic, home}, {.key = stored->key, .value = stored->value});
      }
    }
  }
  if (!plan.copies.empty()) ++topics_;
  ++events_[killed ? "rescale killed" : "rescale"];
  if (killed) return;
  std::vector<Offset> ends;
  for (std::int32_t q = 0; q < plan.partials; ++q) {
    ends.emplace_back(broker_.size({plan.topic, Partition(q)}));
  }
  const auto after = plan.after(plan.copies.empty() ? std::vector<Offset>() : ends);
  if (!after) {
    violation_ = after.error().message;
    return;
  }
  Pane newest = kNoPane;
  for (const auto& [at, committed] : plan.before.partial) {
    const auto metadata = hashtag_window::read_partial_metadata(settings_, at, committed);
    newest = std::max(newest, metadata->frontier);
  }
  for (auto p = settings_.source_partitions; p < plan.sources; ++p) generations_.begun[p] = newest;
  if (!plan.copies.empty()) generations_.partials.push_back(plan.topic);
  broker_.set_offsets(stages_[0].group, after->partial);
  broker_.set_offsets(stages_[1].group, after->merge);
  broker_.set_offsets(stages_[2].group, after->rank);
  instances_.clear();
  settings_.source_partitions = plan.sources;
  settings_.partial_partitions = plan.partials;
  settings_.partials_topic = plan.topic;
  settings_.fingerprint = plan.fingerprint;
  start_stages();
}

bool World::done() const {
  if (next_rescale_ < scenario_.rescales.size()) return false;
  if (next_arrival_ < scenario_.arrivals.size()) return false;
  const auto& s = settings_;
  Pane newest = kNoPane;
  for (std::int32_t p = 0; p < s.source_partitions; ++p) {
    const TopicPartition at{"processed_tweets", Partition(p)};
    for (const UpstreamStage& stage : s.upstream) {
      if (!broker_.has_drained(stage.group, {stage.topic, Partition(p)})) return false;
    }
    const auto committed = broker_.committed("hashtag-window-partial", at);
    const auto from = committed.offset ? committed.offset->offset.value() : 0;
    if (!broker_.read(at, from, 1).records.empty()) return false;
    if (!committed.offset) continue;
    const auto metadata = hashtag_window::read_partial_metadata(s, at, *committed.offset);
    newest = std::max(newest, metadata->newest);
  }
  if (newest == kNoPane) return true;
  const TopicPartition ranks{"window_ranks", Partition(0)};
  const auto committed = broker_.committed("hashtag-window-rank", ranks);
  if (!committed.offset) return false;
  const auto metadata = hashtag_window::read_rank_metadata(s, ranks, *committed.offset);
  return metadata->done >= newest + s.lateness + s.length_max;
}

}  // namespace rookery::simulation
