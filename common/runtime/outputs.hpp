#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/runtime/io.hpp"

namespace rookery {

/// The outputs of one record, or of the end of one batch, gathered in one
/// buffer that is used again: no allocation per record once it is warm.
/// Topics must be literals or live as long as the processor.
class Outputs {
 public:
  /// Copies key and value.
  void add(std::string_view topic, std::optional<Partition> partition, std::string_view key,
           std::string_view value);

  /// A deletion of `key`.
  void add_deletion(std::string_view topic, std::optional<Partition> partition,
                    std::string_view key);

  /// Starts a record and returns the buffer to which its value is appended
  /// until the next call on this object. Only append to it: it holds the
  /// earlier records too.
  std::string& start(std::string_view topic, std::optional<Partition> partition,
                     std::string_view key);

  /// The record that was started last is a deletion after all.
  void mark_deletion() { entries_.back().deletion = true; }

  void clear();
  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  /// Keys and values together.
  [[nodiscard]] std::size_t bytes() const { return bytes_.size(); }
  [[nodiscard]] bool empty() const { return entries_.empty(); }

  /// The record at `index`; its views hold until the next non-const call.
  [[nodiscard]] OutputRecord at(std::size_t index) const;

 private:
  struct Entry {
    std::string_view topic;
    std::optional<Partition> partition;
    std::size_t key_begin;
    std::size_t value_begin;
    bool deletion;
  };

  std::vector<Entry> entries_;
  std::string bytes_;
};

}  // namespace rookery
