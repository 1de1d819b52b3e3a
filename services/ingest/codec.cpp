#include "services/ingest/codec.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include <bzlib.h>
#include <zlib.h>
#include <zstd.h>

#include "common/core/check.hpp"

namespace rookery::ingest {
namespace {

constexpr std::string_view kGzipMagic = "\x1f\x8b";
constexpr std::string_view kZstdMagic = "\x28\xb5\x2f\xfd";

Failure corrupt(std::string what) {
  return misconfigured("input_corrupt", std::move(what));
}

unsigned narrow(std::size_t size) {
  return static_cast<unsigned>(std::min<std::size_t>(size, std::numeric_limits<unsigned>::max()));
}

class GzipCodec final : public Codec {
 public:
  GzipCodec() {
    // 16: expect a gzip header; 15: the largest window (zlib.h, inflateInit2).
    ROOKERY_CHECK(::inflateInit2(&stream_, 16 + 15) == Z_OK, "zlib has memory for its state");
  }
  ~GzipCodec() override { ::inflateEnd(&stream_); }
  GzipCodec(const GzipCodec&) = delete;
  GzipCodec& operator=(const GzipCodec&) = delete;

  Result<CodecStep> step(std::string_view input, std::span<char> output) override {
    if (complete_) {
      // Zeros behind a member are padding, as gzip(1) takes them.
      const std::size_t zeros = std::min(input.find_first_not_of('\0'), input.size());
      if (zeros > 0) return CodecStep{.consumed = zeros, .produced = 0};
      if (input.empty()) return CodecStep{};
      ::inflateReset(&stream_);
      complete_ = false;
    }
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
    stream_.avail_in = narrow(input.size());
    stream_.next_out = reinterpret_cast<Bytef*>(output.data());
    stream_.avail_out = narrow(output.size());
    const unsigned in = stream_.avail_in;
    const unsigned out = stream_.avail_out;
    const int status = ::inflate(&stream_, Z_NO_FLUSH);
    if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) {
      return corrupt(std::string("gzip: ") +
                     (stream_.msg == nullptr ? "damaged data" : stream_.msg));
    }
    complete_ = status == Z_STREAM_END;
    return CodecStep{.consumed = in - stream_.avail_in, .produced = out - stream_.avail_out};
  }

  [[nodiscard]] bool complete() const override { return complete_; }

 private:
  z_stream stream_{};
  bool complete_ = false;
};

class Bzip2Codec final : public Codec {
 public:
  Bzip2Codec() { start(); }
  ~Bzip2Codec() override { ::BZ2_bzDecompressEnd(&stream_); }
  Bzip2Codec(const Bzip2Codec&) = delete;
  Bzip2Codec& operator=(const Bzip2Codec&) = delete;

  Result<CodecStep> step(std::string_view input, std::span<char> output) override {
    if (complete_) {
      if (input.empty()) return CodecStep{};
      ::BZ2_bzDecompressEnd(&stream_);
      start();
    }
    stream_.next_in = const_cast<char*>(input.data());
    stream_.avail_in = narrow(input.size());
    stream_.next_out = output.data();
    stream_.avail_out = narrow(output.size());
    const unsigned in = stream_.avail_in;
    const unsigned out = stream_.avail_out;
    const int status = ::BZ2_bzDecompress(&stream_);
    if (status != BZ_OK && status != BZ_STREAM_END) return corrupt("bzip2: damaged data");
    complete_ = status == BZ_STREAM_END;
    return CodecStep{.consumed = in - stream_.avail_in, .produced = out - stream_.avail_out};
  }

  [[nodiscard]] bool complete() const override { return complete_; }

 private:
  void start() {
    stream_ = {};
    ROOKERY_CHECK(::BZ2_bzDecompressInit(&stream_, 0, 0) == BZ_OK,
                  "bzip2 has memory for its state");
    complete_ = false;
  }

  bz_stream stream_{};
  bool complete_ = false;
};

class ZstdCodec final : public Codec {
 public:
  ZstdCodec() : stream_(::ZSTD_createDStream()) {
    ROOKERY_CHECK(stream_ != nullptr, "zstd has memory for its state");
  }
  ~ZstdCodec() override { ::ZSTD_freeDStream(stream_); }
  ZstdCodec(const ZstdCodec&) = delete;
  ZstdCodec& operator=(const ZstdCodec&) = delete;

  Result<CodecStep> step(std::string_view input, std::span<char> output) override {
    if (complete_ && input.empty()) return CodecStep{};
    ZSTD_inBuffer in{.src = input.data(), .size = input.size(), .pos = 0};
    ZSTD_outBuffer out{.dst = output.data(), .size = output.size(), .pos = 0};
    // Frames in a row are one stream to it; windows beyond 128 MiB are refused.
    const std::size_t status = ::ZSTD_decompressStream(stream_, &out, &in);
    if (::ZSTD_isError(status) != 0U) {
      return corrupt(std::string("zstd: ") + ::ZSTD_getErrorName(status));
    }
    complete_ = status == 0;
    return CodecStep{.consumed = in.pos, .produced = out.pos};
  }

  [[nodiscard]] bool complete() const override { return complete_; }

 private:
  ZSTD_DStream* stream_;
  bool complete_ = false;
};

/// Whether `head` begins with `magic`; kUndecided as long as it may.
Compression match(std::string_view head, std::string_view magic, Compression compression) {
  const std::size_t seen = std::min(head.size(), magic.size());
  if (head.substr(0, seen) != magic.substr(0, seen)) return Compression::kNone;
  return seen == magic.size() ? compression : Compression::kUndecided;
}

/// "BZh", the block size, and the magic of a block or of the end: the digits of
/// pi or of its square root. A text may begin with the first four.
Compression match_bzip2(std::string_view head) {
  constexpr std::string_view kBlock = "\x31\x41\x59\x26\x53\x59";
  constexpr std::string_view kEnd = "\x17\x72\x45\x38\x50\x90";
  const auto name = match(head, "BZh", Compression::kBzip2);
  if (name != Compression::kBzip2) return name;
  if (head.size() < 4) return Compression::kUndecided;
  if (head[3] < '1' || head[3] > '9') return Compression::kNone;
  const auto block = match(head.substr(4), kBlock, Compression::kBzip2);
  return block != Compression::kNone ? block : match(head.substr(4), kEnd, Compression::kBzip2);
}

/// A frame, or a skippable frame (RFC 8878, section 3.1.2) before one.
Compression match_zstd(std::string_view head) {
  constexpr std::string_view kSkippableRest = "\x2a\x4d\x18";
  const auto frame = match(head, kZstdMagic, Compression::kZstd);
  if (frame != Compression::kNone || head.empty()) return frame;
  if ((static_cast<unsigned char>(head[0]) & 0xf0U) != 0x50U) return Compression::kNone;
  return match(head.substr(1), kSkippableRest, Compression::kZstd);
}

}  // namespace

Compression compression_of(std::string_view head) {
  for (const auto found :
       {match(head, kGzipMagic, Compression::kGzip), match_bzip2(head), match_zstd(head)}) {
    if (found != Compression::kNone) return found;
  }
  return Compression::kNone;
}

std::unique_ptr<Codec> make_codec(Compression compression) {
  switch (compression) {
    case Compression::kGzip:
      return std::make_unique<GzipCodec>();
    case Compression::kBzip2:
      return std::make_unique<Bzip2Codec>();
    case Compression::kZstd:
      return std::make_unique<ZstdCodec>();
    case Compression::kNone:
    case Compression::kUndecided:
      break;
  }
  ROOKERY_CHECK(false, "only compressed data have a codec");
}

}  // namespace rookery::ingest
