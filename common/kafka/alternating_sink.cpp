#include "common/kafka/alternating_sink.hpp"

#include <utility>

#include "common/core/fault.hpp"
#include "common/kafka/progress.hpp"

namespace rookery::kafka {

Result<std::unique_ptr<AlternatingSink>> AlternatingSink::create(const Connection& connection,
                                                                 const SinkOptions& options,
                                                                 const Surroundings& around,
                                                                 const std::string& cursor_key) {
  Pair sinks;
  SinkOptions own = options;
  for (auto& sink : sinks) {
    auto made =
        KafkaSink::create(connection, own, around, std::make_unique<CursorProgress>(cursor_key));
    ROOKERY_RETURN_IF_ERROR(made);
    sink = std::move(*made);
    own.transactional_id += "/2";
  }
  return std::unique_ptr<AlternatingSink>(new AlternatingSink(std::move(sinks)));
}

Result<void> AlternatingSink::begin() {
  return sinks_.at(turn_)->begin();
}

Result<void> AlternatingSink::write(const OutputRecord& record) {
  return sinks_.at(turn_)->write(record);
}

Result<void> AlternatingSink::commit(const Progress& progress) {
  crash_point("during_handover");
  ROOKERY_RETURN_IF_ERROR(settle());
  KafkaSink& sink = *sinks_.at(turn_);
  ROOKERY_RETURN_IF_ERROR(sink.write_progress(progress));
  delivered_ = false;
  ending_ = std::async(std::launch::async, [this, &sink] { return end(sink); });
  reached_.acquire();
  // A record was refused: the transaction is still this one's, to be aborted.
  if (!delivered_) return ending_.get();
  turn_ = 1 - turn_;
  return {};
}

Result<void> AlternatingSink::end(KafkaSink& sink) {
  auto ended = sink.end([this] {
    crash_point("delivered");
    delivered_ = true;
    reached_.release();
  });
  if (!delivered_) reached_.release();
  return ended;
}

/// Waits until the transaction before is committed.
Result<void> AlternatingSink::settle() {
  if (!ending_.valid()) return {};
  const auto ended = ending_.get();
  if (ended && !fail_point("end_of_transaction")) return {};
  return fatal("commit_lost", "the broker had all records of a transaction, but it did not end: " +
                                  (ended ? "planted" : ended.error().message));
}

Result<void> AlternatingSink::abort() {
  ROOKERY_RETURN_IF_ERROR(settle());
  return sinks_.at(turn_)->abort();
}

Result<void> AlternatingSink::finish() {
  return settle();
}

}  // namespace rookery::kafka
