#include "services/geo-enrich/service.hpp"

#include <utility>

#include "common/records/timestamp.hpp"
#include "services/geo-enrich/cells.hpp"
#include "services/geo-enrich/processor.hpp"

namespace rookery::geo_enrich {
namespace {

Precision precision_of(std::string_view name) {
  if (name == "cell") return Precision::kCell;
  if (name == "city") return Precision::kCity;
  return name == "country" ? Precision::kCountry : Precision::kExact;
}

}  // namespace

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
  options.choice("precision", precision_, {"exact", "cell", "city", "country"},
                 "How exactly records say where somebody is. All but exact also take coordinates, "
                 "place, author.location and author.time_zone out of the record.");
  options.integer("cell_level", cell_level_, {0, kCellLevelMax},
                  "With precision cell: the level of the S2 cell (7: about 70 km across).");
  options.integer("duplicate_window_records", duplicate_window_records_, {0, 1'000'000},
                  "Among so many posts of its partition a post that comes again is a dead letter; "
                  "0: it passes. 50 bytes each, of every partition that the instance holds.");
  options.list(
      "languages", filters_.languages,
      "The only languages wanted (lang of the post); unset: all. A post without one passes.");
  options.list("keywords", filters_.keywords,
               "Words or phrases of which a text must have one, whatever case and accents; unset: "
               "none.");
  options.list("keywords_blocked", filters_.blocked,
               "Words or phrases of which a text must have none.");
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
  GateOptions gate{.limits = {.text_bytes_max = static_cast<std::size_t>(text_bytes_max_),
                              .future_max = future_max_,
                              .created_at_min = *created_at_min},
                   .mentions = text_places_ ? Mentions::kTaken : Mentions::kIgnored,
                   .filters = filters_,
                   .privacy = {.precision = precision_of(precision_),
                               .cell_level = static_cast<int>(cell_level_)},
                   .duplicate_window = static_cast<std::size_t>(duplicate_window_records_)};
  std::vector<Stage> stages;
  stages.push_back(
      {.group = "geo-enrich",
       .inputs = {"raw_tweets"},
       .processor = std::make_unique<GeoEnrich>(*std::move(gazetteer), std::move(gate))});
  return stages;
}

}  // namespace rookery::geo_enrich
