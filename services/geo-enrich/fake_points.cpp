#include "services/geo-enrich/fake_points.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace rookery::geo_enrich {
namespace {

struct DefaultPoint {
  std::string_view country;
  Point point;
};

/// The points of Google's list of countries (developers.google.com/public-data,
/// countries.csv, CC BY 4.0), which its maps and many programs took over: those of the large
/// countries, as in a small one such a point is not far off. The second of the US is the one
/// that MaxMind's GeoLite2 gives for an address of which it knows the country alone.
constexpr std::array<DefaultPoint, 43> kDefaultPoints = {{
    {"US", {37.09024, -95.712891}},   {"US", {37.751, -97.822}},
    {"CA", {56.130366, -106.346771}}, {"GB", {55.378051, -3.435973}},
    {"AU", {-25.274398, 133.775136}}, {"NZ", {-40.900557, 174.885971}},
    {"BR", {-14.235004, -51.92528}},  {"IN", {20.593684, 78.96288}},
    {"MX", {23.634501, -102.552784}}, {"JP", {36.204824, 138.252924}},
    {"DE", {51.165691, 10.451526}},   {"FR", {46.227638, 2.213749}},
    {"ES", {40.463667, -3.74922}},    {"IT", {41.87194, 12.56738}},
    {"RU", {61.52401, 105.318756}},   {"CN", {35.86166, 104.195397}},
    {"KR", {35.907757, 127.766922}},  {"AR", {-38.416097, -63.616672}},
    {"CL", {-35.675147, -71.542969}}, {"CO", {4.570868, -74.297333}},
    {"PE", {-9.189967, -75.015152}},  {"VE", {6.42375, -66.58973}},
    {"EC", {-1.831239, -78.183406}},  {"BO", {-16.290154, -63.588653}},
    {"PY", {-23.442503, -58.443832}}, {"CU", {21.521757, -77.781167}},
    {"GT", {15.783471, -90.230759}},  {"HN", {15.199999, -86.241905}},
    {"NI", {12.865416, -85.207229}},  {"PA", {8.537981, -80.782127}},
    {"PT", {39.399872, -8.224454}},   {"NL", {52.132633, 5.291266}},
    {"BE", {50.503887, 4.469936}},    {"CH", {46.818188, 8.227512}},
    {"AT", {47.516231, 14.550072}},   {"SE", {60.128161, 18.643501}},
    {"FI", {61.92411, 25.748151}},    {"AE", {23.424076, 53.847818}},
    {"AF", {33.93911, 67.709953}},    {"AO", {-11.202692, 17.873887}},
    {"DZ", {28.033886, 1.659626}},    {"AL", {41.153332, 20.168331}},
    {"MM", {21.913965, 95.956223}},
}};

bool is_near(Point a, Point b, double degrees) {
  return std::fabs(a.lat - b.lat) <= degrees && std::fabs(a.lon - b.lon) <= degrees;
}

/// With a margin for places whose boxes are drawn too small.
bool holds(const BoundingBoxView& box, Point point) {
  constexpr double kMargin = 0.1;
  if (point.lat < box.south - kMargin || point.lat > box.north + kMargin) return false;
  const bool behind_west = point.lon >= box.west - kMargin;
  const bool before_east = point.lon <= box.east + kMargin;
  return box.west <= box.east ? behind_west && before_east : behind_west || before_east;
}

}  // namespace

bool is_null_island(Point point) {
  return is_near(point, {0, 0}, kNullIslandDegrees);
}

std::string_view country_of_default_point(Point point) {
  // Some round to four digits; nobody else is within some ten metres by chance.
  constexpr double kRounded = 0.0001;
  const auto* const found = std::find_if(
      kDefaultPoints.begin(), kDefaultPoints.end(),
      [&](const DefaultPoint& known) { return is_near(known.point, point, kRounded); });
  return found == kDefaultPoints.end() ? std::string_view{} : found->country;
}

bool is_swapped(const Gazetteer& gazetteer, const PostView& post, Point point,
                std::uint16_t named) {
  const Point other{point.lon, point.lat};
  if (std::fabs(other.lat) > 90) return false;
  if (post.place_box && post.place_box->south <= post.place_box->north) {
    return !holds(*post.place_box, point) && holds(*post.place_box, other);
  }
  return named != format::kNone && gazetteer.find(point, named).country != named &&
         gazetteer.find(other, named).country == named;
}

}  // namespace rookery::geo_enrich
