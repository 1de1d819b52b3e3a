#include "services/rookeryctl/text_table.hpp"

#include <algorithm>

#include "common/core/check.hpp"
#include "common/core/terminal_text.hpp"

namespace rookery::rookeryctl {
namespace {

constexpr std::size_t kCellColumnsMax = 200;

}  // namespace

void TextTable::add(std::vector<std::string> cells) {
  ROOKERY_CHECK(cells.size() == columns_.size(), "a row has one cell per column");
  rows_.push_back(std::move(cells));
}

std::string TextTable::text() const {
  std::vector<std::vector<TerminalText>> lines(1);
  for (const auto& column : columns_) {
    lines.front().push_back(to_terminal(column.name, kCellColumnsMax));
  }
  for (const auto& row : rows_) {
    auto& line = lines.emplace_back();
    for (const auto& cell : row) line.push_back(to_terminal(cell, kCellColumnsMax));
  }
  std::vector<std::size_t> widths(columns_.size());
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i) {
      widths[i] = std::max(widths[i], line[i].columns);
    }
  }
  std::string out;
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i) {
      if (i > 0) out.append("  ");
      if (columns_[i].align == Align::kRight) {
        append_right(out, line[i], widths[i]);
      } else {
        append_left(out, line[i], widths[i]);
      }
    }
    out.erase(out.find_last_not_of(' ') + 1);
    out.push_back('\n');
  }
  return out;
}

}  // namespace rookery::rookeryctl
