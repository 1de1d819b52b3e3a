#pragma once

#include <string>
#include <vector>

#include "common/kafka/client.hpp"
#include "services/sentiment-scoring/model_entry.hpp"

namespace rookery::sentiment_scoring {

/// The entries of the topic `models`, by their uses. Errors: topic_missing
/// (kMisconfigured), broker_*, stopped.
Result<std::vector<ModelEntry>> published_models(const kafka::Connection& connection,
                                                 const kafka::Surroundings& around);

/// Publishes a model's file: held in the topic where `entry.location` is empty,
/// else by that place. In one transaction, which also deletes the parts of the
/// model before it. Errors: model_too_large (kMisconfigured), those of
/// published_models() and KafkaSink.
Result<void> publish_model(const kafka::Connection& connection, const kafka::Surroundings& around,
                           ModelEntry entry, std::string_view bytes);

/// Withdraws the model of `use`. Error: entry_missing (kMisconfigured).
Result<void> withdraw_model(const kafka::Connection& connection, const kafka::Surroundings& around,
                            const std::string& use);

}  // namespace rookery::sentiment_scoring
