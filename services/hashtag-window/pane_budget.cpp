#include "services/hashtag-window/pane_budget.hpp"

#include <algorithm>

#include "services/hashtag-window/authors.hpp"
#include "services/hashtag-window/packed_pane.hpp"
#include "services/hashtag-window/places.hpp"

namespace rookery::hashtag_window {

PaneBudget::Allowance PaneBudget::allowance(Pane pane) const {
  const std::int64_t whole =
      std::max<std::int64_t>(settings_.window_keys_max * settings_.span / settings_.keep, 1);
  const Pane closed = pane - floor_to(pane, settings_.span) + 1;  // Of the span, with this one.
  const auto until_now = [&](std::int64_t all) {
    return all * (3 * settings_.span + closed) / (4 * settings_.span);
  };
  const std::size_t longest = settings_.key_bytes_max;
  const std::size_t authors =
      std::max(settings_.authors_exact_max * PackedPane::kHashBytes, AuthorSet::kRegisters);
  Allowance allowance{
      .keys = settings_.pane_keys_max,
      .left = {until_now(whole), until_now(whole * settings_.place_cell_bytes)},
      .span = span_of(pane),
      .of_cell = {static_cast<std::int64_t>(places_of(longest) + places_of(2 * longest)),
                  PackedPane::kCellBytes + static_cast<std::int64_t>(authors)},
      .exact_max = settings_.authors_exact_max};
  if (allowance.span == span_) {
    allowance.left.places -= spent_.places;
    allowance.left.bytes -= spent_.bytes;
  }
  return allowance;
}

void PaneBudget::spend(Pane pane, Room room) {
  const std::int32_t span = span_of(pane);
  if (span < span_) return;
  if (span > span_) spent_ = {};
  span_ = span;
  spent_.places += room.places;
  spent_.bytes += room.bytes;
}

}  // namespace rookery::hashtag_window
