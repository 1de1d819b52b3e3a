#include "services/geo-enrich/service.hpp"

#include <utility>

#include "common/records/timestamp.hpp"
#include "services/geo-enrich/processor.hpp"

namespace rookery::geo_enrich {

std::string_view GeoEnrichService::summary() const {
  return "Checks posts and places them on the map: country, division, city, time zone.";
}

void GeoEnrichService::describe(OptionSet& options) {
  options.section("geo-enrich");
  options.text("gazetteer", gazetteer_,
               "The compiled gazetteer; unset: share/rookery/gazetteer.bin beside the "
               "executable's folder.");
  options.flag("text_places", text_places_,
               "Takes the place that a text speaks of where the post has none of its own.");
  options.integer("text_bytes_max", text_bytes_max_, {1, 16'777'216},
                  "A longer text is a dead letter.");
  options.duration("future_max_ms", future_max_,
                   {std::chrono::milliseconds(0), std::chrono::days(365)},
                   "How far created_at may lie after the record's time in the topic.");
  options.text("created_at_min", created_at_min_, "An older post is a dead letter (RFC 3339).");
}

Result<std::vector<Stage>> GeoEnrichService::make_stages(ServiceContext& /*context*/) {
  const auto created_at_min = parse_rfc3339(created_at_min_);
  if (!created_at_min) {
    return misconfigured("option_invalid", "option \"created_at_min\": expected RFC 3339, got \"" +
                                               created_at_min_ + "\"");
  }
  auto path = gazetteer_.empty() ? own_gazetteer_path() : Result<std::string>(gazetteer_);
  ROOKERY_RETURN_IF_ERROR(path);
  auto gazetteer = Gazetteer::open(*path);
  ROOKERY_RETURN_IF_ERROR(gazetteer);
  const Limits limits{.text_bytes_max = static_cast<std::size_t>(text_bytes_max_),
                      .future_max = future_max_,
                      .created_at_min = *created_at_min};
  std::vector<Stage> stages;
  stages.push_back(
      {.group = "geo-enrich",
       .inputs = {"raw_tweets"},
       .processor = std::make_unique<GeoEnrich>(
           *std::move(gazetteer), limits, text_places_ ? Mentions::kTaken : Mentions::kIgnored)});
  return stages;
}

}  // namespace rookery::geo_enrich
