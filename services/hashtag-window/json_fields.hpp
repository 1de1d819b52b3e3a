#pragma once

#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include <simdjson.h>

namespace rookery::hashtag_window {

/// A parser that keeps its buffers.
class JsonParser {
 public:
  /// The object that `json` is; absent for anything else. Holds until the next call.
  std::optional<simdjson::dom::object> object(std::string_view json) {
    padded_.reserve(json.size() + simdjson::SIMDJSON_PADDING);
    padded_.assign(json);
    simdjson::dom::object result;
    if (parser_.parse(padded_.data(), json.size(), false).get_object().get(result) !=
        simdjson::SUCCESS) {
      return std::nullopt;
    }
    return result;
  }

 private:
  simdjson::dom::parser parser_;
  std::string padded_;
};

/// Reads fields of an object by name and remembers the first that is not as expected. Asked for in
/// the order in which they stand there, each costs one comparison; in another, a search.
class FieldReader {
 public:
  explicit FieldReader(simdjson::dom::object object)
      : object_(object), next_(object.begin()), end_(object.end()) {}

  /// A number, or an int64 as a string; `min` to `max`.
  std::int64_t integer(std::string_view name, std::int64_t min, std::int64_t max) {
    std::int64_t number = 0;
    simdjson::dom::element element;
    if (field(name).get(element) != simdjson::SUCCESS) return fail(name);
    if (std::string_view text; element.get_string().get(text) == simdjson::SUCCESS) {
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
      if (error != std::errc() || end != text.data() + text.size()) return fail(name);
    } else if (element.get_int64().get(number) != simdjson::SUCCESS) {
      return fail(name);
    }
    return number < min || number > max ? fail(name) : number;
  }

  std::int64_t int32(std::string_view name) {
    return integer(name, std::numeric_limits<std::int32_t>::min(),
                   std::numeric_limits<std::int32_t>::max());
  }

  std::int64_t int64(std::string_view name) {
    return integer(name, std::numeric_limits<std::int64_t>::min(),
                   std::numeric_limits<std::int64_t>::max());
  }

  std::string_view text(std::string_view name) {
    std::string_view text;
    if (field(name).get_string().get(text) != simdjson::SUCCESS) fail(name);
    return text;
  }

  /// Empty where it is absent.
  simdjson::dom::array array(std::string_view name) {
    simdjson::dom::array array;
    if (field(name).get_array().get(array) != simdjson::SUCCESS) fail(name);
    return array;
  }

  [[nodiscard]] bool has(std::string_view name) const {
    return is_next(name) || object_[name].error() == simdjson::SUCCESS;
  }
  [[nodiscard]] bool truth(std::string_view name) const {
    bool value = false;
    return object_[name].get_bool().get(value) == simdjson::SUCCESS && value;
  }

  /// The field's value is not one that is known.
  void refuse(std::string_view name) { fail(name); }

  [[nodiscard]] const simdjson::dom::object& object() const { return object_; }
  [[nodiscard]] bool ok() const { return failed_.empty(); }
  [[nodiscard]] const std::string& failed() const { return failed_; }

 private:
  [[nodiscard]] bool is_next(std::string_view name) const {
    return next_ != end_ && next_.key_equals(name);
  }
  simdjson::simdjson_result<simdjson::dom::element> field(std::string_view name) {
    if (!is_next(name)) return object_[name];
    const auto found = next_;
    ++next_;
    return found.value();
  }

  std::int64_t fail(std::string_view name) {
    if (failed_.empty()) failed_ = name;
    return 0;
  }

  simdjson::dom::object object_;
  simdjson::dom::object::iterator next_;
  simdjson::dom::object::iterator end_;
  std::string failed_;
};

}  // namespace rookery::hashtag_window
