#pragma once

#include <vector>

#include "common/runtime/pipeline.hpp"

namespace rookery::testing {

/// Keeps what the pipeline reported.
struct RecordingObserver final : PipelineObserver {
  void on_round() override { ++rounds; }
  void on_batch_committed(const BatchReport& report, const Progress& /*progress*/) override {
    reports.push_back(report);
  }
  void on_batch_undone(const Error& error) override { undone.push_back(error); }

  int rounds = 0;
  std::vector<BatchReport> reports;
  std::vector<Error> undone;
};

}  // namespace rookery::testing
