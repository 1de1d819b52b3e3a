#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "services/ingest/raw_post.hpp"

namespace rookery::ingest {

/// Puts the text of a post together from parts as X sends them, with &amp; &lt;
/// and &gt; decoded (X escapes these three and no others), and moves entity
/// indices along. X counts code points of the text *before* decoding, so an
/// index must be moved left by what the references before it lose.
/// Keeps its buffers; one thread uses it.
class PostText {
 public:
  /// Starts a text whose first part is `raw`. Both stay valid while the caller's
  /// JSON document does and until the next start().
  void start(std::string_view raw);

  /// Appends a part; move() now means indices of this part.
  void append(std::string_view raw);

  /// Where [start, end) of the current part, in code points of its raw text,
  /// lies in the decoded whole. Empty where it does not lie in the part.
  [[nodiscard]] Span move(std::uint64_t start, std::uint64_t end) const;

  [[nodiscard]] std::string_view text() const { return text_; }

 private:
  /// A character reference of the part: where it begins in raw code points, and
  /// how many code points the decoded text has lost behind it.
  struct Reference {
    std::uint32_t begin;
    std::uint32_t width;
    std::uint32_t lost_behind;
  };

  void read_part(std::string_view raw);
  void decode(std::string_view raw);
  [[nodiscard]] std::uint32_t moved(std::uint32_t index) const;

  std::string_view text_;
  std::string buffer_;
  std::vector<Reference> references_;  ///< Of the current part.
  std::uint32_t part_begin_ = 0;       ///< Decoded code points before the current part.
  std::uint32_t part_raw_size_ = 0;    ///< Raw code points of the current part.
};

/// Unicode code points of valid UTF-8.
[[nodiscard]] std::uint32_t count_code_points(std::string_view text);

}  // namespace rookery::ingest
