#pragma once

#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/clock.hpp"
#include "common/core/result.hpp"
#include "common/s3/listing.hpp"
#include "common/s3/settings.hpp"

namespace rookery::s3 {

/// The content of an object, and which one it is.
struct Content {
  std::string bytes;
  std::string etag;
  WallTime modified{};
};

/// Asks one server, over one connection that stays open between the calls. What
/// may pass is tried again (README.md). One thread uses it.
///
/// Errors: s3_unreachable (kRetryBatch), s3_missing, s3_denied, s3_refused
/// (kMisconfigured); messages name the object, never a key.
class Client {
 public:
  Client(Settings settings, Clock& clock, std::stop_token stop = {});
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// All objects whose keys begin with the location's key, by their keys.
  Result<std::vector<Object>> list(const Location& prefix);

  /// The whole object; more than `bytes_max` is s3_refused.
  Result<Content> get(const Location& object, std::uint64_t bytes_max);
  /// As get(); absent where it still is the one with `etag`.
  Result<std::optional<Content>> get_unless(const Location& object, const std::string& etag,
                                            std::uint64_t bytes_max);
  /// Writes the whole object into a file, from its beginning.
  Result<void> download(const Location& object, std::FILE& file);

  /// Replaces the object, whole: readers see the old one or the new one.
  Result<void> put(const Location& object, std::string_view bytes);

 private:
  struct Request;
  struct Reply;
  class Transfer;

  Result<Reply> send(const Request& request);
  Result<Reply> send_once(const Request& request);

  struct Handle;
  Settings settings_;
  Clock& clock_;
  std::stop_token stop_;
  std::unique_ptr<Handle> handle_;
};

}  // namespace rookery::s3
