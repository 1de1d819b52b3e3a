#include "services/ingest/ws/connection.hpp"

#include <optional>
#include <type_traits>
#include <utility>

// Beast is built here and nowhere else: it takes long to compile.
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>

namespace rookery::ingest {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using boost::system::error_code;
using Tcp = asio::ip::tcp;
using std::chrono::milliseconds;

constexpr milliseconds kSlice{100};
/// After the close frames the server is the first to close the connection, but the client
/// may (RFC 6455, section 7.1.1): for so long it is left to the server.
constexpr milliseconds kLeave{200};

struct Address {
  bool secure = false;
  std::string host;
  std::string port;
  std::string target;
};

/// `url` was checked by the settings; the default ports are RFC 6455's, section 3.
Address address_of(std::string_view url) {
  Address address;
  address.secure = url.starts_with("wss://");
  url.remove_prefix(address.secure ? 6 : 5);
  const std::size_t end = std::min(url.find_first_of("/?"), url.size());
  std::string_view host = url.substr(0, end);
  address.target = url.substr(end);
  if (!address.target.starts_with('/')) address.target.insert(0, "/");
  address.port = address.secure ? "443" : "80";
  const std::size_t bracket = host.find(']');
  const std::size_t colon = host.rfind(':');
  if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
    address.port = host.substr(colon + 1);
    host = host.substr(0, colon);
  }
  if (host.starts_with('[')) host = host.substr(1, bracket - 1);
  address.host = host;
  return address;
}

Failure failed(std::string_view doing, const error_code& error) {
  return retry_batch("connection_failed", std::string(doing) + ": " + error.message());
}

using Plain = websocket::stream<beast::tcp_stream>;
using Secure = websocket::stream<beast::ssl_stream<beast::tcp_stream>>;

template <typename Stream>
class Connection final : public WebSocketConnection {
 public:
  template <typename... Arguments>
  explicit Connection(const Options& options, Arguments&... arguments)
      : options_(options), stream_(context_, arguments...) {}

  ~Connection() override {
    // The socket goes first, so that no handler waits for the network.
    error_code ignored;
    beast::get_lowest_layer(stream_).socket().close(ignored);
    context_.restart();
    context_.poll();
  }

  Result<void> connect(const Address& address, const std::function<bool()>& go_on) {
    auto& tcp = beast::get_lowest_layer(stream_);
    Tcp::resolver resolver(context_);
    Tcp::resolver::results_type endpoints;
    done_.reset();
    resolver.async_resolve(address.host, address.port,
                           [&](const error_code& error, Tcp::resolver::results_type found) {
                             endpoints = std::move(found);
                             done_ = error;
                           });
    ROOKERY_RETURN_IF_ERROR(run("resolving " + address.host, go_on));
    tcp.expires_after(options_.open_timeout);
    tcp.async_connect(endpoints, finisher());
    ROOKERY_RETURN_IF_ERROR(run("connecting to " + address.host + ":" + address.port, go_on));
    ROOKERY_RETURN_IF_ERROR(secure(address, go_on));
    tcp.expires_never();
    return shake_hands(address, go_on);
  }

  Result<Event> read(milliseconds timeout) override {
    if (!reading_) {
      buffer_.consume(buffer_.size());
      read_done_.reset();
      reading_ = true;
      stream_.async_read(
          buffer_, [this](const error_code& error, std::size_t /*bytes*/) { read_done_ = error; });
    }
    context_.restart();
    context_.run_one_for(timeout);
    while (!read_done_ && context_.poll_one() > 0) {
    }
    if (!read_done_ && left_) read_done_ = websocket::error::closed;
    if (!read_done_) return Event::kNothing;
    reading_ = false;
    if (*read_done_) return ended();
    const auto data = buffer_.data();
    message_.assign(static_cast<const char*>(data.data()), data.size());
    binary_ = stream_.got_binary();
    return Event::kMessage;
  }

  [[nodiscard]] std::string_view message() const override { return message_; }
  [[nodiscard]] bool binary() const override { return binary_; }

 private:
  auto finisher() {
    done_.reset();
    return [this](const error_code& error, auto&&... /*more*/) { done_ = error; };
  }

  /// The server's close frame has come, and Beast answers it. A server that then waits for us
  /// would be waited for until the idle time-out, and its reason be lost.
  void take_leave() {
    dismissed_ = true;
    leave_.expires_after(kLeave);
    leave_.async_wait([this](const error_code& error) { left_ = left_ || !error; });
  }

