#pragma once

#include <cstdint>
#include <string_view>

#include "common/records/post_reader.hpp"
#include "services/geo-enrich/gazetteer/gazetteer.hpp"

namespace rookery::geo_enrich {

/// How far around 0,0 a point is a fake: a kilometre.
inline constexpr double kNullIslandDegrees = 0.01;

/// Whether the point is 0,0: what software writes that has no position (the sea south of Ghana).
[[nodiscard]] bool is_null_island(Point point);

/// The ISO 3166-1 code of the country for which geocoders give exactly this point when they
/// know nothing closer; empty: none. Such a point says the country and no more.
[[nodiscard]] std::string_view country_of_default_point(Point point);

/// Whether latitude and longitude of the post's point changed places: it lies outside of the
/// box of its place (without one: of its place's country, `named`), and the other way round
/// it lies within. Never without a place or country to tell by. `point` is the post's.
[[nodiscard]] bool is_swapped(const Gazetteer& gazetteer, const PostView& post, Point point,
                              std::uint16_t named);

}  // namespace rookery::geo_enrich
