#pragma once

#include "common/core/result.hpp"
#include "services/ingest/csv_columns.hpp"
#include "services/ingest/csv_row.hpp"
#include "services/ingest/parse_buffers.hpp"

namespace rookery::ingest {

/// Reads one row of CSV into buffers.post. Bytes that are not UTF-8 are taken
/// for ISO 8859-1, as Sentiment140 is written. A time without offset is UTC; a
/// link has no place in the text and so no indices; hashtags are words between
/// commas, semicolons or spaces. Error codes, all dead letters: csv_malformed,
/// field_missing, field_range.
class CsvPostReader {
 public:
  Result<void> read(std::string_view record, const CsvColumns& columns, ParseBuffers& buffers);

 private:
  [[nodiscard]] std::string_view cell(const CsvColumns& columns, CsvField field,
                                      std::size_t index = 0) const;
  Result<void> read_place(const CsvColumns& columns, RawPost& post) const;
  void read_text(const CsvColumns& columns, ParseBuffers& buffers);
  void read_entities(const CsvColumns& columns, RawPost& post) const;

  CsvRow row_;
};

}  // namespace rookery::ingest
