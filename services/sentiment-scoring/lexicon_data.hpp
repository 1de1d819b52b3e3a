#pragma once

#include <string_view>

namespace rookery::sentiment_scoring {

/// data/lexicon.tsv: lines of a word or emoji, a tab, and its valence in tenths.
[[nodiscard]] std::string_view lexicon_data();
/// data/emoji.tsv, in the same form.
[[nodiscard]] std::string_view emoji_data();

}  // namespace rookery::sentiment_scoring
