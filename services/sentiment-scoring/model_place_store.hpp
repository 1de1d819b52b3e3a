#pragma once

#include <string>

#include "common/kafka/client.hpp"
#include "common/s3/settings.hpp"
#include "services/sentiment-scoring/model_entry.hpp"

namespace rookery::sentiment_scoring {

/// How a model is published: its file, and where readers find it.
struct PublishOptions {
  std::string file;               ///< A path, or s3://BUCKET/KEY.
  std::string where = "records";  ///< "records", "file", or s3://BUCKET/PREFIX.
  s3::Options s3;
};

constexpr std::string_view kWhereHelp =
    "Where readers find it: records (in the topic itself), file (by its path, where all readers "
    "have it), or s3://BUCKET/PREFIX, to which it is copied as PREFIX/ID.model";

/// Error: option_invalid (kMisconfigured) where `where` is no place.
Result<void> check_place(const std::string& where);

/// Checks the model, puts it where it shall be, and publishes it. With "file" an object
/// in S3 is published by its own place. Returns the
/// entry. Errors: option_invalid, those of s3::Client, describe_model() and
/// publish_model().
Result<ModelEntry> publish(const PublishOptions& options, const kafka::Connection& connection,
                           const kafka::Surroundings& around);

}  // namespace rookery::sentiment_scoring
