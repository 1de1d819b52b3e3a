#include "common/s3/client.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <mutex>
#include <utility>

#include <curl/curl.h>
#include <strings.h>
#include <unistd.h>

#include "common/records/sha256.hpp"

namespace rookery::s3 {
namespace {

constexpr int kTries = 4;
constexpr std::chrono::milliseconds kFirstPause{200};
constexpr long kConnectTimeoutMs = 10'000;
constexpr long kStallSeconds = 30;  ///< A transfer that stands still for so long has failed.
constexpr std::size_t kErrorBytesMax = 64 << 10U;

constexpr int kOk = 200;
constexpr int kNotModified = 304;
constexpr int kUnauthorized = 401;
constexpr int kForbidden = 403;
constexpr int kNotFound = 404;
constexpr int kTooManyRequests = 429;
constexpr int kServerError = 500;

struct Free {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  void operator()(char* text) const { curl_free(text); }
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};

void set_up_once() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

/// As Signature Version 4 has it: all but RFC 3986's unreserved characters.
std::string encoded(std::string_view text) {
  const std::unique_ptr<char, Free> escaped(
      curl_easy_escape(nullptr, text.data(), static_cast<int>(text.size())));
  return text.empty() || !escaped ? std::string() : std::string(escaped.get());
}

std::string encoded_path(std::string_view key) {
  std::string path;
  for (std::size_t at = 0; at <= key.size();) {
    const std::size_t slash = std::min(key.find('/', at), key.size());
    path += "/" + encoded(key.substr(at, slash - at));
    at = slash + 1;
  }
  return path;
}

std::optional<std::string> header_value(std::string_view line, std::string_view name) {
  if (line.size() <= name.size() || line[name.size()] != ':' ||
      ::strncasecmp(line.data(), name.data(), name.size()) != 0) {
    return std::nullopt;
  }
  line.remove_prefix(name.size() + 1);
  const std::size_t begin = std::min(line.find_first_not_of(" \t"), line.size());
  const std::size_t end = line.find_last_not_of(" \t\r\n");
  return std::string(line.substr(begin, end == std::string_view::npos ? 0 : end + 1 - begin));
}

/// Whether the same request may be answered later.
bool may_pass(int status) {
  return status >= kServerError || status == kTooManyRequests;
}

Failure refusal(int status, const std::string& what, const std::string& body) {
  std::string said = error_text(body);
  if (said.empty()) said = "HTTP status " + std::to_string(status);
  std::string message = what + ": " + said;
  if (may_pass(status)) return retry_batch("s3_unreachable", std::move(message));
  if (status == kNotFound) return misconfigured("s3_missing", std::move(message));
  if (status == kUnauthorized || status == kForbidden) {
    return misconfigured("s3_denied", std::move(message));
  }
  return misconfigured("s3_refused", std::move(message));
}

}  // namespace

struct Client::Handle {
  std::unique_ptr<CURL, Free> curl;
};

struct Client::Request {
  const char* method = "GET";
  Location object;
  std::string query = {};  ///< Encoded, by the parameters' names.
  std::string_view body = {};
  std::string if_none_match = {};
  std::FILE* file = nullptr;  ///< Where the content goes; null: into the reply.
  std::uint64_t bytes_max = UINT64_MAX;
};

struct Client::Reply {
  int status = 0;
  std::string body;
  std::string etag;
  WallTime modified{};
};

/// What the callbacks of one request fill.
class Client::Transfer {
 public:
  Transfer(const Request& request, CURL* curl, std::stop_token stop)
      : request_(request), curl_(curl), stop_(std::move(stop)) {}

