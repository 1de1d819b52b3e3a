#include "services/sink/trend_table.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>
#include <vector>

#include "common/core/terminal_text.hpp"

namespace rookery::sink {
namespace {

constexpr std::size_t kKeyColumnsMin = 16;
constexpr std::size_t kKeyColumnsMax = 32;
constexpr std::size_t kTextColumnsMax = 40;

/// 1234567 as 1,234,567.
std::string grouped(std::int64_t number) {
  std::string digits = std::to_string(number);
  const std::size_t sign = number < 0 ? 1 : 0;
  for (std::size_t i = digits.size(); i > sign + 3;) digits.insert(i -= 3, 1, ',');
  return digits;
}

std::string fixed(double value, int decimals, bool sign) {
  std::array<char, 64> text{};
  const int size =
      std::snprintf(text.data(), text.size(), sign ? "%+.*f" : "%.*f", decimals, value);
  return {text.data(), std::min(static_cast<std::size_t>(size), text.size() - 1)};
}

/// "2026-11-21T12:00:00Z" as "2026-11-21 12:00"; seconds where they count.
std::string minutes(std::string_view time) {
  std::string text(time.substr(0, 16));
  if (time.size() >= 19 && time.substr(17, 2) != "00") text = time.substr(0, 19);
  if (text.size() > 10 && text[10] == 'T') text[10] = ' ';
  return text;
}

/// "2026-11-21 12:00–12:05 UTC": the end's date only where it is another one.
std::string span(const Trend& trend) {
  const std::string start = minutes(trend.start);
  const std::string end = minutes(trend.end);
  const bool same_day = start.substr(0, 10) == end.substr(0, 10);
  return start + "–" + (same_day && end.size() > 11 ? end.substr(11) : end) + " UTC";
}

std::string change(const TrendEntry& entry, std::int64_t rank) {
  if (!entry.previous_rank) return "new";
  if (*entry.previous_rank == rank) return "=";
  return *entry.previous_rank > rank ? "▲" + std::to_string(*entry.previous_rank - rank)
                                     : "▼" + std::to_string(rank - *entry.previous_rank);
}

const std::string& shown_name(const TrendEntry& entry) {
  return entry.spelling.empty() ? entry.key : entry.spelling;
}

struct Column {
  std::string_view name;
  std::size_t columns;
};

// Behind rank and key; wide enough for the name and for what counts hold.
constexpr std::array<Column, 6> kColumns = {
    {{"count", 11}, {"authors", 11}, {"sentiment", 9}, {"change", 6}, {"score", 9}, {"state", 7}}};
using Cells = std::array<std::string, kColumns.size()>;
constexpr std::size_t kRankColumns = 4;

void append_line(std::string& out, const std::string& rank, const TerminalText& key,
                 std::size_t key_columns, const Cells& cells) {
  append_right(out, to_terminal(rank, kRankColumns), kRankColumns);
  out.append("  ");
  append_left(out, key, key_columns);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    out.append("  ");
    append_right(out, to_terminal(cells[i], kTextColumnsMax), kColumns[i].columns);
  }
  out.erase(out.find_last_not_of(' ') + 1);  // the state is mostly "as ever"
  out.push_back('\n');
}

void append_heading(std::string& out, const Trend& trend) {
  out.append(to_terminal(trend.dimension, kTextColumnsMax).bytes).append(" · ");
  out.append(to_terminal(trend.window, kTextColumnsMax).bytes).append(" · ");
  out.append(to_terminal(span(trend), 2 * kTextColumnsMax).bytes).append(" · ");
  out.append(grouped(trend.total)).append(" counted, sentiment ");
  out.append(fixed(trend.sentiment, 3, true));
  if (!trend.final) out.append(" · early");
  out.append(trend.approximate ? " · approximate: too many keys\n" : "\n");
}

}  // namespace

void append_trend_table(std::string& out, const Trend& trend, std::size_t rows) {
  append_heading(out, trend);
  const std::size_t shown = std::min(rows, trend.top.size());
  std::vector<TerminalText> keys;
  std::size_t key_columns = kKeyColumnsMin;
  for (std::size_t i = 0; i < shown; ++i) {
    keys.push_back(to_terminal(shown_name(trend.top[i]), kKeyColumnsMax));
    key_columns = std::max(key_columns, keys.back().columns);
  }
  if (shown == 0) {
    out.append("  (nothing was counted)\n\n");
    return;
  }
  Cells names;
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = kColumns[i].name;
  append_line(out, "rank", to_terminal("key", kKeyColumnsMax), key_columns, names);
  for (std::size_t i = 0; i < shown; ++i) {
    const TrendEntry& entry = trend.top[i];
    const auto rank = static_cast<std::int64_t>(i + 1);
    append_line(out, std::to_string(rank), keys[i], key_columns,
                {grouped(entry.count), grouped(entry.authors), fixed(entry.sentiment, 3, true),
                 change(entry, rank), fixed(entry.score, 3, false), entry.state});
  }
  out.push_back('\n');
}

}  // namespace rookery::sink
