#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/core/result.hpp"

namespace rookery::ingest {

/// The files that `paths` mean: a folder stands for all files in and below it,
/// in the order of their paths, without those whose name (or whose folder's
/// name) begins with a dot. Error code: input_unreadable (kMisconfigured).
[[nodiscard]] Result<std::vector<std::string>> input_files(const std::vector<std::string>& paths);

/// Whether any of `paths` is a folder.
[[nodiscard]] bool any_folder(const std::vector<std::string>& paths);

/// Whether the name ends in .csv, before an ending of compression.
[[nodiscard]] bool is_csv_name(std::string_view path);

}  // namespace rookery::ingest
