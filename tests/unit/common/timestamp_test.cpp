#include "common/records/timestamp.hpp"

#include <catch2/catch.hpp>

namespace rookery {
namespace {

TEST_CASE("an RFC 3339 time reads and writes back in UTC", "[time]") {
  struct Case {
    const char* text;
    const char* utc;
  };
  const auto c = GENERATE(Case{"2026-11-21T10:00:00Z", "2026-11-21T10:00:00Z"},
                          Case{"2026-11-21T10:00:00.5Z", "2026-11-21T10:00:00.500Z"},
                          Case{"2026-11-21T10:00:00.123456789Z", "2026-11-21T10:00:00.123Z"},
                          Case{"2026-11-21T10:00:00+02:00", "2026-11-21T08:00:00Z"},
                          Case{"2026-01-01T00:30:00+01:00", "2025-12-31T23:30:00Z"},
                          Case{"1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"},
                          Case{"2024-02-29t00:00:00z", "2024-02-29T00:00:00Z"},
                          Case{"2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"},
                          Case{"9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"});
  INFO(c.text);
  const auto time = parse_rfc3339(c.text);
  REQUIRE(time);
  CHECK(to_rfc3339(*time) == c.utc);
}

TEST_CASE("what is not an RFC 3339 time is refused", "[time]") {
  const auto text =
      GENERATE("", "yesterday", "2026-11-21", "2026-11-21T10:00:00", "2026-13-01T00:00:00Z",
               "2026-02-29T00:00:00Z", "2026-11-21T24:00:00Z", "2026-11-21T10:60:00Z",
               "2026-11-21T10:00:00.Z", "2026-11-21T10:00:00Zx", "0000-01-01T00:00:00Z",
               "2026-11-21T10:00:00+24:00", "2026-11-21T10:00:00.1234567890Z",
               // In UTC these are the years 0 and 10000, which have no text.
               "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", "9999-12-31T23:59:60Z");
  INFO(text);
  CHECK_FALSE(parse_rfc3339(text));
}

TEST_CASE("the time of the v1.1 API is understood", "[time]") {
  const auto time = parse_twitter_v1("Wed Aug 27 13:08:45 +0000 2008");
  REQUIRE(time);
  CHECK(to_rfc3339(*time) == "2008-08-27T13:08:45Z");
  CHECK_FALSE(parse_twitter_v1("Wed Foo 27 13:08:45 +0000 2008"));
  CHECK_FALSE(parse_twitter_v1("2008-08-27T13:08:45Z"));
  CHECK_FALSE(parse_twitter_v1("Fri Dec 31 23:59:59 -0001 9999"));
}

TEST_CASE("the first and the last time that have a text are the contract's", "[time]") {
  // google.protobuf.Timestamp: 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999999999Z.
  const auto first = parse_rfc3339("0001-01-01T00:00:00Z");
  const auto last = parse_rfc3339("9999-12-31T23:59:59.999Z");
  REQUIRE(first);
  REQUIRE(last);
  CHECK(has_timestamp(*first));
  CHECK_FALSE(has_timestamp(*first - std::chrono::milliseconds(1)));
  CHECK(has_timestamp(*last));
  CHECK_FALSE(has_timestamp(*last + std::chrono::milliseconds(1)));
}

}  // namespace
}  // namespace rookery
