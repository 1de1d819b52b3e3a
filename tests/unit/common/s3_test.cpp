#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include <catch2/catch.hpp>

#include "common/records/sha256.hpp"
#include "common/s3/listing.hpp"
#include "common/s3/settings.hpp"

namespace rookery::s3 {
namespace {

/// Variables as a test has them.
struct Variables {
  std::map<std::string, std::string> values;
  const char* operator()(const char* name) const {
    const auto found = values.find(name);
    return found == values.end() ? nullptr : found->second.c_str();
  }
};

class CredentialsFile {
 public:
  explicit CredentialsFile(const std::string& text)
      : path_(std::filesystem::temp_directory_path() / "rookery_s3_credentials") {
    std::ofstream(path_) << text;
  }
  ~CredentialsFile() { std::filesystem::remove(path_); }
  CredentialsFile(const CredentialsFile&) = delete;
  CredentialsFile& operator=(const CredentialsFile&) = delete;
  [[nodiscard]] std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

constexpr const char* kFile =
    "# keys\n[other]\naws_access_key_id = NO\naws_secret_access_key = no\n"
    "[ default ]\r\naws_access_key_id = KEY\r\naws_secret_access_key = s3cr/t=+\r\n"
    "[temporary]\naws_access_key_id=T\naws_secret_access_key=U\naws_session_token=V\n"
    "[half]\naws_access_key_id=HALF\n";

}  // namespace

TEST_CASE("SHA-256 is that of the standard", "[s3]") {
  CHECK(sha256_hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("an S3 location has a bucket and a key", "[s3]") {
  CHECK_FALSE(is_location("/tmp/s3://x"));
  REQUIRE(parse_location("s3://archive/2026/11/posts.jsonl"));
  CHECK(parse_location("s3://archive/2026/11/posts.jsonl")->bucket == "archive");
  CHECK(parse_location("s3://archive/2026/11/posts.jsonl")->key == "2026/11/posts.jsonl");
  CHECK(parse_location("s3://archive")->key.empty());
  CHECK(parse_location("s3://archive/")->key.empty());
  for (const char* wrong : {"", "s3://", "s3://ab/x", "s3://a b c/x", "s3:///x", "archive/x",
                            "s3://user:pass@host/x"}) {
    INFO(wrong);
    CHECK_FALSE(parse_location(wrong));
  }
}

TEST_CASE("options come before the environment, and that before Amazon's", "[s3]") {
  auto settings = resolve({}, Variables{});
  REQUIRE(settings);
  CHECK(settings->endpoint == "https://s3.us-east-1.amazonaws.com");
  CHECK_FALSE(settings->credentials);
  const Variables variables{{{"AWS_REGION", "eu-west-1"},
                             {"AWS_ENDPOINT_URL", "http://minio:9000/"},
                             {"AWS_ACCESS_KEY_ID", "A"},
                             {"AWS_SECRET_ACCESS_KEY", "B"},
                             {"AWS_SESSION_TOKEN", "C"}}};
  settings = resolve({}, variables);
  REQUIRE(settings);
  CHECK(settings->endpoint == "http://minio:9000");
  CHECK(settings->region == "eu-west-1");
  REQUIRE(settings->credentials);
  CHECK(settings->credentials->key_id == "A");
  CHECK(settings->credentials->session_token == "C");
  settings = resolve({.endpoint = "https://s3.example", .region = "x"}, variables);
  REQUIRE(settings);
  CHECK(settings->endpoint == "https://s3.example");
  CHECK(settings->region == "x");
  CHECK(resolve({.endpoint = "minio:9000"}, variables).error().code == "option_invalid");
  const auto secret = resolve({.endpoint = "http://name:hush@minio:9000"}, variables);
  REQUIRE_FALSE(secret);
  CHECK_THAT(secret.error().message, !Catch::Contains("hush"));
  CHECK(resolve({}, Variables{{{"AWS_ACCESS_KEY_ID", "A"}}}).error().code == "s3_credentials");
}

TEST_CASE("keys come from a file's profile, and no message has them", "[s3]") {
  const CredentialsFile file(kFile);
  auto settings = resolve({.credentials_file = file.path()},
                          Variables{{{"AWS_ACCESS_KEY_ID", "A"}, {"AWS_SECRET_ACCESS_KEY", "B"}}});
  REQUIRE(settings);
  CHECK(settings->credentials->key_id == "KEY");
  CHECK(settings->credentials->secret == "s3cr/t=+");
  CHECK(settings->credentials->session_token.empty());
  settings = resolve(
      {}, Variables{{{"AWS_SHARED_CREDENTIALS_FILE", file.path()}, {"AWS_PROFILE", "temporary"}}});
  REQUIRE(settings);
  CHECK(settings->credentials->session_token == "V");
  const auto half = read_credentials(file.path(), "half");
  REQUIRE_FALSE(half);
  CHECK_THAT(half.error().message, Catch::Contains("[half]") && !Catch::Contains("HALF"));
  CHECK(read_credentials("/nonexistent", "default").error().code == "s3_credentials");
}

TEST_CASE("a page of a list is read", "[s3]") {
  const auto page = parse_listing(
      R"(<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">)"
      "<Name>archive</Name><Prefix>2026</Prefix><IsTruncated>true</IsTruncated>"
      "<NextContinuationToken>a&amp;b</NextContinuationToken>"
      "<Contents><Key>2026/a+b%2Bc%26%C3%A9.jsonl</Key><ETag>&quot;1f&quot;</ETag>"
      "<Size>12</Size></Contents>"
      "<Contents><Key>100%</Key><ETag>&#34;2f&#34;</ETag><Size>0</Size></Contents>"
      "</ListBucketResult>");
  REQUIRE(page);
  REQUIRE(page->objects.size() == 2);
  CHECK(page->objects[0].key == "2026/a b+c&\u00e9.jsonl");
  CHECK(page->objects[0].etag == "\"1f\"");
  CHECK(page->objects[0].bytes == 12);
  CHECK(page->objects[1].key == "100%");
  CHECK(page->objects[1].etag == "\"2f\"");
  CHECK(page->next == "a&b");
  CHECK(parse_listing("<html>login</html>").error().code == "s3_refused");
  CHECK(parse_listing("<ListBucketResult><Contents><Key>a</Key><Size>x</Size></Contents>"
                      "</ListBucketResult>")
            .error()
            .code == "s3_refused");
  CHECK(parse_listing("<ListBucketResult></ListBucketResult>")->objects.empty());
  CHECK(parse_listing("<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>")
            .error()
            .code == "s3_refused");
  CHECK(error_text("<Error><Code>NoSuchKey</Code><Message>It is gone.</Message></Error>") ==
        "NoSuchKey: It is gone.");
  CHECK(error_text("bad gateway").empty());
}

}  // namespace rookery::s3
