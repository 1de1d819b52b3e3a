#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "common/core/clock.hpp"

namespace rookery::ingest {

/// Reads when the post of a line was written, for playing a file at its own
/// pace: created_at of the object, of `data`, or of the first of several. One
/// thread uses it.
class EventTimeReader {
 public:
  EventTimeReader();
  ~EventTimeReader();

  /// Absent where the line is no post or has no time.
  [[nodiscard]] std::optional<WallTime> read(std::string_view line);

 private:
  struct Buffers;
  std::unique_ptr<Buffers> buffers_;
};

}  // namespace rookery::ingest
