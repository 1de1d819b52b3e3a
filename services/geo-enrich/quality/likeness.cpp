#include "services/geo-enrich/quality/likeness.hpp"

#include <array>
#include <bit>
#include <cstring>
#include <span>

namespace rookery::geo_enrich {
namespace {

/// The finish of MurmurHash3: every bit of the input moves every bit of the result.
std::uint64_t mix(std::uint64_t hash) {
  hash = (hash ^ (hash >> 33)) * 0xff51'afd7'ed55'8ccd;
  hash = (hash ^ (hash >> 33)) * 0xc4ce'b9fe'1a85'ec53;
  return hash ^ (hash >> 33);
}

/// The bytes that make words, letters of ASCII in lower case; 0: any other byte.
constexpr auto kWordBytes = [] {
  std::array<std::uint8_t, 256> bytes{};
  for (std::size_t c = 0; c < bytes.size(); ++c) {
    const bool capital = c >= 'A' && c <= 'Z';
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c >= 0x80;
    if (capital || plain) bytes[c] = static_cast<std::uint8_t>(capital ? c | 0x20 : c);
  }
  return bytes;
}();

/// Counts for each of the 64 bits in how many hashes it is set: a binary counter each,
/// whose digits of one place stand side by side in a word.
class Votes {
 public:
  void add(std::uint64_t hash) {
    waiting_[added_++ % kGroup] = hash;
    if (added_ % kGroup == 0) add_group();
  }
  /// The bits that are set in more than half of the hashes.
  [[nodiscard]] std::uint64_t majority() {
    for (const std::uint64_t hash : std::span(waiting_).first(added_ % kGroup)) carry(hash, 0);
    const std::uint32_t least = added_ / 2 + 1;
    std::uint64_t more = 0;
    std::uint64_t equal = ~std::uint64_t{0};
    for (auto place = static_cast<std::size_t>(std::bit_width(added_)); place-- > 0;) {
      if ((least >> place & 1U) != 0) {
        equal &= digits_[place];
      } else {
        more |= equal & digits_[place];
        equal &= ~digits_[place];
      }
    }
    return more | equal;
  }

 private:
  static constexpr std::size_t kGroup = 8;

  /// A full adder for 64 bits at once: adds two to `digit`, returns what is carried.
  static std::uint64_t add_two(std::uint64_t& digit, std::uint64_t a, std::uint64_t b) {
    const std::uint64_t half = digit ^ a;
    const std::uint64_t carried = (digit & a) | (half & b);
    digit = half ^ b;
    return carried;
  }
  /// A third of the steps that eight additions one by one take.
  void add_group() {
    const auto& w = waiting_;
    const auto four = [&](std::size_t i) {
      const std::uint64_t a = add_two(digits_[0], w[i], w[i + 1]);
      const std::uint64_t b = add_two(digits_[0], w[i + 2], w[i + 3]);
      return add_two(digits_[1], a, b);
    };
    const std::uint64_t a = four(0);
    const std::uint64_t b = four(4);
    carry(add_two(digits_[2], a, b), 3);
  }
  void carry(std::uint64_t carried, std::size_t place) {
    for (; carried != 0; ++place) {
      const std::uint64_t next = digits_[place] & carried;
      digits_[place] ^= carried;
      carried = next;
    }
  }

  std::array<std::uint64_t, 32> digits_{};
  std::array<std::uint64_t, kGroup> waiting_{};
  std::uint32_t added_ = 0;
};

/// The end of an address or a user's name that begins at `at`; `at`: neither does.
std::size_t skip_varied(std::string_view text, std::size_t at) {
  const std::string_view rest = text.substr(at);
  const bool varied =
      rest.front() == '@' ||
      (rest.front() == 'h' && (rest.starts_with("http://") || rest.starts_with("https://")));
  if (!varied) return at;
  while (at < text.size() && text[at] != ' ' && text[at] != '\n' && text[at] != '\t') ++at;
  return at;
}

}  // namespace

std::uint64_t hash_of(std::string_view bytes) {
  std::uint64_t hash = 0x9e37'79b9'7f4a'7c15 ^ bytes.size();
  while (bytes.size() >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), sizeof word);
    hash = mix(hash ^ word) + 0x9e37'79b9'7f4a'7c15;
    bytes.remove_prefix(8);
  }
  std::uint64_t word = 0;
  if (!bytes.empty()) std::memcpy(&word, bytes.data(), bytes.size());
  return mix(hash ^ word);
}

std::uint64_t likeness_of(std::string_view text) {
  if (text.starts_with("RT @")) return 0;
  Votes votes;
  std::uint64_t last = 0;
  int words = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (const std::size_t end = skip_varied(text, at); end != at) {
      at = end;
      continue;
    }
    // FNV-1a (draft-eastlake-fnv, section 2).
    std::uint64_t hash = 0xcbf2'9ce4'8422'2325;
    const std::size_t begin = at;
    for (; at < text.size(); ++at) {
      const std::uint8_t byte = kWordBytes[static_cast<unsigned char>(text[at])];
      if (byte == 0) break;
      hash = (hash ^ byte) * 0x0000'0100'0000'01b3;
    }
    if (at == begin) {
      ++at;
      continue;
    }
    votes.add(mix(hash));
    if (words > 0) votes.add(mix(last * 31 + hash));
    last = hash;
    ++words;
  }
  if (words < kLikenessWordsMin) return 0;
  const std::uint64_t likeness = votes.majority();
  return likeness == 0 ? 1 : likeness;
}

}  // namespace rookery::geo_enrich
