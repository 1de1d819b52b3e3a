#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/records/post_reader.hpp"
#include "services/hashtag-window/key_folding.hpp"

namespace rookery::hashtag_window {

/// What posts are counted by. The cells of S2 are one dimension for each level: kCell0 plus
/// the level, up to kCell30. Beside each may be one of pairs, kPairs0 plus the level: cell and
/// hashtag, counted for the hotspots alone.
enum class Dimension : std::uint8_t {
  kHashtag,
  kLang,
  kCountry,
  kSentiment,
  kCity,
  kTopic,
  kDomain,
  kUrlCluster,
  kCell0 = 64,
  kCell30 = 94,
  kPairs0 = 128,
  kPairs30 = 158,
};

[[nodiscard]] std::string_view name_of(Dimension dimension);
[[nodiscard]] std::optional<Dimension> dimension_named(std::string_view name);
/// "hashtag, lang, ...", for people.
[[nodiscard]] std::string dimension_names();
/// The level of a dimension of cells; absent for the others.
[[nodiscard]] std::optional<int> cell_level(Dimension dimension);
/// The pairs beside a dimension of cells; their keys are the cell, a blank, and the hashtag.
[[nodiscard]] Dimension pairs_of(Dimension cells);
[[nodiscard]] bool is_pairs(Dimension dimension);

/// Of each dimension a post has no more keys than these, the first: a post of 280 characters has
/// no room for more, and what one record may cost is bounded. A part of what a key is: see
/// kKeysVersion.
inline constexpr std::size_t kPostKeysMax = 100;

/// The keys of one post, each once, in one buffer that is used again.
class PostKeys {
 public:
  struct Key {
    Dimension dimension;
    std::string_view text;
    /// A hashtag as it was written, a cluster's label, where that is not the key; of the first in
    /// the post.
    std::string_view spelling = {};
  };

  struct LeftOut {
    Dimension dimension;
    std::int64_t count;
  };

  /// The keys of `post` under `dimensions`; the views hold until the next call. A key that
  /// is empty, or that is longer than `key_bytes_max`, is left out, and so is the spelling; and so
  /// is what comes after the first kPostKeysMax of a dimension.
  const std::vector<Key>& read(const PostView& post, const std::vector<Dimension>& dimensions,
                               std::size_t key_bytes_max);

  /// How many hashtags, links, clusters and names the last read() left out as too long or too many,
  /// by dimension; pairs are not told.
  [[nodiscard]] const std::vector<LeftOut>& left_out() const { return left_out_; }

 private:
  struct Span {
    Dimension dimension;
    std::size_t begin;
    std::size_t size;
    std::size_t spelling_size;
  };

  const std::vector<std::string_view>& hashtags_of(const PostView& post);
  void add_hashtags(const PostView& post);
  void add_pairs(const PostView& post, Dimension dimension);
  void add_city(const PostView& post);
  void add_domains(const PostView& post);
  void add_clusters(const PostView& post);
  void add_cell(const PostView& post, Dimension dimension);
  /// What was appended to bytes_ from `begin` on is a key; the last `spelling` bytes of it are
  /// its spelling.
  void add(Dimension dimension, std::size_t begin, std::size_t spelling = 0);
  void add_text(Dimension dimension, std::string_view text);
  /// Whether `dimension`, which is being read, has kPostKeysMax keys.
  [[nodiscard]] bool is_full(Dimension dimension) const;
  void leave_out(Dimension dimension, std::size_t count);

  std::size_t key_bytes_max_ = 0;
  std::string bytes_;
  std::vector<Span> spans_;
  std::vector<Key> keys_;
  std::vector<LeftOut> left_out_;
  std::vector<std::string_view> extracted_;
  TextFolder folder_;
};

}  // namespace rookery::hashtag_window
