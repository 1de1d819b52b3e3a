#include "common/observe/log.hpp"

#include <array>

#include <unistd.h>

#include "common/records/json_writer.hpp"
#include "common/records/timestamp.hpp"

namespace rookery {
namespace {

constexpr std::array<std::string_view, 4> kLevelNames = {"error", "warn", "info", "debug"};

/// logfmt needs quotes around a value with a space, a quote, "=", or a control
/// character; JSON's escapes serve, so that no value can forge a line.
void append_logfmt(std::string& line, std::string_view value) {
  bool plain = !value.empty();
  for (const char c : value) {
    plain = plain && c > ' ' && c != '"' && c != '=' && c != '\\' && c != 0x7f;
  }
  if (plain) {
    line.append(value);
  } else {
    json::append_string(line, value);
  }
}

}  // namespace

void Log::configure(Level level, Format format) {
  const std::scoped_lock lock(mutex_);
  level_ = level;
  format_ = format;
}

void Log::write(Level level, std::string_view message, Fields fields) {
  const std::scoped_lock lock(mutex_);
  if (level > level_) return;
  std::string line;
  const bool as_json = format_ == Format::kJson;
  const auto append = [&](std::string_view name, std::string_view value) {
    if (as_json) {
      line += line.empty() ? "{\"" : ",\"";
      line.append(name).append("\":");
      json::append_string(line, value);
    } else {
      if (!line.empty()) line += ' ';
      line.append(name) += '=';
      append_logfmt(line, value);
    }
  };
  append("ts", to_rfc3339(clock_.wall_now()));
  append("level", kLevelNames.at(static_cast<std::size_t>(level)));
  append("service", service_);
  append("msg", message);
  for (const auto& field : fields) append(field.name, field.value);
  line += as_json ? "}\n" : "\n";
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace rookery
