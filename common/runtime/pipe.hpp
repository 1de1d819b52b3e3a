#pragma once

#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/runtime/io.hpp"

namespace rookery {

/// Lines of a file descriptor, read in blocks. One thread uses it.
class LineReader {
 public:
  explicit LineReader(int descriptor) : descriptor_(descriptor) {}

  /// Waits for at most `timeout`, then gives the whole lines that have come,
  /// without their line breaks, at most `lines_max`; they hold until the next
  /// call. `finished` once all was given. Error: input_unreadable.
  Result<void> read(std::chrono::milliseconds timeout, std::size_t lines_max,
                    std::vector<std::string_view>& lines, bool& finished);

 private:
  Result<bool> fill(std::chrono::milliseconds timeout);

  int descriptor_;
  std::string buffer_;
  std::size_t begin_ = 0;    ///< Of what was not given yet.
  std::size_t scanned_ = 0;  ///< Up to here no line break is left.
  bool at_end_ = false;
};

/// Records of a topic as JSON lines on standard input. The key is the record's
/// "id", the partition follows from it as in Kafka; `{"id":"…","deleted":true}`
/// is a deletion. Time stamps are 0: the same input gives the same output.
class PipeSource final : public Source {
 public:
  PipeSource(int descriptor, std::string topic, std::int32_t partitions,
             std::size_t batch_records_max);
  ~PipeSource() override;

  void listen(PartitionListener& listener) override { listener_ = &listener; }
  Result<Batch> poll(std::chrono::milliseconds timeout) override;
  /// Standard input cannot be read again.
  Result<void> rewind_to_committed() override;

 private:
  struct Parser;
  InputRecord to_record(std::string_view line);

  LineReader reader_;
  std::string topic_;
  std::int32_t partitions_;
  std::size_t batch_records_max_;
  PartitionListener* listener_ = nullptr;
  bool assigned_ = false;
  std::unique_ptr<Parser> parser_;
  std::vector<std::string_view> lines_;
  std::vector<std::string> keys_;
  std::vector<InputRecord> records_;
  std::vector<std::int64_t> next_offsets_;
};

/// Writes the values of `output_topic` as lines to `out` and those of
/// dead_letters to `dead`; records of other topics are counted only, for somebody to
/// tell of them. Shows a batch at its commit.
class PipeSink final : public TransactionalSink {
 public:
  PipeSink(std::string output_topic, std::FILE* out, std::FILE* dead);

  Result<void> begin() override;
  Result<void> write(const OutputRecord& record) override;
  Result<void> commit(const Progress& progress) override;
  Result<void> abort() override;

  /// How many records of each other topic had no place here.
  [[nodiscard]] const std::map<std::string, std::uint64_t>& left_out() const { return left_out_; }

 private:
  std::string output_topic_;
  std::FILE* out_;
  std::FILE* dead_;
  std::string pending_;
  std::string pending_dead_;
  std::map<std::string, std::uint64_t> pending_left_out_;
  std::map<std::string, std::uint64_t> left_out_;
};

}  // namespace rookery
