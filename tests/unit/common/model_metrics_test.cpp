#include <catch2/catch.hpp>

#include "common/observe/log.hpp"
#include "common/observe/metrics.hpp"
#include "common/testing/manual_clock.hpp"

namespace rookery {

TEST_CASE("metrics show the model in use, its age, and refused ones", "[metrics]") {
  testing::ManualClock clock;
  Log log("test", clock);
  log.configure(Log::Level::kError, Log::Format::kLogfmt);
  Metrics metrics("test");
  ModelMetrics models(metrics, log, clock);
  const WallTime made{std::chrono::seconds(1'700'000'000)};
  models.on_model_loaded("topics", "news-1", made);
  models.on_model_loaded("sentiment-en", "en-1", made);
  const auto shows = [&](const char* line) {
    INFO(metrics.text());
    CHECK(metrics.text().find(line) != std::string::npos);
  };
  shows(R"(rookery_model_info{model="news-1",use="topics"} 1)");
  shows(R"(rookery_model_loaded_timestamp_seconds{use="topics"})");
  shows(R"(rookery_model_made_timestamp_seconds{use="topics"} 1700000000)");
  shows(R"(rookery_models_refused_total{use="topics"} 0)");

  models.on_model_refused("topics", Error{Disposition::kMisconfigured, "model_broken", "cut"});
  shows(R"(rookery_models_refused_total{use="topics"} 1)");
  shows(R"(rookery_model_info{model="news-1",use="topics"} 1)");

  models.on_model_loaded("topics", "news-2", made);
  shows(R"(rookery_model_info{model="news-2",use="topics"} 1)");
  shows(R"(rookery_model_info{model="en-1",use="sentiment-en"} 1)");
  CHECK(metrics.text().find("news-1") == std::string::npos);
}

}  // namespace rookery
