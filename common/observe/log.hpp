#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <mutex>
#include <string>
#include <string_view>

#include "common/core/clock.hpp"

namespace rookery {

/// One value of a log line. Numbers and texts alike are kept as text.
struct LogField {
  template <typename Text>
  requires std::convertible_to<Text, std::string_view> LogField(std::string_view field,
                                                                const Text& text)
      : name(field), value(std::string_view(text)) {}
  template <std::integral Number>
  LogField(std::string_view field, Number number) : name(field), value(std::to_string(number)) {}

  std::string_view name;
  std::string value;
};

/// Writes one line per event to standard error, as logfmt or JSON. Any thread
/// may use it; a line is written whole. Nothing is logged per record.
///
/// error: someone must act. warn: unexpected, handled, nothing lost. info:
/// start, stop, assignment. debug: per batch.
class Log {
 public:
  enum class Level : std::uint8_t { kError, kWarn, kInfo, kDebug };
  enum class Format : std::uint8_t { kLogfmt, kJson };
  using Fields = std::initializer_list<LogField>;

  Log(std::string service, Clock& clock) : service_(std::move(service)), clock_(clock) {}

  void configure(Level level, Format format);

  void error(std::string_view message, Fields fields = {}) {
    write(Level::kError, message, fields);
  }
  void warn(std::string_view message, Fields fields = {}) { write(Level::kWarn, message, fields); }
  void info(std::string_view message, Fields fields = {}) { write(Level::kInfo, message, fields); }
  void debug(std::string_view message, Fields fields = {}) {
    write(Level::kDebug, message, fields);
  }

 private:
  void write(Level level, std::string_view message, Fields fields);

  std::string service_;
  Clock& clock_;
  Level level_ = Level::kInfo;
  Format format_ = Format::kLogfmt;
  std::mutex mutex_;
};

}  // namespace rookery
