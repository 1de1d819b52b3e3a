#pragma once

#include <memory>

#include "services/sink/encoder.hpp"

namespace rookery::sink {

/// One row per record of processed_tweets; a deletion is a row with its id and
/// `deleted` alone.
[[nodiscard]] std::unique_ptr<Encoder> make_tweet_csv_encoder();

}  // namespace rookery::sink
