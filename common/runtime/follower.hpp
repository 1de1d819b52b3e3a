#pragma once

#include "common/runtime/io.hpp"

namespace rookery {

/// Hears a compacted topic of one partition from its beginning, on the thread of
/// its Follower. May hear all of it again, from the beginning, after a fault.
class TopicListener {
 public:
  virtual ~TopicListener() = default;
  /// A committed record, in the order of the topic; its views hold during the call.
  virtual void on_record(const InputRecord& record) = 0;
  /// All that there is was heard. Called again about once a second while nothing
  /// comes, for what has to be tried again.
  virtual void on_end() = 0;
};

/// Reads a topic beside the loops of a service for as long as it lives.
class Follower {
 public:
  virtual ~Follower() = default;
};

}  // namespace rookery
