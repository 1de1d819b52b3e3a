// Windows that are still open: the totals go ahead over the open panes, and back.
#include "services/hashtag-window/kernel.hpp"

namespace rookery::hashtag_window {

void WindowKernel::preview(Pane closed, Pane last, Shown shown, const Wanted& wanted,
                           const Preview& visit) {
  for (Pane end = closed + 1; end <= last; ++end) {
    preview_step(end, 1);
    for (std::size_t i = 0; i < totals_.size(); ++i) {
      if (end % settings_.windows[i].slide != 0 || !wanted(i, end)) continue;
      visit(i, end, shown == Shown::kCounts ? counts(i, end) : top(i, end, closed));
    }
  }
  for (Pane end = last; end > closed; --end) preview_step(end, -1);
}

/// What slide() does to the totals and to the cells of deletions, and with `sign` -1 the
/// opposite: sums are integers, so that nothing is left of it.
void WindowKernel::preview_step(Pane end, std::int64_t sign) {
  const auto panes = [&] {
    for (std::size_t i = 0; i < totals_.size(); ++i) {
      leave_pane(totals_[i], end - 1 - settings_.windows[i].length, -sign);
      count_pane(totals_[i], end - 1, sign);
    }
  };
  // The leaving pane goes before the deletions change it, and comes back after they changed back.
  if (sign > 0) panes();
  const auto found = deferred_.find(end - 1);
  if (found != deferred_.end()) {
    for (const Deferred& later : found->second) {
      const auto name = change(later, sign);
      if (!name) continue;
      for (std::size_t i = 0; i < totals_.size(); ++i) {
        if (later.pane < end - settings_.windows[i].length || later.pane >= end - 1) continue;
        count_in(totals_[i], *name, sign * later.count, sign * later.sentiment);
      }
    }
  }
  if (sign < 0) panes();
}

}  // namespace rookery::hashtag_window
