#pragma once

#include <cstdio>
#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>

#include <zlib.h>
#include <zstd.h>

#include "common/core/result.hpp"

namespace rookery::train {

/// Writes a file beside `path` and renames it over it, so that a reader sees the old
/// file or the new one; what is no file (/dev/null, a pipe) is written into. Error
/// (kMisconfigured): file_unwritable.
Result<void> write_file(const std::string& path, std::string_view bytes);

/// Whether write_file() could write there, to be asked before hours of work; an old
/// file stays as it is. An empty path is one that nobody wants. Error (kMisconfigured):
/// file_unwritable.
Result<void> check_writable(const std::string& path);

/// The next line of a stream as Lines::next() gives it; false: there is none.
bool next_line(std::istream& in, std::string& line);

/// Reads a file line by line: gzip, zstd or plain, as its bytes say.
class Lines {
 public:
  /// Error: file_unreadable, with the path (kMisconfigured).
  static Result<Lines> open(const std::string& path);

  /// Stores the next line without its line break ("\n" or "\r\n"). False: there
  /// is none, because of the end or of damage; check_end() tells.
  bool next(std::string& line);
  /// Error: file_malformed (kMisconfigured), where a packed file was cut short or
  /// changed. `path` is for the message.
  [[nodiscard]] Result<void> check_end(const std::string& path) const;
  /// Of the line that next() gave last, from 1.
  [[nodiscard]] std::size_t number() const { return number_; }

 private:
  struct Close {
    void operator()(gzFile file) const { gzclose(file); }
    void operator()(std::FILE* file) const { std::fclose(file); }
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
  };
  bool fill();
  bool fill_from_zstd();

  std::unique_ptr<gzFile_s, Close> file_;  ///< gzip or plain; else null.
  std::unique_ptr<std::FILE, Close> zstd_file_;
  std::unique_ptr<ZSTD_DCtx, Close> zstd_;
  std::string packed_;         ///< Read from zstd_file_,
  std::size_t packed_at_ = 0;  ///< and unpacked up to here.
  bool inside_frame_ = false;
  std::string buffer_;  ///< Unpacked, and given out up to at_.
  std::size_t at_ = 0;
  bool failed_ = false;
  std::size_t number_ = 0;
};

}  // namespace rookery::train
