#include "services/geo-enrich/quality/likeness.hpp"

#include <array>
#include <cstring>

namespace rookery::geo_enrich {
namespace {

/// The finish of MurmurHash3: every bit of the input moves every bit of the result.
std::uint64_t mix(std::uint64_t hash) {
  hash = (hash ^ (hash >> 33)) * 0xff51'afd7'ed55'8ccd;
  hash = (hash ^ (hash >> 33)) * 0xc4ce'b9fe'1a85'ec53;
  return hash ^ (hash >> 33);
}

bool is_word_byte(char c) {
  const char lower = static_cast<char>(c | 0x20);
  return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || (c & 0x80) != 0;
}

/// Counts for each of the 64 bits in how many hashes it is set: a binary counter each,
/// whose digits of one place stand side by side in a word.
class Votes {
 public:
  void add(std::uint64_t hash) {
    ++added_;
    std::uint64_t carry = hash;
    for (std::size_t place = 0; carry != 0; ++place) {
      const std::uint64_t next = digits_[place] & carry;
      digits_[place] ^= carry;
      carry = next;
    }
  }
  /// The bits that are set in more than half of the hashes.
  [[nodiscard]] std::uint64_t majority() const {
    const std::uint32_t least = added_ / 2 + 1;
    std::uint64_t more = 0;
    std::uint64_t equal = ~std::uint64_t{0};
    for (std::size_t place = digits_.size(); place-- > 0;) {
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
  std::array<std::uint64_t, 32> digits_{};
  std::uint32_t added_ = 0;
};

/// The end of an address or a user's name that begins at `at`; `at`: neither does.
std::size_t skip_varied(std::string_view text, std::size_t at) {
  const std::string_view rest = text.substr(at);
  if (!rest.starts_with("http://") && !rest.starts_with("https://") && rest.front() != '@') {
    return at;
  }
  const std::size_t end = text.find_first_of(" \n\t", at);
  return end == std::string_view::npos ? text.size() : end;
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
    std::uint64_t hash = 0xcbf2'9ce4'8422'2325;
    const std::size_t begin = at;
    for (; at < text.size() && is_word_byte(text[at]); ++at) {
      const auto byte = static_cast<unsigned char>(text[at]);
      const unsigned lower = byte >= 'A' && byte <= 'Z' ? byte | 0x20U : byte;
      hash = (hash ^ lower) * 0x0000'0100'0000'01b3;
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
