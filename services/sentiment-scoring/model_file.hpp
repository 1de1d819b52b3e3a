#pragma once

#include <string>
#include <string_view>

#include "common/core/result.hpp"
#include "services/sentiment-scoring/model.hpp"

namespace rookery::sentiment_scoring {

/// The form of a model's file, all numbers little-endian:
///
///     "ROOKSENT", u32 version of the format, u32 0,
///     u64 FNV-1a of everything behind it,
///     u32 kFeaturesVersion, u32 number of classes (3, or 2: no neutral), u64 checksum of the
///     lexicon, language (16 bytes) and name (32 bytes), padded with zeros, f32 temperature, f32
///     bias of negative, neutral, positive, u32 number of dense features, for each f32 negative,
///     f32 positive, and two blocks of n-grams, words and characters:
///       u32 number, f32 unit,
///       65536 bytes: how many keys have these 16 high bits,
///       u16 low bits of the keys, in ascending order of the keys,
///       i8 negative, i8 positive for each.
///
/// That is version 1. In version 2, for models of two classes, each n-gram has one
/// i8, which pulls to positive: negative is 0, as neutral is where there is one.
/// Versions 3 and 4 are these two with a third block, of wide n-grams.
/// What is made has the version that holds it in the fewest bytes; all are read.
[[nodiscard]] std::string encode_parts(const ModelParts& parts);

/// Errors as Model::decode(). Counts are checked against the length before
/// anything is reserved.
[[nodiscard]] Result<ModelParts> decode_parts(std::string_view bytes);

}  // namespace rookery::sentiment_scoring
