#include <catch2/catch.hpp>

#include "common/kafka/client.hpp"
#include "common/kafka/error.hpp"
#include "common/kafka/partition_list.hpp"

namespace rookery::kafka {
namespace {

TEST_CASE("each broker error has one answer", "[kafka]") {
  struct Case {
    rd_kafka_resp_err_t kafka;
    Disposition disposition;
    const char* code;
  };
  const auto c = GENERATE(
      Case{RD_KAFKA_RESP_ERR__FENCED, Disposition::kFatal, "producer_fenced"},
      Case{RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID, Disposition::kFatal, "instance_fenced"},
      Case{RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, Disposition::kMisconfigured,
           "not_authorised"},
      Case{RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, Disposition::kRetryBatch, "topic_missing"},
      Case{RD_KAFKA_RESP_ERR__TRANSPORT, Disposition::kRetryBatch, "broker_unreachable"},
      Case{RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION, Disposition::kRetryBatch, "group_rebalanced"},
      Case{RD_KAFKA_RESP_ERR_NOT_COORDINATOR, Disposition::kRetryBatch, "broker_error"},
      Case{RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET, Disposition::kMisconfigured, "offset_lost"});
  const Error error = to_error(c.kafka, "testing");
  INFO(error.message);
  CHECK(error.disposition == c.disposition);
  CHECK(error.code == c.code);
  CHECK(error.message.starts_with("testing: "));
}

TEST_CASE("settings on which exactly-once rests cannot be passed through", "[kafka]") {
  CHECK(check_properties({{"security.protocol", "PLAINTEXT"}, {"linger.ms", "7"}}));
  const auto* const name = GENERATE("enable.auto.commit", "isolation.level", "transactional.id",
                                    "group.id", "no.such.setting");
  INFO(name);
  const auto result = check_properties({{name, "true"}});
  REQUIRE_FALSE(result);
  CHECK(result.error().disposition == Disposition::kMisconfigured);
  CHECK(result.error().message.find(name) != std::string::npos);
}

TEST_CASE("metadata survives with any bytes and without a terminator", "[kafka]") {
  const std::string metadata("a\0b{\"x\":1}", 10);
  const auto list = to_list(
      {{{"t", Partition(2)}, {Offset(7), metadata}}, {{"t", Partition(3)}, {Offset(0), ""}}});
  REQUIRE(list->cnt == 2);
  CHECK(to_committed(list->elems[0]) == CommittedOffset{Offset(7), metadata});
  CHECK(to_committed(list->elems[1]) == CommittedOffset{Offset(0), ""});
  CHECK(to_text(*list) == "t[2], t[3]");
}

}  // namespace
}  // namespace rookery::kafka
