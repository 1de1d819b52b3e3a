#pragma once

#include <optional>
#include <string_view>

#include "common/runtime/io.hpp"
#include "common/runtime/outputs.hpp"

namespace rookery {

/// Appends the DeadLetter of `record` (proto/rookery/v1/dead_letters.proto): its
/// own bytes, where it lies, and why it was refused. Key: the record's own.
void append_dead_letter(Outputs& out, std::string_view topic, std::string_view service,
                        const InputRecord& record, const Error& error, WallTime now);

/// Headers of a dead letter that an operator has put back: where it lay, and why it was refused.
inline constexpr std::string_view kRedrivenFrom = "redriven-from";
inline constexpr std::string_view kRedrivenReason = "redriven-reason";

/// Why the record was refused before it was put back; empty for any other record.
[[nodiscard]] std::optional<std::string_view> redriven_reason(const InputRecord& record);

}  // namespace rookery
