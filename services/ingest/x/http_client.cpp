#include "services/ingest/x/http_client.hpp"

#include <array>
#include <charconv>
#include <memory>
#include <mutex>
#include <utility>

#include <curl/curl.h>
#include <strings.h>

namespace rookery::ingest {
namespace {

constexpr std::size_t kBodyMax = 8U << 20U;
constexpr int kIdleMs = 100;
constexpr int kOk = 200;
constexpr std::int64_t kTimeEnd = 253'402'300'800;  ///< The year 10000 as seconds since 1970.

using Easy = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
using Multi = std::unique_ptr<CURLM, decltype(&curl_multi_cleanup)>;

struct SlistFree {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Headers = std::unique_ptr<curl_slist, SlistFree>;

/// What the callbacks of one transfer fill.
struct Transfer {
  CURL* handle = nullptr;
  HttpListener* listener = nullptr;  ///< Null: the body is gathered.
  HttpReply reply;
  bool opened = false;
  bool refused = false;  ///< The listener wants no more.
  std::optional<std::int64_t> reset;
  std::optional<std::int64_t> date;
};

/// The value of header `name`, if `line` is that header.
std::optional<std::string> header_value(std::string_view line, std::string_view name) {
  if (line.size() <= name.size() || line[name.size()] != ':' ||
      ::strncasecmp(line.data(), name.data(), name.size()) != 0) {
    return {};
  }
  line.remove_prefix(name.size() + 1);
  const std::size_t begin = line.find_first_not_of(" \t");
  const std::size_t end = line.find_last_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return std::string();
  return std::string(line.substr(begin, end + 1 - begin));
}

std::size_t on_header(char* data, std::size_t size, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  const std::string_view line(data, size * count);
  // A proxy or a 100 Continue has a head of its own: the last one counts.
  if (line.starts_with("HTTP/")) transfer.reset.reset();
  if (const auto value = header_value(line, "x-rate-limit-reset")) {
    std::int64_t reset = 0;
    const auto* const end = value->data() + value->size();
    // Seconds since 1970; what is no time would overflow the difference.
    const auto read = std::from_chars(value->data(), end, reset);
    if (read.ptr == end && reset > 0 && reset < kTimeEnd) transfer.reset = reset;
  }
  if (const auto value = header_value(line, "date")) {
    const time_t date = curl_getdate(value->c_str(), nullptr);
    if (date >= 0) transfer.date = date;
  }
  return size * count;
}

/// Tells the listener once that the head is there; its body may come with it.
bool open(Transfer& transfer) {
  if (std::exchange(transfer.opened, true)) return true;
  return transfer.listener->opened();
}

std::size_t on_body(char* data, std::size_t size, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  const std::string_view chunk(data, size * count);
  long status = 0;
  curl_easy_getinfo(transfer.handle, CURLINFO_RESPONSE_CODE, &status);
  if (transfer.listener == nullptr || status != kOk) {
    transfer.reply.body.append(chunk.substr(0, kBodyMax - transfer.reply.body.size()));
    return chunk.size();
  }
  if (open(transfer) && transfer.listener->bytes(chunk)) return chunk.size();
  transfer.refused = true;
  return 0;
}

void set_up_once() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

void configure(CURL* handle, const HttpClient::Options& options, const HttpRequest& request,
               Transfer& transfer, const Headers& headers) {
  curl_easy_setopt(handle, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(handle, CURLOPT_FORBID_REUSE, 1L);
  curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(options.connect_timeout.count()));
  // libcurl inflates what has come so far with every chunk: nothing waits for more.
  curl_easy_setopt(handle, CURLOPT_ACCEPT_ENCODING, "gzip");
  curl_easy_setopt(handle, CURLOPT_USERAGENT, options.user_agent.c_str());
  if (!options.proxy.empty()) {
    curl_easy_setopt(handle, CURLOPT_PROXY, options.proxy.c_str());
    // What is asked for by name is not taken back by no_proxy of the environment.
    curl_easy_setopt(handle, CURLOPT_NOPROXY, "");
  }
  if (!options.tls_ca_file.empty()) {
    curl_easy_setopt(handle, CURLOPT_CAINFO, options.tls_ca_file.c_str());
  }
  if (!options.bearer_token.empty()) {
    curl_easy_setopt(handle, CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BEARER));
    curl_easy_setopt(handle, CURLOPT_XOAUTH2_BEARER, options.bearer_token.c_str());
  }
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers.get());
  if (request.method != "GET") {
    curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, request.method.c_str());
    if (request.method == "POST") {
      curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE, static_cast<long>(request.body.size()));
      curl_easy_setopt(handle, CURLOPT_COPYPOSTFIELDS, request.body.c_str());
    }
  }
  curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(handle, CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &transfer);
}

