#include "common/testing/log_contract.hpp"

#include <chrono>
#include <utility>

namespace rookery::testing {
namespace {

using Violations = std::vector<std::string>;

/// A process on the log: hears of its partition, reads with a limit, collects
/// what is wrong.
class Process final : public PartitionListener {
 public:
  explicit Process(LogUnderTest& log) : log_(log) { start(); }

  void start() { log_.source().listen(*this); }

  void crash() {
    log_.crash();
    start();
  }

  /// Polls until `count` records have come or nothing more does.
  std::vector<std::string> read(std::size_t count) {
    std::vector<std::string> values;
    for (int polls = 0; polls < 200 && values.size() < count; ++polls) {
      const auto batch = log_.source().poll(std::chrono::milliseconds(50));
      if (!batch) {
        fail("poll: " + batch.error().message);
        break;
      }
      for (const auto& record : batch->records) {
        values.push_back(record.value ? std::string(*record.value)
                                      : "(deleted " + std::string(record.key.value_or("")) + ")");
        progress_[{std::string(record.topic), record.partition}].offset =
            Offset(record.offset.value() + 1);
      }
    }
    return values;
  }

  void begin() { expect(log_.sink().begin(), "begin"); }
  void write(std::string_view key, std::optional<std::string_view> value) {
    const std::string topic = log_.output_topic();
    expect(
        log_.sink().write({.topic = topic, .partition = Partition(0), .key = key, .value = value}),
        "write");
  }
  void commit(const std::string& note = {}) {
    for (auto& [partition, committed] : progress_) committed.metadata = note;
    expect(log_.sink().commit(progress_), "commit");
    log_.source().on_commit(progress_);
    progress_.clear();
  }
  void abort() {
    expect(log_.sink().abort(), "abort");
    expect(log_.source().rewind_to_committed(), "rewind");
    progress_.clear();
  }

  void check(const std::vector<std::string>& found, const std::vector<std::string>& expected,
             const std::string& what) {
    if (found == expected) return;
    std::string text = what + ": found";
    for (const auto& value : found) text += " " + value;
    text += ", expected";
    for (const auto& value : expected) text += " " + value;
    fail(text);
  }
  /// A commit may return before every reader can see it: the broker marks the
  /// end of a transaction partition by partition.
  void check_output(const std::vector<std::string>& expected, const std::string& what) {
    SystemClock clock;
    auto found = log_.committed(log_.output_topic());
    for (int tries = 0; tries < 100 && found != expected; ++tries) {
      clock.sleep_for(std::chrono::milliseconds(20), {});
      found = log_.committed(log_.output_topic());
    }
    check(found, expected, what);
  }
  void fail(std::string what) { violations_.push_back(std::move(what)); }
  [[nodiscard]] Violations violations() const { return violations_; }

  // --- PartitionListener ---
  Result<std::optional<Offset>> assign(const TopicPartition& /*partition*/,
                                       const std::optional<CommittedOffset>& committed) override {
    metadata.push_back(committed ? committed->metadata : "(none)");
    events += 'A';
    if (!replay_from || !committed) return std::optional<Offset>{};
    return std::optional(*replay_from);
  }
  Result<void> replay(const InputRecord& record) override {
    replayed.emplace_back(record.value.value_or("(deleted)"));
    return {};
  }
  Result<void> restored(const TopicPartition& /*partition*/) override {
    events += 'S';
    return {};
  }
  void revoke(const TopicPartition& /*partition*/) override { events += 'R'; }

  std::optional<Offset> replay_from;
  std::vector<std::string> metadata;
  std::vector<std::string> replayed;
  std::string events;

 private:
  void expect(const Result<void>& result, const std::string& doing) {
    if (!result) fail(doing + ": " + result.error().message);
  }

  LogUnderTest& log_;
  Progress progress_;
  Violations violations_;
};

Violations shows_at_commit(LogUnderTest& log) {
  Process process(log);
  log.append("k", "a");
  process.check(process.read(1), {"a"}, "the input");
  process.begin();
  process.write("k", "out-a");
  process.write("d", std::nullopt);
  process.check_output({}, "before the commit");
  process.commit();
  process.check_output({"out-a", "(deleted d)"}, "after the commit");
  return process.violations();
}

Violations abort_undoes(LogUnderTest& log) {
  Process process(log);
  log.append("k", "a");
  log.append("k", "b");
  process.read(2);
  process.begin();
  process.write("k", "lost");
  process.abort();
  process.check_output({}, "after the abort");
  process.check(process.read(2), {"a", "b"}, "the input comes again");
  process.begin();
  process.write("k", "kept");
  process.commit();
  process.check_output({"kept"}, "after the second try");
  if (process.events != "ASRAS") process.fail("listener heard " + process.events);
  return process.violations();
}

Violations progress_commits_with_outputs(LogUnderTest& log) {
  Process process(log);
  log.append("k", "a");
  process.read(1);
  process.begin();
  process.write("k", "out-a");
  process.commit("state 1");
  log.append("k", "b");
  process.crash();
  process.check(process.read(1), {"b"}, "after a crash behind the commit");
  process.check(process.metadata, {"(none)", "state 1"}, "metadata");
  return process.violations();
}

Violations crash_before_commit_replays(LogUnderTest& log) {
  Process process(log);
  log.append("k", "a");
  process.read(1);
  process.begin();
  process.write("k", "lost");
  process.crash();
  process.check(process.read(1), {"a"}, "after a crash before the commit");
  process.begin();
  process.write("k", "kept");
  process.commit();
  process.check_output({"kept"}, "the output");
  return process.violations();
}

Violations state_is_replayed(LogUnderTest& log) {
  Process process(log);
  for (const auto* value : {"a", "b", "c"}) log.append("k", value);
  log.append("d", std::nullopt);
  process.check(process.read(4), {"a", "b", "c", "(deleted d)"}, "the input");
  process.begin();
  process.commit("four");
  log.append("k", "e");
  process.replay_from = Offset(1);
  process.crash();
  process.check(process.read(1), {"e"}, "what is read after the replay");
  process.check(process.replayed, {"b", "c", "(deleted)"}, "what is replayed");
  return process.violations();
}

Violations empty_transaction_passes(LogUnderTest& log) {
  Process process(log);
  log.append("k", "a");
  process.read(1);
  process.begin();
  process.commit("only progress");
  process.begin();
  process.commit();
  process.check_output({}, "the output");
  log.append("k", "b");
  process.crash();
  process.check(process.read(1), {"b"}, "after a transaction without outputs");
  return process.violations();
}

}  // namespace

const std::vector<LogCheck>& log_contract() {
  static const std::vector<LogCheck> kChecks = {
      {"what is written shows at the commit and not before", shows_at_commit},
      {"an abort undoes outputs and progress, and the listener hears of it", abort_undoes},
      {"progress and its metadata commit with the outputs", progress_commits_with_outputs},
      {"a crash before the commit replays the batch", crash_before_commit_replays},
      {"state is rebuilt from the offset that the listener names", state_is_replayed},
      {"a transaction without outputs commits its progress", empty_transaction_passes},
  };
  return kChecks;
}

}  // namespace rookery::testing
