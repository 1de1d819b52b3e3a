#include "services/hashtag-window/sums.hpp"

#include "services/hashtag-window/hashing.hpp"

namespace rookery::hashtag_window {

std::uint64_t key_hash(Dimension dimension, std::string_view key) {
  // The name, not the enumerator: a dimension may move in the enumeration.
  return stable_hash(key, stable_hash(name_of(dimension)));
}

std::uint64_t name_hash(Dimension dimension, std::string_view key, std::string_view spelling) {
  const std::uint64_t hash = stable_hash(key, static_cast<std::uint64_t>(dimension));
  return spelling.empty() ? hash : stable_hash(spelling, hash);
}

Sums::Sum& Sums::add(const PostKeys::Key& key, Pane pane, Pane from, std::int64_t count,
                     std::int64_t sentiment) {
  const std::uint64_t hash = name_hash(key.dimension, key.text, key.spelling) ^
                             (static_cast<std::uint64_t>(pane) * 0x9e3779b97f4a7c15ULL) ^
                             (static_cast<std::uint64_t>(from - pane) * 0xc2b2ae3d27d4eb4fULL);
  const auto known = index_.find(hash, [&](std::uint32_t i) {
    const Sum& sum = sums_[i];
    return sum.pane == pane && sum.from == from && sum.dimension == key.dimension &&
           text_of(sum) == key.text && spelling_of(sum) == key.spelling;
  });
  if (known) {
    sums_[*known].count += count;
    sums_[*known].sentiment += sentiment;
    return sums_[*known];
  }
  if (used_ == sums_.size()) sums_.emplace_back();
  Sum& sum = sums_[used_];
  sum.key_hash = key_hash(key.dimension, key.text);
  sum.text_begin = texts_.size();
  sum.text_size = static_cast<std::uint32_t>(key.text.size());
  sum.spelling_size = static_cast<std::uint32_t>(key.spelling.size());
  sum.dimension = key.dimension;
  sum.pane = pane;
  sum.from = from;
  sum.count = count;
  sum.sentiment = sentiment;
  sum.times = Times();
  sum.authors.clear();
  texts_.append(key.text).append(key.spelling);
  index_.insert(hash, static_cast<std::uint32_t>(used_));
  ++used_;
  return sum;
}

void Sums::clear() {
  used_ = 0;
  texts_.clear();
  index_.clear();
}

}  // namespace rookery::hashtag_window
