#pragma once

#include <string>
#include <string_view>

#include "services/geo-enrich/gazetteer/gazetteer.hpp"
#include "services/geo-enrich/location.hpp"

namespace rookery::geo_enrich {

/// Appends `{"text":...}` with the place that the text means, or with the reason why
/// none is known. Bytes of the text that are not UTF-8 become U+FFFD.
void append_located_text(std::string& out, const Gazetteer& gazetteer, std::string_view text,
                         const Finding& finding);

/// Appends degrees with at most six decimals (11 cm).
void append_degrees(std::string& out, double degrees);

}  // namespace rookery::geo_enrich
