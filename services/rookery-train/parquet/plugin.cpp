#include "services/rookery-train/parquet/plugin.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <arrow/api.h>
#include <arrow/io/api.h>
#include <parquet/arrow/reader.h>
#include <parquet/exception.h>

namespace rookery::train {
namespace {

/// Why a file cannot be read, and as what that counts.
struct Problem {
  int code = kParquetDone;
  std::string message;
};

Problem malformed(std::string message) {
  return {kParquetMalformed, std::move(message)};
}
Problem malformed(const arrow::Status& status) {
  return malformed("expected a Parquet file, got: " + status.message());
}

struct Reader {
  std::unique_ptr<parquet::arrow::FileReader> file;
  std::shared_ptr<arrow::Schema> schema;  ///< Shared with the reader, by Arrow.
};

Problem open(const char* path, Reader& reader) {
  auto input = arrow::io::ReadableFile::Open(path);
  if (!input.ok()) return {kParquetUnreadable, "cannot be read"};
  auto file = parquet::arrow::OpenFile(*input, arrow::default_memory_pool());
  if (!file.ok()) return malformed(file.status());
  reader.file = std::move(*file);
  if (const auto got = reader.file->GetSchema(&reader.schema); !got.ok()) return malformed(got);
  return {};
}

std::string names_of(const arrow::Schema& schema) {
  std::string names;
  for (const auto& field : schema.fields()) {
    names.append(names.empty() ? "" : ", ").append(field->name());
  }
  return names.substr(0, 300);
}

bool is_text(const arrow::DataType& type) {
  switch (type.id()) {
    case arrow::Type::STRING:
    case arrow::Type::LARGE_STRING:
    case arrow::Type::STRING_VIEW:
      return true;
    case arrow::Type::DICTIONARY:
      return is_text(*static_cast<const arrow::DictionaryType&>(type).value_type());
    default:
      return false;
  }
}

/// The text at `row`, which is not null.
std::string_view text_at(const arrow::Array& array, std::int64_t row) {
  switch (array.type_id()) {
    case arrow::Type::LARGE_STRING:
      return static_cast<const arrow::LargeStringArray&>(array).GetView(row);
    case arrow::Type::STRING_VIEW:
      return static_cast<const arrow::StringViewArray&>(array).GetView(row);
    case arrow::Type::DICTIONARY: {
      const auto& coded = static_cast<const arrow::DictionaryArray&>(array);
      return text_at(*coded.dictionary(), coded.GetValueIndex(row));
    }
    default:
      return static_cast<const arrow::StringArray&>(array).GetView(row);
  }
}

Problem read_rows(Reader& reader, const std::string& column, rookery_parquet_text take,
                  void* user) {
  const int texts = reader.schema->GetFieldIndex(column);
  if (texts < 0 || !is_text(*reader.schema->field(texts)->type())) {
    return malformed("expected a column \"" + column + "\" of texts, got the columns " +
                     names_of(*reader.schema));
  }
  // A nested column would have several leaves, so that a field's number is no
  // column's: both are asked for by name.
  std::vector<int> fields;
  const int deleted = reader.schema->GetFieldIndex("deleted");
  const bool has_deleted =
      deleted >= 0 && reader.schema->field(deleted)->type()->id() == arrow::Type::BOOL;
  const auto* const leaves = reader.file->parquet_reader()->metadata()->schema();
  fields.push_back(leaves->ColumnIndex(column));
  if (has_deleted) fields.push_back(leaves->ColumnIndex("deleted"));
  std::vector<int> groups(static_cast<std::size_t>(reader.file->num_row_groups()));
  for (std::size_t i = 0; i < groups.size(); ++i) groups[i] = static_cast<int>(i);
  auto batches = reader.file->GetRecordBatchReader(groups, fields);
  if (!batches.ok()) return malformed(batches.status());
  std::uint64_t number = 0;
  while (true) {
    auto batch = (*batches)->Next();
    if (!batch.ok()) return malformed(batch.status());
    if (*batch == nullptr) return {};
    const auto text = (*batch)->GetColumnByName(column);
    const auto gone =
        has_deleted
            ? std::static_pointer_cast<arrow::BooleanArray>((*batch)->GetColumnByName("deleted"))
            : nullptr;
    for (std::int64_t row = 0; row < text->length(); ++row) {
      ++number;
      if (gone != nullptr && !gone->IsNull(row) && gone->Value(row)) continue;
      if (text->IsNull(row)) {
        return malformed("row " + std::to_string(number) + ": expected a text in \"" + column +
                         "\", got null");
      }
      const std::string_view view = text_at(*text, row);
      take(user, view.data(), view.size());
    }
  }
}

/// Arrow's own errors are statuses; those below it, in the Parquet reader, may
/// be exceptions.
template <typename Work>
int guarded(rookery_parquet_text tell, void* user, Work work) {
  Problem problem;
  try {
    problem = work();
  } catch (const parquet::ParquetException& error) {
    problem = malformed(std::string("expected a Parquet file, got: ") + error.what());
  }
  if (problem.code != kParquetDone) tell(user, problem.message.data(), problem.message.size());
  return problem.code;
}

}  // namespace

int rookery_parquet_read(const char* path, const char* column, rookery_parquet_text take,
                         void* take_user, rookery_parquet_text tell, void* tell_user) {
  return guarded(tell, tell_user, [&]() -> Problem {
    Reader reader;
    Problem problem = open(path, reader);
    return problem.code != kParquetDone ? problem : read_rows(reader, column, take, take_user);
  });
}

int rookery_parquet_count(const char* path, std::uint64_t* rows, rookery_parquet_text tell,
                          void* tell_user) {
  return guarded(tell, tell_user, [&]() -> Problem {
    Reader reader;
    Problem problem = open(path, reader);
    if (problem.code == kParquetDone) {
      *rows = static_cast<std::uint64_t>(reader.file->parquet_reader()->metadata()->num_rows());
    }
    return problem;
  });
}

}  // namespace rookery::train
