#pragma once

#include <functional>
#include <memory>
#include <string>

#include "common/core/result.hpp"
#include "common/observe/health.hpp"
#include "common/observe/metrics.hpp"

namespace rookery {

/// The operator's HTTP port of one process, with threads of its own: /metrics,
/// /healthz (200 while the loops turn), /readyz (200 while all stages run; the
/// body says what each does), /config (the effective options, secrets redacted).
/// GET only, small limits on everything; meant for loopback or a cluster's own
/// network, not for the public.
class AdminServer {
 public:
  struct Pages {
    const Health& health;
    Metrics& metrics;
    std::string config;
  };

  /// Listens on `address` ("127.0.0.1:9102"; port 0 takes a free one). Error:
  /// admin_listen (kMisconfigured) naming the address.
  static Result<std::unique_ptr<AdminServer>> start(const std::string& address, Pages pages);
  ~AdminServer();

  /// As host:port, with the port that is really used.
  [[nodiscard]] const std::string& address() const { return address_; }

 private:
  struct Server;
  AdminServer();

  std::unique_ptr<Server> server_;
  std::string address_;
};

}  // namespace rookery
