#include "common/testing/fake_log.hpp"

#include <catch2/catch.hpp>

#include "common/testing/log_contract.hpp"

namespace rookery::testing {
namespace {

class FakeUnderTest final : public LogUnderTest {
 public:
  Source& source() override { return log_; }
  TransactionalSink& sink() override { return log_; }
  void append(std::string key, std::optional<std::string> value) override {
    log_.append(std::move(key), std::move(value));
  }
  void crash() override { log_.crash(); }
  std::vector<std::string> committed(std::string_view topic) override {
    return log_.committed(topic);
  }
  [[nodiscard]] std::string output_topic() const override { return "out"; }

 private:
  FakeLog log_;
};

TEST_CASE("the fake log keeps the rules of a broker", "[contract]") {
  for (const auto& check : log_contract()) {
    DYNAMIC_SECTION(check.name) {
      FakeUnderTest log;
      CHECK(check.run(log) == std::vector<std::string>{});
    }
  }
}

}  // namespace
}  // namespace rookery::testing
