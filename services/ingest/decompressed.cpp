#include <array>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include "services/ingest/byte_stream.hpp"
#include "services/ingest/codec.hpp"

namespace rookery::ingest {
namespace {

constexpr std::size_t kInputBytes = 256U << 10U;

/// Finds out at the first read whether the file is compressed.
class Decompressed final : public ByteStream {
 public:
  explicit Decompressed(std::unique_ptr<FileBytes> file) : file_(std::move(file)) {
    input_.resize(kInputBytes);
  }

  Result<BytesRead> read(std::span<char> target, std::chrono::milliseconds timeout) override {
    while (!decided_) {
      auto more = refill(timeout);
      ROOKERY_RETURN_IF_ERROR(more);
      if (!*more) return BytesRead{};
      decide();
    }
    return codec_ ? read_compressed(target, timeout) : read_plain(target, timeout);
  }

  bool jump(std::size_t offset) override {
    if (!decided_) {
      // A file that has been asked for its first bytes is plain or not.
      auto more = refill(std::chrono::milliseconds(0));
      if (!more || !*more) return false;
      decide();
    }
    if (!decided_ || codec_ || !file_->jump(offset)) return false;
    begin_ = end_ = 0;
    input_end_ = false;
    return true;
  }

 private:
  [[nodiscard]] std::string_view pending() const {
    return std::string_view(input_).substr(begin_, end_ - begin_);
  }

  void decide() {
    const Compression compression = compression_of(pending());
    if (compression == Compression::kUndecided && !input_end_) return;
    decided_ = true;
    if (compression == Compression::kNone || compression == Compression::kUndecided) return;
    codec_ = make_codec(compression);
  }

  /// Reads behind what is pending. False: nothing arrived in time.
  Result<bool> refill(std::chrono::milliseconds timeout) {
    if (input_end_) return true;
    if (begin_ == end_) begin_ = end_ = 0;
    const std::span<char> room(input_.data() + end_, input_.size() - end_);
    if (room.empty()) return true;
    auto got = file_->read(room, timeout);
    ROOKERY_RETURN_IF_ERROR(got);
    end_ += got->bytes;
    file_bytes_ += got->bytes;
    input_end_ = got->end;
    return got->bytes > 0 || got->end;
  }

  Result<BytesRead> read_plain(std::span<char> target, std::chrono::milliseconds timeout) {
    if (begin_ == end_) {
      if (input_end_) return BytesRead{.bytes = 0, .end = true};
      return file_->read(target, timeout);
    }
    const std::size_t count = std::min(target.size(), end_ - begin_);
    std::memcpy(target.data(), input_.data() + begin_, count);
    begin_ += count;
    return BytesRead{.bytes = count, .end = false};
  }

  Result<BytesRead> read_compressed(std::span<char> target, std::chrono::milliseconds timeout) {
    while (true) {
      auto step = codec_->step(pending(), target);
      if (!step) return located(std::move(step).error());
      begin_ += step->consumed;
      if (step->produced > 0) return BytesRead{.bytes = step->produced, .end = false};
      if (begin_ < end_ && step->consumed > 0) continue;
      if (input_end_ && begin_ == end_) {
        if (codec_->complete()) return BytesRead{.bytes = 0, .end = true};
        return located({Disposition::kMisconfigured, "input_corrupt", "truncated"});
      }
      if (begin_ < end_ && step->consumed == 0) {
        return located({Disposition::kMisconfigured, "input_corrupt", "damaged data"});
      }
      auto more = refill(timeout);
      ROOKERY_RETURN_IF_ERROR(more);
      if (!*more) return BytesRead{};
    }
  }

  Failure located(Error error) const {
    error.message = "file \"" + file_->path() + "\": " + error.message + " after compressed byte " +
                    std::to_string(file_bytes_ - (end_ - begin_));
    return Failure(std::move(error));
  }

  std::unique_ptr<FileBytes> file_;
  std::unique_ptr<Codec> codec_;
  std::string input_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t file_bytes_ = 0;
  bool input_end_ = false;
  bool decided_ = false;
};

}  // namespace

std::unique_ptr<ByteStream> decompressed(std::unique_ptr<FileBytes> file) {
  return std::make_unique<Decompressed>(std::move(file));
}

}  // namespace rookery::ingest
