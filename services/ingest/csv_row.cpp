#include "services/ingest/csv_row.hpp"

namespace rookery::ingest {

std::size_t CsvBreaks::find(std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const char c = bytes[i];
    switch (state_) {
      case State::kFieldStart:
        if (c == '\n') return i;
        if (c == '"') {
          state_ = State::kQuoted;
        } else if (c != ',') {
          state_ = State::kBare;
        }
        break;
      case State::kBare:
        if (c == '\n') {
          state_ = State::kFieldStart;
          return i;
        }
        if (c == ',') state_ = State::kFieldStart;
        break;
      case State::kQuoted: {
        const std::size_t quote = bytes.find('"', i);
        if (quote == std::string_view::npos) return quote;
        i = quote;
        state_ = State::kQuoteSeen;
        break;
      }
      case State::kQuoteSeen:
        state_ = c == '"' ? State::kQuoted : c == ',' ? State::kFieldStart : State::kBare;
        if (c == '\n') {
          state_ = State::kFieldStart;
          return i;
        }
        break;
    }
  }
  return std::string_view::npos;
}

/// Appends the field that begins behind the quote at `begin`; returns where it ends.
Result<std::size_t> CsvRow::read_quoted(std::string_view record, std::size_t begin) {
  const std::size_t start = begin + 1;
  const std::size_t kept = unquoted_.size();
  bool doubled = false;
  std::size_t from = start;
  while (true) {
    const std::size_t quote = record.find('"', from);
    if (quote == std::string_view::npos) {
      return dead_letter("csv_malformed", "column " + std::to_string(fields_.size() + 1) +
                                              ": expected a closing quote, got the end");
    }
    if (quote + 1 < record.size() && record[quote + 1] == '"') {
      doubled = true;
      unquoted_.append(record.substr(from, quote + 1 - from));
      from = quote + 2;
      continue;
    }
    if (doubled) {
      unquoted_.append(record.substr(from, quote - from));
      fields_.push_back(std::string_view(unquoted_).substr(kept));
    } else {
      fields_.push_back(record.substr(start, quote - start));
    }
    return quote + 1;
  }
}

Result<void> CsvRow::split(std::string_view record) {
  fields_.clear();
  unquoted_.clear();
  // Views into it must not move: all fields together are no longer than this.
  unquoted_.reserve(record.size());
  std::size_t begin = 0;
  while (true) {
    std::size_t end = 0;
    if (begin < record.size() && record[begin] == '"') {
      auto closed = read_quoted(record, begin);
      ROOKERY_RETURN_IF_ERROR(closed);
      end = *closed;
      if (end < record.size() && record[end] != ',') {
        return dead_letter("csv_malformed", "column " + std::to_string(fields_.size()) +
                                                ": expected a comma behind the closing quote");
      }
    } else {
      end = std::min(record.find(',', begin), record.size());
      fields_.push_back(record.substr(begin, end - begin));
    }
    if (end >= record.size()) return {};
    begin = end + 1;
  }
}

}  // namespace rookery::ingest
