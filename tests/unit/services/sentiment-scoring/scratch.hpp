#pragma once

#include <filesystem>
#include <fstream>
#include <string>

namespace rookery::train {

/// A file that is there while the test runs.
class Scratch {
 public:
  Scratch(const std::string& name, const std::string& bytes)
      : path_(std::filesystem::temp_directory_path() / ("rookery_train_" + name)) {
    std::ofstream(path_, std::ios::binary) << bytes;
  }
  ~Scratch() { std::filesystem::remove(path_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  [[nodiscard]] std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace rookery::train
