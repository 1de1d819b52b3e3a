#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "services/hashtag-window/authors.hpp"
#include "services/hashtag-window/dimensions.hpp"
#include "services/hashtag-window/hash_index.hpp"
#include "services/hashtag-window/settings.hpp"
#include "services/hashtag-window/times.hpp"

namespace rookery::hashtag_window {

/// The sums of one transaction: posts, sentiment, times and authors for each dimension, key,
/// spelling, pane and effect. One hash look-up per addition; memory is used again after clear().
class Sums {
 public:
  struct Sum {
    std::uint64_t key_hash = 0;  ///< Of dimension and key.
    std::size_t text_begin = 0;
    std::uint32_t text_size = 0;
    std::uint32_t spelling_size = 0;  ///< It lies behind the text.
    Dimension dimension{};
    Pane pane = 0;
    Pane from = 0;
    std::int64_t count = 0;
    std::int64_t sentiment = 0;
    Times times;
    AuthorSet authors;
  };

  /// Adds `count` posts (negative for deletions) with the sum `sentiment`. Returns the sum,
  /// for its times and authors.
  Sum& add(const PostKeys::Key& key, Pane pane, Pane from, std::int64_t count,
           std::int64_t sentiment);

  void clear();

  [[nodiscard]] std::span<const Sum> all() const { return {sums_.data(), used_}; }
  [[nodiscard]] std::string_view text_of(const Sum& sum) const {
    return std::string_view(texts_).substr(sum.text_begin, sum.text_size);
  }
  [[nodiscard]] std::string_view spelling_of(const Sum& sum) const {
    return std::string_view(texts_).substr(sum.text_begin + sum.text_size, sum.spelling_size);
  }

 private:
  std::vector<Sum> sums_;  ///< The first used_ are in use; the others keep their memory.
  std::size_t used_ = 0;
  std::string texts_;
  HashIndex index_;
};

/// Of a key in a spelling; an empty one is the key.
[[nodiscard]] std::uint64_t name_hash(Dimension dimension, std::string_view key,
                                      std::string_view spelling);

/// What decides the partition of window_partials: stable, a part of the records' format.
[[nodiscard]] std::uint64_t key_hash(Dimension dimension, std::string_view key);

}  // namespace rookery::hashtag_window
