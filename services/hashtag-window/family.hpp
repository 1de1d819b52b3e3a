#pragma once

#include <array>
#include <string>
#include <string_view>

#include "common/records/post_reader.hpp"
#include "services/hashtag-window/dimensions.hpp"

namespace rookery::hashtag_window {

/// One input with all that its windows have of their own: three loops with their groups, the
/// topics between them, and so all state. Families share the process, the options and the topics
/// that they write to in the end; what holds up one holds up no other.
struct Family {
  std::string_view input;     ///< What is counted,
  RecordKind record;          ///< and what its records are.
  std::string_view partials;  ///< The first name of the topic of the sums: see rescale.hpp.
  std::string_view panes;
  std::string_view ranks;
  std::string_view groups;  ///< What the names of its groups begin with.

  /// The group of "partial", "merge" or "rank", which is its transactional.id's prefix too.
  [[nodiscard]] std::string group(std::string_view step) const {
    return std::string(groups).append("-").append(step);
  }
};

/// Counts posts.
inline constexpr Family kPosts{.input = "processed_tweets",
                               .record = RecordKind::kPost,
                               .partials = "window_partials",
                               .panes = "window_panes",
                               .ranks = "window_ranks",
                               .groups = "hashtag-window"};

/// Counts posts by their links, which another stage has looked at.
inline constexpr Family kLinks{.input = "clustered_urls",
                               .record = RecordKind::kLinks,
                               .partials = "url_window_partials",
                               .panes = "url_window_panes",
                               .ranks = "url_window_ranks",
                               .groups = "hashtag-window-urls"};

inline constexpr std::array<const Family*, 2> kFamilies = {&kPosts, &kLinks};

/// The one that counts `dimension`.
[[nodiscard]] constexpr const Family& family_of(Dimension dimension) {
  return dimension == Dimension::kUrlCluster ? kLinks : kPosts;
}

}  // namespace rookery::hashtag_window
