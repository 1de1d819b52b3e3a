#pragma once

#include "common/core/clock.hpp"
#include "common/runtime/io.hpp"

namespace rookery::sink {

/// Where records come to rest. Progress is committed once the records up to it
/// are durable here, so commit() may hold it back for a while. One thread uses it.
class Store : public TransactionalSink {
 public:
  /// `partition` is read from `committed` on.
  virtual Result<void> take(const TopicPartition& /*partition*/,
                            const std::optional<CommittedOffset>& /*committed*/) {
    return {};
  }

  /// `partition` is no longer read, or from its committed offset again: what
  /// was held back of it is forgotten.
  virtual void drop(const TopicPartition& /*partition*/) {}

  /// Adds the progress that was held back and is due by now, so that the loop
  /// commits although no record comes.
  virtual void add_due(MonotonicTime /*now*/, Progress& /*progress*/) const {}
};

/// How the processor, which hears about partitions, finds the store, which the
/// frame makes anew with each consumer. The service owns it.
class StoreLink {
 public:
  [[nodiscard]] Store* store() const { return store_; }

  /// A store puts itself here for as long as it lives.
  class Entry {
   public:
    Entry(StoreLink& link, Store& store) : link_(link) { link_.store_ = &store; }
    ~Entry() { link_.store_ = nullptr; }
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;

   private:
    StoreLink& link_;
  };

 private:
  Store* store_ = nullptr;
};

}  // namespace rookery::sink
