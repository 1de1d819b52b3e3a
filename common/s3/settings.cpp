#include "common/s3/settings.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace rookery::s3 {
namespace {

using Environment = std::function<const char*(const char*)>;

constexpr std::string_view kScheme = "s3://";

/// The first variable that is set; empty: none is.
std::string first_of(const Environment& environment, std::initializer_list<const char*> names) {
  for (const char* const name : names) {
    const char* const value = environment(name);
    if (value != nullptr && *value != '\0') return value;
  }
  return {};
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
}

Result<std::optional<Credentials>> find_credentials(const Options& options,
                                                    const Environment& environment) {
  std::string profile = first_of(environment, {"AWS_PROFILE"});
  if (profile.empty()) profile = "default";
  std::string file = options.credentials_file;
  if (file.empty()) {
    Credentials found{.key_id = first_of(environment, {"AWS_ACCESS_KEY_ID"}),
                      .secret = first_of(environment, {"AWS_SECRET_ACCESS_KEY"}),
                      .session_token = first_of(environment, {"AWS_SESSION_TOKEN"})};
    if (!found.key_id.empty() && !found.secret.empty()) return std::optional(std::move(found));
    if (!found.key_id.empty() || !found.secret.empty()) {
      return misconfigured("s3_credentials",
                           "expected AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, got only one");
    }
    file = first_of(environment, {"AWS_SHARED_CREDENTIALS_FILE"});
  }
  if (file.empty()) {
    const std::string home = first_of(environment, {"HOME"});
    std::error_code error;
    file = home + "/.aws/credentials";
    if (home.empty() || !std::filesystem::exists(file, error)) return std::optional<Credentials>();
  }
  auto read = read_credentials(file, profile);
  ROOKERY_RETURN_IF_ERROR(read);
  return std::optional(std::move(*read));
}

}  // namespace

bool is_location(std::string_view text) {
  return text.starts_with(kScheme);
}

Result<Location> parse_location(std::string_view text) {
  std::string_view rest = text.substr(std::min(text.size(), kScheme.size()));
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  const std::string_view bucket = rest.substr(0, slash);
  // The rules of bucket names, as far as a URL is in danger.
  const bool is_name = bucket.size() >= 3 && std::all_of(bucket.begin(), bucket.end(), [](char c) {
                         return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
                       });
  if (!is_location(text) || !is_name) {
    return misconfigured("option_invalid",
                         "expected s3://BUCKET/KEY, got \"" + std::string(text) + "\"");
  }
  rest.remove_prefix(std::min(slash + 1, rest.size()));
  return Location{std::string(bucket), std::string(rest)};
}

void Options::describe(OptionSet& options) {
  options.text("s3_endpoint", endpoint, std::string(kEndpointHelp));
  options.text("s3_region", region, std::string(kRegionHelp));
  options.text("s3_credentials_file", credentials_file, std::string(kCredentialsHelp));
}

Result<Settings> resolve(const Options& options, const Environment& environment) {
  Settings settings;
  settings.region = options.region;
  if (settings.region.empty()) {
    settings.region = first_of(environment, {"AWS_REGION", "AWS_DEFAULT_REGION"});
  }
  if (settings.region.empty()) settings.region = "us-east-1";
  settings.endpoint = options.endpoint;
  if (settings.endpoint.empty()) {
    settings.endpoint = first_of(environment, {"AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"});
  }
  if (settings.endpoint.empty()) {
    settings.endpoint = "https://s3." + settings.region + ".amazonaws.com";
  }
  while (settings.endpoint.ends_with('/')) settings.endpoint.pop_back();
  const bool is_url =
      settings.endpoint.starts_with("http://") || settings.endpoint.starts_with("https://");
  // "@" would be a name and a password, which then stood in every message.
  if (!is_url || settings.endpoint.find_first_of("@?# ") != std::string::npos) {
    return misconfigured("option_invalid",
                         "S3 endpoint: expected http://HOST:PORT or https://HOST, without a name "
                         "or a password");
  }
  auto credentials = find_credentials(options, environment);
  ROOKERY_RETURN_IF_ERROR(credentials);
  settings.credentials = std::move(*credentials);
  return settings;
}

Result<Credentials> read_credentials(const std::string& path, const std::string& profile) {
  std::ifstream file(path);
  if (!file) {
    return misconfigured("s3_credentials", "file \"" + path + "\": cannot be read");
  }
  Credentials found;
  bool inside = false;
  for (std::string text; std::getline(file, text);) {
    const std::string_view line = trimmed(text);
    if (line.starts_with('[') && line.ends_with(']')) {
      inside = trimmed(line.substr(1, line.size() - 2)) == profile;
      continue;
    }
    const std::size_t equals = line.find('=');
    if (!inside || equals == std::string_view::npos) continue;
    const std::string_view name = trimmed(line.substr(0, equals));
    const std::string value(trimmed(line.substr(equals + 1)));
    if (name == "aws_access_key_id") found.key_id = value;
    if (name == "aws_secret_access_key") found.secret = value;
    if (name == "aws_session_token") found.session_token = value;
  }
  if (found.key_id.empty() || found.secret.empty()) {
    return misconfigured("s3_credentials", "file \"" + path +
                                               "\": expected aws_access_key_id and "
                                               "aws_secret_access_key below [" +
                                               profile + "]");
  }
  return found;
}

}  // namespace rookery::s3
