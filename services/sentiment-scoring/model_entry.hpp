#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "common/core/clock.hpp"
#include "common/core/result.hpp"

namespace rookery::sentiment_scoring {

/// The topic that says which models are scored with (proto/rookery/v1/models.proto).
constexpr std::string_view kModelsTopic = "models";
/// What posts' topics are found with; a sentiment model's use is this and its language.
constexpr std::string_view kTopicsUse = "topics";
constexpr std::string_view kSentimentUse = "sentiment-";

/// Bytes of a model in one record: as base64 they stay below the megabyte that a
/// broker takes by default.
constexpr std::size_t kPartBytes = 512 << 10U;
/// Larger models are published by their place, not in records.
constexpr std::uint64_t kInlineBytesMax = 64ULL << 20U;
/// What a model may have at all.
constexpr std::uint64_t kModelBytesMax = 1ULL << 30U;

/// Says which model is to be scored with, and where it is. Key: its use.
struct ModelEntry {
  std::string use = {};     ///< "topics", or "sentiment-en".
  std::string id = {};      ///< Of the model, as "news-1f0c2d3e".
  std::string sha256 = {};  ///< Of its file.
  std::uint64_t bytes = 0;
  std::uint32_t parts = 0;    ///< Records that hold it; 0: it is at `location`.
  std::string location = {};  ///< A path, or s3://BUCKET/KEY.
  WallTime published_at{};
};

/// A piece of a model's file, in a record of its own before the entry.
struct ModelPart {
  std::string use;
  std::string sha256;  ///< Of the whole file.
  std::uint32_t part = 0;
  std::string data;
};

/// A record's key: the use, or "topics/1f0c2d3e4f50/0" for a part.
[[nodiscard]] std::string part_key(std::string_view use, std::string_view sha256,
                                   std::uint32_t part);
/// The use that a key belongs to.
[[nodiscard]] std::string_view use_of_key(std::string_view key);
[[nodiscard]] bool is_part_key(std::string_view key);

[[nodiscard]] std::string to_json(const ModelEntry& entry);
[[nodiscard]] std::string to_json(const ModelPart& part);
/// Error: entry_malformed (kMisconfigured), naming the field.
Result<std::variant<ModelEntry, ModelPart>> parse_model_record(std::string_view json);

/// What a file's first bytes say that it is for. Errors (kMisconfigured): those
/// of Model::decode() and TopicModel::decode(). Knows only models of this build.
Result<ModelEntry> describe_model(std::string_view bytes);

}  // namespace rookery::sentiment_scoring
