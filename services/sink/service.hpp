#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/runtime/service.hpp"
#include "services/sink/encoder.hpp"
#include "services/sink/store.hpp"

namespace rookery::sink {

/// Loads topics into one store: the console, or files.
class SinkService final : public Service {
 public:
  [[nodiscard]] std::string_view name() const override { return "sink"; }
  [[nodiscard]] std::string_view summary() const override {
    return "shows records on the console or writes them into files, each record once";
  }
  [[nodiscard]] std::string_view output_topic() const override { return {}; }

  void describe(OptionSet& options) override;
  Result<std::vector<Stage>> make_stages(ServiceContext& context) override;
  Result<std::unique_ptr<TransactionalSink>> make_store(ServiceContext& context,
                                                        OffsetCommitter* offsets) override;

 private:
  [[nodiscard]] bool shows_tables() const;
  [[nodiscard]] Result<void> check() const;
  [[nodiscard]] std::unique_ptr<Encoder> make_encoder(const std::string& topic) const;
  [[nodiscard]] std::unique_ptr<TransactionalSink> make_console(ServiceContext& context,
                                                                OffsetCommitter* offsets);
  Result<std::unique_ptr<TransactionalSink>> make_files(ServiceContext& context,
                                                        OffsetCommitter* offsets);

  std::vector<std::string> topics_ = {"trends"};
  std::string store_ = "console";
  std::string group_;
  std::string early_ = "keep";
  std::string console_format_ = "table";
  std::int64_t console_rows_ = 10;
  std::vector<std::string> console_windows_;
  std::vector<std::string> console_dimensions_;
  std::string file_format_ = "jsonl";
  std::string directory_ = "records";
  std::int64_t file_records_max_ = 100'000;
  std::chrono::milliseconds file_interval_{60'000};
  StoreLink link_;
};

}  // namespace rookery::sink
