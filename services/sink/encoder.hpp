#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "common/core/result.hpp"
#include "common/runtime/io.hpp"

namespace rookery::sink {

/// Writes a record in the form that a store keeps. Pure; one thread uses it, and
/// it keeps its buffers.
class Encoder {
 public:
  virtual ~Encoder() = default;

  /// What a new file starts with; empty where there is nothing.
  [[nodiscard]] virtual std::string_view header() const { return {}; }

  /// Appends `record` to `out`, whole lines with their line breaks. Errors, all
  /// dead letters: record_malformed.
  virtual Result<void> encode(const InputRecord& record, std::string& out) = 0;
};

/// The record as it is, in one line; a deletion is {"id":KEY,"deleted":true}.
[[nodiscard]] std::unique_ptr<Encoder> make_jsonl_encoder();

/// CSV rows of `topic`; null where the topic has no columns.
[[nodiscard]] std::unique_ptr<Encoder> make_csv_encoder(std::string_view topic);

}  // namespace rookery::sink
