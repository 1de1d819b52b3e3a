#include "services/geo-enrich/gazetteer/names.hpp"

#include <catch2/catch.hpp>

#include "services/geo-enrich/place_names.hpp"
#include "tests/unit/services/geo-enrich/sample.hpp"

namespace rookery::geo_enrich {
namespace {

/// "city Paris US", "country BR", "division Texas US", or the reason.
std::string meaning_of(const Gazetteer& gazetteer, const NameFinding& found) {
  if (!found.place) return std::string(found.reason);
  const auto index = found.place->index;
  switch (found.place->kind) {
    case NameKind::kCountry:
      return "country " + std::string(gazetteer.country_code(static_cast<std::uint16_t>(index)));
    case NameKind::kDivision:
      return "division " + std::string(gazetteer.division_name(index)) + " " +
             std::string(gazetteer.country_code(gazetteer.division(index).country));
    case NameKind::kCity:
      return "city " + std::string(gazetteer.city_name(gazetteer.city(index))) + " " +
             std::string(gazetteer.country_code(gazetteer.city(index).country));
    case NameKind::kNotion:
      break;
  }
  return "a notion";
}

struct Case {
  const char* text;
  const char* meaning;
};

TEST_CASE("what stands in a profile is understood as people mean it") {
  const Gazetteer gazetteer = world();
  PlaceNames names(gazetteer);
  const auto [text, meaning] = GENERATE(values<Case>({
      {"Paris", "city Paris FR"},
      {"paris, tx", "city Paris US"},
      {"Paris TX", "city Paris US"},
      {"Texas, Paris", "city Paris US"},
      {"İstanbul", "city Istanbul TR"},
      {"NYC ✈ LDN", "city New York City US"},
      {"LDN ✈ NYC", "city London GB"},
      {"🇧🇷", "country BR"},
      {"London 🇨🇦", "city London CA"},
      {"Deutschland", "country DE"},
      {"Россия", "country RU"},
      {"日本", "country JP"},
      {"東京都渋谷区", "city Tokyo JP"},
      {"中国北京", "city Beijing CN"},
      {"Москва", "city Moscow RU"},
      {"القاهرة", "city Cairo EG"},
      {"München, Deutschland", "city Munich DE"},
      {"Tbilisi, Georgia", "city Tbilisi GE"},
      {"Atlanta, Georgia", "city Atlanta US"},
      {"Georgia", "division Georgia US"},
      {"St. John's, NL", "city St. John's CA"},
      {"Washington, D.C.", "city Washington US"},
      {"Lebanon, Pennsylvania", "city Lebanon US"},
      {"Smallville, KS", "division Kansas US"},
      {"Bergen County, NJ", "city Bergen County US"},
      {"oak valley nj", "city Oak Valley US"},
      {"oak meadow nj", "division New Jersey US"},
      {"portland, or", "city Portland US"},
      {"somewhere in Texas", "division Texas US"},
      {"USA", "country US"},
      {"U.K.", "country GB"},
      {"LA", "city Los Angeles US"},
      {"New Orleans, LA", "city New Orleans US"},
      {"HoustonTX", "city Houston US"},
      {"San Juan, Puerto Rico, USA", "city San Juan PR"},
      {"downtown Toronto", "city Toronto CA"},
      {"Brooklyn, NY", "city Brooklyn US"},
  }));
  INFO(text);
  CHECK(meaning_of(gazetteer, names.find(text)) == meaning);
}

TEST_CASE("the language of a post breaks ties and makes no place") {
  struct Hinted {
    const char* text;
    const char* language;
    const char* meaning;
  };
  const Gazetteer gazetteer = world();
  PlaceNames names(gazetteer);
  const auto [text, language, meaning] = GENERATE(values<Hinted>({
      {"Santa Ana", "", "city Santa Ana US"},
      {"Santa Ana", "en", "city Santa Ana US"},
      {"Santa Ana", "es", "city Santa Ana SV"},
      {"Santa Ana", "es-419", "city Santa Ana SV"},
      {"Santa Ana", "und", "city Santa Ana US"},
      {"Santa Ana", "est", "city Santa Ana US"},
      {"Santa Ana", "de", "city Santa Ana US"},
      {"Santa Clara", "", "city Santa Clara CU"},
      {"Santa Clara", "en", "city Santa Clara US"},
      // What stands beside the name says more, and so does a larger namesake.
      {"Santa Ana, California", "es", "city Santa Ana US"},
      {"Santa Ana 🇺🇸", "es", "city Santa Ana US"},
      {"Barcelona", "es", "city Barcelona ES"},
      {"Birmingham", "en", "city Birmingham GB"},
      {"Toronto", "es", "city Toronto CA"},
      {"Georgia", "ka", "division Georgia US"},
      {"", "es", "location_unknown"},
      {"worldwide", "es", "location_not_a_place"},
      {"Hogwarts", "en", "location_not_a_place"},
  }));
  INFO(text << ", " << language);
  CHECK(meaning_of(gazetteer, names.find(text, {.language = language})) == meaning);
}

TEST_CASE("the author's time zone breaks ties before the language, and makes no place") {
  struct Hinted {
    const char* text;
    const char* zone;
    const char* language;
    const char* meaning;
  };
  const Gazetteer gazetteer = world();
  PlaceNames names(gazetteer);
  const auto [text, zone, language, meaning] = GENERATE(values<Hinted>({
      {"Santa Ana", "", "es", "city Santa Ana SV"},
      {"Santa Ana", "Pacific Time (US & Canada)", "es", "city Santa Ana US"},
      {"Santa Ana", "America/Los_Angeles", "es", "city Santa Ana US"},
      {"Santa Ana", "Central America", "en", "city Santa Ana SV"},
      {"Santa Ana", "America/El_Salvador", "", "city Santa Ana SV"},
      // Where it is as late: people take the first of a list.
      {"Santa Ana", "Mexico City", "", "city Santa Ana SV"},
      {"Santa Ana", "Athens", "es", "city Santa Ana SV"},
      {"Santa Ana", "Middle Earth", "", "city Santa Ana US"},
      // What stands beside the name says more, and so does a larger namesake.
      {"Santa Ana, California", "Central America", "es", "city Santa Ana US"},
      {"Birmingham", "Central Time (US & Canada)", "", "city Birmingham GB"},
      {"", "Athens", "", "location_unknown"},
      {"worldwide", "Athens", "", "location_not_a_place"},
  }));
  INFO(text << ", " << zone << ", " << language);
  const Hints hints{.language = language, .time_zone = zone};
  CHECK(meaning_of(gazetteer, names.find(text, hints)) == meaning);
}

TEST_CASE("what is no place is not made one") {
  const Gazetteer gazetteer = world();
  PlaceNames names(gazetteer);
  const auto [text, reason] = GENERATE(values<Case>({
      {"", "location_unknown"},
      {"somewhere over the rainbow", "location_not_a_place"},
      {"worldwide", "location_not_a_place"},
      {"Earth", "location_not_a_place"},
      {"in your heart", "location_not_a_place"},
      {"Hogwarts", "location_not_a_place"},
      {"Europe", "location_region"},
      {"West Africa", "location_region"},
      {"your mom's house", "location_unknown"},
      {"straight outta nothing", "location_unknown"},
      {"reading books all day", "location_unknown"},
      {"it is what it is", "location_unknown"},
      {"she/her", "location_unknown"},
      {"♡ 18 ♡", "location_unknown"},
      {"🏳️‍🌈", "location_unknown"},
  }));
  INFO(text);
  CHECK(meaning_of(gazetteer, names.find(text)) == reason);
}

TEST_CASE("the more a text says, the surer it is") {
  const Gazetteer gazetteer = world();
  PlaceNames names(gazetteer);
  const auto class_of = [&](const char* text) { return names.find(text).place->name_class; };
  CHECK(class_of("Paris, France") == NameClass::kSupported);
  CHECK(class_of("Brazil") == NameClass::kCountry);
  CHECK(class_of("Bavaria") == NameClass::kDivision);
  CHECK(class_of("Vienna") == NameClass::kCity);
  CHECK(class_of("🇯🇵") == NameClass::kFlag);
  CHECK(class_of("Smallville, Kansas") == NameClass::kContainer);
  CHECK(class_of("Vienna / Tokyo") == NameClass::kSeveral);
  CHECK(class_of("dreaming awake | Vienna") == NameClass::kPart);
  CHECK(class_of("Nice") == NameClass::kWord);
  // Of namesakes: Birmingham in England has one in Alabama, Reykjavik none.
  CHECK(names.find("Birmingham").place->lead < 1.5);
  CHECK(names.find("Reykjavik").place->lead == 3);
}

TEST_CASE("a running text mentions a place only where it is clear") {
  const Gazetteer gazetteer = world();
  PlaceNames names(gazetteer);
  const auto [text, meaning] = GENERATE(values<Case>({
      {"Heavy rain in Mumbai this morning", "city Mumbai IN"},
      {"the flood in Paris, Texas is over", "city Paris US"},
      {"Earthquake near Kathmandu, Nepal", "city Kathmandu NP"},
      {"what a nice day for reading", "no_mention"},
      {"May all of us Hope and Orange", "no_mention"},
      {"", "no_mention"},
  }));
  INFO(text);
  CHECK(meaning_of(gazetteer, names.find_mention(text)) == meaning);
}

TEST_CASE("a table of names that leads astray is refused") {
  const std::array<std::size_t, 4> counts = {1, 1, 1, 1};
  const std::uint32_t last = NameRef::kLast;
  const std::uint32_t beyond = NameRef::kLast | 1;
  std::vector<format::NameSlot> slots = {{7, 0}, {0, format::kNoName}};
  const auto well = [&](std::span<const std::uint32_t> refs) {
    return Names(slots, refs).well_formed(counts);
  };
  CHECK(well({&last, 1}));
  CHECK_FALSE(well({&beyond, 1}));
  CHECK_FALSE(well({}));
  const std::uint32_t endless = 0;
  CHECK_FALSE(well({&endless, 1}));
  slots[1].first = 0;  // No free slot: a search would not end.
  CHECK_FALSE(well({&last, 1}));
  slots = {{7, 1}, {0, format::kNoName}};
  CHECK_FALSE(well({&last, 1}));
}

}  // namespace
}  // namespace rookery::geo_enrich
