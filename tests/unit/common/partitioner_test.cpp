#include "common/runtime/partitioner.hpp"

#include <catch2/catch.hpp>

namespace rookery {
namespace {

// Expected values: apache/kafka, UtilsTest.testMurmur2.
TEST_CASE("the hash is that of the Java client", "[partitioner]") {
  CHECK(static_cast<std::int32_t>(murmur2("21")) == -973932308);
  CHECK(static_cast<std::int32_t>(murmur2("foobar")) == -790332482);
  CHECK(static_cast<std::int32_t>(murmur2("a-little-bit-long-string")) == -985981536);
  CHECK(static_cast<std::int32_t>(murmur2("a-little-bit-longer-string")) == -1486304829);
  CHECK(static_cast<std::int32_t>(murmur2("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8")) ==
        -58897971);
  CHECK(static_cast<std::int32_t>(murmur2("abc")) == 479470107);
}

}  // namespace
}  // namespace rookery
