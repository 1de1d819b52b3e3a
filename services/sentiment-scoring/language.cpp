#include "services/sentiment-scoring/language.hpp"

#include <algorithm>
#include <cstdio>  // before compact_lang_det.h, which uses FILE without it

#include <cld2/public/compact_lang_det.h>

namespace rookery::sentiment_scoring {
namespace {

constexpr std::size_t kBytesMax = 4096;

/// Cuts before the first byte of a sequence that would not be whole.
std::string_view cut(std::string_view text) {
  if (text.size() <= kBytesMax) return text;
  std::size_t end = kBytesMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80) --end;
  return text.substr(0, end);
}

bool says_nothing(std::string_view word) {
  return word.starts_with('@') || word.starts_with("http") || word.starts_with("www.");
}

/// Appends the words that are text.
void append_plain(std::string& out, std::string_view text) {
  while (!text.empty()) {
    std::string_view word = text.substr(0, text.find_first_of(" \n\t"));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    if (word.starts_with('#')) word.remove_prefix(1);
    if (!says_nothing(word)) out.append(word).push_back(' ');
  }
}

}  // namespace

std::string_view LanguageIdentifier::identify(std::string_view text) {
  plain_.clear();
  append_plain(plain_, cut(text));
  bool reliable = false;
  const CLD2::Language language = CLD2::DetectLanguage(
      plain_.data(), static_cast<int>(plain_.size()), /*is_plain_text=*/true, &reliable);
  if (!reliable || language == CLD2::UNKNOWN_LANGUAGE) return {};
  const std::string_view code = CLD2::LanguageCode(language);
  // "zh-Hant" is "zh"; codes of scripts alone ("xx-Latn") are no language.
  const std::string_view primary = code.substr(0, code.find('-'));
  return primary == "un" || primary.starts_with("xx") ? std::string_view() : primary;
}

}  // namespace rookery::sentiment_scoring
