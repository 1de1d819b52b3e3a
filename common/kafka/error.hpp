#pragma once

#include <string_view>

#include "common/core/result.hpp"
#include "common/kafka/handle.hpp"

namespace rookery::kafka {

/// The one table from librdkafka's error codes to what the loop must do, for
/// calls that return a bare code (consumer, metadata, delivery reports).
[[nodiscard]] Error to_error(rd_kafka_resp_err_t code, std::string_view doing);

/// The same for calls of the transactional producer, whose errors carry their
/// own answer (rdkafka.h, "Transactional producer API"): fatal, abort, or repeat
/// the call. `kRetryBatch` means: abort the transaction.
[[nodiscard]] Error to_error(const rd_kafka_error_t& error, std::string_view doing);

/// Whether the same call is to be made again with the same arguments.
[[nodiscard]] bool is_repeatable(const rd_kafka_error_t& error);

}  // namespace rookery::kafka
