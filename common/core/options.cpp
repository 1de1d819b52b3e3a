#include "common/core/options.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <limits>
#include <sstream>
#include <utility>

#include <toml.hpp>

#include "common/core/terminal_text.hpp"

namespace rookery {
namespace {

std::string flag_name(std::string_view name) {
  std::string flag = "--" + std::string(name);
  std::replace(flag.begin() + 2, flag.end(), '_', '-');
  return flag;
}

std::string variable_name(std::string_view name) {
  std::string variable = "ROOKERY_";
  for (const char c : name) {
    variable += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return variable;
}

std::string toml_string(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    if (c == '\n') {
      quoted += "\\n";
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

std::string toml_list(const std::vector<std::string>& values) {
  std::string list = "[";
  for (const auto& value : values) list += (list.size() > 1 ? ", " : "") + toml_string(value);
  return list + "]";
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const auto end = std::min(text.find(separator), text.size());
    if (end > 0) parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

std::string number_text(double value) {
  std::ostringstream text;
  text << value;
  return text.str();
}

/// How many single-character edits lead from `a` to `b` (Levenshtein, 1966).
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

/// A key that names a credential is not printed, whatever its value.
bool names_a_secret(std::string_view key) {
  for (const std::string_view word :
       {"password", "secret", "token", "jaas", "credential", "key.pem", "oauthbearer.config"}) {
    if (key.find(word) != std::string_view::npos) return true;
  }
  return false;
}

bool parse_pair(std::string_view text, std::map<std::string, std::string>& pairs) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0) return false;
  pairs[std::string(text.substr(0, equals))] = std::string(text.substr(equals + 1));
  return true;
}

bool read_secret(std::string_view path, std::string& value) {
  std::ifstream file{std::string(path)};
  if (!file) return false;
  std::ostringstream content;
  content << file.rdbuf();
  value = content.str();
  while (!value.empty() && (value.back() == '\n' || value.back() == '\r')) value.pop_back();
  return !value.empty();
}

/// A scalar of a TOML file as the text that a flag would have; arrays with commas.
Result<std::string> scalar_text(const toml::value& value) {
  if (value.is_string()) return std::string(value.as_string().str);
  if (value.is_integer()) return std::to_string(value.as_integer());
  if (value.is_boolean()) return std::string(value.as_boolean() ? "true" : "false");
  if (value.is_floating()) return number_text(value.as_floating());
  if (!value.is_array()) return misconfigured("option_file", "expected a scalar or an array");
  std::string list;
  for (const auto& element : value.as_array()) {
    auto text = scalar_text(element);
    ROOKERY_RETURN_IF_ERROR(text);
    list += (list.empty() ? "" : ",") + *text;
  }
  return list;
}

}  // namespace

OptionSet::OptionSet() {
  text("config", config_path_, "TOML file with any of these options (short: -c).");
}

void OptionSet::section(std::string title) {
  section_ = std::move(title);
}

void OptionSet::add(std::string name, std::string type, std::string help, Setter set,
                    Printer print) {
  std::string fallback = print();
  options_.push_back({.name = std::move(name),
                      .section = section_,
                      .type = std::move(type),
                      .help = std::move(help),
                      .fallback = std::move(fallback),
                      .origin = "default",
                      .kind = Kind::kValue,
                      .required = false,
                      .set = std::move(set),
                      .print = std::move(print)});
}

void OptionSet::required() {
  options_.back().required = true;
  options_.back().fallback = "(required)";
}

void OptionSet::text(std::string name, std::string& value, std::string help) {
  add(
      std::move(name), "text", std::move(help),
      [&value](std::string_view text) {
        value = text;
        return true;
      },
      [&value] { return toml_string(value); });
}

void OptionSet::choice(std::string name, std::string& value, std::vector<std::string> choices,
                       std::string help) {
  std::string type = "one of";
  for (const auto& choice : choices) type += (&choice == choices.data() ? " " : ", ") + choice;
  add(
      std::move(name), std::move(type), std::move(help),
      [&value, choices = std::move(choices)](std::string_view text) {
        if (std::find(choices.begin(), choices.end(), text) == choices.end()) return false;
        value = text;
        return true;
      },
      [&value] { return toml_string(value); });
}

void OptionSet::integer(std::string name, std::int64_t& value, Bounds<std::int64_t> bounds,
                        std::string help) {
  add(
      std::move(name),
      "integer, " + std::to_string(bounds.min) + " to " + std::to_string(bounds.max),
      std::move(help),
      [&value, bounds](std::string_view text) {
        std::int64_t number = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (error != std::errc{} || end != text.data() + text.size()) return false;
        if (number < bounds.min || number > bounds.max) return false;
        value = number;
        return true;
      },
      [&value] { return std::to_string(value); });
}

void OptionSet::number(std::string name, double& value, Bounds<double> bounds, std::string help) {
  add(
      std::move(name), "number, " + number_text(bounds.min) + " to " + number_text(bounds.max),
      std::move(help),
      [&value, bounds](std::string_view text) {
        double number = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (error != std::errc{} || end != text.data() + text.size()) return false;
        if (!(number >= bounds.min && number <= bounds.max)) return false;
        value = number;
        return true;
      },
      [&value] { return number_text(value); });
}

void OptionSet::flag(std::string name, bool& value, std::string help) {
  add(
      std::move(name), "true or false", std::move(help),
      [&value](std::string_view text) {
        if (text != "true" && text != "false") return false;
        value = text == "true";
        return true;
      },
      [&value] { return std::string(value ? "true" : "false"); });
  options_.back().kind = Kind::kFlag;
}

void OptionSet::duration(std::string name, std::chrono::milliseconds& value,
                         Bounds<std::chrono::milliseconds> bounds, std::string help) {
  add(
      std::move(name),
      "milliseconds, " + std::to_string(bounds.min.count()) + " to " +
          std::to_string(bounds.max.count()),
      std::move(help),
      [&value, bounds](std::string_view text) {
        std::int64_t count = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
        if (error != std::errc{} || end != text.data() + text.size()) return false;
        if (count < bounds.min.count() || count > bounds.max.count()) return false;
        value = std::chrono::milliseconds(count);
        return true;
      },
      [&value] { return std::to_string(value.count()); });
}

void OptionSet::list(std::string name, std::vector<std::string>& value, std::string help) {
  add(
      std::move(name), "list, separated by commas", std::move(help),
      [&value](std::string_view text) {
        value = split(text, ',');
        return true;
      },
      [&value] { return toml_list(value); });
}

void OptionSet::secret(std::string name, std::string& value, std::string help) {
  add(
      std::move(name) + "_file", "path of a readable file that is not empty", std::move(help),
      [&value](std::string_view path) { return read_secret(path, value); },
      [&value] { return toml_string(value.empty() ? "" : "(redacted)"); });
}

void OptionSet::pass_through(std::string name, std::map<std::string, std::string>& value,
                             std::string help) {
  add(
      std::move(name), "key=value, repeatable", std::move(help),
      [&value](std::string_view text) { return parse_pair(text, value); },
      [&value] {
        std::string table = "{";
        for (const auto& [key, text] : value) {
          table += (table.size() > 1 ? ", " : " ") + toml_string(key) + " = " +
                   toml_string(names_a_secret(key) ? "(redacted)" : text);
        }
        return table + (table.size() > 1 ? " }" : "}");
      });
  options_.back().kind = Kind::kTable;
}

OptionSet::Option* OptionSet::find(std::string_view name) {
  const auto found = std::find_if(options_.begin(), options_.end(),
                                  [&](const Option& option) { return option.name == name; });
  return found == options_.end() ? nullptr : &*found;
}

Failure OptionSet::unknown(std::string_view name, const std::string& origin) const {
  const auto nearest =
      std::min_element(options_.begin(), options_.end(), [&](const Option& a, const Option& b) {
        return edit_distance(name, a.name) < edit_distance(name, b.name);
      });
  return misconfigured("option_unknown", origin + ": there is no option \"" + std::string(name) +
                                             "\"; the nearest name is \"" + nearest->name + "\"");
}

Result<void> OptionSet::apply(Option& option, std::string_view value, const std::string& origin) {
  if (!option.set(value)) {
    return misconfigured("option_invalid", origin + ": option \"" + option.name + "\": expected " +
                                               option.type + ", got \"" + std::string(value) +
                                               "\"");
  }
  option.origin = origin;
  return {};
}

Result<void> OptionSet::apply_file(const std::string& path) {
  const std::string origin = "file " + path;
  toml::value root;
  try {
    root = toml::parse(path);
  } catch (const std::exception& error) {
    return misconfigured("option_file", origin + ": " + error.what());
  }
  for (const auto& [name, value] : root.as_table()) {
    Option* option = find(name);
    if (option == nullptr || name == "config") return unknown(name, origin);
    if (option->kind == Kind::kTable && value.is_table()) {
      for (const auto& [key, entry] : value.as_table()) {
        auto text = scalar_text(entry);
        ROOKERY_RETURN_IF_ERROR(text);
        ROOKERY_RETURN_IF_ERROR(apply(*option, key + "=" + *text, origin));
      }
      continue;
    }
    auto text = scalar_text(value);
    ROOKERY_RETURN_IF_ERROR(text);
    ROOKERY_RETURN_IF_ERROR(apply(*option, *text, origin));
  }
  return {};
}

Result<void> OptionSet::apply_environment(
    const std::function<const char*(const char*)>& environment) {
  for (auto& option : options_) {
    const std::string variable =
        variable_name(option.name) + (option.kind == Kind::kTable ? "_PROPS" : "");
    const char* value = environment(variable.c_str());
    if (value == nullptr) continue;
    const std::string origin = "environment " + variable;
    if (option.kind != Kind::kTable) {
      ROOKERY_RETURN_IF_ERROR(apply(option, value, origin));
      continue;
    }
    for (const auto& pair : split(value, ',')) ROOKERY_RETURN_IF_ERROR(apply(option, pair, origin));
  }
  return {};
}

Result<void> OptionSet::apply_arguments(const std::vector<std::string>& arguments) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    std::string_view argument = arguments[i] == "-c" ? "--config" : std::string_view(arguments[i]);
    if (!argument.starts_with("--")) {
      return misconfigured("option_unknown",
                           "command line: expected --name, got \"" + arguments[i] + "\"");
    }
    const auto equals = argument.find('=');
    std::string name(argument.substr(2, equals == std::string_view::npos ? equals : equals - 2));
    std::replace(name.begin(), name.end(), '-', '_');
    Option* option = find(name);
    if (option == nullptr) return unknown(name, "command line");
    std::string value = "true";
    if (equals != std::string_view::npos) {
      value = argument.substr(equals + 1);
    } else if (option->kind != Kind::kFlag) {
      if (++i == arguments.size()) {
        return misconfigured("option_invalid",
                             "command line: option \"" + name + "\": expected a value after it");
      }
      value = arguments[i];
    }
    ROOKERY_RETURN_IF_ERROR(apply(*option, value, "flag " + flag_name(name)));
  }
  return {};
}

Result<void> OptionSet::parse(const std::vector<std::string>& arguments,
                              const std::function<const char*(const char*)>& environment) {
  // Flags first, only to learn the file's name; they win by being applied again.
  ROOKERY_RETURN_IF_ERROR(apply_arguments(arguments));
  const char* path = environment("ROOKERY_CONFIG");
  if (config_path_.empty() && path != nullptr) config_path_ = path;
  if (!config_path_.empty()) ROOKERY_RETURN_IF_ERROR(apply_file(config_path_));
  ROOKERY_RETURN_IF_ERROR(apply_environment(environment));
  ROOKERY_RETURN_IF_ERROR(apply_arguments(arguments));
  for (const auto& option : options_) {
    if (!option.required || option.origin != "default") continue;
    return misconfigured("option_missing", "option \"" + option.name +
                                               "\" is required: " + flag_name(option.name) + ", " +
                                               variable_name(option.name) + ", or in the file");
  }
  return {};
}

std::string OptionSet::help() const {
  std::string text;
  std::string section = "\n";
  for (const auto& option : options_) {
    if (option.section != section) {
      section = option.section;
      text += "\n" + (section.empty() ? std::string("General") : section) + ":\n";
    }
    std::string head = "  " + flag_name(option.name);
    if (option.kind == Kind::kTable) head += " KEY=VALUE";
    constexpr std::size_t kIndent = 30;
    constexpr std::size_t kColumns = 100;
    head += std::string(head.size() < kIndent ? kIndent - head.size() : 1, ' ');
    text += head;
    append_wrapped(text, option.help, kIndent, kColumns);
    text += "\n" + std::string(kIndent, ' ');
    const std::string fallback = option.required ? "required" : "default " + option.fallback;
    append_wrapped(text, option.type + "; " + fallback, kIndent, kColumns);
    text += "\n";
  }
  return text;
}

std::string OptionSet::effective() const {
  std::string text;
  for (const auto& option : options_) {
    if (option.name == "config") continue;
    text += option.name + " = " + option.print() + "  # " + option.origin + "\n";
  }
  return text;
}

std::string OptionSet::markdown() const {
  std::string text;
  std::string section = "\n";
  for (const auto& option : options_) {
    if (option.section != section) {
      section = option.section;
      text += (text.empty() ? "### " : "\n### ") + (section.empty() ? "General" : section) +
              "\n\n| option | value | default | what it does |\n|---|---|---|---|\n";
    }
    text += "| `" + option.name + "` | " + option.type + " | `" + option.fallback + "` | " +
            option.help + " |\n";
  }
  return text;
}

}  // namespace rookery
