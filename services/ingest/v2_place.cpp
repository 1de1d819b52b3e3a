#include "services/ingest/v2_place.hpp"

namespace rookery::ingest {
namespace {

struct Members {
  Field place_id, coordinates, id, full_name, name, place_type, country, country_code, geo;
};
constexpr auto kSlots = slots<Members>({
    {"place_id", &Members::place_id},
    {"coordinates", &Members::coordinates},
    {"id", &Members::id},
    {"full_name", &Members::full_name},
    {"name", &Members::name},
    {"place_type", &Members::place_type},
    {"country", &Members::country},
    {"country_code", &Members::country_code},
    {"geo", &Members::geo},
});

/// A place's geo is a Feature with bbox [west, south, east, north] (RFC 7946,
/// section 5); west > east crosses the antimeridian, as in our contract.
Result<void> read_box(const Field& geo, PlaceFields& place) {
  if (!geo) return {};
  auto feature = as_object(*geo, {"place", "geo"});
  ROOKERY_RETURN_IF_ERROR(feature);
  const Field bbox = member(*feature, "bbox");
  if (!bbox) return {};
  constexpr Path kPath{"place.geo", "bbox"};
  auto sides = as_array(*bbox, kPath);
  ROOKERY_RETURN_IF_ERROR(sides);
  if (sides->size() != 4) return wrong_type(kPath, "four numbers", *bbox);
  auto west = as_degrees(sides->at(0), kPath, 180);
  ROOKERY_RETURN_IF_ERROR(west);
  auto south = as_degrees(sides->at(1), kPath, 90);
  ROOKERY_RETURN_IF_ERROR(south);
  auto east = as_degrees(sides->at(2), kPath, 180);
  ROOKERY_RETURN_IF_ERROR(east);
  auto north = as_degrees(sides->at(3), kPath, 90);
  ROOKERY_RETURN_IF_ERROR(north);
  place.box = BoxFields{.south = *south, .west = *west, .north = *north, .east = *east};
  return {};
}

Result<void> read_place(const Members& m, PlaceFields& place) {
  ROOKERY_RETURN_IF_ERROR(read_text(m.full_name, {"place", "full_name"}, place.full_name));
  ROOKERY_RETURN_IF_ERROR(read_text(m.name, {"place", "name"}, place.name));
  ROOKERY_RETURN_IF_ERROR(read_text(m.place_type, {"place", "place_type"}, place.place_type));
  ROOKERY_RETURN_IF_ERROR(read_text(m.country, {"place", "country"}, place.country));
  ROOKERY_RETURN_IF_ERROR(read_text(m.country_code, {"place", "country_code"}, place.country_code));
  return read_box(m.geo, place);
}

}  // namespace

Result<void> read_v2_geo(const Field& geo, const V2Includes& includes, RawPost& post) {
  if (!geo) return {};
  auto object = as_object(*geo, {"", "geo"});
  ROOKERY_RETURN_IF_ERROR(object);
  Members m;
  collect(*object, kSlots, m);
  ROOKERY_RETURN_IF_ERROR(read_point(m.coordinates, {"geo", "coordinates"}, post.point));
  std::string_view id;
  ROOKERY_RETURN_IF_ERROR(read_text(m.place_id ? m.place_id : m.id, {"geo", "place_id"}, id));
  if (id.empty()) return {};
  post.place.emplace().id = id;
  const Field beside = includes.place(id);
  if (!beside) return read_place(m, *post.place);
  auto place = as_object(*beside, {"includes", "places"});
  ROOKERY_RETURN_IF_ERROR(place);
  Members fields;
  collect(*place, kSlots, fields);
  return read_place(fields, *post.place);
}

}  // namespace rookery::ingest
