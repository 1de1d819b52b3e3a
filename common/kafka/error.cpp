#include "common/kafka/error.hpp"

#include <string>

namespace rookery::kafka {
namespace {

struct Row {
  rd_kafka_resp_err_t kafka;
  Disposition disposition;
  std::string_view code;
  std::string_view advice;
};

// What is not listed is a matter of the network or of a broker on the move: the
// batch is done again.
constexpr Row kTable[] = {
    {RD_KAFKA_RESP_ERR__FENCED, Disposition::kFatal, "producer_fenced",
     "another process uses the same transactional.id; give each instance its own --instance"},
    {RD_KAFKA_RESP_ERR_PRODUCER_FENCED, Disposition::kFatal, "producer_fenced",
     "another process uses the same transactional.id; give each instance its own --instance"},
    {RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, Disposition::kFatal, "producer_fenced",
     "another process uses the same transactional.id; give each instance its own --instance"},
    {RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID, Disposition::kFatal, "instance_fenced",
     "another process uses the same group.instance.id; give each instance its own --instance"},
    {RD_KAFKA_RESP_ERR_UNRELEASED_INSTANCE_ID, Disposition::kFatal, "instance_fenced",
     "another process uses the same group.instance.id; give each instance its own --instance"},
    {RD_KAFKA_RESP_ERR_INVALID_TXN_STATE, Disposition::kFatal, "transaction_lost", ""},
    {RD_KAFKA_RESP_ERR__STATE, Disposition::kFatal, "client_state", ""},
    {RD_KAFKA_RESP_ERR__FATAL, Disposition::kFatal, "client_fatal", ""},
    {RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, Disposition::kRetryBatch, "topic_missing",
     "create it with: rookeryctl topics apply"},
    {RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, Disposition::kRetryBatch, "topic_missing",
     "create it with: rookeryctl topics apply"},
    {RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET, Disposition::kMisconfigured, "offset_lost",
     "records were deleted by retention before they were read; set offset_lost to earliest to go "
     "on without them"},
    {RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, Disposition::kMisconfigured, "record_too_large",
     "raise max.message.bytes of the topic (rookeryctl topics apply) or lower record_bytes_max"},
    {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, Disposition::kMisconfigured, "not_authorised",
     "the principal needs READ on input topics and WRITE on output topics"},
    {RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, Disposition::kMisconfigured, "not_authorised",
     "the principal needs READ on its consumer group"},
    {RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, Disposition::kMisconfigured, "not_authorised",
     ""},
    {RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED, Disposition::kMisconfigured,
     "not_authorised", "the principal needs WRITE on its transactional.id"},
    {RD_KAFKA_RESP_ERR__AUTHENTICATION, Disposition::kRetryBatch, "not_authenticated",
     "check the user name and the password file"},
    {RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, Disposition::kRetryBatch, "broker_unreachable", ""},
    {RD_KAFKA_RESP_ERR__TRANSPORT, Disposition::kRetryBatch, "broker_unreachable", ""},
    {RD_KAFKA_RESP_ERR__TIMED_OUT, Disposition::kRetryBatch, "broker_timeout", ""},
    {RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION, Disposition::kRetryBatch, "group_rebalanced", ""},
    {RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID, Disposition::kRetryBatch, "group_rebalanced", ""},
    {RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS, Disposition::kRetryBatch, "group_rebalanced", ""},
    {RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT, Disposition::kRetryBatch, "offsets_undecided",
     "an open transaction is to move them"},
};

Error make_error(rd_kafka_resp_err_t code, std::string_view doing, std::string_view text) {
  Error error{Disposition::kRetryBatch, "broker_error", std::string(doing) + ": "};
  error.message += rd_kafka_err2name(code);
  error.message += " (";
  error.message += text;
  error.message += ")";
  for (const auto& row : kTable) {
    if (row.kafka != code) continue;
    error.disposition = row.disposition;
    error.code = row.code;
    if (!row.advice.empty()) error.message += ": " + std::string(row.advice);
  }
  return error;
}

}  // namespace

Error to_error(rd_kafka_resp_err_t code, std::string_view doing) {
  return make_error(code, doing, rd_kafka_err2str(code));
}

Error to_error(const rd_kafka_error_t& error, std::string_view doing) {
  Error result = make_error(rd_kafka_error_code(&error), doing, rd_kafka_error_string(&error));
  const bool fatal = rd_kafka_error_is_fatal(&error) != 0;
  const bool abort = rd_kafka_error_txn_requires_abort(&error) != 0;
  if (fatal || (!abort && !is_repeatable(error))) {
    // Neither repeat nor abort: librdkafka's documentation leaves only the end.
    if (result.disposition == Disposition::kRetryBatch) result.disposition = Disposition::kFatal;
  } else if (abort && result.disposition == Disposition::kFatal) {
    result.disposition = Disposition::kRetryBatch;
  }
  return result;
}

bool is_repeatable(const rd_kafka_error_t& error) {
  return rd_kafka_error_is_retriable(&error) != 0 && rd_kafka_error_is_fatal(&error) == 0 &&
         rd_kafka_error_txn_requires_abort(&error) == 0;
}

}  // namespace rookery::kafka
