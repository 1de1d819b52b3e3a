#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "common/core/result.hpp"

namespace rookery::ingest {

/// What one read() gave. `bytes` of 0 without `end`: nothing arrived in time.
struct BytesRead {
  std::size_t bytes = 0;
  bool end = false;
};

/// Bytes from front to back, as they are or decompressed on the way: memory does
/// not depend on how much a file expands to. One thread uses it.
class ByteStream {
 public:
  virtual ~ByteStream() = default;

  /// Fills a part of `target`, which is not empty. Waits for `timeout` where
  /// bytes come slowly (a pipe). Error codes: input_unreadable (kRetryBatch),
  /// input_corrupt (kMisconfigured: truncated or damaged compressed data). After
  /// an error nothing more is read.
  virtual Result<BytesRead> read(std::span<char> target, std::chrono::milliseconds timeout) = 0;

  /// Goes to `offset` if that takes no reading; false where it does.
  virtual bool jump(std::size_t /*offset*/) { return false; }
};

/// The bytes of an open file, and its name for messages. Owns the descriptor
/// except that of standard input.
class FileBytes final : public ByteStream {
 public:
  /// `path` "-" is standard input. Error code: input_unreadable
  /// (kMisconfigured), naming the path.
  static Result<std::unique_ptr<FileBytes>> open(const std::string& path);

  ~FileBytes() override;
  FileBytes(const FileBytes&) = delete;
  FileBytes& operator=(const FileBytes&) = delete;

  Result<BytesRead> read(std::span<char> target, std::chrono::milliseconds timeout) override;
  bool jump(std::size_t offset) override;
  [[nodiscard]] const std::string& path() const { return path_; }

  /// Whether the end of a file is a pause (kFollow) or its end.
  enum class AtEnd : std::uint8_t { kFinish, kFollow };
  void at_end(AtEnd what) { at_end_ = what; }

  /// Whether `path` names another file by now, or this one was cut shorter than
  /// what was read of it: what comes stands elsewhere.
  [[nodiscard]] bool replaced() const;
  /// The file's number in its file system, which a rename does not change.
  [[nodiscard]] std::uint64_t inode() const;

 private:
  FileBytes(std::string path, int descriptor, bool slow)
      : path_(std::move(path)), descriptor_(descriptor), slow_(slow) {}

  std::string path_;
  int descriptor_;
  AtEnd at_end_ = AtEnd::kFinish;
  bool slow_;  ///< A pipe or a terminal: ask before reading.
};

/// `file` decompressed if it begins like gzip (RFC 1952), bzip2 or Zstandard
/// (RFC 8878), several members in a row included; as it is otherwise. Its name
/// does not matter.
[[nodiscard]] std::unique_ptr<ByteStream> decompressed(std::unique_ptr<FileBytes> file);

}  // namespace rookery::ingest
