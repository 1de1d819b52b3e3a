#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/result.hpp"
#include "services/sink/encoder.hpp"

namespace rookery::sink {

/// One key of a ranking (proto/rookery/v1/trends.proto).
struct TrendEntry {
  std::string key;
  std::int64_t count = 0;
  std::int64_t authors = 0;
  double sentiment = 0;
  std::optional<std::int64_t> previous_rank;
  double score = 0;
  std::string spelling = {};  ///< As most posts write the key; empty: as the key.
  std::string state = {};     ///< new, rising, peak, falling; empty: as ever.
};

/// A record of the topic trends.
struct Trend {
  std::string dimension;
  std::string window;
  std::string start;  ///< RFC 3339, as it stands in the record.
  std::string end;
  std::int64_t total = 0;
  double sentiment = 0;
  std::vector<TrendEntry> top;
  bool approximate = false;  ///< Keys were too many to count all of them.
  bool final = true;         ///< Else the window is still open: an early result.
};

/// Reads records of trends. One thread uses it; it keeps its buffers.
class TrendReader {
 public:
  TrendReader();
  ~TrendReader();

  /// Error: record_malformed, a dead letter.
  Result<Trend> read(std::string_view json);

  /// Whether it is a ranking of a window that is still open.
  bool is_early(std::string_view json);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

/// One row per entry of the ranking.
[[nodiscard]] std::unique_ptr<Encoder> make_trend_csv_encoder();

}  // namespace rookery::sink
