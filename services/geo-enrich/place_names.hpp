#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "services/geo-enrich/gazetteer/folding.hpp"
#include "services/geo-enrich/gazetteer/gazetteer.hpp"

namespace rookery::geo_enrich {

/// How a place was found in a text, which says how far to trust it.
enum class NameClass : std::uint8_t {
  kSupported,  ///< Its country or division is named as well: "Paris, TX".
  kCountry,    ///< A country, and nothing else is said.
  kDivision,
  kCity,
  kFlag,       ///< A flag alone.
  kContainer,  ///< What contains it is known, itself it is not: "Smallville, KS".
  kSeveral,    ///< The first of several places: "NYC ✈ LDN".
  kPart,       ///< A part of a longer text, set apart by commas and the like.
  kWithin,     ///< A word in a longer text.
  kWord,       ///< A common word that is a name, too: "Nice".
};

/// What else a post tells of where its author may be.
struct Hints {
  std::string_view language{};   ///< Of the post, BCP 47; empty: unknown.
  std::string_view time_zone{};  ///< Of the author, as the source calls it; empty: unknown.
};

/// A country, division or city that a text names.
struct NamedPlace {
  NameKind kind = NameKind::kNotion;
  std::uint32_t index = 0;
  NameClass name_class = NameClass::kWithin;
  /// How much more it stands out than its best namesake in another country: the
  /// logarithm of the people, 0 to 3; 3 without one.
  double lead = 3;
};

struct NameFinding {
  std::optional<NamedPlace> place;
  std::string_view reason;  ///< Why there is none, from the list of Quality.geo_reason.
};

/// Finds the place that a profile's location means, or the places that a text
/// mentions. Keeps its buffers; one thread uses it. Borrows the gazetteer.
class PlaceNames {
 public:
  explicit PlaceNames(const Gazetteer& gazetteer);

  /// What a whole text that is meant as a place says. Reasons: location_unknown,
  /// location_not_a_place ("worldwide"), location_region ("Europe").
  ///
  /// The hints make no place: of the meanings of a name that nothing beside it tells
  /// apart, they prefer one where it is as late as in the author's time zone, then one in
  /// a country with that first language, if it is as likely as the first one. That is of
  /// the same kind, its own name if the first is, and half the people or more.
  [[nodiscard]] NameFinding find(std::string_view text, const Hints& hints = {});

  /// What the name of a place in `country` says. A name is only taken where it is all
  /// of a part of the text ("Vienna Café" is no Vienna), and a common word only where
  /// the text names what contains it ("Reading, PA"). Reason: location_unknown.
  [[nodiscard]] NameFinding find_within(std::string_view text, std::uint16_t country);

  /// The first place of which a running text speaks clearly: a country, or a name
  /// with capital letters that is no common word. Reason: no_mention.
  [[nodiscard]] NameFinding find_mention(std::string_view text);

 private:
  /// Words that are one name, and its meanings.
  struct Mention {
    std::size_t first;  ///< Words [first, last).
    std::size_t last;
    std::span<const std::uint32_t> meanings;
    std::size_t best = 0;     ///< The meaning that fits the others best.
    std::size_t support = 0;  ///< How many others contain it.
    bool word = false;        ///< A common word.
    bool code = false;        ///< Nothing but an abbreviation.
  };

  /// Whether a word beside a name leaves its meaning as it is: "near", "city".
  [[nodiscard]] static bool is_neutral(std::string_view word);
  void gather();
  void gather_word(std::size_t& at);
  bool gather_unspaced(std::size_t& at);
  std::size_t unspaced_name(std::string_view word, std::size_t at);
  bool gather_joined(std::size_t at);
  void drop_weak_codes();
  void weigh();
  [[nodiscard]] NameRef meaning(const Mention& mention) const {
    return NameRef(mention.meanings[mention.best]);
  }
  void break_ties(const Hints& hints);
  [[nodiscard]] bool speaks(NameRef place, std::string_view language) const;
  [[nodiscard]] bool lies_in_zone(NameRef place, std::int32_t minutes) const;
  [[nodiscard]] bool as_likely(NameRef other, NameRef first) const;
  [[nodiscard]] std::uint16_t country_of(NameRef place) const;
  [[nodiscard]] bool contains(NameRef outer, NameRef inner) const;
  [[nodiscard]] bool backed(NameRef inner, const Mention& by) const;
  [[nodiscard]] std::size_t support_of(NameRef inner, const Mention& own) const;
  [[nodiscard]] double lead_of(const Mention& mention) const;
  [[nodiscard]] double prominence(NameRef place) const;
  [[nodiscard]] const Mention* choose(NameClass& name_class) const;
  [[nodiscard]] const Mention* choose_alone(NameClass& name_class) const;
  [[nodiscard]] bool fills_part(const Mention& mention) const;
  [[nodiscard]] NameFinding nothing() const;
  [[nodiscard]] NamedPlace named(const Mention& mention, NameClass name_class) const;

  const Gazetteer& gazetteer_;
  std::vector<std::uint16_t> wholes_;  ///< By country: the state that it is beside (Puerto Rico).
  FoldedText text_;
  std::vector<Mention> mentions_;
  std::size_t unknown_ = 0;  ///< Words that belong to no name and say something.
  std::optional<std::uint16_t> flag_;
};

}  // namespace rookery::geo_enrich
