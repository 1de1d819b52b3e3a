#include "services/ingest/post_text.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace rookery::ingest {
namespace {

struct Escape {
  std::string_view reference;
  char character;
};
constexpr std::array kEscapes = {Escape{"&amp;", '&'}, Escape{"&lt;", '<'}, Escape{"&gt;", '>'}};

const Escape* escape_at(std::string_view text) {
  for (const Escape& escape : kEscapes) {
    if (text.starts_with(escape.reference)) return &escape;
  }
  return nullptr;
}

}  // namespace

std::uint32_t count_code_points(std::string_view text) {
  std::uint32_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xc0U) != 0x80U ? 1U : 0U;
  return count;
}

void PostText::start(std::string_view raw) {
  part_begin_ = 0;
  buffer_.clear();
  read_part(raw);
  if (references_.empty()) {
    text_ = raw;
    return;
  }
  decode(raw);
  text_ = buffer_;
}

void PostText::append(std::string_view raw) {
  if (text_.data() != buffer_.data()) buffer_.assign(text_);
  part_begin_ = count_code_points(buffer_);
  read_part(raw);
  decode(raw);
  text_ = buffer_;
}

void PostText::read_part(std::string_view raw) {
  references_.clear();
  part_raw_size_ = count_code_points(raw);
  std::uint32_t index = 0;
  std::uint32_t lost = 0;
  std::size_t from = 0;
  for (std::size_t at = raw.find('&'); at != std::string_view::npos; at = raw.find('&', at + 1)) {
    const Escape* escape = escape_at(raw.substr(at));
    if (escape == nullptr) continue;
    index += count_code_points(raw.substr(from, at - from));
    from = at;
    const auto width = static_cast<std::uint32_t>(escape->reference.size());
    lost += width - 1;
    references_.push_back({.begin = index, .width = width, .lost_behind = lost});
  }
}

void PostText::decode(std::string_view raw) {
  std::size_t clean = 0;
  for (std::size_t at = raw.find('&'); at != std::string_view::npos; at = raw.find('&', at)) {
    const Escape* escape = escape_at(raw.substr(at));
    if (escape == nullptr) {
      ++at;
      continue;
    }
    buffer_.append(raw, clean, at - clean);
    buffer_.push_back(escape->character);
    at += escape->reference.size();
    clean = at;
  }
  buffer_.append(raw, clean);
}

std::uint32_t PostText::moved(std::uint32_t index) const {
  const auto behind =
      std::partition_point(references_.begin(), references_.end(),
                           [&](const Reference& reference) { return reference.begin < index; });
  if (behind == references_.begin()) return part_begin_ + index;
  const Reference& last = *std::prev(behind);
  // Within a reference: its one decoded character begins where it began.
  if (index < last.begin + last.width) {
    return part_begin_ + last.begin - (last.lost_behind - (last.width - 1));
  }
  return part_begin_ + index - last.lost_behind;
}

Span PostText::move(std::uint64_t start, std::uint64_t end) const {
  if (start >= end || end > part_raw_size_) return {};
  return {moved(static_cast<std::uint32_t>(start)), moved(static_cast<std::uint32_t>(end))};
}

}  // namespace rookery::ingest
