#pragma once

#include <optional>
#include <string_view>

#include "common/records/post_reader.hpp"
#include "services/geo-enrich/gazetteer/gazetteer.hpp"
#include "services/geo-enrich/location.hpp"
#include "services/geo-enrich/place_names.hpp"

namespace rookery::geo_enrich {

/// Whether the places that a text speaks of count as the post's place.
enum class Mentions : std::uint8_t { kIgnored, kTaken };

/// Where a post belongs, by everything that it tells, the surest first. Borrows
/// the gazetteer and keeps buffers: one thread uses it.
class Locator {
 public:
  explicit Locator(const Gazetteer& gazetteer, Mentions mentions = Mentions::kIgnored)
      : gazetteer_(gazetteer), mentions_(mentions), names_(gazetteer) {}

  /// Point, box, name of the place, mentions of the text, the author's profile.
  [[nodiscard]] Finding locate(const PostView& post);

  /// A text that is meant as a place: a name, or what stands in a profile.
  /// The hints are those of PlaceNames::find().
  [[nodiscard]] Finding locate_text(std::string_view text, const Hints& hints = {});

 private:
  /// The place by its name and country code, where it has no box.
  [[nodiscard]] std::optional<Location> locate_place_name(const PostView& post);

  const Gazetteer& gazetteer_;
  Mentions mentions_;
  PlaceNames names_;
};

}  // namespace rookery::geo_enrich
