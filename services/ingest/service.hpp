#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "common/runtime/service.hpp"
#include "services/ingest/settings.hpp"

namespace rookery::ingest {

/// Brings posts from outside into raw_tweets: one stage without input topics,
/// fed by files, the simulator, or a live source.
class IngestService final : public Service {
 public:
  [[nodiscard]] std::string_view name() const override { return "ingest"; }
  [[nodiscard]] std::string_view summary() const override {
    return "Brings posts of files, live streams or the simulator into raw_tweets, in one form.";
  }
  [[nodiscard]] std::string_view output_topic() const override { return "raw_tweets"; }

  void describe(OptionSet& options) override;
  Result<void> check() override { return ingest::check(settings_); }
  Result<std::vector<Stage>> make_stages(ServiceContext& context) override;
  Result<std::unique_ptr<Feed>> make_feed(ServiceContext& context) override;

 private:
  void describe_simulator(OptionSet& options);
  Result<Stage> make_merging_stage(ServiceContext& context);

  Settings settings_;
  Session session_;
};

}  // namespace rookery::ingest
