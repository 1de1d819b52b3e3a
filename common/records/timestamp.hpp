#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/core/clock.hpp"

namespace rookery {

/// Reads an RFC 3339 date-time (section 5.6): any offset, up to nine digits of
/// fraction, of which three are kept (rounded down), "T" or a space, a leap
/// second as the second after. Absent for anything else, and where has_timestamp()
/// is false.
[[nodiscard]] std::optional<WallTime> parse_rfc3339(std::string_view text);

/// Reads the X API v1.1 form, "Wed Aug 27 13:08:45 +0000 2008".
[[nodiscard]] std::optional<WallTime> parse_twitter_v1(std::string_view text);

/// Whether `time` lies in the years 0001 to 9999 of UTC: beyond them neither RFC 3339 nor
/// protobuf's Timestamp has a text for it, and append_rfc3339() writes another time.
[[nodiscard]] bool has_timestamp(WallTime time);

/// Appends YYYY-MM-DDTHH:MM:SS[.mmm]Z; milliseconds only where not zero.
void append_rfc3339(std::string& out, WallTime time);
[[nodiscard]] std::string to_rfc3339(WallTime time);

}  // namespace rookery
