#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/result.hpp"

namespace rookery::s3 {

/// An object as a server lists it.
struct Object {
  std::string key;
  std::uint64_t bytes = 0;
  std::string etag;  ///< Another one where the content is another one; with its quotes.
};

/// One page of a list.
struct Listing {
  std::vector<Object> objects;
  std::string next;  ///< What to ask the next page with; empty: this is the last.
};

/// Reads an answer to ListObjectsV2 with encoding-type=url. Error: s3_refused
/// (kMisconfigured) where it is none, or says that it goes on but not how.
Result<Listing> parse_listing(std::string_view xml);

/// "AccessDenied: Access Denied." of an error's answer; empty: it is none.
[[nodiscard]] std::string error_text(std::string_view xml);

}  // namespace rookery::s3
