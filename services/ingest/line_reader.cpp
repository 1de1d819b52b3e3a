#include "services/ingest/line_reader.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace rookery::ingest {
namespace {

constexpr std::size_t kReadBytes = 256U << 10U;
/// While going to a position: how long a slow stream may pause.
constexpr std::chrono::milliseconds kSkipTimeout{1000};
/// Behind each quote that is given up all is looked at again: of more, none is taken for one.
constexpr int kQuotesGivenUpMax = 100;

Failure invalid_position(std::uint64_t byte, std::string_view what) {
  return misconfigured("position_invalid", "position at byte " + std::to_string(byte) + ": " +
                                               std::string(what) + "; was the input replaced?");
}

}  // namespace

Result<void> LineReader::start(std::unique_ptr<ByteStream> stream, LinePosition position,
                               LineBreaks breaks) {
  stream_ = std::move(stream);
  breaks_ = breaks;
  csv_breaks_.restart();
  quotes_given_up_ = 0;
  lines_.clear();
  error_.reset();
  tail_ = scan_ = end_ = 0;
  dropped_ = 0;
  finished_ = false;
  next_ = position;
  if (position.byte == 0) return {};
  const std::uint64_t before = position.byte - 1;
  if (!stream_->jump(before)) ROOKERY_RETURN_IF_ERROR(skip(before));
  auto got = read_some(kSkipTimeout);
  ROOKERY_RETURN_IF_ERROR(got);
  if (*got == 0) return invalid_position(position.byte, "the input ends before it");
  if (buffer_[0] == '\n') {
    tail_ = scan_ = 1;
    return {};
  }
  // Behind a last line without line break nothing may follow.
  if (*got == 1) {
    auto more = read_some(kSkipTimeout);
    ROOKERY_RETURN_IF_ERROR(more);
    if (finished_) {
      tail_ = scan_ = end_ = 0;
      return {};
    }
  }
  return invalid_position(position.byte, "it lies within a line");
}

Result<void> LineReader::skip(std::uint64_t bytes) {
  buffer_.resize(std::max(buffer_.size(), kReadBytes));
  const std::uint64_t wanted = bytes;
  while (bytes > 0) {
    const std::span<char> room(buffer_.data(), std::min<std::uint64_t>(bytes, kReadBytes));
    auto got = stream_->read(room, kSkipTimeout);
    ROOKERY_RETURN_IF_ERROR(got);
    if (got->end) return invalid_position(wanted + 1, "the input ends before it");
    bytes -= got->bytes;
  }
  return {};
}

void LineReader::make_room() {
  if (buffer_.size() - end_ >= kReadBytes) return;
  buffer_.resize(std::max(end_ + kReadBytes, buffer_.size() * 2));
}

Result<std::size_t> LineReader::read_some(std::chrono::milliseconds timeout) {
  make_room();
  auto got = stream_->read(std::span<char>(buffer_).subspan(end_, kReadBytes), timeout);
  ROOKERY_RETURN_IF_ERROR(got);
  end_ += got->bytes;
  finished_ = got->end;
  return got->bytes;
}

Result<void> LineReader::fill(std::chrono::milliseconds timeout) {
  if (error_) return Failure(*error_);
  lines_.clear();
  if (finished_) return {};
  std::memmove(buffer_.data(), buffer_.data() + tail_, end_ - tail_);
  end_ -= tail_;
  scan_ -= tail_;
  tail_ = 0;
  take_lines();
  while (!finished_ && end_ < limits_.fill_bytes + (lines_.empty() ? limits_.line_bytes_max : 0)) {
    auto got = read_some(lines_.empty() ? timeout : std::chrono::milliseconds(0));
    if (!got) {
      if (lines_.empty()) return Failure(std::move(got).error());
      error_ = std::move(got).error();
      return {};
    }
    if (*got == 0 && !finished_) return {};
    take_lines();
  }
  if (finished_) take_rest();
  return {};
}

/// What has no line break behind it.
void LineReader::take_rest() {
  while (breaks_ == LineBreaks::kOutsideQuotes && dropped_ == 0 && csv_breaks_.in_quotes()) {
    const std::size_t found = give_up_quote();
    if (found == std::string_view::npos) break;
    finish_line(found, 1);
    take_lines();
  }
  if (end_ > tail_ || dropped_ > 0) finish_line(end_, 0);
}

std::size_t LineReader::find_break() {
  const std::string_view bytes = std::string_view(buffer_).substr(0, end_);
  if (breaks_ == LineBreaks::kEvery) return bytes.find('\n', scan_);
  const std::size_t allowed = std::min(end_, tail_ + limits_.line_bytes_max + 1);
  if (dropped_ == 0 && scan_ < allowed) {
    const std::size_t found = csv_breaks_.find(bytes.substr(scan_, allowed - scan_));
    if (found != std::string_view::npos) return scan_ + found;
    scan_ = allowed;
    if (allowed == end_) return std::string_view::npos;
  }
  return give_up_quote();
}

/// The first line break of a CSV record that has no other end; what follows is read anew.
std::size_t LineReader::give_up_quote() {
  csv_breaks_.restart();
  if (dropped_ == 0 && ++quotes_given_up_ == kQuotesGivenUpMax) breaks_ = LineBreaks::kEvery;
  return std::string_view(buffer_).substr(0, end_).find('\n', dropped_ == 0 ? tail_ : scan_);
}

void LineReader::take_lines() {
  while (scan_ < end_) {
    const std::size_t found = find_break();
    if (found == std::string_view::npos) break;
    finish_line(found, 1);
  }
  scan_ = end_;
  const std::size_t kept = limits_.line_bytes_max + 1;
  if (end_ - tail_ <= kept) return;
  dropped_ += end_ - tail_ - kept;
  end_ = scan_ = tail_ + kept;
}

void LineReader::finish_line(std::size_t stop, std::size_t line_break) {
  std::size_t begin = tail_;
  std::size_t size = stop - tail_;
  const bool first = next_.byte == 0;
  next_.byte += size + dropped_ + line_break;
  ++next_.line;
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  const std::string_view text = std::string_view(buffer_).substr(begin, size);
  if (first && text.starts_with(kByteOrderMark)) {
    begin += kByteOrderMark.size();
    size -= kByteOrderMark.size();
  }
  if (dropped_ == 0 && text.ends_with('\r') && size > 0) --size;
  size = std::min(size, limits_.line_bytes_max + 1);
  if (size > 0) lines_.push_back({.begin = begin, .size = size, .behind = next_});
  tail_ = scan_ = stop + line_break;
  dropped_ = 0;
}

}  // namespace rookery::ingest
