#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "common/core/result.hpp"

namespace rookery::ingest {

/// One HTTP request. The token goes into the Authorization header and nowhere
/// else.
struct HttpRequest {
  std::string method = "GET";
  std::string url;
  std::string body = {};  ///< JSON, for POST.
};

/// What a server answered.
struct HttpReply {
  int status = 0;
  std::string body;  ///< At most 8 MiB of it.
  /// x-rate-limit-reset against the server's own Date; absent without either.
  std::optional<std::chrono::seconds> rate_limit_reset_in;
};

/// Hears a response that does not end.
class HttpListener {
 public:
  virtual ~HttpListener() = default;
  /// The head of an answer with status 200 has come; called once, before bytes().
  virtual bool opened() = 0;
  /// Bytes of the body, decompressed. May wait. False: end the connection.
  virtual bool bytes(std::string_view chunk) = 0;
  /// Called at least every 100 ms. False: end the connection.
  virtual bool idle() = 0;
};

/// HTTP over libcurl. Every call opens a connection of its own, resolves the
/// name anew, and closes the connection before it returns: nothing of an old one
/// is left when the next begins. One thread uses it.
class HttpClient {
 public:
  struct Options {
    std::string bearer_token;  ///< Empty: no Authorization header.
    std::string user_agent;
    std::string proxy;        ///< Empty: as the environment says (https_proxy).
    std::string tls_ca_file;  ///< Empty: the system's certificates.
    std::chrono::milliseconds connect_timeout{10'000};
    std::chrono::milliseconds request_timeout{30'000};
  };

  explicit HttpClient(Options options);

  /// A request with an answer that ends. Error code: connection_failed
  /// (kRetryBatch), also when `stop` was requested.
  Result<HttpReply> send(const HttpRequest& request, const std::stop_token& stop) const;

  /// A request whose answer is heard piece by piece. Returns the head; its body
  /// is that of an answer with another status than 200. Error code:
  /// connection_failed (kRetryBatch), with `detail` of what happened to the
  /// connection, also when it was open before.
  Result<HttpReply> stream(const HttpRequest& request, HttpListener& listener) const;

 private:
  Options options_;
};

/// Whether `url` is https, or plain http (ws, wss likewise) to this machine: a
/// token never travels in the clear.
[[nodiscard]] bool is_secure(std::string_view url);

/// `text` as a part of a URL (RFC 3986, section 2.3: the unreserved stay).
[[nodiscard]] std::string url_encoded(std::string_view text);

}  // namespace rookery::ingest
