#include "tests/unit/services/hashtag-window/simulation/fake_broker.hpp"

#include <algorithm>

#include "common/core/fault.hpp"

namespace rookery::simulation {

void FakeBroker::create_group(const std::string& group, std::string topic,
                              std::int32_t partitions) {
  groups_[group].topic = std::move(topic);
  groups_[group].partitions = partitions;
}

void FakeBroker::tick() {
  ++now_;
  for (auto at = live_.begin(); at != live_.end();) {
    Txn& txn = *at->second;
    bool done = false;
    if (txn.state == TxnState::kOpen) {
      if (now_ - txn.begun > txn_ticks_max_) {
        ++epochs_[txn.id];
        end(txn, TxnState::kAborted);
      }
    } else if (dice_.chance(.7)) {
      done = mark_one(txn);
    }
    at = done ? live_.erase(at) : std::next(at);
  }
  for (auto& [name, group] : groups_) {
    const auto gone = std::erase_if(group.members, [&](const auto& member) {
      return now_ - member.second.beat > session_ticks_;
    });
    if (gone != 0) rebalance(name, false);
  }
}

std::int64_t FakeBroker::init_producer(const std::string& id) {
  if (const auto found = live_.find(id); found != live_.end()) {
    if (found->second->state == TxnState::kOpen) end(*found->second, TxnState::kAborted);
    while (!mark_one(*found->second)) {
    }
    live_.erase(found);
  }
  return ++epochs_[id];
}

Txn* FakeBroker::begin(const std::string& id, std::int64_t epoch, bool& fenced) {
  fenced = epochs_[id] != epoch;
  if (fenced || live_.contains(id)) return nullptr;
  txns_.push_back(
      {.id = id, .epoch = epoch, .begun = now_, .written = {}, .offsets = {}, .unmarked = {}});
  return live_[id] = &txns_.back();
}

FakeBroker::Answer FakeBroker::produce(Txn& txn, const TopicPartition& at, Stored record) {
  if (!valid(txn)) return Answer::kFenced;
  if (std::find(txn.written.begin(), txn.written.end(), at) == txn.written.end()) {
    txn.written.push_back(at);
  }
  record.txn = &txn;
  logs_[at].push_back(std::move(record));
  return Answer::kOk;
}

FakeBroker::Answer FakeBroker::send_offsets(Txn& txn, const std::string& group, std::int64_t member,
                                            std::int64_t generation, const Progress& progress) {
  if (!valid(txn)) return Answer::kFenced;
  // The real client sends nothing for an empty list, so nothing is checked then.
  if (progress.empty()) return Answer::kOk;
  if (!is_member(group, member) || generation != groups_[group].generation) {
    return Answer::kIllegalGeneration;
  }
  for (const auto& [at, committed] : progress) txn.offsets[{group, at}] = committed;
  return Answer::kOk;
}

FakeBroker::Answer FakeBroker::commit(Txn& txn) {
  if (!valid(txn)) return Answer::kFenced;
  end(txn, TxnState::kCommitted);
  return Answer::kOk;
}

void FakeBroker::set_offsets(const std::string& group, const Progress& progress) {
  for (const auto& [at, committed] : progress) offsets_[{group, at}] = committed;
}

void FakeBroker::abort(Txn& txn) {
  if (txn.state == TxnState::kOpen) end(txn, TxnState::kAborted);
}

FakeBroker::Committed FakeBroker::committed(const std::string& group,
                                            const TopicPartition& at) const {
  for (const auto& [id, txn] : live_) {
    const bool pending = txn->state == TxnState::kOpen || txn->offsets_unmarked;
    if (planted_mistake("offsets_fetched_while_unstable")) break;
    if (pending && txn->offsets.contains({group, at})) return {.stable = false, .offset = {}};
  }
  const auto found = offsets_.find({group, at});
  if (found == offsets_.end()) return {};
  return {.stable = true, .offset = found->second};
}

FakeBroker::Read FakeBroker::read(const TopicPartition& at, std::int64_t from, std::size_t max,
                                  std::int64_t to) const {
  Read result;
  const auto found = logs_.find(at);
  const auto end = std::min(to, found == logs_.end() ? 0 : std::int64_t(found->second.size()));
  std::int64_t offset = from;
  for (; offset < end && result.records.size() < max; ++offset) {
    const Stored& stored = found->second[static_cast<std::size_t>(offset)];
    if (const Txn* txn = stored.txn; txn != nullptr && !planted_mistake("read_uncommitted")) {
      const bool unmarked =
          std::find(txn->unmarked.begin(), txn->unmarked.end(), at) != txn->unmarked.end();
      if (txn->state == TxnState::kOpen || unmarked) break;
      if (txn->state == TxnState::kAborted) continue;
    }
    if (!stored.marker) result.records.emplace_back(offset, &stored);
  }
  result.at_end = offset >= end;
  return result;
}

bool FakeBroker::has_drained(const std::string& group, const TopicPartition& at) const {
  const auto offset = committed(group, at);
  if (!offset.stable) return false;
  const Read left = read(at, offset.offset ? offset.offset->offset.value() : 0, 1);
  return left.records.empty() && left.at_end;
}

std::int64_t FakeBroker::size(const TopicPartition& at) const {
  const auto found = logs_.find(at);
  return found == logs_.end() ? 0 : static_cast<std::int64_t>(found->second.size());
}

std::vector<const Stored*> FakeBroker::committed_records(const TopicPartition& at) const {
  std::vector<const Stored*> records;
  const auto found = logs_.find(at);
  if (found == logs_.end()) return records;
  for (const Stored& stored : found->second) {
    const bool visible = stored.txn == nullptr || stored.txn->state == TxnState::kCommitted;
    if (visible && !stored.marker) records.push_back(&stored);
  }
  return records;
}

std::int64_t FakeBroker::join(const std::string& group, std::int64_t slot, bool replaces_slot) {
  Group& g = groups_[group];
  if (replaces_slot) {
    std::erase_if(g.members, [&](const auto& member) { return member.second.slot == slot; });
  }
  g.members[++members_] = {.beat = now_, .slot = slot};
  rebalance(group, false);
  return members_;
}

void FakeBroker::beat(const std::string& group, std::int64_t member) {
  if (is_member(group, member)) groups_[group].members[member].beat = now_;
}

bool FakeBroker::is_member(const std::string& group, std::int64_t member) const {
  return groups_.at(group).members.contains(member);
}

std::int64_t FakeBroker::generation(const std::string& group) const {
  return groups_.at(group).generation;
}

std::map<std::int32_t, std::int64_t> FakeBroker::owned(const std::string& group,
                                                       std::int64_t member) const {
  std::map<std::int32_t, std::int64_t> owned;
  for (const auto& [partition, owner] : groups_.at(group).owners) {
    if (owner.member == member) owned[partition] = owner.since;
  }
  return owned;
}

void FakeBroker::rebalance(const std::string& group, bool shuffle) {
  Group& g = groups_[group];
  ++g.generation;
  const auto old = std::exchange(g.owners, {});
  if (g.members.empty()) return;
  const auto count = static_cast<std::int64_t>(g.members.size());
  const std::int64_t quota = (g.partitions + count - 1) / count;
  std::map<std::int64_t, std::int64_t> load;
  for (const auto& [member, state] : g.members) load[member] = 0;
  for (std::int32_t p = 0; p < g.partitions; ++p) {  // Sticky: an owner keeps up to its quota.
    const auto before = old.find(p);
    Owner owner = before == old.end() ? Owner{} : before->second;
    const bool stays = !shuffle && load.contains(owner.member) && load[owner.member] < quota;
    if (!stays) {
      const std::int64_t previous = owner.member;
      std::int64_t best = INT64_MAX;
      for (const auto& [member, held] : load) {
        const std::int64_t rank = held * 1000 + dice_.below(1000);
        if (rank < best) {
          best = rank;
          owner.member = member;
        }
      }
      if (owner.member != previous) owner.since = g.generation;
    }
    g.owners[p] = owner;
    ++load[owner.member];
  }
}

void FakeBroker::end(Txn& txn, TxnState state) {
  txn.state = state;
  txn.unmarked = txn.written;
  txn.offsets_unmarked = true;
  for (const TopicPartition& at : txn.written) {
    Stored marker;
    marker.txn = &txn;
    marker.marker = true;
    logs_[at].push_back(std::move(marker));
  }
  if (state == TxnState::kCommitted) {
    for (const auto& [at, committed] : txn.offsets) offsets_[at] = committed;
  }
}

bool FakeBroker::mark_one(Txn& txn) {
  const auto left = static_cast<std::int64_t>(txn.unmarked.size()) + (txn.offsets_unmarked ? 1 : 0);
  if (left == 0) return true;
  const auto chosen = dice_.below(left);
  if (chosen < static_cast<std::int64_t>(txn.unmarked.size())) {
    txn.unmarked.erase(txn.unmarked.begin() + chosen);
  } else {
    txn.offsets_unmarked = false;
  }
  return left == 1;
}

bool FakeBroker::valid(const Txn& txn) const {
  const auto epoch = epochs_.find(txn.id);
  return txn.state == TxnState::kOpen && epoch != epochs_.end() && epoch->second == txn.epoch;
}

}  // namespace rookery::simulation
