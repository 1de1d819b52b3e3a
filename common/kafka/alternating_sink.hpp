#pragma once

#include <array>
#include <cstddef>
#include <future>
#include <memory>
#include <semaphore>
#include <string>

#include "common/kafka/sink.hpp"

namespace rookery::kafka {

/// The sink of a feed: two transactional producers that take turns, so that one
/// transaction fills while the broker completes the one before. A producer alone
/// would wait for that, or be turned away and wait 20 ms, which are librdkafka's own.
///
/// commit() returns once the broker has all records and the cursor, in a
/// transaction whose end is asked for on a thread of its own. It is exactly-once because:
/// - A transaction is ended only after the one before it was: what is committed is
///   always a prefix, whose last cursor says where to go on.
/// - Nothing of a transaction is written before all of the one before it lies with the
///   broker, so that each partition holds the records in their order, and readers with
///   read_committed, who stop at the first open transaction, see them so.
/// - create() fences both producers of a predecessor and waits for what it has ended, before
///   anybody asks for the cursor. A predecessor that still lives gets its next end refused,
///   and asks for no further one.
/// - An end that fails after commit() has returned comes back as kFatal with the code
///   `commit_lost` from the next call that could tell: what the feed holds in memory is no
///   longer of use, and the process starts anew at the cursor, as after a crash.
///
/// One thread uses it.
class AlternatingSink final : public TransactionalSink {
 public:
  /// `cursor_key` as FeedSource::cursor_key(). The second producer's transactional.id is that
  /// of `options` with "/2" behind it.
  static Result<std::unique_ptr<AlternatingSink>> create(const Connection& connection,
                                                         const SinkOptions& options,
                                                         const Surroundings& around,
                                                         const std::string& cursor_key);

  Result<void> begin() override;
  Result<void> write(const OutputRecord& record) override;
  Result<void> commit(const Progress& progress) override;
  Result<void> abort() override;
  Result<void> finish() override;

 private:
  using Pair = std::array<std::unique_ptr<KafkaSink>, 2>;
  explicit AlternatingSink(Pair sinks) : sinks_(std::move(sinks)) {}
  Result<void> end(KafkaSink& sink);
  Result<void> settle();

  Pair sinks_;
  std::size_t turn_ = 0;              ///< Whose transaction is open, or the next.
  bool delivered_ = false;            ///< The broker has all records of the one that ends.
  std::binary_semaphore reached_{0};  ///< That is so, or the end has failed before.
  std::future<Result<void>> ending_;  ///< Of the other one. Last: waits for its thread.
};

}  // namespace rookery::kafka
