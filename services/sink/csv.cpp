#include "services/sink/csv.hpp"

#include "common/records/json_writer.hpp"

namespace rookery::sink {

void CsvRow::empty() {
  if (!first_) out_.push_back(',');
  first_ = false;
}

void CsvRow::text(std::string_view value) {
  empty();
  const bool formula =
      !value.empty() && std::string_view("=+-@\t\r").find(value.front()) != std::string_view::npos;
  const bool quoted = value.find_first_of(",\"\r\n") != std::string_view::npos;
  if (quoted) out_.push_back('"');
  if (formula) out_.push_back('\'');
  for (const char c : value) {
    if (c == '"') out_.push_back('"');
    out_.push_back(c);
  }
  if (quoted) out_.push_back('"');
}

void CsvRow::number(std::int64_t value) {
  empty();
  json::append_number(out_, value);
}

void CsvRow::number(double value) {
  empty();
  json::append_number(out_, value);
}

}  // namespace rookery::sink
