#pragma once

#include <string>
#include <vector>

#include "common/core/result.hpp"
#include "common/records/post_reader.hpp"
#include "services/geo-enrich/gazetteer/folding.hpp"

namespace rookery::geo_enrich {

/// What else a post must be, as the operator wishes.
struct Filters {
  std::vector<std::string> languages;  ///< Codes; empty: any. A post without one passes.
  std::vector<std::string> keywords;   ///< One of them at least; empty: none is needed.
  std::vector<std::string> blocked;    ///< None of them.
};

/// Decides by language and by words, without regard to case and accents. A keyword
/// of several words must stand as a phrase; it never matches a part of a word. One
/// thread uses it.
class KeywordFilter {
 public:
  explicit KeywordFilter(const Filters& filters);

  /// Error codes, dead letters: language_unwanted, keyword_missing, keyword_blocked.
  [[nodiscard]] Result<void> check(const PostView& post);

 private:
  /// Which of the phrases stands in the text; empty: none.
  [[nodiscard]] std::string_view find(const std::vector<std::string>& phrases) const;

  std::vector<std::string> languages_;
  std::vector<std::string> keywords_;  ///< Folded, with a space before and behind.
  std::vector<std::string> blocked_;
  FoldedText folded_;
  std::string words_;
};

}  // namespace rookery::geo_enrich
