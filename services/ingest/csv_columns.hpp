#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/result.hpp"

namespace rookery::ingest {

/// What a column of a CSV file may hold.
enum class CsvField : std::uint8_t {
  kId,
  kText,
  kCreatedAt,
  kLang,
  kAuthorId,
  kAuthor,
  kUrl,
  kTitle,
  kHashtags,
  kLat,
  kLon,
  kCount,
};

/// "id", "text", ...; the names of the option csv_columns.
[[nodiscard]] std::string_view name_of(CsvField field);

/// Which columns hold what, by index from 0. Several columns make one text.
struct CsvColumns {
  std::array<std::vector<std::size_t>, static_cast<std::size_t>(CsvField::kCount)> columns;
  std::size_t width = 0;  ///< Columns of a row; another number is a dead letter.
  bool header = false;    ///< The first row names the columns.

  [[nodiscard]] const std::vector<std::size_t>& of(CsvField field) const {
    return columns[static_cast<std::size_t>(field)];
  }
};

/// What the option csv_columns says, before a file was seen.
struct CsvMapping {
  struct Entry {
    CsvField field;
    std::vector<std::string> columns;  ///< Names of the header, or numbers from 1.
  };
  std::vector<Entry> entries;  ///< Empty: told from the first row.

  [[nodiscard]] bool by_number() const;
};

/// Reads entries like "text=title+description" or "id=2". Error code:
/// option_invalid (kMisconfigured), naming the entry: an unknown field, one that
/// stands there twice, names beside numbers, or no id, text or created_at.
[[nodiscard]] Result<CsvMapping> parse_csv_mapping(const std::vector<std::string>& entries);

/// Finds the columns in the first row of a file. Without a mapping, two files
/// are known: the campaign's (creation_time,id,url,title,keywords,description)
/// and Sentiment140's (six columns without header, the first of them 0, 2 or 4).
/// Error code: csv_columns_missing (kMisconfigured), naming what is missing and
/// what there is.
[[nodiscard]] Result<CsvColumns> resolve_columns(const CsvMapping& mapping,
                                                 const std::vector<std::string_view>& first_row);

}  // namespace rookery::ingest
