#include "services/ingest/csv_columns.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace rookery::ingest {
namespace {

using namespace std::string_view_literals;

constexpr std::array<std::string_view, static_cast<std::size_t>(CsvField::kCount)> kNames = {
    "id",  "text",  "created_at", "lang", "author_id", "author",
    "url", "title", "hashtags",   "lat",  "lon"};

// kaggle.com/datasets/ilana2804/campaign-data-2023
constexpr std::array kCampaignHeader = {"creation_time"sv, "id"sv,       "url"sv,
                                        "title"sv,         "keywords"sv, "description"sv};
// Go, Bhayani, Huang 2009: polarity, id, date, query, user, text.
constexpr std::size_t kSentiment140Width = 6;

CsvMapping::Entry entry(CsvField field, std::vector<std::string> columns) {
  return {.field = field, .columns = std::move(columns)};
}

CsvMapping campaign() {
  return {{entry(CsvField::kId, {"id"}), entry(CsvField::kCreatedAt, {"creation_time"}),
           entry(CsvField::kText, {"title", "description"}), entry(CsvField::kUrl, {"url"}),
           entry(CsvField::kTitle, {"title"})}};
}

CsvMapping sentiment140() {
  return {{entry(CsvField::kId, {"2"}), entry(CsvField::kCreatedAt, {"3"}),
           entry(CsvField::kAuthor, {"5"}), entry(CsvField::kText, {"6"})}};
}

std::optional<std::size_t> number_of(std::string_view text) {
  std::size_t number = 0;
  const auto* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  if (read.ec != std::errc() || read.ptr != end || number == 0) return {};
  return number;
}

Failure invalid(std::string_view got, std::string_view expected) {
  return misconfigured("option_invalid", "csv_columns: expected " + std::string(expected) +
                                             ", got \"" + std::string(got) + "\"");
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::string listed(const std::vector<std::string_view>& row) {
  std::string names;
  for (const auto name : row) {
    if (!names.empty()) names.append(", ");
    names.append(name.substr(0, 40));
    if (names.size() > 300) return names + ", ...";
  }
  return names;
}

bool is_sentiment140(const std::vector<std::string_view>& row) {
  return row.size() == kSentiment140Width && (row[0] == "0" || row[0] == "2" || row[0] == "4") &&
         number_of(row[1]);
}

Result<std::size_t> find_column(const std::string& name, bool by_number,
                                const std::vector<std::string_view>& row) {
  const auto found = std::find(row.begin(), row.end(), name);
  const std::size_t index =
      by_number ? *number_of(name) - 1 : static_cast<std::size_t>(found - row.begin());
  if (index < row.size()) return index;
  return misconfigured("csv_columns_missing", "csv_columns: expected a column \"" + name +
                                                  "\", got " + std::to_string(row.size()) + ": " +
                                                  listed(row));
}

}  // namespace

std::string_view name_of(CsvField field) {
  return kNames[static_cast<std::size_t>(field)];
}

bool CsvMapping::by_number() const {
  return std::all_of(entries.begin(), entries.end(), [](const Entry& one) {
    return std::all_of(one.columns.begin(), one.columns.end(),
                       [](const std::string& column) { return number_of(column).has_value(); });
  });
}

Result<CsvMapping> parse_csv_mapping(const std::vector<std::string>& entries) {
  CsvMapping mapping;
  std::array<bool, kNames.size()> seen{};
  bool any_number = false;
  for (const auto& text : entries) {
    const std::size_t equals = text.find('=');
    const auto field = std::find(kNames.begin(), kNames.end(), text.substr(0, equals));
    if (equals == std::string::npos || field == kNames.end()) {
      return invalid(text,
                     "FIELD=COLUMN[+COLUMN] with a field of id, text, created_at, lang, author_id, "
                     "author, url, title, hashtags, lat, lon");
    }
    const auto index = static_cast<std::size_t>(field - kNames.begin());
    if (seen[index]) return invalid(text, "each field once");
    seen[index] = true;
    auto columns = split(std::string_view(text).substr(equals + 1), '+');
    for (const auto& column : columns) {
      if (column.empty()) return invalid(text, "a column behind \"=\" and \"+\"");
      any_number = any_number || number_of(column);
    }
    if (columns.size() > 1 && static_cast<CsvField>(index) != CsvField::kText) {
      return invalid(text, "several columns for the text alone");
    }
    mapping.entries.push_back(entry(static_cast<CsvField>(index), std::move(columns)));
  }
  if (mapping.entries.empty()) return mapping;
  for (const auto needed : {CsvField::kId, CsvField::kText, CsvField::kCreatedAt}) {
    if (!seen[static_cast<std::size_t>(needed)]) {
      return misconfigured("option_invalid", "csv_columns: expected a column for \"" +
                                                 std::string(name_of(needed)) + "\", got none");
    }
  }
  if (any_number && !mapping.by_number()) {
    return misconfigured("option_invalid",
                         "csv_columns: expected names of the header or numbers, got both");
  }
  return mapping;
}

Result<CsvColumns> resolve_columns(const CsvMapping& mapping,
                                   const std::vector<std::string_view>& first_row) {
  CsvMapping known;
  const CsvMapping* used = &mapping;
  if (mapping.entries.empty()) {
    if (std::equal(first_row.begin(), first_row.end(), kCampaignHeader.begin(),
                   kCampaignHeader.end())) {
      known = campaign();
    } else if (is_sentiment140(first_row)) {
      known = sentiment140();
    } else {
      return misconfigured(
          "csv_columns_missing",
          "csv_columns: expected it for a file that begins with the columns " + listed(first_row));
    }
    used = &known;
  }
  CsvColumns columns;
  columns.width = first_row.size();
  const bool by_number = used->by_number();
  columns.header = !by_number;
  for (const auto& one : used->entries) {
    for (const auto& name : one.columns) {
      auto index = find_column(name, by_number, first_row);
      ROOKERY_RETURN_IF_ERROR(index);
      columns.columns[static_cast<std::size_t>(one.field)].push_back(*index);
    }
  }
  return columns;
}

}  // namespace rookery::ingest
