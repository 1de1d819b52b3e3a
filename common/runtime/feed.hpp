#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/result.hpp"
#include "common/runtime/io.hpp"

namespace rookery {

/// What one Feed::read() gave: the raw items (lines, messages) and the position
/// behind the last of them.
struct FeedBatch {
  std::vector<std::string_view> items;  ///< Hold until the next call on the feed.
  bool finished = false;                ///< Nothing will ever follow.
};

/// A source outside of Kafka that can be asked for its position and sent back to
/// it: a file, a simulator, a stream with a cursor. One thread uses it.
class Feed {
 public:
  virtual ~Feed() = default;

  /// "file", "simulator".
  [[nodiscard]] virtual std::string_view source() const = 0;

  /// What tells this feed from others of the same source: the file's path.
  [[nodiscard]] virtual std::string location() const = 0;

  /// Goes to `position` (as position() gave it), or to the beginning. Errors:
  /// the position is not of this feed (kMisconfigured), the input is away for
  /// now (kRetryBatch).
  virtual Result<void> seek(const std::optional<std::string>& position) = 0;

  /// Waits for at most `timeout`; at most `items_max` items.
  virtual Result<FeedBatch> read(std::chrono::milliseconds timeout, std::size_t items_max) = 0;

  /// The position behind the last item that read() gave.
  [[nodiscard]] virtual std::string position() const = 0;
};

/// A Feed as a Source: the topic of its records is the feed's source name, the
/// partition 0, and the offset counts the items. The cursor travels in
/// the metadata of the progress.
class FeedSource final : public Source {
 public:
  struct Limits {
    std::size_t batch_records_max = 10'000;
  };

  /// `feed` and `clock` must outlive the source.
  FeedSource(Feed& feed, Clock& clock, Limits limits);

  /// The key of this feed's cursor, as "file /data/posts.jsonl".
  [[nodiscard]] std::string cursor_key() const;

  /// Where to go on, before the first poll(). Absent: from the beginning.
  void start_at(std::optional<CommittedOffset> committed) { committed_ = std::move(committed); }

  void listen(PartitionListener& /*listener*/) override {}
  Result<Batch> poll(std::chrono::milliseconds timeout) override;
  Result<void> rewind_to_committed() override;
  void mark(Progress& progress) const override;
  void on_commit(const Progress& progress) override;

 private:
  Result<void> start();

  Feed& feed_;
  Clock& clock_;
  Limits limits_;
  std::optional<CommittedOffset> committed_;
  bool started_ = false;
  std::int64_t next_offset_ = 0;
  std::vector<InputRecord> records_;
};

}  // namespace rookery
