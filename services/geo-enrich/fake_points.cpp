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

constexpr bool is_more_south(const DefaultPoint& a, const DefaultPoint& b) {
  return a.point.lat < b.point.lat;
}

/// The points of Google's list of countries (developers.google.com/public-data,
/// countries.csv, CC BY 4.0), which its maps and many programs took over: those of the larger
/// countries, as in a small one such a point is not far off. The second of the US is the one
/// that MaxMind's GeoLite2 gives for an address of which it knows the country alone.
/// From south to north.
constexpr std::array<DefaultPoint, 87> kDefaultPoints = {{
    {"NZ", {-40.900557, 174.885971}}, {"AR", {-38.416097, -63.616672}},
    {"CL", {-35.675147, -71.542969}}, {"UY", {-32.522779, -55.765835}},
    {"ZA", {-30.559482, 22.937506}},  {"AU", {-25.274398, 133.775136}},
    {"PY", {-23.442503, -58.443832}}, {"ZW", {-19.015438, 29.154857}},
    {"MG", {-18.766947, 46.869107}},  {"MZ", {-18.665695, 35.529562}},
    {"BO", {-16.290154, -63.588653}}, {"BR", {-14.235004, -51.92528}},
    {"ZM", {-13.133897, 27.849332}},  {"AO", {-11.202692, 17.873887}},
    {"PE", {-9.189967, -75.015152}},  {"TZ", {-6.369028, 34.888822}},
    {"CD", {-4.038333, 21.758664}},   {"EC", {-1.831239, -78.183406}},
    {"ID", {-0.789275, 113.921327}},  {"KE", {-0.023559, 37.906193}},
    {"CO", {4.570868, -74.297333}},   {"VE", {6.42375, -66.58973}},
    {"GH", {7.946527, -1.023194}},    {"PA", {8.537981, -80.782127}},
    {"NG", {9.081999, 8.675277}},     {"ET", {9.145, 40.489673}},
    {"NI", {12.865416, -85.207229}},  {"PH", {12.879721, 121.774017}},
    {"VN", {14.058324, 108.277199}},  {"HN", {15.199999, -86.241905}},
    {"YE", {15.552727, 48.516388}},   {"GT", {15.783471, -90.230759}},
    {"TH", {15.870032, 100.992541}},  {"IN", {20.593684, 78.96288}},
    {"CU", {21.521757, -77.781167}},  {"MM", {21.913965, 95.956223}},
    {"AE", {23.424076, 53.847818}},   {"MX", {23.634501, -102.552784}},
    {"BD", {23.684994, 90.356331}},   {"SA", {23.885942, 45.079162}},
    {"LY", {26.3351, 17.228331}},     {"EG", {26.820553, 30.802498}},
    {"DZ", {28.033886, 1.659626}},    {"NP", {28.394857, 84.124008}},
    {"PK", {30.375321, 69.345116}},   {"MA", {31.791702, -7.09262}},
    {"IR", {32.427908, 53.688046}},   {"IQ", {33.223191, 43.679291}},
    {"AF", {33.93911, 67.709953}},    {"SY", {34.802075, 38.996815}},
    {"CN", {35.86166, 104.195397}},   {"KR", {35.907757, 127.766922}},
    {"JP", {36.204824, 138.252924}},  {"US", {37.09024, -95.712891}},
    {"US", {37.751, -97.822}},        {"TR", {38.963745, 35.243322}},
    {"GR", {39.074208, 21.824312}},   {"PT", {39.399872, -8.224454}},
    {"ES", {40.463667, -3.74922}},    {"AL", {41.153332, 20.168331}},
    {"UZ", {41.377491, 64.585262}},   {"IT", {41.87194, 12.56738}},
    {"BG", {42.733883, 25.48583}},    {"RS", {44.016521, 21.005859}},
    {"RO", {45.943161, 24.96676}},    {"FR", {46.227638, 2.213749}},
    {"CH", {46.818188, 8.227512}},    {"MN", {46.862496, 103.846656}},
    {"HU", {47.162494, 19.503304}},   {"AT", {47.516231, 14.550072}},
    {"KZ", {48.019573, 66.923684}},   {"UA", {48.379433, 31.16558}},
    {"CZ", {49.817492, 15.472962}},   {"BE", {50.503887, 4.469936}},
    {"DE", {51.165691, 10.451526}},   {"PL", {51.919438, 19.145136}},
    {"NL", {52.132633, 5.291266}},    {"IE", {53.41291, -8.24389}},
    {"BY", {53.709807, 27.953389}},   {"GB", {55.378051, -3.435973}},
    {"CA", {56.130366, -106.346771}}, {"DK", {56.26392, 9.501785}},
    {"SE", {60.128161, 18.643501}},   {"NO", {60.472024, 8.468946}},
    {"RU", {61.52401, 105.318756}},   {"FI", {61.92411, 25.748151}},
    {"IS", {64.963051, -19.020835}},
}};
static_assert(std::is_sorted(kDefaultPoints.begin(), kDefaultPoints.end(), is_more_south));

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
  const DefaultPoint lowest{{}, {point.lat - kRounded, 0}};
  const auto* known =
      std::lower_bound(kDefaultPoints.begin(), kDefaultPoints.end(), lowest, is_more_south);
  for (; known != kDefaultPoints.end() && known->point.lat <= point.lat + kRounded; ++known) {
    if (is_near(known->point, point, kRounded)) return known->country;
  }
  return {};
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
