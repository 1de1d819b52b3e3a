#include "common/records/timestamp.hpp"

#include <algorithm>
#include <array>
#include <chrono>

namespace rookery {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

/// Reads fixed-width fields from the front of a text; the first failure sticks.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  int digits(std::size_t width) {
    int value = 0;
    if (text_.size() < width) return fail();
    for (const char c : text_.substr(0, width)) {
      if (c < '0' || c > '9') return fail();
      value = value * 10 + (c - '0');
    }
    text_.remove_prefix(width);
    return value;
  }

  char one_of(std::string_view accepted) {
    if (text_.empty() || accepted.find(text_.front()) == std::string_view::npos) {
      fail();
      return 0;
    }
    const char c = text_.front();
    text_.remove_prefix(1);
    return c;
  }

  std::string_view word(std::size_t width) {
    if (text_.size() < width) {
      fail();
      return {};
    }
    const auto word = text_.substr(0, width);
    text_.remove_prefix(width);
    return word;
  }

  milliseconds fraction() {
    if (text_.empty() || text_.front() != '.') return milliseconds(0);
    text_.remove_prefix(1);
    int value = 0;
    int scale = 100;
    std::size_t length = 0;
    for (; length < text_.size() && text_[length] >= '0' && text_[length] <= '9'; ++length) {
      value += (text_[length] - '0') * scale;
      scale /= 10;
    }
    if (length == 0 || length > 9) fail();
    text_.remove_prefix(std::min(length, text_.size()));
    return milliseconds(value);
  }

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool finished() const { return ok_ && text_.empty(); }

 private:
  int fail() {
    ok_ = false;
    return 0;
  }

  std::string_view text_;
  bool ok_ = true;
};

struct Civil {
  int year, month, day, hour, minute, second;
};

std::optional<WallTime> to_time(const Civil& c) {
  const std::chrono::year_month_day date{std::chrono::year(c.year),
                                         std::chrono::month(static_cast<unsigned>(c.month)),
                                         std::chrono::day(static_cast<unsigned>(c.day))};
  if (c.year < 1 || !date.ok() || c.hour > 23 || c.minute > 59 || c.second > 60) return {};
  return WallTime(std::chrono::sys_days(date)) + hours(c.hour) + minutes(c.minute) +
         seconds(c.second);
}

void append_digits(std::string& out, unsigned value, std::size_t width) {
  std::array<char, 8> digits;
  for (std::size_t i = width; i > 0; --i, value /= 10) {
    digits[i - 1] = static_cast<char>('0' + value % 10);
  }
  out.append(digits.data(), width);
}

}  // namespace

std::optional<WallTime> parse_rfc3339(std::string_view text) {
  Scanner scan(text);
  Civil c{};
  c.year = scan.digits(4);
  scan.one_of("-");
  c.month = scan.digits(2);
  scan.one_of("-");
  c.day = scan.digits(2);
  scan.one_of("Tt ");
  c.hour = scan.digits(2);
  scan.one_of(":");
  c.minute = scan.digits(2);
  scan.one_of(":");
  c.second = scan.digits(2);
  const milliseconds fraction = scan.fraction();
  const char zone = scan.one_of("Zz+-");
  minutes offset{0};
  if (zone == '+' || zone == '-') {
    const int offset_hours = scan.digits(2);
    scan.one_of(":");
    const int offset_minutes = scan.digits(2);
    if (offset_hours > 23 || offset_minutes > 59) return {};
    offset = hours(offset_hours) + minutes(offset_minutes);
    if (zone == '-') offset = -offset;
  }
  if (!scan.finished()) return {};
  const auto time = to_time(c);
  if (!time) return {};
  const WallTime utc = *time + fraction - offset;
  return has_timestamp(utc) ? std::optional(utc) : std::nullopt;
}

std::optional<WallTime> parse_twitter_v1(std::string_view text) {
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  Scanner scan(text);
  Civil c{};
  scan.word(3);
  scan.one_of(" ");
  const auto month = kMonths.find(scan.word(3));
  scan.one_of(" ");
  c.day = scan.digits(2);
  scan.one_of(" ");
  c.hour = scan.digits(2);
  scan.one_of(":");
  c.minute = scan.digits(2);
  scan.one_of(":");
  c.second = scan.digits(2);
  scan.one_of(" ");
  const char sign = scan.one_of("+-");
  const int offset = scan.digits(4);
  scan.one_of(" ");
  c.year = scan.digits(4);
  if (!scan.finished() || month == std::string_view::npos || month % 3 != 0) return {};
  c.month = static_cast<int>(month / 3) + 1;
  const auto time = to_time(c);
  if (!time) return {};
  const auto shift = hours(offset / 100) + minutes(offset % 100);
  const WallTime utc = sign == '+' ? *time - shift : *time + shift;
  return has_timestamp(utc) ? std::optional(utc) : std::nullopt;
}

bool has_timestamp(WallTime time) {
  using std::chrono::sys_days;
  using std::chrono::year;
  constexpr WallTime kBegin = sys_days(year(1) / 1 / 1);
  constexpr WallTime kEnd = sys_days(year(10'000) / 1 / 1);
  return time >= kBegin && time < kEnd;
}

void append_rfc3339(std::string& out, WallTime time) {
  const auto day = std::chrono::floor<days>(time);
  const std::chrono::year_month_day date(day);
  auto rest = static_cast<unsigned>((time - day).count());
  append_digits(out, static_cast<unsigned>(static_cast<int>(date.year())), 4);
  out.push_back('-');
  append_digits(out, static_cast<unsigned>(date.month()), 2);
  out.push_back('-');
  append_digits(out, static_cast<unsigned>(date.day()), 2);
  out.push_back('T');
  const unsigned ms = rest % 1000;
  rest /= 1000;
  append_digits(out, rest / 3600, 2);
  out.push_back(':');
  append_digits(out, rest / 60 % 60, 2);
  out.push_back(':');
  append_digits(out, rest % 60, 2);
  if (ms != 0) {
    out.push_back('.');
    append_digits(out, ms, 3);
  }
  out.push_back('Z');
}

std::string to_rfc3339(WallTime time) {
  std::string text;
  append_rfc3339(text, time);
  return text;
}

}  // namespace rookery
