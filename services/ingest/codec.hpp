#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "common/core/result.hpp"

namespace rookery::ingest {

/// What one step() used and made.
struct CodecStep {
  std::size_t consumed = 0;
  std::size_t produced = 0;
};

/// One decompressor, over members in a row. One thread uses it.
class Codec {
 public:
  virtual ~Codec() = default;

  /// Decompresses from `input` into `output`. The error message says what is
  /// wrong with the data.
  virtual Result<CodecStep> step(std::string_view input, std::span<char> output) = 0;

  /// Whether the input may end here: behind a whole member.
  [[nodiscard]] virtual bool complete() const = 0;
};

enum class Compression : std::uint8_t { kNone, kGzip, kBzip2, kZstd, kUndecided };

/// How data that begins with `head` is compressed. kUndecided: more bytes are
/// needed, unless the data end here.
[[nodiscard]] Compression compression_of(std::string_view head);

/// Not for kNone and kUndecided.
[[nodiscard]] std::unique_ptr<Codec> make_codec(Compression compression);

}  // namespace rookery::ingest
