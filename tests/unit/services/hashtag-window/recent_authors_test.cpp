#include "services/hashtag-window/recent_authors.hpp"

#include <random>
#include <vector>

#include <catch2/catch.hpp>

#include "services/hashtag-window/hashing.hpp"
#include "services/hashtag-window/packed_pane.hpp"

namespace rookery::hashtag_window {
namespace {

/// The authors of some panes, packed as they are when they are added.
struct Panes {
  std::vector<AuthorSet> sets;
  std::vector<PackedPane> packed;

  void add(AuthorSet set) {
    PanePacker packer;
    packer.add({.key = 1, .spelling = 1, .count = 1}, set);
    packed.push_back(packer.finish());
    sets.push_back(std::move(set));
  }
  [[nodiscard]] std::uint64_t joined(std::size_t begin, std::size_t end, std::size_t max) const {
    AuthorSet all;
    for (std::size_t i = begin; i < end; ++i) all.merge(sets[i], max);
    return all.estimate();
  }
};

AuthorSet authors_of(std::mt19937& dice, std::size_t posts, unsigned of, std::size_t max) {
  AuthorSet set;
  for (std::size_t i = 0; i < posts; ++i) set.insert(stable_hash(std::to_string(dice() % of)), max);
  return set;
}

TEST_CASE("recent authors are those of the joined panes, wherever the stretch begins",
          "[authors]") {
  const std::size_t max = GENERATE(1U, 4U, 64U, 256U);
  const unsigned busy = GENERATE(3U, 40U, 2'000U);  // More authors than that in its busy times.
  std::mt19937 dice(busy * 1'000 + static_cast<unsigned>(max));
  Panes panes;
  RecentAuthors recent(max);
  constexpr Pane kFirst = -30;  // Before 1970 too.
  for (std::size_t at = 0; at < 150; ++at) {
    const bool quiet = at % 50 > 30;  // Sketches leave the stretch, and come again.
    const std::size_t posts = quiet ? dice() % 3 : dice() % (busy + 1);
    panes.add(authors_of(dice, posts, quiet ? 10 : busy * 2, max));
    panes.packed.back().each_of(1, [&](const CellSums& /*cell*/, const auto& authors) {
      recent.add(kFirst + static_cast<Pane>(at), authors);
    });
    for (std::size_t begin = 0; begin <= at + 1; begin += 1 + dice() % 7) {
      INFO("panes " << begin << " to " << at << ", exact to " << max);
      REQUIRE(recent.count(kFirst + static_cast<Pane>(begin)) == panes.joined(begin, at + 1, max));
    }
  }
  CHECK(recent.count(kNoPane) == panes.joined(0, 150, max));
}

}  // namespace
}  // namespace rookery::hashtag_window
