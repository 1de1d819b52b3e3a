#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "services/sentiment-scoring/tokens.hpp"

namespace rookery::sentiment_scoring {

struct RatedEmoji {
  std::string_view emoji;  ///< UTF-8; holds for ever.
  int valence;             ///< Tenths.
};

/// The emoji that the project rated itself (data/emoji.tsv).
[[nodiscard]] std::vector<RatedEmoji> rated_emoji();

/// How good or bad single words and emoji sound by themselves: VADER's lexicon
/// with the project's ratings of emoji (data/README.md), compiled in. Read-only after construction.
class Lexicon {
 public:
  /// The one lexicon of the process; made at the first call, in some 2 ms.
  static const Lexicon& instance();

  /// Valence in tenths, -60 to 60; 0 where the token is not in the lexicon.
  [[nodiscard]] int valence(const Token& token) const;

  /// FNV-1a of the source: a model holds for one lexicon only.
  [[nodiscard]] std::uint64_t checksum() const { return checksum_; }

 private:
  Lexicon();
  void insert(std::uint64_t hash, int valence);
  [[nodiscard]] int find(std::uint64_t hash) const;

  struct Entry {
    std::uint64_t hash = 0;  ///< 0: free.
    int valence = 0;
  };
  std::vector<Entry> entries_;
  std::uint64_t checksum_ = 0;
};

}  // namespace rookery::sentiment_scoring
