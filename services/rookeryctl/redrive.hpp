#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "common/runtime/io.hpp"
#include "services/rookeryctl/context.hpp"

namespace rookery::rookeryctl {

/// How far the letters of one partition of dead_letters were put back. It is
/// committed as the offset and metadata of the group rookeryctl-redrive.
struct RedrivePosition {
  Offset all;                                          ///< Every letter below was dealt with.
  std::map<std::string, Offset, std::less<>> reasons;  ///< Beyond it, those of one reason.

  /// Whether the letter at `offset` was dealt with.
  [[nodiscard]] bool covers(std::string_view reason, Offset offset) const;
  /// All letters below `end` are dealt with, or all of `reason` if it is not empty.
  void advance(const std::string& reason, Offset end);

  [[nodiscard]] CommittedOffset to_committed() const;
  /// What is not understood of the metadata counts as never dealt with.
  [[nodiscard]] static RedrivePosition from(const CommittedOffset& committed);

  friend bool operator==(const RedrivePosition&, const RedrivePosition&) = default;
};

struct RedriveOptions {
  enum class Mode : std::uint8_t { kDoIt, kDryRun };

  std::string reason;    ///< Empty: all.
  std::string to_topic;  ///< Empty: where each came from.
  Mode mode = Mode::kDoIt;
};

struct RedriveReport {
  std::map<std::string, std::uint64_t> written;  ///< By topic.
  std::map<std::string, std::uint64_t> skipped;  ///< By why.
};

/// Puts the letters' original bytes back, with key and headers and those of
/// dead_letter.hpp, to the topic and partition they came from; with its position,
/// in one transaction. A letter that has no place to go is skipped for good.
Result<RedriveReport> redrive(Context& context, const RedriveOptions& options);

}  // namespace rookery::rookeryctl
