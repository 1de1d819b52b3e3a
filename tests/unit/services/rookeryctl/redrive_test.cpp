#include "services/rookeryctl/redrive.hpp"

#include <catch2/catch.hpp>

namespace rookery::rookeryctl {
namespace {

TEST_CASE("a letter is put back once, by its reason or with all others", "[rookeryctl][redrive]") {
  RedrivePosition position;
  CHECK_FALSE(position.covers("a", Offset(0)));
  position.advance("a", Offset(10));
  CHECK(position.covers("a", Offset(9)));
  CHECK_FALSE(position.covers("a", Offset(10)));
  CHECK_FALSE(position.covers("b", Offset(9)));
  position.advance("", Offset(5));
  CHECK(position.covers("b", Offset(4)));
  CHECK_FALSE(position.covers("b", Offset(5)));
  CHECK(position.covers("a", Offset(9)));
  position.advance("", Offset(10));
  CHECK(position.reasons.empty());
  CHECK(position.covers("a", Offset(9)));
}

TEST_CASE("a position never goes back", "[rookeryctl][redrive]") {
  RedrivePosition position{Offset(10), {{"a", Offset(20)}}};
  position.advance("a", Offset(15));
  position.advance("", Offset(5));
  CHECK(position == RedrivePosition{Offset(10), {{"a", Offset(20)}}});
}

TEST_CASE("a position survives being committed", "[rookeryctl][redrive]") {
  const RedrivePosition position{Offset(7), {{"json_malformed", Offset(9)}, {"z", Offset(12)}}};
  CHECK(position.to_committed() == CommittedOffset{Offset(7), "json_malformed=9,z=12"});
  CHECK(RedrivePosition::from(position.to_committed()) == position);
  CHECK(RedrivePosition::from({Offset(3), ""}) == RedrivePosition{Offset(3), {}});
  CHECK(RedrivePosition::from({Offset(3), "nonsense,=,a=,b=x"}) == RedrivePosition{Offset(3), {}});
}

}  // namespace
}  // namespace rookery::rookeryctl
