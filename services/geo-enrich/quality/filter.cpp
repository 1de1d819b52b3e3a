#include "services/geo-enrich/quality/filter.hpp"

#include <algorithm>

namespace rookery::geo_enrich {
namespace {

std::vector<std::string> phrases_of(const std::vector<std::string>& keywords) {
  std::vector<std::string> phrases;
  FoldedText folded;
  for (const auto& keyword : keywords) {
    folded.assign(keyword);
    if (!folded.words().empty()) phrases.push_back(" " + folded.joined() + " ");
  }
  return phrases;
}

}  // namespace

KeywordFilter::KeywordFilter(const Filters& filters)
    : languages_(filters.languages),
      keywords_(phrases_of(filters.keywords)),
      blocked_(phrases_of(filters.blocked)) {}

Result<void> KeywordFilter::check(const PostView& post) {
  if (!languages_.empty() && !post.lang.empty() &&
      std::find(languages_.begin(), languages_.end(), post.lang) == languages_.end()) {
    return dead_letter("language_unwanted",
                       "field \"lang\": expected one of the wanted ones, got \"" +
                           std::string(post.lang.substr(0, 16)) + "\"");
  }
  if (keywords_.empty() && blocked_.empty()) return {};
  folded_.assign(post.text);
  words_ = " " + folded_.joined() + " ";
  if (const auto found = find(blocked_); !found.empty()) {
    return dead_letter("keyword_blocked",
                       "field \"text\": expected none of the blocked words, got \"" +
                           std::string(found.substr(1, found.size() - 2)) + "\"");
  }
  if (!keywords_.empty() && find(keywords_).empty()) {
    return dead_letter("keyword_missing", "field \"text\": expected one of the wanted words");
  }
  return {};
}

std::string_view KeywordFilter::find(const std::vector<std::string>& phrases) const {
  for (const auto& phrase : phrases) {
    if (words_.find(phrase) != std::string::npos) return phrase;
  }
  return {};
}

}  // namespace rookery::geo_enrich
