#include "services/hashtag-window/packed_pane.hpp"

#include <algorithm>
#include <utility>

namespace rookery::hashtag_window {

void PackedPane::Authors::add_to(AuthorSet& set, std::size_t exact_max) const {
  if (sketch) {
    set.merge_registers(bytes);
    return;
  }
  for (std::uint32_t i = 0; i < count; ++i) set.insert(hash(i), exact_max);
}

PackedPane::Reader PackedPane::reader_for(std::uint32_t key) const {
  // The last stretch before which there is a lower key: the cells of one key may lie on both
  // sides of a border.
  const auto after = std::partition_point(stretches_.begin(), stretches_.end(),
                                          [&](const Stretch& s) { return s.before < key; });
  if (after == stretches_.begin()) return {bytes_.data(), 0};
  const Stretch& stretch = *std::prev(after);
  return {bytes_.data() + stretch.begin, stretch.before};
}

void PanePacker::add(const CellSums& cell, const AuthorSet& authors) {
  if (authors.is_sketch()) {
    put_sums(cell, packed::kAuthorsSketch);
    const auto registers = authors.registers();
    bytes_.insert(bytes_.end(), registers.begin(), registers.end());
    return;
  }
  const auto hashes = authors.hashes();
  const auto head = std::min<std::size_t>(packed::kAuthorsMany, hashes.size());
  put_sums(cell, static_cast<unsigned>(head));
  if (head == packed::kAuthorsMany) put_number(hashes.size());
  for (const std::uint64_t hash : hashes) {
    const std::uint64_t shortened = AuthorSet::short_of(hash);
    for (unsigned i = 0; i < PackedPane::kHashBytes; ++i) {
      bytes_.push_back(static_cast<std::uint8_t>(shortened >> 8U * i));
    }
  }
}

void PanePacker::add(const CellSums& cell, const PackedPane::Authors& authors) {
  const auto head = authors.sketch ? packed::kAuthorsSketch
                                   : std::min<unsigned>(packed::kAuthorsMany, authors.count);
  put_sums(cell, head);
  if (head == packed::kAuthorsMany) put_number(authors.count);
  bytes_.insert(bytes_.end(), authors.bytes, authors.bytes + authors.size());
}

/// `authors`: the lowest bits of the second byte, see below.
void PanePacker::put_sums(const CellSums& cell, unsigned authors) {
  if (++size_ % kStretch == 0) {
    stretches_.push_back({before_, static_cast<std::uint32_t>(bytes_.size())});
  }
  put_number(cell.key - std::exchange(before_, cell.key));
  const bool spelled = cell.spelling != cell.key;
  const bool timed = cell.times.any();
  const bool two_times = timed && cell.times.first != cell.times.last;
  const bool long_times = timed && cell.times.last > 0xffffU;
  bytes_.push_back(static_cast<std::uint8_t>(
      authors | (spelled ? packed::kSpelled : 0U) | (cell.count == 1 ? packed::kOnePost : 0U) |
      (timed ? packed::kTimed : 0U) | (two_times ? packed::kTwoTimes : 0U) |
      (long_times ? packed::kLongTimes : 0U)));
  if (spelled) put_number(cell.spelling);
  if (cell.count != 1) put_signed(cell.count);
  put_signed(cell.sentiment);
  const auto put_time = [&](std::uint32_t ms) { long_times ? put_number(ms) : put_short(ms); };
  if (timed) put_time(cell.times.first);
  if (two_times) put_time(cell.times.last);
}

PackedPane PanePacker::finish() {
  PackedPane pane;
  // Copies: the buffers are longer than what they hold.
  pane.bytes_.assign(bytes_.begin(), bytes_.end());
  pane.stretches_.assign(stretches_.begin(), stretches_.end());
  pane.size_ = std::exchange(size_, 0);
  bytes_.clear();
  stretches_.clear();
  before_ = 0;
  return pane;
}

void PanePacker::put_number(std::uint64_t number) {
  for (; number >= 0x80U; number >>= 7U) {
    bytes_.push_back(static_cast<std::uint8_t>(number | 0x80U));
  }
  bytes_.push_back(static_cast<std::uint8_t>(number));
}

void PanePacker::put_signed(std::int64_t number) {
  put_number((static_cast<std::uint64_t>(number) << 1U) ^
             static_cast<std::uint64_t>(number >> 63U));
}

void PanePacker::put_short(std::uint32_t number) {
  bytes_.push_back(static_cast<std::uint8_t>(number));
  bytes_.push_back(static_cast<std::uint8_t>(number >> 8U));
}

}  // namespace rookery::hashtag_window