/// Drives the transfer until it ends; `go_on` is asked at least every 100 ms.
CURLcode drive(CURLM* multi, Transfer& transfer, const std::function<bool()>& go_on) {
  int running = 1;
  while (running > 0) {
    if (curl_multi_perform(multi, &running) != CURLM_OK) return CURLE_RECV_ERROR;
    long status = 0;
    curl_easy_getinfo(transfer.handle, CURLINFO_RESPONSE_CODE, &status);
    if (running > 0 && (transfer.refused || !go_on())) return CURLE_ABORTED_BY_CALLBACK;
    if (running > 0) curl_multi_poll(multi, nullptr, 0, kIdleMs, nullptr);
  }
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi, &left)) {
    if (message->msg == CURLMSG_DONE) return message->data.result;
  }
  return CURLE_OK;
}

Result<HttpReply> perform(const HttpClient::Options& options, const HttpRequest& request,
                          Transfer& transfer, std::chrono::milliseconds time_max,
                          const std::function<bool()>& go_on) {
  set_up_once();
  Easy easy(curl_easy_init(), curl_easy_cleanup);
  Multi multi(curl_multi_init(), curl_multi_cleanup);
  if (!easy || !multi) return retry_batch("connection_failed", "no memory for a connection");
  transfer.handle = easy.get();
  Headers headers(curl_slist_append(nullptr, request.method == "POST"
                                                 ? "Content-Type: application/json"
                                                 : "Accept: application/json"));
  configure(easy.get(), options, request, transfer, headers);
  std::array<char, CURL_ERROR_SIZE> detail{};
  curl_easy_setopt(easy.get(), CURLOPT_ERRORBUFFER, detail.data());
  if (time_max.count() > 0) {
    curl_easy_setopt(easy.get(), CURLOPT_TIMEOUT_MS, static_cast<long>(time_max.count()));
  }
  curl_multi_add_handle(multi.get(), easy.get());
  const CURLcode result = drive(multi.get(), transfer, go_on);
  long status = 0;
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
  curl_multi_remove_handle(multi.get(), easy.get());
  transfer.reply.status = static_cast<int>(status);
  if (transfer.reset && transfer.date) {
    transfer.reply.rate_limit_reset_in = std::chrono::seconds(*transfer.reset - *transfer.date);
  }
  // The head of a refusal tells more than how its body broke off.
  const bool answered = status != 0 && (transfer.listener == nullptr || status != kOk);
  if (result == CURLE_OK || (answered && status != kOk)) return std::move(transfer.reply);
  return retry_batch("connection_failed",
                     detail[0] != '\0' ? detail.data() : curl_easy_strerror(result));
}

}  // namespace

HttpClient::HttpClient(Options options) : options_(std::move(options)) {}

Result<HttpReply> HttpClient::send(const HttpRequest& request, const std::stop_token& stop) const {
  Transfer transfer;
  return perform(options_, request, transfer, options_.request_timeout,
                 [&stop] { return !stop.stop_requested(); });
}

Result<HttpReply> HttpClient::stream(const HttpRequest& request, HttpListener& listener) const {
  Transfer transfer;
  transfer.listener = &listener;
  return perform(options_, request, transfer, std::chrono::milliseconds(0), [&] {
    long status = 0;
    curl_easy_getinfo(transfer.handle, CURLINFO_RESPONSE_CODE, &status);
    if (status == kOk && !open(transfer)) return false;
    return listener.idle();
  });
}

bool is_secure(std::string_view url) {
  for (const std::string_view scheme : {"https://", "wss://"}) {
    if (url.starts_with(scheme)) return true;
  }
  for (const std::string_view scheme : {"http://", "ws://"}) {
    if (!url.starts_with(scheme)) continue;
    std::string_view host = url.substr(scheme.size());
    host = host.substr(0, host.find_first_of("/?#"));
    // What stands before "@" is a name and a password, not a host.
    if (host.find('@') != std::string_view::npos) return false;
    if (!host.starts_with('[')) host = host.substr(0, host.find(':'));
    return host == "localhost" || host == "127.0.0.1" || host.starts_with("[::1]");
  }
  return false;
}

std::string url_encoded(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
                       (byte >= 'a' && byte <= 'z') || c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out.push_back(c);
    } else {
      out.append({'%', kHex[byte >> 4U], kHex[byte & 15U]});
    }
  }
  return out;
}

}  // namespace rookery::ingest
