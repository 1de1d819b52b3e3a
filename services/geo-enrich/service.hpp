#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/runtime/service.hpp"
#include "services/geo-enrich/quality/filter.hpp"

namespace rookery::geo_enrich {

/// The service geo-enrich: its options and its one stage.
class GeoEnrichService final : public Service {
 public:
  [[nodiscard]] std::string_view name() const override { return "geo-enrich"; }
  [[nodiscard]] std::string_view summary() const override;
  [[nodiscard]] std::string_view output_topic() const override { return "enriched_tweets"; }
  void describe(OptionSet& options) override;
  Result<std::vector<Stage>> make_stages(ServiceContext& context) override;

 private:
  std::string gazetteer_;  ///< Empty: the one that came with the executable.
  bool text_places_ = false;
  std::int64_t duplicate_window_records_ = 50'000;
  Filters filters_;
  std::string precision_ = "exact";
  std::int64_t cell_level_ = 7;
  std::int64_t text_bytes_max_ = 100'000;
  std::chrono::milliseconds future_max_ = std::chrono::minutes(10);
  std::string created_at_min_ = "2006-03-21T00:00:00Z";
};

}  // namespace rookery::geo_enrich
