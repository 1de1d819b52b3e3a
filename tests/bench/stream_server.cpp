#include "tests/bench/stream_server.hpp"

#include <array>
#include <cstdio>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/sha.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/records/base64.hpp"
#include "tests/bench/probe_clients.hpp"

namespace rookery::bench {
namespace {

using kafka::check;

/// The value of Sec-WebSocket-Accept (RFC 6455, section 4.2.2).
std::string accept_key(const std::string& request) {
  constexpr std::string_view kName = "Sec-WebSocket-Key: ";
  const auto at = request.find(kName);
  check(at != std::string::npos, "the client asks for no WebSocket: " + request);
  const auto begin = at + kName.size();
  const std::string text = request.substr(begin, request.find("\r\n", begin) - begin) +
                           "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
  SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());  // NOLINT
  std::string key;
  append_base64(key, {reinterpret_cast<const char*>(digest.data()), digest.size()});  // NOLINT
  return key;
}

void append_frame_head(std::string& out, std::size_t size) {
  constexpr std::size_t kShortMax = 125;
  check(size < 65'536, "a message is longer than the probe can frame");
  out.push_back('\x81');  // Text, and the last frame of its message.
  if (size <= kShortMax) {
    out.push_back(static_cast<char>(size));
    return;
  }
  out.push_back('\x7e');
  out.push_back(static_cast<char>(size >> 8));
  out.push_back(static_cast<char>(size & 0xff));
}

void append_chunk_head(std::string& out, std::size_t size) {
  std::array<char, 20> head{};
  const int length = std::snprintf(head.data(), head.size(), "%zx\r\n", size);
  out.append(head.data(), static_cast<std::size_t>(length));
}

}  // namespace

StreamServer::StreamServer(Framing framing)
    : framing_(framing), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* any = reinterpret_cast<sockaddr*>(&address);  // NOLINT: the interface of sockets
  check(listener_ >= 0 && ::bind(listener_, any, size) == 0 && ::listen(listener_, 1) == 0 &&
            ::getsockname(listener_, any, &size) == 0,
        "no port to listen on");
  port_ = ntohs(address.sin_port);
}

StreamServer::~StreamServer() {
  ::close(connection_);
  ::close(listener_);
}

void StreamServer::accept() {
  connection_ = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  const int on = 1;
  check(
      connection_ >= 0 && ::setsockopt(connection_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0,
      "no client came");
  const std::string request = read_request();
  if (framing_ == Framing::kChunks) {
    write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
  } else {
    write(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: " +
        accept_key(request) + "\r\n\r\n");
  }
}

std::string StreamServer::read_request() {
  std::string request;
  std::array<char, 4096> part{};
  while (request.find("\r\n\r\n") == std::string::npos) {
    const auto count = ::recv(connection_, part.data(), part.size(), 0);
    check(count > 0, "the client left in the middle of its request");
    request.append(part.data(), static_cast<std::size_t>(count));
  }
  return request;
}

void StreamServer::send(std::string_view message) {
  buffer_.clear();
  if (framing_ == Framing::kChunks) {
    append_chunk_head(buffer_, message.size() + 2);
    buffer_.append(message).append("\r\n\r\n");
  } else {
    append_frame_head(buffer_, message.size());
    buffer_.append(message);
  }
  write(buffer_);
}

void StreamServer::write(std::string_view bytes) const {
  while (!bytes.empty()) {
    const auto count = ::send(connection_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    check(count > 0, "the client left");
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

}  // namespace rookery::bench
