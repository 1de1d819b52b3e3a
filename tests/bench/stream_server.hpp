#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace rookery::bench {

/// How messages go to the client.
enum class Framing : std::uint8_t {
  kChunks,     ///< X's streams: HTTP, chunked (RFC 9112, section 7.1).
  kWebSocket,  ///< Text frames (RFC 6455, section 5.2).
};

/// The side of a live source that sends: one client on loopback, over plain TCP. What the
/// client sends after its first request is left unread. One thread uses it.
class StreamServer {
 public:
  /// Listens on a free port. Errors end the process, here and below.
  explicit StreamServer(Framing framing);
  ~StreamServer();
  StreamServer(const StreamServer&) = delete;
  StreamServer& operator=(const StreamServer&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  /// Waits for a client and answers its request for the stream.
  void accept();
  /// Writes `message` at once, whole; blocks while the client does not read.
  void send(std::string_view message);

 private:
  std::string read_request();
  void write(std::string_view bytes) const;

  Framing framing_;
  int listener_ = -1;
  int connection_ = -1;
  std::uint16_t port_ = 0;
  std::string buffer_;
};

}  // namespace rookery::bench
