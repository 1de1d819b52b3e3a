#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "common/core/result.hpp"

namespace rookery::ingest {

/// A WebSocket connection (RFC 6455) as a client: TLS with verification of the
/// certificate and of the host's name for wss. One thread uses it.
class WebSocketConnection {
 public:
  struct Options {
    std::string url;                                  ///< ws:// or wss://.
    std::map<std::string, std::string> headers = {};  ///< Of the handshake, beside the usual.
    std::string user_agent = "rookery-ingest";
    std::string tls_ca_file = {};  ///< Empty: the system's certificates.
    std::chrono::milliseconds open_timeout{15'000};
    /// Nothing came for so long, no answer to a ping either: the connection is lost.
    std::chrono::milliseconds idle_timeout{21'000};
    std::size_t message_bytes_max = 16U << 20U;
  };

  /// What read() gave.
  enum class Event : std::uint8_t { kMessage, kNothing };

  /// Resolves, connects, and shakes hands. `go_on` is asked at least every 100
  /// ms. Error codes (kRetryBatch): connection_failed; handshake_refused, with
  /// the status of the answer in the message.
  static Result<std::unique_ptr<WebSocketConnection>> open(const Options& options,
                                                           const std::function<bool()>& go_on);

  virtual ~WebSocketConnection() = default;

  /// Waits for a message for at most `timeout`. Answers pings meanwhile, and
  /// sends its own when it is quiet. Error codes (kRetryBatch): connection_closed,
  /// with the close code and reason; connection_stalled; connection_failed.
  virtual Result<Event> read(std::chrono::milliseconds timeout) = 0;

  /// The last message; holds until the next read().
  [[nodiscard]] virtual std::string_view message() const = 0;
  [[nodiscard]] virtual bool binary() const = 0;
};

}  // namespace rookery::ingest
