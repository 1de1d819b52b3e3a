// Early results: what is counted so far in windows that are still open. They hang on the wall
// clock, and nothing hangs on them: no state, no frontier, no final record.
#include <algorithm>

#include "services/hashtag-window/merge_stage.hpp"

namespace rookery::hashtag_window {
namespace {

/// Of each kind of window, at most so many of the newest open ones: a long lateness holds
/// thousands open.
constexpr Pane kEarlyMax = 12;

Pane round_up(Pane pane, Pane slide) {
  const Pane rest = pane % slide;
  return rest == 0 ? pane : pane - rest + (rest > 0 ? slide : 0);
}

}  // namespace

bool MergeStage::early_is_due(const BatchContext& context) {
  if (settings_.early.count() == 0 || context.end_of_input) return false;
  if (early_at_ && context.polled_at - *early_at_ < settings_.early) return false;
  early_at_ = context.polled_at;
  return true;
}

/// Up to the window that the newest post of the slowest source partition lies in: that is where
/// event time is. Of partitions that are ahead the later posts are not shown yet.
void MergeStage::report_early(std::int32_t partition, Held& held, Outputs& out) {
  const Pane ready = *std::min_element(held.frontiers.begin(), held.frontiers.end());
  if (held.closed == kNoPane || held.closed < ready) return;  // It still catches up.
  held.told_early = true;
  const Pane now = held.closed + settings_.lateness + 1;
  Pane last = held.closed;
  for (const Window& w : settings_.windows) last = std::max(last, round_up(now, w.slide));
  for (std::size_t i = 0; i < held.kernels.size(); ++i) {
    const Dimension dimension = settings_.dimensions[i];
    const auto shown =
        is_pairs(dimension) ? WindowKernel::Shown::kCounts : WindowKernel::Shown::kTop;
    const auto wanted = [&](std::size_t window, Pane end) {
      const Window& w = settings_.windows[window];
      const Pane newest = round_up(now, w.slide);
      return end <= newest && end > newest - kEarlyMax * w.slide;
    };
    held.kernels[i].preview(held.closed, last, shown, wanted,
                            [&](std::size_t window, Pane end, const WindowTop& top) {
                              append_top({.partition = partition,
                                          .end = end,
                                          .window = settings_.windows[window].name,
                                          .early = true},
                                         dimension, top, out);
                            });
  }
  append_closed(out.start(settings_.family->ranks, kRanksPartition, std::to_string(partition)),
                {.partition = partition, .pane = last, .early = true});
}

}  // namespace rookery::hashtag_window
