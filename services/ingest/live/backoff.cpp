#include "services/ingest/live/backoff.hpp"

#include <algorithm>

namespace rookery::ingest {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kNetworkStep{250};
constexpr milliseconds kNetworkMax{16'000};
constexpr milliseconds kHttpFirst{5'000};
constexpr milliseconds kHttpMax{320'000};
constexpr milliseconds kLimitFirst{60'000};
/// The longest window of X's limits, and one second.
constexpr seconds kResetMin{10};
constexpr seconds kResetMax{901};
constexpr milliseconds kJitterFirst{500};
constexpr milliseconds kJitterMax{60'000};

milliseconds doubled(milliseconds first, int times, milliseconds max) {
  milliseconds wait = first;
  for (int i = 0; i < times && wait < max; ++i) wait *= 2;
  return std::min(wait, max);
}

}  // namespace

milliseconds Backoff::by_x(LossKind kind, std::optional<seconds> reset_in) {
  switch (kind) {
    case LossKind::kNetwork:
      return std::min(kNetworkStep * network_++, kNetworkMax);
    case LossKind::kHttp:
      return doubled(kHttpFirst, http_++, kHttpMax);
    case LossKind::kRateLimited: {
      const milliseconds doubling = doubled(kLimitFirst, limited_, kResetMax);
      const bool first = limited_++ == 0;
      if (!reset_in) return doubling;
      const milliseconds told = std::clamp(*reset_in, kResetMin, kResetMax);
      // Refused again after waiting as told: what was told is not to be trusted.
      return first ? told : std::max(told, doubling);
    }
  }
  return kNetworkMax;
}

milliseconds Backoff::next(LossKind kind, std::optional<seconds> reset_in) {
  if (schedule_ == Schedule::kX) return by_x(kind, reset_in);
  if (kind == LossKind::kRateLimited) return by_x(kind, reset_in);
  const milliseconds whole = doubled(kJitterFirst, network_++, kJitterMax);
  const double share = 0.5 + random_.fraction() / 2;
  return milliseconds(static_cast<std::int64_t>(static_cast<double>(whole.count()) * share));
}

void Backoff::delivered() {
  network_ = http_ = limited_ = 0;
}

}  // namespace rookery::ingest