  void configure(const Settings& settings, curl_slist* headers) {
    set(CURLOPT_HTTPHEADER, headers);
    set(CURLOPT_ERRORBUFFER, detail_.data());
    set(CURLOPT_HEADERFUNCTION, &on_header);
    set(CURLOPT_HEADERDATA, this);
    set(CURLOPT_WRITEFUNCTION, &on_body);
    set(CURLOPT_WRITEDATA, this);
    set(CURLOPT_XFERINFOFUNCTION, &on_progress);
    set(CURLOPT_XFERINFODATA, this);
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_CONNECTTIMEOUT_MS, kConnectTimeoutMs);
    set(CURLOPT_LOW_SPEED_LIMIT, 1L);
    set(CURLOPT_LOW_SPEED_TIME, kStallSeconds);
    if (request_.method != std::string_view("GET")) {
      set(CURLOPT_CUSTOMREQUEST, request_.method);
      set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
      set(CURLOPT_POSTFIELDS, request_.body.data());
    }
    if (!settings.credentials) return;
    set(CURLOPT_AWS_SIGV4, ("aws:amz:" + settings.region + ":s3").c_str());
    set(CURLOPT_USERNAME, settings.credentials->key_id.c_str());
    set(CURLOPT_PASSWORD, settings.credentials->secret.c_str());
  }

  Result<Reply> perform(const std::string& what) {
    const CURLcode code = curl_easy_perform(curl_);
    reply_.status = static_cast<int>(status());
    if (too_large_) {
      return misconfigured("s3_refused", what + ": expected " + std::to_string(request_.bytes_max) +
                                             " bytes at most, got more");
    }
    if (code == CURLE_ABORTED_BY_CALLBACK) return fatal("stopped", what + ": stopped");
    if (code != CURLE_OK) {
      return retry_batch(
          "s3_unreachable",
          what + ": " + (detail_[0] != '\0' ? detail_.data() : curl_easy_strerror(code)));
    }
    return std::move(reply_);
  }

 private:
  template <typename Value>
  void set(CURLoption option, Value value) {
    curl_easy_setopt(curl_, option, value);
  }
  [[nodiscard]] long status() const {
    long status = 0;
    curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &status);
    return status;
  }

  bool take(std::string_view bytes) {
    if (status() != kOk) {  // what a server says of an error
      reply_.body.append(
          bytes.substr(0, kErrorBytesMax - std::min(kErrorBytesMax, reply_.body.size())));
      return true;
    }
    taken_ += bytes.size();
    too_large_ = taken_ > request_.bytes_max;
    if (too_large_) return false;
    if (request_.file != nullptr) {
      return std::fwrite(bytes.data(), 1, bytes.size(), request_.file) == bytes.size();
    }
    reply_.body.append(bytes);
    return true;
  }

  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* user) {
    Reply& reply = static_cast<Transfer*>(user)->reply_;
    const std::string_view line(data, size * count);
    if (auto etag = header_value(line, "etag")) reply.etag = std::move(*etag);
    if (const auto modified = header_value(line, "last-modified")) {
      const time_t seconds = curl_getdate(modified->c_str(), nullptr);
      if (seconds >= 0) reply.modified = WallTime(std::chrono::seconds(seconds));
    }
    return size * count;
  }
  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* user) {
    return static_cast<Transfer*>(user)->take({data, size * count}) ? size * count : 0;
  }
  static int on_progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return static_cast<Transfer*>(user)->stop_.stop_requested() ? 1 : 0;
  }

  const Request& request_;
  CURL* curl_;
  std::stop_token stop_;
  Reply reply_;
  std::array<char, CURL_ERROR_SIZE> detail_{};
  std::uint64_t taken_ = 0;
  bool too_large_ = false;
};

Client::Client(Settings settings, Clock& clock, std::stop_token stop)
    : settings_(std::move(settings)),
      clock_(clock),
      stop_(std::move(stop)),
      handle_(std::make_unique<Handle>()) {
  set_up_once();
  handle_->curl.reset(curl_easy_init());
}

Client::~Client() = default;

