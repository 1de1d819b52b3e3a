#include "common/s3/listing.hpp"

#include <array>
#include <charconv>
#include <optional>
#include <utility>

namespace rookery::s3 {
namespace {

constexpr std::size_t kTextMax = 200;  ///< Of what a server says, in a message.

/// What stands between <name> and </name>, the first time from `at` on; `at` goes
/// behind it. S3's answers have no attributes, comments or CDATA in what is read here.
std::optional<std::string_view> element(std::string_view xml, std::string_view name,
                                        std::size_t& at) {
  const std::string open = "<" + std::string(name) + ">";
  const std::string close = "</" + std::string(name) + ">";
  const std::size_t begin = xml.find(open, at);
  if (begin == std::string_view::npos) return std::nullopt;
  const std::size_t end = xml.find(close, begin + open.size());
  if (end == std::string_view::npos) return std::nullopt;
  at = end + close.size();
  return xml.substr(begin + open.size(), end - begin - open.size());
}

std::string text_of(std::string_view xml, std::string_view name) {
  constexpr std::array<std::pair<std::string_view, char>, 6> kEntities{{{"&quot;", '"'},
                                                                        {"&#34;", '"'},
                                                                        {"&apos;", '\''},
                                                                        {"&lt;", '<'},
                                                                        {"&gt;", '>'},
                                                                        {"&amp;", '&'}}};
  std::size_t at = 0;
  std::string_view rest = element(xml, name, at).value_or("");
  std::string text;
  while (!rest.empty()) {
    char c = rest.front();
    std::size_t length = 1;
    for (const auto& [entity, character] : kEntities) {
      if (!rest.starts_with(entity)) continue;
      c = character;
      length = entity.size();
    }
    text.push_back(c);
    rest.remove_prefix(length);
  }
  return text;
}

/// encoding-type=url: percent signs, and "+" for a blank.
std::string url_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned byte = 0;
    const char* const digits = text.data() + i + 1;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2) {
      out.push_back(static_cast<char>(byte));
      i += 2;
    } else {
      out.push_back(text[i] == '+' ? ' ' : text[i]);
    }
  }
  return out;
}

}  // namespace

Result<Listing> parse_listing(std::string_view xml) {
  // With its namespace it has an attribute.
  if (xml.find("<ListBucketResult") == std::string_view::npos) {
    return misconfigured("s3_refused", "expected a list of objects, got \"" +
                                           std::string(xml.substr(0, kTextMax)) + "\"");
  }
  Listing listing;
  std::size_t at = 0;
  while (const auto contents = element(xml, "Contents", at)) {
    Object object;
    object.key = url_decoded(text_of(*contents, "Key"));
    object.etag = text_of(*contents, "ETag");
    const std::string size = text_of(*contents, "Size");
    const char* const end = size.data() + size.size();
    if (object.key.empty() || std::from_chars(size.data(), end, object.bytes).ptr != end) {
      return misconfigured("s3_refused", "expected a key and a size of each object, got \"" +
                                             std::string(contents->substr(0, kTextMax)) + "\"");
    }
    listing.objects.push_back(std::move(object));
  }
  if (text_of(xml, "IsTruncated") == "true") {
    listing.next = text_of(xml, "NextContinuationToken");
    if (listing.next.empty()) {
      return misconfigured("s3_refused", "expected a token for the rest of the list, got none");
    }
  }
  return listing;
}

std::string error_text(std::string_view xml) {
  const std::string code = text_of(xml, "Code");
  if (code.empty()) return {};
  return (code + ": " + text_of(xml, "Message")).substr(0, kTextMax);
}

}  // namespace rookery::s3
