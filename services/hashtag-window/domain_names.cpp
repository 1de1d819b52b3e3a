#include "services/hashtag-window/domain_names.hpp"

#include <algorithm>

#include <libpsl.h>

namespace rookery::hashtag_window {
namespace {

constexpr std::size_t kHostMax = 253;  // RFC 1035, section 2.3.4.

/// The host between the scheme and the path; empty where there is none.
std::string_view host_of(std::string_view url) {
  const auto scheme = url.find("://");
  if (scheme == std::string_view::npos || scheme == 0) return {};
  url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find_first_of("/?#\\"));
  if (const auto user = url.rfind('@'); user != std::string_view::npos) {
    url.remove_prefix(user + 1);
  }
  url = url.substr(0, url.find(':'));
  if (url.ends_with('.')) url.remove_suffix(1);
  return url;
}

bool is_number(std::string_view host) {
  return std::all_of(host.begin(), host.end(),
                     [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
}

}  // namespace

bool append_registered_domain(std::string& out, std::string_view url) {
  const std::string_view host = host_of(url);
  if (host.empty() || host.size() > kHostMax || host.find('[') != std::string_view::npos ||
      host.find('.') == std::string_view::npos) {
    return false;
  }
  std::string lower(host);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  if (is_number(lower)) {
    out.append(lower);
    return true;
  }
  // Points into `lower`.
  const char* const domain = psl_registrable_domain(psl_builtin(), lower.c_str());
  if (domain == nullptr) return false;
  out.append(domain);
  return true;
}

}  // namespace rookery::hashtag_window
