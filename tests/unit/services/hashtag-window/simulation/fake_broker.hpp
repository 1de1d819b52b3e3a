#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "common/runtime/io.hpp"

namespace rookery::simulation {

/// Chooses with a seed, so that a failure can be repeated.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}
  /// 0 to bound - 1.
  std::int64_t below(std::int64_t bound) {
    return static_cast<std::int64_t>(engine_() % static_cast<std::uint64_t>(bound));
  }
  std::int64_t between(std::int64_t min, std::int64_t max) { return min + below(max - min + 1); }
  bool chance(double probability) {
    return static_cast<double>(engine_() >> 11U) * 0x1.0p-53 < probability;
  }
  template <typename T>
  T pick(std::initializer_list<T> values) {
    return *(values.begin() + below(static_cast<std::int64_t>(values.size())));
  }

 private:
  std::mt19937_64 engine_;
};

enum class TxnState { kOpen, kCommitted, kAborted };

struct Txn {
  std::string id;
  std::int64_t epoch = 0;
  std::int64_t begun = 0;
  TxnState state = TxnState::kOpen;
  std::vector<TopicPartition> written;
  std::map<std::pair<std::string, TopicPartition>, CommittedOffset> offsets;
  std::vector<TopicPartition> unmarked;  ///< Partitions whose marker has not arrived.
  bool offsets_unmarked = false;
};

struct Stored {
  const Txn* txn = nullptr;  ///< Null: written without a transaction.
  bool marker = false;
  std::string key;
  std::optional<std::string> value;
  WallTime timestamp{};
};

/// A transactional log in memory with the rules of the real one: records and offsets of a
/// transaction show together and only when it commits, readers stop at the first open one,
/// markers arrive partition by partition, old epochs and generations are fenced, offsets of
/// an unfinished transaction are unstable. One tick() is 250 ms.
class FakeBroker {
 public:
  enum class Answer { kOk, kFenced, kIllegalGeneration };

  FakeBroker(Dice& dice, std::int64_t session_ticks, std::int64_t txn_ticks_max)
      : dice_(dice), session_ticks_(session_ticks), txn_ticks_max_(txn_ticks_max) {}

  void create_group(const std::string& group, std::string topic, std::int32_t partitions);
  void tick();
  [[nodiscard]] std::int64_t now() const { return now_; }

  std::int64_t init_producer(const std::string& id);
  /// Null while an earlier transaction is still being marked.
  Txn* begin(const std::string& id, std::int64_t epoch, bool& fenced);
  Answer produce(Txn& txn, const TopicPartition& at, Stored record);
  Answer send_offsets(Txn& txn, const std::string& group, std::int64_t member,
                      std::int64_t generation, const Progress& progress);
  Answer commit(Txn& txn);
  /// Commits offsets without a transaction, as a deliberate mistake does.
  void set_offsets(const std::string& group, const Progress& progress);
  void abort(Txn& txn);

  /// Writes without a transaction.
  void append(const TopicPartition& at, Stored record) { logs_[at].push_back(std::move(record)); }

  struct Committed {
    bool stable = true;
    std::optional<CommittedOffset> offset;
  };
  [[nodiscard]] Committed committed(const std::string& group, const TopicPartition& at) const;

  struct Read {
    std::vector<std::pair<std::int64_t, const Stored*>> records;
    bool at_end = false;
  };
  /// Committed records from `from` on and below `to`, at most `max`.
  [[nodiscard]] Read read(const TopicPartition& at, std::int64_t from, std::size_t max,
                          std::int64_t to = INT64_MAX) const;
  /// Whether `group` has read all that was written to `at`, open transactions included.
  [[nodiscard]] bool has_drained(const std::string& group, const TopicPartition& at) const;
  [[nodiscard]] std::int64_t size(const TopicPartition& at) const;
  /// What lies there may be changed, as by a failing disk.
  [[nodiscard]] std::vector<Stored>& stored(const TopicPartition& at) { return logs_[at]; }
  [[nodiscard]] const std::vector<Stored>& log(const TopicPartition& at) { return logs_[at]; }
  [[nodiscard]] std::vector<const Stored*> committed_records(const TopicPartition& at) const;

  std::int64_t join(const std::string& group, std::int64_t slot, bool replaces_slot);
  void beat(const std::string& group, std::int64_t member);
  [[nodiscard]] bool is_member(const std::string& group, std::int64_t member) const;
  [[nodiscard]] std::int64_t generation(const std::string& group) const;
  /// Partition to the generation since which `member` has it.
  [[nodiscard]] std::map<std::int32_t, std::int64_t> owned(const std::string& group,
                                                           std::int64_t member) const;
  void rebalance(const std::string& group, bool shuffle);

 private:
  struct Member {
    std::int64_t beat = 0;
    std::int64_t slot = 0;
  };
  struct Owner {
    std::int64_t member = 0;
    std::int64_t since = 0;
  };
  struct Group {
    std::string topic;
    std::int32_t partitions = 0;
    std::map<std::int64_t, Member> members;
    std::int64_t generation = 0;
    std::map<std::int32_t, Owner> owners;
  };

  void end(Txn& txn, TxnState state);
  /// Lets one marker arrive; returns whether all have.
  bool mark_one(Txn& txn);
  [[nodiscard]] bool valid(const Txn& txn) const;

  Dice& dice_;
  std::int64_t session_ticks_;
  std::int64_t txn_ticks_max_;
  std::int64_t now_ = 0;
  std::int64_t members_ = 0;
  std::map<TopicPartition, std::vector<Stored>> logs_;
  std::list<Txn> txns_;               ///< All that ever were; the logs point to them.
  std::map<std::string, Txn*> live_;  ///< Open, or with markers under way.
  std::map<std::string, std::int64_t> epochs_;
  std::map<std::pair<std::string, TopicPartition>, CommittedOffset> offsets_;
  std::map<std::string, Group> groups_;
};

}  // namespace rookery::simulation
