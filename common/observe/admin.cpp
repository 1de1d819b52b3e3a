#include "common/observe/admin.hpp"

#include <charconv>
#include <chrono>
#include <thread>
#include <utility>

#include <httplib.h>

#include "common/core/clock.hpp"

namespace rookery {
namespace {

/// Longer than any batch, commit or restore step that still makes progress.
constexpr std::chrono::milliseconds kHeartbeatLimit = std::chrono::minutes(5);
constexpr std::size_t kThreads = 2;

struct Endpoint {
  std::string host;
  int port = -1;
};

Endpoint parse_endpoint(const std::string& address) {
  Endpoint endpoint;
  const auto colon = address.rfind(':');
  if (colon == std::string::npos) return endpoint;
  endpoint.host = address.substr(0, colon);
  if (endpoint.host.starts_with('[') && endpoint.host.ends_with(']')) {
    endpoint.host = endpoint.host.substr(1, endpoint.host.size() - 2);
  }
  int port = -1;
  const char* end = address.data() + address.size();
  if (std::from_chars(address.data() + colon + 1, end, port).ptr == end && port >= 0 &&
      port <= 65535) {
    endpoint.port = port;
  }
  return endpoint;
}

}  // namespace

struct AdminServer::Server {
  httplib::Server http;
  std::thread thread;
};

AdminServer::AdminServer() : server_(std::make_unique<Server>()) {}

AdminServer::~AdminServer() {
  server_->http.stop();
  if (server_->thread.joinable()) server_->thread.join();
}

Result<std::unique_ptr<AdminServer>> AdminServer::start(const std::string& address, Pages pages) {
  const Endpoint endpoint = parse_endpoint(address);
  if (endpoint.port < 0 || endpoint.host.empty()) {
    return misconfigured("admin_listen",
                         "admin_listen: expected host:port, got \"" + address + "\"");
  }
  std::unique_ptr<AdminServer> admin(new AdminServer());
  auto& http = admin->server_->http;
  http.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };  // NOLINT: its owner
  http.set_payload_max_length(1024);
  http.set_read_timeout(5);
  http.set_write_timeout(5);
  http.set_keep_alive_max_count(16);
  // Without it an exception's text would go out in a header.
  http.set_exception_handler([](const httplib::Request&, httplib::Response& response,
                                const std::exception_ptr&) { response.status = 500; });
  http.Get("/metrics", [&metrics = pages.metrics, &health = pages.health](const httplib::Request&,
                                                                          httplib::Response& out) {
    // Here, as a loop that restores does not turn.
    for (const auto& [stage, progress] : health.restores()) metrics.set_restore(stage, progress);
    out.set_content(metrics.text(), "text/plain; version=0.0.4; charset=utf-8");
  });
  http.Get("/healthz", [&health = pages.health](const httplib::Request&, httplib::Response& out) {
    const bool alive = health.alive(kHeartbeatLimit);
    out.status = alive ? 200 : 503;
    out.set_content(alive ? "alive\n" : health.report(), "text/plain; charset=utf-8");
  });
  http.Get("/readyz", [&health = pages.health](const httplib::Request&, httplib::Response& out) {
    out.status = health.ready() ? 200 : 503;
    out.set_content(health.report(), "text/plain; charset=utf-8");
  });
  http.Get("/config",
           [config = std::move(pages.config)](const httplib::Request&, httplib::Response& out) {
             out.set_content(config, "application/toml; charset=utf-8");
           });
  const int port = endpoint.port == 0 ? http.bind_to_any_port(endpoint.host)
                   : http.bind_to_port(endpoint.host, endpoint.port) ? endpoint.port
                                                                     : -1;
  if (port < 0) {
    return misconfigured("admin_listen", "admin_listen: cannot listen on " + address +
                                             ": is it in use? another instance needs another port");
  }
  admin->address_ = endpoint.host + ":" + std::to_string(port);
  admin->server_->thread = std::thread([&http] { http.listen_after_bind(); });
  // stop() does nothing before the server runs: without this a process that
  // leaves at once, as for a wrong option, would wait for its thread for ever.
  SystemClock clock;
  for (int tries = 0; tries < 1000 && !http.is_running(); ++tries) {
    clock.sleep_for(std::chrono::milliseconds(1), {});
  }
  return admin;
}

}  // namespace rookery
