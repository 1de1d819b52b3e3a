#pragma once

#include <chrono>
#include <fstream>
#include <iterator>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/clock.hpp"
#include "common/runtime/feed.hpp"
#include "services/ingest/post_parser.hpp"

namespace rookery::ingest {

/// Time moves when somebody sleeps, and by hand.
class ManualClock final : public Clock {
 public:
  [[nodiscard]] WallTime wall_now() const override { return WallTime(elapsed); }
  [[nodiscard]] MonotonicTime monotonic_now() const override { return MonotonicTime(elapsed); }
  bool sleep_for(std::chrono::milliseconds duration, std::stop_token /*stop*/) override {
    elapsed += duration;
    return true;
  }

  std::chrono::milliseconds elapsed{0};
};

inline std::string read_whole(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void write_whole(const std::string& path, std::string_view bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

/// The one record that `line` gives, or the code of its refusal.
inline std::string parsed(std::string_view line, LineFormat format = LineFormat::kAuto) {
  PostParser parser({.format = format});
  Outputs out;
  const auto result = parser.parse(line, out);
  if (!result) return std::string(result.error().code);
  if (out.empty()) return result->notices > 0 ? "notice" : "nothing";
  std::string all;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (i > 0) all.push_back('\n');
    const OutputRecord record = out.at(i);
    all.append(record.value ? std::string(*record.value) : "deleted " + std::string(record.key));
  }
  return all;
}

/// All items of `feed` until it is finished, at most `items_max` a read.
inline std::vector<std::string> drain(Feed& feed, std::size_t items_max = 1000) {
  std::vector<std::string> items;
  while (true) {
    auto batch = feed.read(std::chrono::milliseconds(100), items_max);
    if (!batch) {
      items.push_back("error " + std::string(batch.error().code));
      return items;
    }
    for (const auto item : batch->items) items.emplace_back(item);
    if (batch->finished) return items;
  }
}

}  // namespace rookery::ingest
