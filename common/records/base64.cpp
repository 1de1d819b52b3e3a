#include "common/records/base64.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace rookery {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::uint32_t kNoDigit = 0x0100'0000U;  ///< Above the 24 bits of four digits.

/// The value of a digit at each of the four places of a group, or kNoDigit: a group is four
/// look-ups, as in Chromium's modp_b64.
using Places = std::array<std::array<std::uint32_t, 256>, 4>;

constexpr Places make_places() {
  Places places{};
  for (auto& place : places) place.fill(kNoDigit);
  for (std::uint32_t value = 0; value < kAlphabet.size(); ++value) {
    const auto digit = static_cast<unsigned char>(kAlphabet[value]);
    for (std::size_t i = 0; i < 4; ++i) places[i][digit] = value << (18U - 6U * i);
  }
  return places;
}

constexpr Places kPlaces = make_places();

std::uint32_t group_of(const char* digits) {
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < 4; ++i) bits |= kPlaces[i][static_cast<unsigned char>(digits[i])];
  return bits;
}

}  // namespace

void append_base64(std::string& out, std::string_view bytes) {
  const auto byte = [&](std::size_t i) {
    return i < bytes.size() ? std::uint32_t{static_cast<unsigned char>(bytes[i])} : 0U;
  };
  std::size_t at = out.size();
  out.resize(at + (bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3, at += 4) {
    const std::uint32_t bits = byte(i) << 16U | byte(i + 1) << 8U | byte(i + 2);
    out[at] = kAlphabet[bits >> 18U & 63U];
    out[at + 1] = kAlphabet[bits >> 12U & 63U];
    out[at + 2] = i + 1 < bytes.size() ? kAlphabet[bits >> 6U & 63U] : '=';
    out[at + 3] = i + 2 < bytes.size() ? kAlphabet[bits & 63U] : '=';
  }
}

bool from_base64(std::string_view text, std::string& bytes) {
  if (text.size() % 4 != 0) return false;
  std::size_t padding = 0;
  while (padding < 2 && !text.empty() && text.back() == '=') {
    text.remove_suffix(1);
    ++padding;
  }
  bytes.resize((text.size() + 3) / 4 * 3);
  char* out = bytes.data();
  const auto put = [&](std::uint32_t bits) {
    *out++ = static_cast<char>(bits >> 16U & 0xFFU);
    *out++ = static_cast<char>(bits >> 8U & 0xFFU);
    *out++ = static_cast<char>(bits & 0xFFU);
    return bits < kNoDigit;
  };
  for (; text.size() >= 4; text.remove_prefix(4)) {
    if (!put(group_of(text.data()))) return false;
  }
  if (text.empty()) return true;
  std::array<char, 4> last{'A', 'A', 'A', 'A'};
  for (std::size_t i = 0; i < text.size(); ++i) last[i] = text[i];
  if (!put(group_of(last.data()))) return false;
  bytes.resize(bytes.size() - padding);
  return true;
}

std::optional<std::string> from_base64(std::string_view text) {
  std::string bytes;
  if (!from_base64(text, bytes)) return std::nullopt;
  return bytes;
}

}  // namespace rookery
