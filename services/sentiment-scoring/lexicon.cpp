#include "services/sentiment-scoring/lexicon.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "common/core/check.hpp"
#include "services/sentiment-scoring/checksum.hpp"
#include "services/sentiment-scoring/lexicon_data.hpp"

namespace rookery::sentiment_scoring {
namespace {

constexpr std::size_t kSlots = 1U << 15U;

/// Emoticons as VADER rates their most frequent forms, in tenths.
int emoticon_valence(char32_t mark) {
  switch (static_cast<Emoticon>(mark - kEmoticonMark)) {
    case Emoticon::kHappy:
      return 20;
    case Emoticon::kLaugh:
      return 23;
    case Emoticon::kWink:
      return 9;
    case Emoticon::kTongue:
      return 14;
    case Emoticon::kKiss:
      return 25;
    case Emoticon::kHeart:
      return 19;
    case Emoticon::kSad:
      return -19;
    case Emoticon::kSceptical:
      return -9;
    case Emoticon::kSurprised:
      return -2;
    case Emoticon::kBrokenHeart:
      return -20;
  }
  return 0;
}

/// Calls `take(text, tenths)` for each line of text, tab, number.
template <typename Take>
void for_each_entry(std::string_view data, const Take& take) {
  while (!data.empty()) {
    const std::string_view line = data.substr(0, data.find('\n'));
    data.remove_prefix(std::min(data.size(), line.size() + 1));
    const std::size_t tab = line.find('\t');
    ROOKERY_CHECK(tab != std::string_view::npos, "the build compiled the lexicon in");
    int valence = 0;
    std::from_chars(line.data() + tab + 1, line.data() + line.size(), valence);
    take(line.substr(0, tab), valence);
  }
}

}  // namespace

std::vector<RatedEmoji> rated_emoji() {
  std::vector<RatedEmoji> all;
  for_each_entry(emoji_data(), [&](std::string_view text, int valence) {
    all.push_back({text, valence});
  });
  return all;
}

const Lexicon& Lexicon::instance() {
  static const Lexicon lexicon;
  return lexicon;
}

Lexicon::Lexicon() : entries_(kSlots), checksum_(fnv1a(lexicon_data())) {
  Tokens tokens;
  for_each_entry(lexicon_data(), [&](std::string_view text, int valence) {
    tokens.read(text, text.size());
    // Typed faces and phrases are left to the tokens and the model.
    if (tokens.tokens().size() != 1) return;
    const Token& token = tokens.tokens().front();
    if (token.kind == TokenKind::kWord || token.kind == TokenKind::kEmoji) {
      insert(token.hash, valence);
    }
  });
}

void Lexicon::insert(std::uint64_t hash, int valence) {
  std::size_t slot = hash % kSlots;
  while (entries_[slot].hash != 0) {
    if (entries_[slot].hash == hash) return;  // the first form of a word counts
    slot = (slot + 1) % kSlots;
  }
  entries_[slot] = {hash, valence};
}

int Lexicon::find(std::uint64_t hash) const {
  for (std::size_t slot = hash % kSlots; entries_[slot].hash != 0; slot = (slot + 1) % kSlots) {
    if (entries_[slot].hash == hash) return entries_[slot].valence;
  }
  return 0;
}

int Lexicon::valence(const Token& token) const {
  if (token.kind == TokenKind::kEmoticon) return emoticon_valence(token.character);
  if (token.kind != TokenKind::kWord && token.kind != TokenKind::kEmoji) return 0;
  const int valence = find(token.hash);
  return valence == 0 && token.bare != 0 ? find(token.bare) : valence;
}

}  // namespace rookery::sentiment_scoring
