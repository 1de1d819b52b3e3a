#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "common/core/result.hpp"

namespace rookery::train {

/// A file and what messages call it.
struct ParquetFile {
  std::string path;
  std::string name;
};

// Parquet is read by a library of its own (parquet/), which is loaded when the
// first such file is read: Apache Arrow, which it needs, has 60 MB, and no other
// command has a use for it. Error where it is not there: parquet_missing
// (kMisconfigured), which says how it is made.

/// Hands the texts of `column` to `take`, row by row, but for rows whose column
/// `deleted` is true. Errors (kMisconfigured): file_unreadable, file_malformed
/// (names the row, or the columns that there are).
Result<void> read_parquet(const ParquetFile& file, const std::string& column,
                          const std::function<void(std::string_view)>& take);

/// The number of rows, as the file's end says.
Result<std::uint64_t> count_parquet(const ParquetFile& file);

}  // namespace rookery::train
