#include "services/rookery-train/lines.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <istream>

namespace rookery::train {
namespace {

constexpr std::size_t kPiece = std::size_t{1} << 18U;
constexpr std::array<unsigned char, 4> kZstdMagic{0x28, 0xB5, 0x2F, 0xFD};  // RFC 8878, 3.1.1

bool starts_with_zstd(std::FILE* file) {
  std::array<unsigned char, 4> head{};
  const bool same =
      std::fread(head.data(), 1, head.size(), file) == head.size() && head == kZstdMagic;
  std::rewind(file);
  return same;
}

/// What a file is called while it is written.
constexpr const char* kBeside = ".part";

/// /dev/null and pipes: nothing may be renamed over them.
bool is_device(const std::string& path) {
  std::error_code error;
  return std::filesystem::is_other(std::filesystem::status(path, error));
}

Failure unwritable(const std::string& path) {
  return misconfigured("file_unwritable", "file \"" + path + "\": cannot be written");
}

}  // namespace

Result<void> check_writable(const std::string& path) {
  if (path.empty() || is_device(path)) return {};
  const std::string beside = path + kBeside;
  std::error_code error;
  const bool opened = std::ofstream(beside, std::ios::binary).is_open();
  std::filesystem::remove(beside, error);
  if (!opened || std::filesystem::is_directory(path, error)) return unwritable(path);
  return {};
}

Result<void> write_file(const std::string& path, std::string_view bytes) {
  const std::string beside = is_device(path) ? path : path + kBeside;
  std::ofstream file(beside, std::ios::binary);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.close();
  std::error_code error;
  if (file && beside != path) std::filesystem::rename(beside, path, error);
  if (!file || error) return unwritable(path);
  return {};
}

bool next_line(std::istream& in, std::string& line) {
  if (!std::getline(in, line)) return false;
  if (line.ends_with('\r')) line.pop_back();
  return true;
}

Result<Lines> Lines::open(const std::string& path) {
  Lines lines;
  std::unique_ptr<std::FILE, Close> file(std::fopen(path.c_str(), "rb"));
  if (file != nullptr && starts_with_zstd(file.get())) {
    lines.zstd_file_ = std::move(file);
    lines.zstd_.reset(ZSTD_createDCtx());
    return lines;
  }
  lines.file_.reset(gzopen(path.c_str(), "rb"));
  if (lines.file_ == nullptr || file == nullptr) {
    return misconfigured("file_unreadable", "file \"" + path + "\": cannot be read");
  }
  gzbuffer(lines.file_.get(), kPiece);
  return lines;
}

bool Lines::next(std::string& line) {
  line.clear();
  for (;;) {
    const std::size_t end = buffer_.find('\n', at_);
    line.append(buffer_, at_, end - at_);
    if (end != std::string::npos) {
      at_ = end + 1;
      break;
    }
    at_ = buffer_.size();
    if (fill()) continue;
    if (line.empty()) return false;
    break;
  }
  ++number_;
  if (line.ends_with('\r')) line.pop_back();
  return true;
}

/// Puts the next piece into buffer_; false: there is none.
bool Lines::fill() {
  at_ = 0;
  if (zstd_ != nullptr) return fill_from_zstd();
  buffer_.resize(kPiece);
  const int count = gzread(file_.get(), buffer_.data(), static_cast<unsigned>(buffer_.size()));
  buffer_.resize(static_cast<std::size_t>(std::max(count, 0)));
  int code = Z_OK;
  gzerror(file_.get(), &code);
  failed_ = failed_ || (code != Z_OK && code != Z_STREAM_END);
  return !buffer_.empty();
}

bool Lines::fill_from_zstd() {
  buffer_.resize(kPiece);
  ZSTD_outBuffer out{buffer_.data(), buffer_.size(), 0};
  while (out.pos == 0 && !failed_) {
    if (packed_at_ == packed_.size()) {
      packed_.resize(kPiece);
      packed_.resize(std::fread(packed_.data(), 1, kPiece, zstd_file_.get()));
      packed_at_ = 0;
      if (packed_.empty()) {
        failed_ = inside_frame_;
        break;
      }
    }
    ZSTD_inBuffer in{packed_.data(), packed_.size(), packed_at_};
    const std::size_t left = ZSTD_decompressStream(zstd_.get(), &out, &in);
    packed_at_ = in.pos;
    failed_ = ZSTD_isError(left) != 0;
    inside_frame_ = left != 0;
  }
  buffer_.resize(out.pos);
  return !buffer_.empty();
}

Result<void> Lines::check_end(const std::string& path) const {
  if (!failed_) return {};
  return misconfigured("file_malformed", "file \"" + path + "\", line " + std::to_string(number_) +
                                             ": expected more of a packed file, got its end");
}

}  // namespace rookery::train
