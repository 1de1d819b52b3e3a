#include "services/rookeryctl/text_table.hpp"

#include <catch2/catch.hpp>

namespace rookery::rookeryctl {
namespace {

TEST_CASE("cells stand under their names, numbers to the right", "[rookeryctl][table]") {
  TextTable table({{"name"}, {"n", TextTable::Align::kRight}, {"note"}});
  CHECK(table.text() == "name  n  note\n");
  table.add({"a", "1", "x"});
  table.add({"日本", "1000", ""});
  table.add({"e\x1b[2J", "22", "last"});
  CHECK(table.text() ==
        "name         n  note\n"
        "a            1  x\n"
        "日本      1000\n"
        "e\\x1b[2J    22  last\n");
}

}  // namespace
}  // namespace rookery::rookeryctl