  /// Drives the step under way to its end.
  Result<void> run(std::string_view doing, const std::function<bool()>& go_on) {
    while (!done_) {
      if (!go_on()) return retry_batch("connection_failed", "stopped");
      context_.restart();
      context_.run_one_for(kSlice);
    }
    if (*done_) return failed(doing, *done_);
    return {};
  }

  Result<void> secure([[maybe_unused]] const Address& address,
                      [[maybe_unused]] const std::function<bool()>& go_on) {
    if constexpr (std::is_same_v<Stream, Secure>) {
      auto& tls = stream_.next_layer();
      if (SSL_set_tlsext_host_name(tls.native_handle(), address.host.c_str()) != 1) {
        return retry_batch("connection_failed", "TLS: the host's name cannot be set");
      }
      tls.set_verify_callback(asio::ssl::host_name_verification(address.host));
      tls.async_handshake(asio::ssl::stream_base::client, finisher());
      return run("TLS", go_on);
    } else {
      return {};
    }
  }

  Result<void> shake_hands(const Address& address, const std::function<bool()>& go_on) {
    stream_.set_option(websocket::stream_base::timeout{.handshake_timeout = options_.open_timeout,
                                                       .idle_timeout = options_.idle_timeout,
                                                       .keep_alive_pings = true});
    stream_.read_message_max(options_.message_bytes_max);
    stream_.control_callback([this](websocket::frame_type kind, beast::string_view /*payload*/) {
      if (kind == websocket::frame_type::close) take_leave();
    });
    stream_.set_option(websocket::stream_base::decorator([this](websocket::request_type& request) {
      request.set(beast::http::field::user_agent, options_.user_agent);
      for (const auto& [name, value] : options_.headers) request.set(name, value);
    }));
    websocket::response_type response;
    const bool standard = address.port == (address.secure ? "443" : "80");
    const std::string host = address.host + (standard ? "" : ":" + address.port);
    stream_.async_handshake(response, host, address.target, finisher());
    auto done = run("WebSocket", go_on);
    if (done || !done_ || *done_ != websocket::error::upgrade_declined) return done;
    return retry_batch("handshake_refused", "HTTP " + std::to_string(response.result_int()) + ": " +
                                                response.body().substr(0, 300));
  }

  [[nodiscard]] Failure ended() const {
    if (dismissed_) {
      const auto& reason = stream_.reason();
      return retry_batch("connection_closed", "closed with code " + std::to_string(reason.code) +
                                                  " " + std::string(reason.reason.c_str()));
    }
    // Beast tells of its time-out once: the read is only cancelled where a ping heard of it.
    if (*read_done_ == beast::error::timeout || *read_done_ == asio::error::operation_aborted) {
      return retry_batch(
          "connection_stalled",
          "nothing came for " + std::to_string(options_.idle_timeout.count()) + " ms");
    }
    return failed("reading", *read_done_);
  }

  Options options_;
  asio::io_context context_;
  asio::steady_timer leave_{context_};
  Stream stream_;
  beast::flat_buffer buffer_;
  std::string message_;
  bool binary_ = false;
  bool reading_ = false;
  bool dismissed_ = false;               ///< The server's close frame has come,
  bool left_ = false;                    ///< and kLeave ago.
  std::optional<error_code> done_;       ///< Of the step under way.
  std::optional<error_code> read_done_;  ///< Of the read under way.
};

}  // namespace

Result<std::unique_ptr<WebSocketConnection>> WebSocketConnection::open(
    const Options& options, const std::function<bool()>& go_on) {
  const Address address = address_of(options.url);
  if (!address.secure) {
    auto plain = std::make_unique<Connection<Plain>>(options);
    ROOKERY_RETURN_IF_ERROR(plain->connect(address, go_on));
    return std::unique_ptr<WebSocketConnection>(std::move(plain));
  }
  // OpenSSL counts references: the stream keeps what it needs of the context.
  asio::ssl::context tls(asio::ssl::context::tls_client);
  error_code error;
  tls.set_verify_mode(asio::ssl::verify_peer, error);
  if (options.tls_ca_file.empty()) {
    tls.set_default_verify_paths(error);
  } else {
    tls.load_verify_file(options.tls_ca_file, error);
  }
  if (error) return failed("reading the certificates to trust", error);
  auto secured = std::make_unique<Connection<Secure>>(options, tls);
  ROOKERY_RETURN_IF_ERROR(secured->connect(address, go_on));
  return std::unique_ptr<WebSocketConnection>(std::move(secured));
}

}  // namespace rookery::ingest
