#pragma once

#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "common/core/result.hpp"
#include "services/geo-enrich/gazetteer/format.hpp"

namespace rookery::geo_enrich {

/// gazetteer.bin, mapped read-only: all processes of a machine share one copy.
/// Movable; the bytes stay where they are until it is destroyed.
class GazetteerFile {
 public:
  /// Maps `path` and checks header, size and checksum (1 ms). Error codes, all
  /// kMisconfigured:
  ///   gazetteer_missing     there is no file to read
  ///   gazetteer_truncated   shorter or longer than its header says
  ///   gazetteer_version     not a gazetteer, or one of another version
  ///   gazetteer_checksum    its bytes are not those that were written
  ///   gazetteer_malformed   the table of sections leads outside of the file
  static Result<GazetteerFile> open(const std::string& path);

  ~GazetteerFile();
  GazetteerFile(GazetteerFile&& other) noexcept;
  GazetteerFile& operator=(GazetteerFile&& other) noexcept;
  GazetteerFile(const GazetteerFile&) = delete;
  GazetteerFile& operator=(const GazetteerFile&) = delete;

  /// The section's elements; empty when there is no such section or its size is
  /// not a whole number of them.
  template <typename T>
  [[nodiscard]] std::span<const T> section(std::string_view name) const {
    const std::span<const std::byte> bytes = find(name);
    if (bytes.size() % sizeof(T) != 0) return {};
    return {reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T)};
  }

  /// Gives back the memory that checking the whole file has taken; what is used comes
  /// back by itself.
  void let_go() const;

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  GazetteerFile(std::string path, std::span<const std::byte> bytes)
      : path_(std::move(path)), bytes_(bytes) {}
  [[nodiscard]] Result<void> check() const;
  [[nodiscard]] std::span<const std::byte> find(std::string_view name) const;
  [[nodiscard]] std::span<const format::Section> sections() const;

  std::string path_;
  std::span<const std::byte> bytes_;
};

}  // namespace rookery::geo_enrich
