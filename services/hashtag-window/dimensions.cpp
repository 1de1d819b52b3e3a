#include "services/hashtag-window/dimensions.hpp"

#include <algorithm>
#include <array>

#include "services/hashtag-window/key_folding.hpp"

namespace rookery::hashtag_window {
namespace {

constexpr std::array kAll = {Dimension::kHashtag, Dimension::kLang, Dimension::kCountry,
                             Dimension::kSentiment};

}  // namespace

std::string_view name_of(Dimension dimension) {
  switch (dimension) {
    case Dimension::kHashtag:
      return "hashtag";
    case Dimension::kLang:
      return "lang";
    case Dimension::kCountry:
      return "country";
    case Dimension::kSentiment:
      return "sentiment";
  }
  return {};
}

std::optional<Dimension> dimension_named(std::string_view name) {
  for (const Dimension dimension : kAll) {
    if (name_of(dimension) == name) return dimension;
  }
  return std::nullopt;
}

std::string dimension_names() {
  std::string names;
  for (const Dimension dimension : kAll) {
    if (!names.empty()) names += ", ";
    names += name_of(dimension);
  }
  return names;
}

const std::vector<PostKeys::Key>& PostKeys::read(const PostView& post,
                                                 const std::vector<Dimension>& dimensions,
                                                 std::size_t key_bytes_max) {
  keys_.clear();
  folded_.clear();
  std::size_t bytes = 0;
  for (const std::string_view tag : post.hashtags) bytes += folded_bytes_max(tag);
  folded_.reserve(bytes);  // No growth below, or the earlier views would dangle.
  for (const Dimension dimension : dimensions) {
    switch (dimension) {
      case Dimension::kHashtag:
        for (const std::string_view tag : post.hashtags) {
          const std::size_t begin = folded_.size();
          append_folded(folded_, tag);
          add(dimension, std::string_view(folded_).substr(begin), key_bytes_max);
        }
        break;
      case Dimension::kLang:
        add(dimension, post.lang, key_bytes_max);
        break;
      case Dimension::kCountry:
        add(dimension, post.country_code, key_bytes_max);
        break;
      case Dimension::kSentiment:
        add(dimension, post.sentiment_label, key_bytes_max);
        break;
    }
  }
  return keys_;
}

void PostKeys::add(Dimension dimension, std::string_view text, std::size_t key_bytes_max) {
  if (text.empty() || text.size() > key_bytes_max) return;
  const bool counted = std::any_of(keys_.begin(), keys_.end(), [&](const Key& key) {
    return key.dimension == dimension && key.text == text;
  });
  if (!counted) keys_.push_back({dimension, text});
}

}  // namespace rookery::hashtag_window
