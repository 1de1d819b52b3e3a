#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "common/core/clock.hpp"
#include "common/runtime/service.hpp"
#include "services/sink/store.hpp"
#include "services/sink/trend.hpp"

namespace rookery::sink {

/// What the console prints.
enum class ConsoleMode : std::uint8_t {
  kLines,     ///< The rows as they are.
  kTables,    ///< A table per record.
  kLiveTable  ///< The latest table of each dimension and window, redrawn in place.
};

struct ConsoleStoreOptions {
  ConsoleMode mode = ConsoleMode::kTables;
  std::size_t rows = 10;
  std::vector<std::string> windows = {};     ///< Those to show; empty: all.
  std::vector<std::string> dimensions = {};  ///< Likewise.
  /// The live table is redrawn at most this often.
  std::chrono::milliseconds redraw{100};
  /// Lines of the screen, asked at each redraw.
  std::function<std::size_t()> screen_lines = [] { return std::size_t{24}; };
};

/// Prints to a stream, then commits the offsets: after a crash a record may be
/// printed again. Dead letters go to `dead`, one line each.
class ConsoleStore final : public Store {
 public:
  /// `offsets` is null where nothing is committed.
  ConsoleStore(ConsoleStoreOptions options, StoreLink& link, OffsetCommitter* offsets,
               const Clock& clock, std::FILE* out, std::FILE* dead);

  Result<void> begin() override;
  Result<void> write(const OutputRecord& record) override;
  Result<void> commit(const Progress& progress) override;
  Result<void> abort() override;
  Result<void> finish() override;

  void drop(const TopicPartition& partition) override;
  void add_due(MonotonicTime now, Progress& progress) const override;

 private:
  [[nodiscard]] bool is_shown(const Trend& trend) const;
  [[nodiscard]] std::string draw() const;
  Result<void> redraw();
  Result<void> print(const std::string& text, std::FILE* file);
  Result<void> commit_progress();

  ConsoleStoreOptions options_;
  StoreLink::Entry entry_;
  OffsetCommitter* offsets_;
  const Clock& clock_;
  std::FILE* out_;
  std::FILE* dead_;
  TrendReader reader_;
  std::string pending_;  ///< Printed at commit.
  std::string pending_dead_;
  Progress progress_;  ///< Not committed yet: the screen does not show it.
  std::map<std::pair<std::string, std::string>, Trend> latest_;  ///< By dimension and window.
  bool drawn_ = false;
  MonotonicTime drawn_at_{};
};

}  // namespace rookery::sink
