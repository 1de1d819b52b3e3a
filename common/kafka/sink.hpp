#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/kafka/client.hpp"
#include "common/kafka/watchdog.hpp"
#include "common/runtime/io.hpp"

namespace rookery::kafka {

/// How the progress of a batch goes into its transaction.
class ProgressWriter;

struct SinkOptions {
  std::string transactional_id;
  std::chrono::milliseconds transaction_timeout{30'000};
  std::chrono::milliseconds call_deadline{20'000};  ///< Of the watchdog.
};

/// A transactional producer: outputs and progress in one transaction. One
/// thread uses it.
///
/// Errors of commit(): kRetryBatch means that nothing of the transaction shows
/// and abort() is due; kFatal that this producer is at its end: the code
/// `transaction_expired` when the broker gave up waiting for it, as after a long
/// outage, and a new producer may go on.
class KafkaSink final : public TransactionalSink, private ClientEvents {
 public:
  /// Waits until the broker answers; an open transaction of a dead predecessor
  /// with the same transactional.id is aborted by it, and a living one fenced.
  static Result<std::unique_ptr<KafkaSink>> create(const Connection& connection,
                                                   SinkOptions options, const Surroundings& around,
                                                   std::unique_ptr<ProgressWriter> progress);
  ~KafkaSink() override;

  Result<void> begin() override;
  Result<void> write(const OutputRecord& record) override;
  Result<void> commit(const Progress& progress) override;
  Result<void> abort() override;

  /// commit() in two steps, for AlternatingSink: the progress joins the open transaction,
  Result<void> write_progress(const Progress& progress);
  /// and the transaction ends, on any thread that alone uses the sink meanwhile. `delivered`
  /// is called there once the broker has all records, before it is asked for the end; not
  /// where a record was refused.
  Result<void> end(const std::function<void()>& delivered);

  /// The client, for questions about topics.
  [[nodiscard]] rd_kafka_t& client() { return *client_; }

  /// Makes a call of the transactional API until it neither fails nor asks to
  /// be repeated, under the watchdog.
  template <typename Call>
  Result<void> call(std::string_view doing, Call make_call);

 private:
  friend class ProgressWriter;

  KafkaSink(SinkOptions options, const Surroundings& around,
            std::unique_ptr<ProgressWriter> progress);
  Result<void> start(const Connection& connection);
  void on_delivery(const rd_kafka_message_t& message) override;
  void tell_delivered();
  rd_kafka_topic_t* topic(std::string_view name);
  Error explain(Error error) const;

  SinkOptions options_;
  Surroundings around_;
  std::unique_ptr<ProgressWriter> progress_;
  Client client_;
  std::vector<std::pair<std::string, TopicHandle>> topics_;
  std::optional<Error> delivery_error_;  ///< Why a record of this transaction could not be written.
  std::size_t unacknowledged_ = 0;       ///< Records without a delivery report.
  bool refused_ = false;                 ///< A record of this transaction was not written.
  std::function<void()> delivered_;      ///< What end() was told, until it is called.
  MonotonicTime began_{};
  MonotonicTime ended_{};  ///< When the last transaction was committed.
  std::unique_ptr<Watchdog> watchdog_;
};

class ProgressWriter {
 public:
  virtual ~ProgressWriter() = default;

  /// Inside the transaction, after the outputs.
  virtual Result<void> write(KafkaSink& sink, const Progress& progress) = 0;
  /// After the commit.
  virtual Result<void> committed(const Progress& /*progress*/) { return {}; }

 protected:
  /// rd_kafka_send_offsets_to_transaction under the sink's watchdog.
  static Result<void> send_offsets(KafkaSink& sink, const Progress& progress,
                                   const rd_kafka_consumer_group_metadata_t& group);
};

}  // namespace rookery::kafka
