#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "services/ingest/random.hpp"

namespace rookery::ingest {

/// Why a connection did not come about or ended, as far as waiting goes.
enum class LossKind : std::uint8_t {
  kNetwork,      ///< TCP, TLS, a reset, a stall, an orderly close.
  kHttp,         ///< A status that says no.
  kRateLimited,  ///< 429, or 420 of old.
};

/// How long to wait before the next connection. A function of what it is told.
class Backoff {
 public:
  enum class Schedule : std::uint8_t {
    /// As X documents (docs.x.com, "Handling disconnections"): at once the first
    /// time, then 250 ms more each time up to 16 s; HTTP errors from 5 s doubling
    /// to 320 s; rate limits from 60 s doubling, or as the reset header says.
    kX,
    /// From 500 ms doubling to 60 s, half of it at random, so that clients which a
    /// server dropped together do not come back together.
    kJittered,
  };

  explicit Backoff(Schedule schedule, std::uint64_t seed = 1)
      : schedule_(schedule), random_(seed, 0, 0) {}

  /// `reset_in` is what the rate limit's reset header says, by the server's own
  /// clock where it told it: a wrong clock must not make the wait absurd, so it
  /// is taken as 10 to 901 s.
  [[nodiscard]] std::chrono::milliseconds next(
      LossKind kind, std::optional<std::chrono::seconds> reset_in = std::nullopt);

  /// A connection delivered something: the next loss is the first again.
  void delivered();

 private:
  [[nodiscard]] std::chrono::milliseconds by_x(LossKind kind,
                                               std::optional<std::chrono::seconds> reset_in);

  Schedule schedule_;
  Random random_;
  int network_ = 0;  ///< Losses in a row, by kind.
  int http_ = 0;
  int limited_ = 0;
};

}  // namespace rookery::ingest
