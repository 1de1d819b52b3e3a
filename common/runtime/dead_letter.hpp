#pragma once

#include <string_view>

#include "common/runtime/io.hpp"
#include "common/runtime/outputs.hpp"

namespace rookery {

/// Appends the DeadLetter of `record` (proto/rookery/v1/dead_letters.proto): its
/// own bytes, where it lies, and why it was refused. Key: the record's own.
void append_dead_letter(Outputs& out, std::string_view topic, std::string_view service,
                        const InputRecord& record, const Error& error, WallTime now);

}  // namespace rookery
