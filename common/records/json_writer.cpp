#include "common/records/json_writer.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

#include "common/records/timestamp.hpp"

namespace rookery::json {
namespace {

constexpr char kHex[] = "0123456789abcdef";

/// For each byte: 0 where it stands for itself, else the letter after the
/// backslash ('u' for \u00XX).
constexpr std::array<char, 256> make_escapes() {
  std::array<char, 256> escapes{};
  for (int c = 0; c < 0x20; ++c) escapes[static_cast<std::size_t>(c)] = 'u';
  escapes['\b'] = 'b';
  escapes['\f'] = 'f';
  escapes['\n'] = 'n';
  escapes['\r'] = 'r';
  escapes['\t'] = 't';
  escapes['"'] = '"';
  escapes['\\'] = '\\';
  return escapes;
}
constexpr std::array<char, 256> kEscapes = make_escapes();

/// Whether one of eight bytes needs an escape; never says no where one does. The tests
/// for a zero byte and for one below n are those of S. E. Anderson, Bit Twiddling Hacks
/// ("Determine if a word has a zero byte", "... a byte less than n").
bool may_need_escape(const char* bytes) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHighs = 0x8080808080808080;
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof(word));
  const std::uint64_t quote = word ^ kOnes * '"';
  const std::uint64_t backslash = word ^ kOnes * '\\';
  return (((word - kOnes * 0x20) | (quote - kOnes) | (backslash - kOnes)) & ~word & kHighs) != 0;
}

/// Where from `begin` on the first byte stands that needs an escape, or the end.
std::size_t next_escape(std::string_view text, std::size_t begin) {
  std::size_t i = begin;
  while (i < text.size()) {
    if (i + 8 <= text.size() && !may_need_escape(text.data() + i)) {
      i += 8;
      continue;
    }
    const std::size_t stop = std::min(i + 8, text.size());
    for (; i < stop; ++i) {
      if (kEscapes[static_cast<unsigned char>(text[i])] != 0) return i;
    }
  }
  return i;
}

}  // namespace

void append_string(std::string& out, std::string_view text) {
  out.push_back('"');
  std::size_t clean = 0;
  for (std::size_t i = next_escape(text, 0); i < text.size(); i = next_escape(text, clean)) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const char escape = kEscapes[byte];
    out.append(text, clean, i - clean);
    clean = i + 1;
    out.push_back('\\');
    out.push_back(escape);
    if (escape != 'u') continue;
    out.append("00");
    out.push_back(kHex[byte >> 4U]);
    out.push_back(kHex[byte & 15U]);
  }
  out.append(text, clean, text.size() - clean);
  out.push_back('"');
}

void append_number(std::string& out, double value) {
  if (!std::isfinite(value) || value == 0) {
    out.push_back('0');
    return;
  }
  std::array<char, 32> buffer;
  auto* const end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  out.append(buffer.data(), end);
}

void append_number(std::string& out, std::int64_t value) {
  std::array<char, 24> buffer;
  auto* const end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  out.append(buffer.data(), end);
}

void append_thousandths(std::string& out, std::int64_t value) {
  if (value < 0) out.push_back('-');
  const std::uint64_t magnitude =
      value < 0 ? ~static_cast<std::uint64_t>(value) + 1 : static_cast<std::uint64_t>(value);
  append_number(out, static_cast<std::int64_t>(magnitude / 1000));
  const auto rest = static_cast<unsigned>(magnitude % 1000);
  if (rest == 0) return;
  out.push_back('.');
  out.push_back(static_cast<char>('0' + rest / 100));
  if (rest % 100 != 0) out.push_back(static_cast<char>('0' + rest / 10 % 10));
  if (rest % 10 != 0) out.push_back(static_cast<char>('0' + rest % 10));
}

void append_time(std::string& out, WallTime time) {
  out.push_back('"');
  append_rfc3339(out, time);
  out.push_back('"');
}

ObjectWriter::ObjectWriter(std::string& out) : out_(&out) {
  out.push_back('{');
}

ObjectWriter::~ObjectWriter() {
  if (open_) close();
}

void ObjectWriter::close() {
  out_->push_back('}');
  open_ = false;
}

std::string& ObjectWriter::value(std::string_view name) {
  // One call for all: names are short and many.
  const std::size_t head = first_ ? 1 : 2;
  const std::size_t begin = out_->size();
  out_->resize(begin + head + name.size() + 2);
  char* at = out_->data() + begin;
  if (!first_) *at++ = ',';
  *at++ = '"';
  std::memcpy(at, name.data(), name.size());
  at += name.size();
  *at++ = '"';
  *at = ':';
  first_ = false;
  return *out_;
}

void ObjectWriter::string(std::string_view name, std::string_view text) {
  append_string(value(name), text);
}
void ObjectWriter::number(std::string_view name, double number) {
  append_number(value(name), number);
}
void ObjectWriter::number(std::string_view name, std::int64_t number) {
  append_number(value(name), number);
}
void ObjectWriter::thousandths(std::string_view name, std::int64_t number) {
  append_thousandths(value(name), number);
}
void ObjectWriter::boolean(std::string_view name, bool truth) {
  value(name).append(truth ? "true" : "false");
}
void ObjectWriter::time(std::string_view name, WallTime time) {
  append_time(value(name), time);
}
void ObjectWriter::raw(std::string_view name, std::string_view json) {
  value(name).append(json);
}
ObjectWriter ObjectWriter::object(std::string_view name) {
  return ObjectWriter(value(name));
}

ArrayWriter::ArrayWriter(std::string& out) : out_(&out) {
  out.push_back('[');
}

ArrayWriter::~ArrayWriter() {
  if (open_) close();
}

void ArrayWriter::close() {
  out_->push_back(']');
  open_ = false;
}

std::string& ArrayWriter::next() {
  if (!first_) out_->push_back(',');
  first_ = false;
  return *out_;
}

void ArrayWriter::string(std::string_view text) {
  append_string(next(), text);
}

}  // namespace rookery::json
