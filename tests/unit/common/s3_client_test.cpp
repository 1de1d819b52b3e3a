// The client against a server in this process that pages as Amazon's does.
#include <algorithm>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>
#include <httplib.h>

#include "common/core/clock.hpp"
#include "common/s3/client.hpp"

namespace rookery::s3 {
namespace {

constexpr std::size_t kPage = 1000;  // what ListObjectsV2 gives at most

std::string key_of(std::size_t i) {
  return "2026/post file+" + std::to_string(i) + ".jsonl";
}

/// Answers ListObjectsV2 for `objects` objects. Its tokens hold characters that
/// have a meaning in a query.
class Server {
 public:
  explicit Server(std::size_t objects) : objects_(objects) {
    server_.Get("/archive/", [this](const auto& request, auto& response) {
      response.set_content(answer(request), "application/xml");
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::jthread([this] { server_.listen_after_bind(); });
  }
  ~Server() { server_.stop(); }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  [[nodiscard]] std::string endpoint() const { return "http://127.0.0.1:" + std::to_string(port_); }
  void repeat_token() { repeats_ = true; }

  struct Seen {
    std::string token, authorization;
  };
  [[nodiscard]] std::vector<Seen> seen() {
    const std::lock_guard lock(mutex_);
    return seen_;
  }

 private:
  static std::string token_of(std::size_t from) { return "+/=& " + std::to_string(from); }

  std::string answer(const httplib::Request& request) {
    const std::lock_guard lock(mutex_);
    seen_.push_back({request.get_header_value("x-amz-security-token"),
                     request.get_header_value("Authorization")});
    std::size_t from = 0;
    if (request.has_param("continuation-token")) {
      const std::string token = request.get_param_value("continuation-token");
      if (!token.starts_with("+/=& ")) return "<Error><Code>InvalidArgument</Code></Error>";
      from = repeats_ ? 0 : std::stoul(token.substr(5));
    }
    const std::size_t end = std::min(from + kPage, objects_);
    std::string xml = "<ListBucketResult>";
    for (std::size_t i = from; i < end; ++i) {
      xml += "<Contents><Key>2026/post+file%2B" + std::to_string(i) + ".jsonl</Key><ETag>e</ETag>" +
             "<Size>" + std::to_string(i) + "</Size></Contents>";
    }
    if (end == objects_) return xml + "<IsTruncated>false</IsTruncated></ListBucketResult>";
    return xml + "<IsTruncated>true</IsTruncated><NextContinuationToken>+/=&amp; " +
           std::to_string(end) + "</NextContinuationToken></ListBucketResult>";
  }

  std::size_t objects_;
  bool repeats_ = false;
  std::mutex mutex_;
  std::vector<Seen> seen_;
  httplib::Server server_;
  int port_ = 0;
  std::jthread thread_;
};

Client client(const Server& server, Clock& clock, std::string session_token = {}) {
  return {{server.endpoint(), "us-east-1", Credentials{"KEY", "SECRET", std::move(session_token)}},
          clock,
          {}};
}

}  // namespace

TEST_CASE("a list of more than a thousand objects is read to its end", "[s3]") {
  SystemClock clock;
  for (const std::size_t count : {std::size_t{0}, kPage, kPage + 1, 2 * kPage + 345}) {
    Server server(count);
    const auto objects = client(server, clock).list({"archive", "2026/"});
    REQUIRE(objects);
    REQUIRE(objects->size() == count);
    CHECK(server.seen().size() == std::max<std::size_t>(1, (count + kPage - 1) / kPage));
    for (std::size_t i = 0; i < count; ++i) {
      const Object& object = (*objects)[i];
      if (object.key != key_of(i) || object.bytes != i) FAIL(object.key);
    }
  }
}

TEST_CASE("a server that gives one page again and again ends the list with an error", "[s3]") {
  SystemClock clock;
  Server server(3 * kPage);
  server.repeat_token();
  const auto objects = client(server, clock).list({"archive", ""});
  REQUIRE_FALSE(objects);
  CHECK(objects.error().code == "s3_refused");
}

TEST_CASE("temporary keys send their session token, and sign it", "[s3]") {
  SystemClock clock;
  Server server(1);
  REQUIRE(client(server, clock, "TOKEN/+=").list({"archive", ""}));
  REQUIRE(client(server, clock).list({"archive", ""}));
  const auto seen = server.seen();
  REQUIRE(seen.size() == 2);
  CHECK(seen[0].token == "TOKEN/+=");
  // Amazon refuses a token that is not among the signed headers.
  CHECK(seen[0].authorization.find("x-amz-security-token") != std::string::npos);
  CHECK(seen[0].authorization.find("Credential=KEY/") != std::string::npos);
  CHECK(seen[1].token.empty());
  CHECK(seen[1].authorization.find("x-amz-security-token") == std::string::npos);
}

}  // namespace rookery::s3
