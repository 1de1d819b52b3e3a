#include "services/hashtag-window/recent_authors.hpp"

#include <algorithm>
#include <limits>

namespace rookery::hashtag_window {

void RecentAuthors::add_hash(ShortPane pane, std::uint64_t hash) {
  if (!rows_.empty()) raise(AuthorSet::register_of(hash), AuthorSet::rank_of(hash), pane);
  const auto known = std::find(hashes_.begin(), hashes_.end(), hash);
  if (known != hashes_.end()) {
    panes_[static_cast<std::size_t>(known - hashes_.begin())] = pane;
    return;
  }
  if (hashes_.size() < exact_max_) {
    hashes_.push_back(hash);
    panes_.push_back(pane);
    return;
  }
  // With this one, stretches from the oldest one's last pane on have too many; those that begin
  // later do not see it.
  if (rows_.empty()) {
    start_sketch();
    raise(AuthorSet::register_of(hash), AuthorSet::rank_of(hash), pane);
  }
  const auto oldest = std::min_element(panes_.begin(), panes_.end());
  many_from_ = std::max(many_from_, *oldest);
  hashes_[static_cast<std::size_t>(oldest - panes_.begin())] = hash;
  *oldest = pane;
}

void RecentAuthors::add_registers(ShortPane pane, const std::uint8_t* registers) {
  if (rows_.empty()) start_sketch();
  many_from_ = pane;
  for (std::size_t i = 0; i < AuthorSet::kRegisters; ++i) {
    if (registers[i] != 0) raise(i, std::min<std::size_t>(registers[i], AuthorSet::kRankMax), pane);
  }
}

void RecentAuthors::raise(std::size_t index, std::size_t rank, ShortPane pane) {
  if (rank > rows_.size()) {
    const std::size_t old = rows_.size();
    rows_.reserve(rank);  // No more: a row is 1 KiB.
    rows_.resize(rank);
    for (std::size_t i = old; i < rank; ++i) rows_[i].fill(kNever);
  }
  rows_[rank - 1][index] = pane;
}

void RecentAuthors::start_sketch() {
  for (std::size_t i = 0; i < hashes_.size(); ++i) {
    // In no order of panes, but no register loses a newer one: it has none of this rank, or an
    // older or a newer one.
    const std::size_t index = AuthorSet::register_of(hashes_[i]);
    const std::size_t rank = AuthorSet::rank_of(hashes_[i]);
    const ShortPane known = rank <= rows_.size() ? rows_[rank - 1][index] : kNever;
    raise(index, rank, std::max(known, panes_[i]));
  }
}

std::uint64_t RecentAuthors::count(Pane begin) const {
  constexpr Pane kLowest = kNever + 1;
  const auto from = static_cast<ShortPane>(
      std::clamp<Pane>(begin, kLowest, std::numeric_limits<ShortPane>::max()));
  if (many_from_ >= from) return count_sketch(from);
  return static_cast<std::uint64_t>(
      std::count_if(panes_.begin(), panes_.end(), [&](ShortPane pane) { return pane >= from; }));
}

std::uint64_t RecentAuthors::count_sketch(ShortPane begin) const {
  AuthorSet::Ranks of_rank{};
  // By register, 1 where a rank that is not below the present one is in the stretch.
  std::array<std::int32_t, AuthorSet::kRegisters> seen{};
  std::int32_t higher = 0;
  for (std::size_t rank = rows_.size(); rank > 0; --rank) {
    const Row& row = rows_[rank - 1];
    std::int32_t all = 0;
    for (std::size_t i = 0; i < seen.size(); ++i) {
      seen[i] |= static_cast<std::int32_t>(row[i] >= begin);
      all += seen[i];
    }
    of_rank[rank] = static_cast<std::uint16_t>(all - higher);
    higher = all;
    if (all == static_cast<std::int32_t>(seen.size())) break;  // The lower ranks are hidden.
  }
  of_rank[0] = static_cast<std::uint16_t>(static_cast<std::int32_t>(seen.size()) - higher);
  return AuthorSet::estimate_of(of_rank);
}

}  // namespace rookery::hashtag_window
