#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include <unistd.h>

#include "common/runtime/service.hpp"

namespace rookery::sink {

/// Stands still until it is moved.
class HandClock final : public Clock {
 public:
  [[nodiscard]] WallTime wall_now() const override { return {}; }
  [[nodiscard]] MonotonicTime monotonic_now() const override { return now; }
  bool sleep_for(std::chrono::milliseconds duration, std::stop_token /*stop*/) override {
    now += duration;
    return true;
  }
  MonotonicTime now = MonotonicTime{} + std::chrono::hours(1);
};

/// The offsets of a group: what was committed, unless it was told to fail.
class FakeCommitter final : public OffsetCommitter {
 public:
  Result<void> commit_offsets(const Progress& progress) override {
    ++calls;
    if (fails) return retry_batch("group_rebalanced", "told to fail");
    for (const auto& [partition, end] : progress) committed[partition] = end;
    return {};
  }
  bool fails = false;
  int calls = 0;
  Progress committed;
};

/// A folder of its own, removed at the end.
class ScratchFolder {
 public:
  ScratchFolder() {
    // In memory where there is such a place: the store syncs every file, thousands here.
    const std::filesystem::path memory = "/dev/shm";
    const auto base =
        std::filesystem::is_directory(memory) ? memory : std::filesystem::temp_directory_path();
    std::string pattern = (base / "sink-XXXXXX").string();
    path = ::mkdtemp(pattern.data());
  }
  ~ScratchFolder() { std::filesystem::remove_all(path); }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  /// Name and content of every file.
  [[nodiscard]] std::map<std::string, std::string> files() const {
    std::map<std::string, std::string> found;
    for (const auto& file : std::filesystem::directory_iterator(path)) {
      std::ostringstream content;
      content << std::ifstream(file.path()).rdbuf();
      found[file.path().filename().string()] = content.str();
    }
    return found;
  }
  void put(const std::string& name, const std::string& content) const {
    std::ofstream(path / name) << content;
  }

  std::filesystem::path path;
};

}  // namespace rookery::sink
