#include "services/geo-enrich/quality/filter.hpp"

#include <catch2/catch.hpp>

namespace rookery::geo_enrich {
namespace {

std::string verdict(const Filters& filters, std::string_view text, std::string_view lang = "en") {
  KeywordFilter filter(filters);
  PostView post;
  post.text = text;
  post.lang = lang;
  const auto result = filter.check(post);
  return result ? "passes" : std::string(result.error().code);
}

TEST_CASE("without filters everything passes") {
  CHECK(verdict({}, "anything", "xx") == "passes");
}

TEST_CASE("only the wanted languages pass, and posts without one") {
  const Filters filters{.languages = {"en", "de"}, .keywords = {}, .blocked = {}};
  CHECK(verdict(filters, "", "de") == "passes");
  CHECK(verdict(filters, "", "") == "passes");
  CHECK(verdict(filters, "", "fr") == "language_unwanted");
  CHECK(verdict(filters, "", "DE") == "language_unwanted");
}

TEST_CASE("keywords are whole words, whatever case and accents") {
  const Filters filters{
      .languages = {}, .keywords = {"Zürich", "new york"}, .blocked = {"buy now"}};
  CHECK(verdict(filters, "off to ZURICH!") == "passes");
  CHECK(verdict(filters, "#zürich") == "passes");
  CHECK(verdict(filters, "in New-York today") == "passes");
  CHECK(verdict(filters, "zurichers") == "keyword_missing");
  CHECK(verdict(filters, "new in york") == "keyword_missing");
  CHECK(verdict(filters, "") == "keyword_missing");
  CHECK(verdict(filters, "Buy now in Zurich") == "keyword_blocked");
  // What folds to nothing is no keyword.
  CHECK(verdict({.languages = {}, .keywords = {}, .blocked = {"!", ""}}, "a ! b") == "passes");
}

}  // namespace
}  // namespace rookery::geo_enrich
