#include "services/hashtag-window/key_cells.hpp"

#include <map>
#include <random>
#include <string>
#include <utility>

#include <catch2/catch.hpp>

#include "tests/unit/services/hashtag-window/simulation/text.hpp"

namespace rookery::hashtag_window {
namespace {

using simulation::concat;

/// Posts and authors by pane, key and spelling.
using Model = std::map<Pane, std::map<std::pair<std::string, std::string>, std::int64_t>>;

std::map<std::pair<std::string, std::string>, std::int64_t> read(const KeyCells& cells, Pane pane) {
  std::map<std::pair<std::string, std::string>, std::int64_t> all;
  cells.each_in(pane, [&](KeyCells::Name name, std::int64_t count, std::int64_t /*sentiment*/) {
    all[{std::string(cells.text(name.key)),
         name.spelling == name.key ? "" : std::string(cells.text(name.spelling))}] += count;
  });
  return all;
}

TEST_CASE("panes are sealed, changed, opened again and dropped in any order", "[cells]") {
  const auto seed = GENERATE(range(1, 20));
  std::mt19937 dice(static_cast<unsigned>(seed));
  const auto below = [&](std::uint32_t bound) { return static_cast<int>(dice() % bound); };
  KeyCells cells;
  Model model;
  Pane first = 0;
  const auto add = [&](Pane pane) {
    const std::string key = concat({"k", std::to_string(below(60))});
    const std::string spelling = below(2) == 0 ? "" : concat({"K", std::to_string(below(3))});
    Cell& cell = cells.cell(key, spelling, pane);
    ++cell.count;
    cell.authors.insert(static_cast<std::uint64_t>(below(9)), 4);
    ++model[pane][{key, spelling}];
  };
  const auto change = [&](Pane pane) {
    const std::string key = concat({"k", std::to_string(below(60))});
    const auto name = cells.hold(key, "");
    const auto found = model[pane].find({key, ""});
    if (found != model[pane].end()) found->second -= 3;
    CHECK(cells.change(name, pane, -3, 0) == (found != model[pane].end()));
    cells.release(name);
  };
  for (int i = 0; i < 3'000; ++i) {
    const Pane pane = first + below(8);
    const int step = below(100);
    if (step < 80) {
      add(pane);
    } else if (step < 90) {
      cells.seal(pane);
      change(pane);
    } else if (step < 98) {
      cells.seal_below(pane + 1);
      for (Pane p = first; p <= pane; ++p) REQUIRE(read(cells, p) == model[p]);
    } else {
      model.erase(model.begin(), model.upper_bound(first));
      cells.drop_through(first++);
    }
  }
  cells.drop_through(first + 10);
  CHECK(cells.live_keys() == 0);
}

TEST_CASE("authors and times of a key are those of all its spellings in the pane", "[cells]") {
  KeyCells cells;
  std::uint32_t ms = 7;
  for (const char* spelling : {"", "Wien", "WIEN"}) {
    Cell& cell = cells.cell("wien", spelling, 3);
    cell.times.see(ms++);
    cell.authors.insert(std::uint64_t{ms} << 40U, 64);
  }
  cells.cell("graz", "", 3).authors.insert(std::uint64_t{99} << 40U, 64);
  const std::uint32_t key = cells.hold("wien", "").key;
  cells.seal(3);
  AuthorSet authors;
  Times times;
  cells.each_of(key, 3, [&](const CellSums& cell, const auto& packed) {
    packed.visit([&](std::uint64_t hash) { authors.insert(hash, 64); },
                 [&](const std::uint8_t* registers) { authors.merge_registers(registers); });
    times.merge(cell.times);
  });
  CHECK(authors.estimate() == 3);
  CHECK(times.first == 7);
  CHECK(times.last == 9);
}

}  // namespace
}  // namespace rookery::hashtag_window
