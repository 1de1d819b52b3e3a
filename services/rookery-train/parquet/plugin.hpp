#pragma once

#include <cstddef>
#include <cstdint>

// What rookery-train and its library for Parquet have in common: C functions, so
// that nothing else of the two need agree.

namespace rookery::train {

/// What the functions return.
constexpr int kParquetDone = 0;
constexpr int kParquetUnreadable = 1;
constexpr int kParquetMalformed = 2;

extern "C" {

/// Hears one text, or what went wrong; the text is gone when it returns.
using rookery_parquet_text = void (*)(void* user, const char* text, std::size_t size);

/// As read_parquet() and count_parquet() of parquet_file.hpp.
int rookery_parquet_read(const char* path, const char* column, rookery_parquet_text take,
                         void* take_user, rookery_parquet_text tell, void* tell_user);
int rookery_parquet_count(const char* path, std::uint64_t* rows, rookery_parquet_text tell,
                          void* tell_user);
}

}  // namespace rookery::train
