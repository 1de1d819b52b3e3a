#pragma once

#include <cstdint>
#include <string_view>

namespace rookery::geo_enrich {

/// 64 bits that are nearly the same for texts that are: a SimHash (Charikar 2002,
/// "Similarity estimation techniques from rounding algorithms") over the words and
/// pairs of words, without case, punctuation, addresses and names of users, which
/// spam varies. 0: fewer than `kLikenessWordsMin` words, or a retweet, which says
/// that it is the same.
[[nodiscard]] std::uint64_t likeness_of(std::string_view text);

inline constexpr int kLikenessWordsMin = 6;

/// A hash of any bytes, the same on every machine.
[[nodiscard]] std::uint64_t hash_of(std::string_view bytes);

}  // namespace rookery::geo_enrich
