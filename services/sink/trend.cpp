#include "services/sink/trend.hpp"

#include <simdjson.h>

#include "services/sink/csv.hpp"

namespace rookery::sink {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;

Failure malformed(std::string_view field, std::string_view expected) {
  return dead_letter("record_malformed",
                     "field \"" + std::string(field) + "\": expected " + std::string(expected));
}

/// The proto3 JSON mapping leaves out what has its default value.
template <typename T>
bool read_optional(const object& from, std::string_view name, T& value) {
  element found;
  if (from[name].get(found) != simdjson::SUCCESS || found.is_null()) return true;
  return found.get(value) == simdjson::SUCCESS;
}

Result<void> read_text(const object& from, std::string_view name, std::string& value) {
  std::string_view text;
  if (from[name].get(text) != simdjson::SUCCESS || text.empty()) {
    return malformed(name, "a text that is not empty");
  }
  value = text;
  return {};
}

Result<TrendEntry> read_entry(const element& from) {
  object fields;
  if (from.get(fields) != simdjson::SUCCESS) return malformed("top", "objects");
  TrendEntry entry;
  std::string_view key;
  std::string_view spelling;
  std::string_view state;
  if (!read_optional(fields, "key", key)) return malformed("key", "a text");
  if (!read_optional(fields, "spelling", spelling)) return malformed("spelling", "a text");
  if (!read_optional(fields, "state", state)) return malformed("state", "a text");
  entry.key = key;
  entry.spelling = spelling;
  entry.state = state;
  if (!read_optional(fields, "count", entry.count)) return malformed("count", "an integer");
  if (!read_optional(fields, "authors", entry.authors)) return malformed("authors", "an integer");
  if (!read_optional(fields, "sentiment", entry.sentiment)) {
    return malformed("sentiment", "a number");
  }
  if (!read_optional(fields, "score", entry.score)) return malformed("score", "a number");
  std::int64_t rank = 0;
  if (!read_optional(fields, "previous_rank", rank)) {
    return malformed("previous_rank", "an integer");
  }
  if (rank > 0) entry.previous_rank = rank;
  return entry;
}

Result<Trend> read_trend(const object& fields) {
  Trend trend;
  ROOKERY_RETURN_IF_ERROR(read_text(fields, "dimension", trend.dimension));
  ROOKERY_RETURN_IF_ERROR(read_text(fields, "window", trend.window));
  ROOKERY_RETURN_IF_ERROR(read_text(fields, "start", trend.start));
  ROOKERY_RETURN_IF_ERROR(read_text(fields, "end", trend.end));
  if (!read_optional(fields, "total", trend.total)) return malformed("total", "an integer");
  if (!read_optional(fields, "sentiment", trend.sentiment)) {
    return malformed("sentiment", "a number");
  }
  if (!read_optional(fields, "approximate", trend.approximate)) {
    return malformed("approximate", "true or false");
  }
  trend.final = false;  // Where it is absent, by the proto3 JSON mapping.
  if (!read_optional(fields, "final", trend.final)) return malformed("final", "true or false");
  simdjson::dom::array top;
  if (!read_optional(fields, "top", top)) return malformed("top", "an array");
  element found;
  if (fields["top"].get(found) != simdjson::SUCCESS || found.is_null()) return trend;
  for (const element item : top) {
    auto entry = read_entry(item);
    ROOKERY_RETURN_IF_ERROR(entry);
    trend.top.push_back(std::move(*entry));
  }
  return trend;
}

class TrendCsvEncoder final : public Encoder {
 public:
  std::string_view header() const override {
    return "window,dimension,start,end,rank,key,count,authors,sentiment,previous_rank,score,total,"
           "spelling,state,approximate,final\r\n";
  }

  Result<void> encode(const InputRecord& record, std::string& out) override {
    if (!record.value) {
      return dead_letter("record_malformed", "expected a ranking, got a deletion");
    }
    const auto trend = reader_.read(*record.value);
    ROOKERY_RETURN_IF_ERROR(trend);
    std::int64_t rank = 0;
    for (const auto& entry : trend->top) {
      CsvRow row(out);
      row.text(trend->window);
      row.text(trend->dimension);
      row.text(trend->start);
      row.text(trend->end);
      row.number(++rank);
      row.text(entry.key);
      row.number(entry.count);
      row.number(entry.authors);
      row.number(entry.sentiment);
      entry.previous_rank ? row.number(*entry.previous_rank) : row.empty();
      row.number(entry.score);
      row.number(trend->total);
      row.text(entry.spelling);
      row.text(entry.state);
      row.text(trend->approximate ? "true" : "false");
      row.text(trend->final ? "true" : "false");
    }
    return {};
  }

 private:
  TrendReader reader_;
};

}  // namespace

struct TrendReader::Parser {
  simdjson::dom::parser json;
};

TrendReader::TrendReader() : parser_(std::make_unique<Parser>()) {}
TrendReader::~TrendReader() = default;

Result<Trend> TrendReader::read(std::string_view json) {
  element root;
  const auto error = parser_->json.parse(json.data(), json.size()).get(root);
  if (error != simdjson::SUCCESS) {
    return dead_letter("record_malformed",
                       std::string("expected JSON: ") + simdjson::error_message(error));
  }
  object fields;
  if (root.get(fields) != simdjson::SUCCESS) {
    return dead_letter("record_malformed", "expected a JSON object");
  }
  return read_trend(fields);
}

bool TrendReader::is_early(std::string_view json) {
  const auto trend = read(json);
  return trend && !trend->final;
}

std::unique_ptr<Encoder> make_trend_csv_encoder() {
  return std::make_unique<TrendCsvEncoder>();
}

}  // namespace rookery::sink
