#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "common/core/result.hpp"

namespace rookery::ingest {

/// Whether `frame` begins as zstd does (RFC 8878, section 3.1.1).
[[nodiscard]] bool is_zstd(std::string_view frame);

/// Frames that are compressed with a dictionary, as Jetstream v1 sends them with
/// compress=true. Memory: the dictionary twice and one message. One thread uses it.
class ZstdFrames {
 public:
  /// Error code: option_invalid (kMisconfigured), naming the file: not readable, or
  /// no zstd dictionary.
  static Result<std::unique_ptr<ZstdFrames>> open(const std::string& path);
  ~ZstdFrames();

  /// Puts what `frame` holds into `out`, at most `bytes_max` bytes. Error codes:
  /// dictionary_mismatch (kMisconfigured): made with another dictionary;
  /// frame_malformed (kDeadLetter): damaged, cut short, or longer than bytes_max.
  Result<void> decode(std::string_view frame, std::size_t bytes_max, std::string& out);

 private:
  struct Contexts;
  explicit ZstdFrames(std::unique_ptr<Contexts> contexts);
  std::unique_ptr<Contexts> contexts_;
};

/// share/rookery/jetstream.zdict beside the executable's folder.
[[nodiscard]] std::string shipped_zstd_dictionary();

}  // namespace rookery::ingest
