#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "common/runtime/service.hpp"
#include "services/hashtag-window/settings.hpp"

namespace rookery::hashtag_window {

/// Counts posts in sliding windows and ranks what trends: three loops for each input, see
/// README.md.
class HashtagWindowService final : public Service {
 public:
  [[nodiscard]] std::string_view name() const override { return "hashtag-window"; }
  [[nodiscard]] std::string_view summary() const override {
    return "Counts posts in sliding windows and ranks the keys of each, exactly once.";
  }
  [[nodiscard]] std::string_view output_topic() const override { return kTrends; }
  void describe(OptionSet& options) override;
  Result<std::vector<Stage>> make_stages(ServiceContext& context) override;

 private:
  Result<std::unique_ptr<const Settings>> settings_of(const Family& family,
                                                      ServiceContext& context) const;

  WindowOptions options_;
  std::vector<std::unique_ptr<const Settings>> settings_;  ///< Of each family; outlive its stages.
};

}  // namespace rookery::hashtag_window
