#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/result.hpp"

namespace rookery {

/// The options of one program, each declared once: from the declaration come
/// parsing, bounds, --help, --print-config, and the README's table.
///
/// A value comes from the first of: flag (--batch-records-max 10), environment
/// (ROOKERY_BATCH_RECORDS_MAX), TOML file (batch_records_max = 10), default (what
/// the variable holds when it is declared). Names are snake_case with the unit
/// last. The variables must outlive the set. One thread uses it, at the start.
class OptionSet {
 public:
  template <typename T>
  struct Bounds {
    T min;
    T max;
  };

  OptionSet();

  /// A heading for the options that follow.
  void section(std::string title);

  void text(std::string name, std::string& value, std::string help);
  void choice(std::string name, std::string& value, std::vector<std::string> choices,
              std::string help);
  void integer(std::string name, std::int64_t& value, Bounds<std::int64_t> bounds,
               std::string help);
  void number(std::string name, double& value, Bounds<double> bounds, std::string help);
  void flag(std::string name, bool& value, std::string help);
  /// Whole milliseconds; the name ends in _ms.
  void duration(std::string name, std::chrono::milliseconds& value,
                Bounds<std::chrono::milliseconds> bounds, std::string help);
  /// Separated by commas in flags and environment, an array in TOML.
  void list(std::string name, std::vector<std::string>& value, std::string help);
  /// Read from the file that NAME_file names, its last line break removed. Never
  /// a flag or a plain variable, never printed.
  void secret(std::string name, std::string& value, std::string help);
  /// Keys that go on as they are: --kafka key=value (repeatable), the TOML table
  /// [kafka], ROOKERY_KAFKA_PROPS=key=value,key=value.
  void pass_through(std::string name, std::map<std::string, std::string>& value, std::string help);
  /// The start stops (exit status 78) when the option just declared is not set.
  void required();

  /// Applies file, environment and flags. `arguments` without the program's
  /// name. Errors: option_unknown (with the nearest name), option_invalid (names
  /// key, value, and what was expected), option_missing, option_file; all are
  /// kMisconfigured. The file is named by --config (-c) or ROOKERY_CONFIG.
  Result<void> parse(const std::vector<std::string>& arguments,
                     const std::function<const char*(const char*)>& environment);

  /// What --help prints below the synopsis.
  [[nodiscard]] std::string help() const;
  /// The effective values as TOML, each with its origin; secrets redacted.
  [[nodiscard]] std::string effective() const;
  /// A Markdown table for each section, under its title, for the READMEs.
  [[nodiscard]] std::string markdown() const;

 private:
  enum class Kind : std::uint8_t { kValue, kFlag, kTable };

  struct Option {
    std::string name;
    std::string section;
    std::string type;  ///< For people: "integer, 1 to 100", "one of a, b".
    std::string help;
    std::string fallback;  ///< The default as TOML.
    std::string origin;    ///< Where the value comes from.
    Kind kind;
    bool required;
    std::function<bool(std::string_view)> set;  ///< False: not what `type` says.
    std::function<std::string()> print;         ///< The value as TOML, secrets redacted.
  };
  using Setter = std::function<bool(std::string_view)>;
  using Printer = std::function<std::string()>;

  void add(std::string name, std::string type, std::string help, Setter set, Printer print);
  Option* find(std::string_view name);
  [[nodiscard]] Failure unknown(std::string_view name, const std::string& origin) const;
  Result<void> apply(Option& option, std::string_view value, const std::string& origin);
  Result<void> apply_file(const std::string& path);
  Result<void> apply_environment(const std::function<const char*(const char*)>& environment);
  Result<void> apply_arguments(const std::vector<std::string>& arguments);

  std::vector<Option> options_;
  std::string section_;
  std::string config_path_;
};

}  // namespace rookery
