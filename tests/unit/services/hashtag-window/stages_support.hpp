#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch.hpp>

#include "common/records/timestamp.hpp"
#include "common/runtime/measurement.hpp"
#include "services/hashtag-window/settings.hpp"
#include "tests/unit/services/hashtag-window/simulation/pipe_chain.hpp"
#include "tests/unit/services/hashtag-window/simulation/text.hpp"

namespace rookery::hashtag_window {

inline constexpr std::int64_t kNoon = 1'800'000'000'000;  // A multiple of the pane.

inline std::string post(const std::string& id, std::int64_t ms, const std::string& tag) {
  return simulation::concat({R"({"id":")", id, R"(","text":"","created_at":")",
                             to_rfc3339(WallTime(std::chrono::milliseconds(ms))),
                             R"(","entities":{"hashtags":[{"tag":")", tag, R"("}]}})"});
}

inline InputRecord record(std::int64_t offset, std::optional<std::string_view> value,
                          std::string_view key = "k", std::int32_t partition = 0) {
  return {.topic = kPosts.input,
          .partition = Partition(partition),
          .offset = Offset(offset),
          .timestamp = WallTime(std::chrono::milliseconds(kNoon)),
          .key = key,
          .value = value,
          .headers = {}};
}

inline Settings settings_of(std::int32_t partitions) {
  auto settings = make_settings(WindowOptions{}, partitions, 2);
  REQUIRE(settings);
  return *settings;
}

/// Of the measurements of a stage; the test fails where there is none.
inline std::int64_t value_of(const std::vector<Measurement>& all, Measure measure,
                             std::string_view label = {}) {
  for (const Measurement& m : all) {
    if (m.measure == measure && m.label == label) return m.value;
  }
  FAIL("no such measurement");
  return 0;
}

}  // namespace rookery::hashtag_window
