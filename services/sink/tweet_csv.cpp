#include "services/sink/tweet_csv.hpp"

#include <optional>
#include <string>

#include <simdjson.h>

#include "services/sink/csv.hpp"

namespace rookery::sink {
namespace {

using simdjson::dom::element;

constexpr int kColumnsBetweenIdAndDeleted = 11;

/// The fields of one post by JSON pointer (RFC 6901). The first that has
/// another type than asked for is remembered.
class Fields {
 public:
  explicit Fields(element root) : root_(root) {}

  std::string_view text(std::string_view path) {
    return get<std::string_view>(path, "a text").value_or("");
  }
  std::optional<double> number(std::string_view path) { return get<double>(path, "a number"); }

  /// Separated by blanks: a hashtag has none in it.
  std::string hashtags() {
    std::string joined;
    const auto tags = get<simdjson::dom::array>("/entities/hashtags", "an array");
    if (!tags) return joined;
    for (const element tag : *tags) {
      std::string_view text;
      if (tag["tag"].get(text) != simdjson::SUCCESS) {
        note("/entities/hashtags", "objects with a tag");
        continue;
      }
      if (!joined.empty()) joined.push_back(' ');
      joined.append(text);
    }
    return joined;
  }

  [[nodiscard]] const std::string& mistake() const { return mistake_; }

 private:
  template <typename T>
  std::optional<T> get(std::string_view path, std::string_view expected) {
    element found;
    if (root_.at_pointer(path).get(found) != simdjson::SUCCESS || found.is_null()) return {};
    T value{};
    if (found.get(value) == simdjson::SUCCESS) return value;
    note(path, expected);
    return {};
  }

  void note(std::string_view path, std::string_view expected) {
    if (!mistake_.empty()) return;
    mistake_ = "field " + std::string(path) + ": expected " + std::string(expected);
  }

  element root_;
  std::string mistake_;
};

void append_number(CsvRow& row, std::optional<double> value) {
  value ? row.number(*value) : row.empty();
}

class TweetCsvEncoder final : public Encoder {
 public:
  std::string_view header() const override {
    return "id,created_at,lang,text,author_id,lat,lon,country_code,city,sentiment,score,hashtags,"
           "deleted\r\n";
  }

  Result<void> encode(const InputRecord& record, std::string& out) override {
    if (!record.value) {
      CsvRow row(out);
      row.text(record.key.value_or(""));
      for (int i = 0; i < kColumnsBetweenIdAndDeleted; ++i) row.empty();
      row.text("true");
      return {};
    }
    element root;
    const auto error = parser_.parse(record.value->data(), record.value->size()).get(root);
    if (error != simdjson::SUCCESS) {
      return dead_letter("record_malformed",
                         std::string("expected JSON: ") + simdjson::error_message(error));
    }
    if (!root.is_object()) return dead_letter("record_malformed", "expected a JSON object");
    Fields fields(root);
    append_row(fields, out);
    if (!fields.mistake().empty()) return dead_letter("record_malformed", fields.mistake());
    for (const std::string_view path : {"/id", "/created_at"}) {
      if (fields.text(path).empty()) {
        return dead_letter("record_malformed",
                           "field " + std::string(path) + ": expected a text that is not empty");
      }
    }
    return {};
  }

 private:
  static void append_row(Fields& fields, std::string& out) {
    const std::string_view place =
        fields.number("/geo/lat") ? std::string_view("/geo") : std::string_view("/coordinates");
    CsvRow row(out);
    row.text(fields.text("/id"));
    row.text(fields.text("/created_at"));
    row.text(fields.text("/lang"));
    row.text(fields.text("/text"));
    row.text(fields.text("/author/id"));
    append_number(row, fields.number(std::string(place) + "/lat"));
    append_number(row, fields.number(std::string(place) + "/lon"));
    row.text(fields.text("/geo/country_code"));
    row.text(fields.text("/geo/city"));
    row.text(fields.text("/sentiment/label"));
    append_number(row, fields.number("/sentiment/score"));
    row.text(fields.hashtags());
    row.empty();
  }

  simdjson::dom::parser parser_;
};

}  // namespace

std::unique_ptr<Encoder> make_tweet_csv_encoder() {
  return std::make_unique<TweetCsvEncoder>();
}

}  // namespace rookery::sink
