#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "common/core/result.hpp"

namespace rookery::sink {

/// A file that shows under its name only when it is whole and on the disk: it is
/// written to NAME.partial, fsynced, and renamed. What is not published is
/// removed by the destructor. One thread uses it.
///
/// Errors are store_unwritable (kRetryBatch): a full disk may have room later.
class DurableFile {
 public:
  static constexpr std::string_view kPartialSuffix = ".partial";

  explicit DurableFile(std::filesystem::path path);
  ~DurableFile();
  DurableFile(const DurableFile&) = delete;
  DurableFile& operator=(const DurableFile&) = delete;

  Result<void> append(std::string_view bytes);
  /// All bytes are on the disk, under the partial name. Nothing may follow but publish().
  Result<void> seal();
  /// Replaces what has this name. The directory must be fsynced afterwards.
  Result<void> publish();

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  Result<void> open();
  Result<void> flush();
  [[nodiscard]] std::filesystem::path partial() const;
  [[nodiscard]] bool is_ours() const;

  std::filesystem::path path_;
  int descriptor_ = -1;
  bool published_ = false;
  std::string buffer_;
};

/// Makes renames and removals in `directory` durable.
Result<void> sync_directory(const std::filesystem::path& directory);

}  // namespace rookery::sink
