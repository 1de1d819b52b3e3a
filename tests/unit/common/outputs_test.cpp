#include "common/runtime/outputs.hpp"

#include <catch2/catch.hpp>

namespace rookery {
namespace {

TEST_CASE("outputs keep key, value and deletion apart", "[outputs]") {
  Outputs out;
  out.add("t", Partition(3), "k1", "v1");
  out.start("t", std::nullopt, "k2").append("v").append("2");
  out.add_deletion("t", Partition(1), "k3");
  out.add("u", std::nullopt, "", "");
  REQUIRE(out.size() == 4);
  CHECK(out.at(0).key == "k1");
  CHECK(out.at(0).value == "v1");
  CHECK(out.at(0).partition == Partition(3));
  CHECK(out.at(1).value == "v2");
  CHECK_FALSE(out.at(1).partition);
  CHECK(out.at(2).key == "k3");
  CHECK_FALSE(out.at(2).value);
  CHECK(out.at(3).topic == "u");
  CHECK(out.at(3).value == "");
  out.clear();
  CHECK(out.empty());
}

}  // namespace
}  // namespace rookery
