#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/records/post_reader.hpp"

namespace rookery::hashtag_window {

/// What posts are counted by.
enum class Dimension : std::uint8_t { kHashtag, kLang, kCountry, kSentiment };

[[nodiscard]] std::string_view name_of(Dimension dimension);
[[nodiscard]] std::optional<Dimension> dimension_named(std::string_view name);
/// "hashtag, lang, country, sentiment".
[[nodiscard]] std::string dimension_names();

/// The keys of one post, each once, in one buffer that is used again.
class PostKeys {
 public:
  struct Key {
    Dimension dimension;
    std::string_view text;
  };

  /// The keys of `post` under `dimensions`; the views hold until the next call. A key that
  /// is empty or longer than `key_bytes_max` is left out.
  const std::vector<Key>& read(const PostView& post, const std::vector<Dimension>& dimensions,
                               std::size_t key_bytes_max);

 private:
  void add(Dimension dimension, std::string_view text, std::size_t key_bytes_max);

  std::string folded_;
  std::vector<Key> keys_;
};

}  // namespace rookery::hashtag_window
