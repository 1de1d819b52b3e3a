#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "common/core/options.hpp"
#include "common/core/result.hpp"

namespace rookery::s3 {

/// An object, or what the keys of several begin with: s3://BUCKET/KEY.
struct Location {
  std::string bucket;
  std::string key;  ///< May be empty: the whole bucket.

  [[nodiscard]] std::string text() const { return "s3://" + bucket + "/" + key; }
};

[[nodiscard]] bool is_location(std::string_view text);
/// Error: option_invalid (kMisconfigured), naming `text`.
Result<Location> parse_location(std::string_view text);

/// Never printed.
struct Credentials {
  std::string key_id;
  std::string secret;
  std::string session_token;  ///< Of temporary keys; else empty.
};

/// What a user says of a server; what is left empty is found out by resolve().
struct Options {
  std::string endpoint = {};
  std::string region = {};
  std::string credentials_file = {};

  void describe(OptionSet& options);
};

/// What each of these options does, for whoever declares them elsewhere.
constexpr std::string_view kEndpointHelp =
    "Address of an S3 server other than Amazon's, as http://minio:9000; empty: as "
    "AWS_ENDPOINT_URL says, or Amazon's.";
constexpr std::string_view kRegionHelp =
    "Region of the S3 server; empty: as AWS_REGION says, or us-east-1.";
constexpr std::string_view kCredentialsHelp =
    "File with the keys for S3, in the form of ~/.aws/credentials; empty: the environment "
    "(AWS_ACCESS_KEY_ID and so on), or that file.";

struct Settings {
  std::string endpoint;  ///< Without a slash at its end.
  std::string region;
  std::optional<Credentials> credentials;  ///< Absent: requests are not signed.
};

/// Errors (kMisconfigured): option_invalid, s3_credentials.
Result<Settings> resolve(const Options& options,
                         const std::function<const char*(const char*)>& environment);

/// The keys of `profile` in a file of the form of ~/.aws/credentials. Error:
/// s3_credentials (kMisconfigured), which names file and profile, never a key.
Result<Credentials> read_credentials(const std::string& path, const std::string& profile);

}  // namespace rookery::s3
