#include "services/hashtag-window/packed_pane.hpp"

#include <algorithm>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include <catch2/catch.hpp>

#include "services/hashtag-window/hashing.hpp"

namespace rookery::hashtag_window {
namespace {

struct Given {
  CellSums cell;
  AuthorSet authors;
};

AuthorSet authors_of(std::size_t count, std::size_t exact_max) {
  AuthorSet set;
  for (std::size_t i = 0; i < count; ++i) set.insert(stable_hash(std::to_string(i)), exact_max);
  return set;
}

/// Everything that is told of a cell, in a form that can be compared.
using Told = std::tuple<std::uint32_t, std::uint32_t, std::int64_t, std::int64_t, std::uint32_t,
                        std::uint32_t, std::vector<std::uint64_t>>;

Told told(const CellSums& cell, const AuthorSet& authors) {
  std::vector<std::uint64_t> who(authors.hashes().begin(), authors.hashes().end());
  who.insert(who.end(), authors.registers().begin(), authors.registers().end());
  std::sort(who.begin(), who.end());
  return {cell.key,         cell.spelling,   cell.count, cell.sentiment,
          cell.times.first, cell.times.last, who};
}

Told told(const CellSums& cell, const PackedPane::Authors& packed) {
  AuthorSet authors;
  packed.add_to(authors, AuthorSet::kRegisters);
  return told(cell, authors);
}

template <typename... Which>
std::vector<Told> read(const PackedPane& pane, Which... key) {
  std::vector<Told> all;
  const auto visit = [&](const CellSums& cell, const PackedPane::Authors& authors) {
    all.push_back(told(cell, authors));
  };
  if constexpr (sizeof...(key) == 0) {
    pane.each(visit);
  } else {
    pane.each_of(key..., visit);
  }
  return all;
}

PackedPane pack(PanePacker& packer, const std::vector<Given>& given) {
  for (const Given& one : given) packer.add(one.cell, one.authors);
  return packer.finish();
}

TEST_CASE("a packed pane gives back each cell, whole and by key", "[packed]") {
  const auto seed = GENERATE(range(1, 30));
  std::mt19937_64 dice(static_cast<unsigned>(seed));
  const auto below = [&](std::uint64_t bound) { return dice() % bound; };
  const auto any = [&] {  // Small and huge numbers of both signs.
    return static_cast<std::int64_t>(dice() >> below(64)) * (below(2) == 0 ? 1 : -1);
  };
  PanePacker packer;
  static_cast<void>(pack(packer, {}));  // Nothing is left of an earlier pane.
  for (const std::size_t keys : {0U, 1U, 31U, 32U, 33U, 500U}) {
    std::vector<Given> given;
    std::uint32_t key = 0;
    for (std::size_t i = 0; i < keys; ++i) {
      key += static_cast<std::uint32_t>(1 + (dice() % 100'000 >> below(17)));
      // Spellings of one key may fill more than a stretch.
      const std::size_t spellings = below(20) == 0 ? 40 : 1 + below(2);
      for (std::size_t s = 0; s < spellings; ++s) {
        Given one;
        const auto spelling = static_cast<std::uint32_t>(s == 0 ? key : s * 1'000'003);
        const auto first = static_cast<std::uint32_t>(dice() >> below(33) & 0xffffffffU);
        one.cell = {.key = key,
                    .spelling = spelling,
                    .count = below(3) == 0 ? any() : 1,
                    .sentiment = any()};
        if (below(5) != 0) one.cell.times = {first, below(2) == 0 ? first : 0xffffffffU};
        one.authors = authors_of(below(4) == 0 ? below(300) : below(8), below(2) == 0 ? 64 : 256);
        given.push_back(std::move(one));
      }
    }
    const PackedPane pane = pack(packer, given);
    INFO("seed " << seed << " keys " << keys);
    CHECK(pane.size() == given.size());
    std::vector<Told> all;
    for (const Given& one : given) all.push_back(told(one.cell, one.authors));
    REQUIRE(read(pane) == all);
    for (std::uint32_t sought = 0; !given.empty() && sought < 300; ++sought) {
      const std::uint32_t which =
          sought < 150 ? given[below(given.size())].cell.key
                       : static_cast<std::uint32_t>(below(given.back().cell.key + 2));
      std::vector<Told> expected;
      for (const Told& one : all) {
        if (std::get<0>(one) == which) expected.push_back(one);
      }
      REQUIRE(read(pane, which) == expected);
    }
  }
}

TEST_CASE("a post of one author takes a dozen bytes", "[packed]") {
  PanePacker packer;
  for (std::uint32_t i = 0; i < 1'000; ++i) {
    packer.add(
        {.key = i * 70, .spelling = i * 70, .count = 1, .sentiment = -300, .times = {9'000, 9'000}},
        authors_of(1, 64));
  }
  const PackedPane pane = packer.finish();
  CHECK(pane.bytes() <= 12'000);
}

TEST_CASE("what is kept of a hash makes the sketch that all of it would make", "[packed]") {
  for (int i = 0; i < 100'000; ++i) {
    const std::uint64_t hash = stable_hash(std::to_string(i));
    const std::uint64_t kept = AuthorSet::hash_of(AuthorSet::short_of(hash));
    REQUIRE(kept == (hash & AuthorSet::kHashBits));
    REQUIRE(AuthorSet::short_of(hash) >> 40U == 0);
    REQUIRE((kept & 255U) == (hash & 255U));
    REQUIRE(std::bit_width(kept >> 8U) == std::bit_width(hash >> 8U));
  }
}

}  // namespace
}  // namespace rookery::hashtag_window
