#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "services/hashtag-window/kernel.hpp"
#include "tests/unit/services/hashtag-window/simulation/text.hpp"

namespace rookery::hashtag_window {

inline Settings settings_of(std::vector<Window> windows, std::size_t top_k,
                            Settings settings = {}) {
  settings.windows = std::move(windows);
  settings.dimensions = {Dimension::kHashtag};
  settings.top_k = top_k;
  settings.trend_history = 2;
  settings.authors_exact_max = 4;
  derive(settings);
  return settings;
}

inline Partial post(std::string_view key, Pane pane, std::int64_t count, std::int64_t sentiment,
                    std::string_view spelling = {}, std::uint32_t ms = 0) {
  return {.dimension = "hashtag",
          .key = key,
          .spelling = spelling,
          .pane = pane,
          .from = pane,
          .count = count,
          .sentiment = sentiment,
          .times = {ms, ms}};
}

inline AuthorSet author(std::uint64_t hash) {
  AuthorSet set;
  set.insert(hash, 4);
  return set;
}

inline std::string as_text(const WindowTop& top) {
  std::string text = simulation::concat({std::to_string(top.total), " "});
  for (const auto& entry : top.top) {
    text += simulation::concat({entry.key,
                                ":",
                                entry.spelling.empty() ? entry.key : entry.spelling,
                                ":",
                                std::to_string(entry.count),
                                ":",
                                std::to_string(entry.sentiment),
                                ":",
                                std::to_string(entry.authors),
                                ":",
                                std::to_string(entry.newest),
                                ",",
                                std::to_string(entry.past[0]),
                                ",",
                                std::to_string(entry.past[1]),
                                ":",
                                std::to_string(entry.seen.first),
                                "-",
                                std::to_string(entry.seen.last),
                                " "});
  }
  return text;
}

}  // namespace rookery::hashtag_window