Result<std::vector<Object>> Client::list(const Location& prefix) {
  std::vector<Object> objects;
  std::string token;
  do {
    std::string query = token.empty() ? "" : "continuation-token=" + encoded(token) + "&";
    query += "encoding-type=url&list-type=2&prefix=" + encoded(prefix.key);
    auto reply = send({.object = {prefix.bucket, ""}, .query = std::move(query)});
    ROOKERY_RETURN_IF_ERROR(reply);
    if (reply->status != kOk) return refusal(reply->status, prefix.text(), reply->body);
    auto page = parse_listing(reply->body);
    ROOKERY_RETURN_IF_ERROR(page);
    std::move(page->objects.begin(), page->objects.end(), std::back_inserter(objects));
    if (!token.empty() && page->next == token) {
      return misconfigured("s3_refused", prefix.text() + ": the list does not get on");
    }
    token = std::move(page->next);
  } while (!token.empty());
  return objects;
}

Result<Content> Client::get(const Location& object, std::uint64_t bytes_max) {
  auto content = get_unless(object, {}, bytes_max);
  ROOKERY_RETURN_IF_ERROR(content);
  return std::move(**content);
}

Result<std::optional<Content>> Client::get_unless(const Location& object, const std::string& etag,
                                                  std::uint64_t bytes_max) {
  auto reply = send({.object = object, .if_none_match = etag, .bytes_max = bytes_max});
  ROOKERY_RETURN_IF_ERROR(reply);
  if (reply->status == kNotModified && !etag.empty()) return std::optional<Content>();
  if (reply->status != kOk) return refusal(reply->status, object.text(), reply->body);
  return std::optional(Content{std::move(reply->body), std::move(reply->etag), reply->modified});
}

Result<void> Client::download(const Location& object, std::FILE& file) {
  const auto reply = send({.object = object, .file = &file});
  ROOKERY_RETURN_IF_ERROR(reply);
  if (reply->status != kOk) return refusal(reply->status, object.text(), reply->body);
  if (std::fflush(&file) != 0) {
    return misconfigured("file_unwritable", object.text() + ": no room for a copy of it");
  }
  return {};
}

Result<void> Client::put(const Location& object, std::string_view bytes) {
  const auto reply = send({.method = "PUT", .object = object, .body = bytes});
  ROOKERY_RETURN_IF_ERROR(reply);
  if (reply->status != kOk) return refusal(reply->status, object.text(), reply->body);
  return {};
}

Result<Client::Reply> Client::send(const Request& request) {
  std::chrono::milliseconds pause = kFirstPause;
  for (int i = 1;; ++i, pause *= 4) {
    auto reply = send_once(request);
    const bool again =
        reply ? may_pass(reply->status) : reply.error().disposition == Disposition::kRetryBatch;
    if (!again || i == kTries || !clock_.sleep_for(pause, stop_)) return reply;
  }
}

Result<Client::Reply> Client::send_once(const Request& request) {
  CURL* const curl = handle_->curl.get();
  if (curl == nullptr) return retry_batch("s3_unreachable", "no memory for a connection");
  curl_easy_reset(curl);  // keeps the connection
  if (request.file != nullptr) {
    std::rewind(request.file);
    if (::ftruncate(::fileno(request.file), 0) != 0) {
      return misconfigured("file_unwritable", request.object.text() + ": no room for a copy");
    }
  }
  std::string url = settings_.endpoint + "/" + encoded(request.object.bucket);
  if (!request.object.key.empty()) url += encoded_path(request.object.key);
  if (!request.query.empty()) url += "/?" + request.query;
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  std::unique_ptr<curl_slist, Free> headers;
  const auto add = [&](const std::string& line) {
    headers.reset(curl_slist_append(headers.release(), line.c_str()));
  };
  if (settings_.credentials) {
    add("x-amz-content-sha256: " + sha256_hex(request.body));
    if (!settings_.credentials->session_token.empty()) {
      add("x-amz-security-token: " + settings_.credentials->session_token);
    }
  }
  if (!request.if_none_match.empty()) add("If-None-Match: " + request.if_none_match);
  if (!request.body.empty()) add("Content-Type: application/octet-stream");
  Transfer transfer(request, curl, stop_);
  transfer.configure(settings_, headers.get());
  return transfer.perform(request.object.text());
}

}  // namespace rookery::s3
