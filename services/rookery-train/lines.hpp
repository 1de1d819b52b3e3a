#pragma once

#include <memory>
#include <string>

#include <zlib.h>

#include "common/core/result.hpp"

namespace rookery::train {

/// Reads a file line by line, gzip or plain as its bytes say.
class Lines {
 public:
  /// Error: file_unreadable, with the path (kMisconfigured).
  static Result<Lines> open(const std::string& path);

  /// Stores the next line without its line break ("\n" or "\r\n"). False: there
  /// is none, because of the end or of damage; failed() tells.
  bool next(std::string& line);
  [[nodiscard]] bool failed() const;
  /// Of the line that next() gave last, from 1.
  [[nodiscard]] std::size_t number() const { return number_; }

 private:
  struct Close {
    void operator()(gzFile file) const { gzclose(file); }
  };
  std::unique_ptr<gzFile_s, Close> file_;
  std::size_t number_ = 0;
};

}  // namespace rookery::train
