#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <tl/expected.hpp>

namespace rookery {

/// What the loop must do about an error: one value for each thing that it can
/// do. Chosen where the error is made, acted upon in Pipeline and in the
/// service frame only.
enum class Disposition : std::uint8_t {
  kDeadLetter,     ///< This record can never succeed: park it and go on.
  kRetryBatch,     ///< Nothing is wrong with the records: undo the batch, back off, do it again.
  kFatal,          ///< This process cannot go on: exit and be restarted.
  kMisconfigured,  ///< A restart will not help until somebody changes the settings: exit 78.
};

struct Error {
  Disposition disposition;
  std::string_view code;  ///< From a closed set of literals; becomes a metric label.
  std::string message;    ///< For people, with the offending values. Never a label.
};

/// A value or an Error; ignoring one is a warning, and so a build failure.
/// Has the names of std::expected, to become it when the compiler has it.
template <typename T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using tl::expected<T, Error>::expected;
};

using Failure = tl::unexpected<Error>;

[[nodiscard]] inline Failure dead_letter(std::string_view code, std::string message) {
  return Failure(Error{Disposition::kDeadLetter, code, std::move(message)});
}
[[nodiscard]] inline Failure retry_batch(std::string_view code, std::string message) {
  return Failure(Error{Disposition::kRetryBatch, code, std::move(message)});
}
[[nodiscard]] inline Failure fatal(std::string_view code, std::string message) {
  return Failure(Error{Disposition::kFatal, code, std::move(message)});
}
[[nodiscard]] inline Failure misconfigured(std::string_view code, std::string message) {
  return Failure(Error{Disposition::kMisconfigured, code, std::move(message)});
}

}  // namespace rookery

/// Returns from the enclosing function with the error, if there is one.
#define ROOKERY_RETURN_IF_ERROR(expression)                                  \
  do {                                                                       \
    if (auto&& rookery_result = (expression); !rookery_result.has_value()) { \
      return tl::make_unexpected(std::move(rookery_result).error());         \
    }                                                                        \
  } while (false)
