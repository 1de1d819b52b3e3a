#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/core/result.hpp"

namespace rookery::sentiment_scoring {

// What all model files have in common: a magic word of eight bytes, u32 version
// of the format, u32 0, u64 FNV-1a of the body, and the body. Numbers are
// little-endian, names padded with zeros.

/// The file of a body.
[[nodiscard]] std::string wrap_file(std::string_view magic, std::uint32_t version,
                                    std::string_view body);

/// The version that a file claims to have; 0 where it ends before.
[[nodiscard]] std::uint32_t file_version(std::string_view bytes);

/// The body of a file. Errors (kMisconfigured): model_broken, model_version.
[[nodiscard]] Result<std::string_view> unwrap_file(std::string_view magic, std::uint32_t version,
                                                   std::string_view bytes);

/// The whole content of `path`. Error: model_unreadable, naming it.
[[nodiscard]] Result<std::string> read_model_file(const std::string& path);

/// Reads and decodes a model's file; an error of `decode` names the file.
template <typename Model>
[[nodiscard]] Result<Model> load_model(const std::string& path,
                                       Result<Model> (*decode)(std::string_view bytes)) {
  const auto bytes = read_model_file(path);
  ROOKERY_RETURN_IF_ERROR(bytes);
  auto model = decode(*bytes);
  if (!model) model.error().message = "model \"" + path + "\": " + model.error().message;
  return model;
}

/// The first eight hexadecimal digits of the checksum in `bytes`, which
/// unwrap_file() took.
[[nodiscard]] std::string checksum_text(std::string_view bytes);

[[nodiscard]] Failure model_broken(std::string message);

template <std::unsigned_integral T>
void put(std::string& out, T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    out.push_back(static_cast<char>(static_cast<unsigned char>(value >> (8 * i))));
  }
}
inline void put(std::string& out, float value) {
  put(out, std::bit_cast<std::uint32_t>(value));
}

/// `text` in `bytes` bytes; it must be shorter.
void put_text(std::string& out, std::string_view text, std::size_t bytes);

/// Takes numbers off the front; past the end it gives zeros and remembers.
class BinaryReader {
 public:
  explicit BinaryReader(std::string_view bytes) : rest_(bytes) {}

  std::string_view bytes(std::size_t count);
  template <std::unsigned_integral T>
  T number() {
    T value = 0;
    const std::string_view taken = bytes(sizeof(T));
    for (std::size_t i = 0; i < taken.size(); ++i) {
      value = static_cast<T>(value |
                             static_cast<T>(T{static_cast<unsigned char>(taken[i])} << (8 * i)));
    }
    return value;
  }
  float real() { return std::bit_cast<float>(number<std::uint32_t>()); }
  /// A text of put_text().
  std::string text(std::size_t count);
  [[nodiscard]] bool ran_short() const { return short_; }
  [[nodiscard]] std::size_t left() const { return rest_.size(); }

 private:
  std::string_view rest_;
  bool short_ = false;
};

}  // namespace rookery::sentiment_scoring
