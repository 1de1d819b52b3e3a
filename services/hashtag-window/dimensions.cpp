#include "services/hashtag-window/dimensions.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "services/hashtag-window/domain_names.hpp"
#include "services/hashtag-window/s2_cell.hpp"
#include "services/hashtag-window/twitter_hashtags.hpp"

namespace rookery::hashtag_window {
namespace {

constexpr std::array kNamed = {Dimension::kHashtag,   Dimension::kLang,      Dimension::kCountry,
                               Dimension::kSentiment, Dimension::kCity,      Dimension::kTopic,
                               Dimension::kDomain,    Dimension::kUrlCluster};

constexpr std::array<std::string_view, kCellLevelMax + 1> kCellNames = {
    "cell0",  "cell1",  "cell2",  "cell3",  "cell4",  "cell5",  "cell6",  "cell7",
    "cell8",  "cell9",  "cell10", "cell11", "cell12", "cell13", "cell14", "cell15",
    "cell16", "cell17", "cell18", "cell19", "cell20", "cell21", "cell22", "cell23",
    "cell24", "cell25", "cell26", "cell27", "cell28", "cell29", "cell30"};

constexpr std::array<std::string_view, kCellLevelMax + 1> kPairsNames = {
    "cell0+hashtag",  "cell1+hashtag",  "cell2+hashtag",  "cell3+hashtag",  "cell4+hashtag",
    "cell5+hashtag",  "cell6+hashtag",  "cell7+hashtag",  "cell8+hashtag",  "cell9+hashtag",
    "cell10+hashtag", "cell11+hashtag", "cell12+hashtag", "cell13+hashtag", "cell14+hashtag",
    "cell15+hashtag", "cell16+hashtag", "cell17+hashtag", "cell18+hashtag", "cell19+hashtag",
    "cell20+hashtag", "cell21+hashtag", "cell22+hashtag", "cell23+hashtag", "cell24+hashtag",
    "cell25+hashtag", "cell26+hashtag", "cell27+hashtag", "cell28+hashtag", "cell29+hashtag",
    "cell30+hashtag"};

/// Mean width of the cells of level 0, in kilometres; half of that a level further
/// (s2metrics.h, kAvgWidth of the quadratic projection, on a sphere of 6371.01 km).
constexpr double kCellWidthKm = 9139.3;

/// Where the post was written; absent where that is not known so well.
std::optional<CellId> cell_of(const PostView& post, int level) {
  if (!post.s2_cell.empty()) {
    const auto cell = cell_of_token(post.s2_cell);
    if (!cell || level_of(*cell) < level) return std::nullopt;
    return parent_of(*cell, level);
  }
  if (post.geo_lat && post.geo_lon && post.geo_radius_km <= std::ldexp(kCellWidthKm, -level)) {
    return parent_of(cell_at(*post.geo_lat, *post.geo_lon), level);
  }
  return std::nullopt;
}

}  // namespace

std::optional<int> cell_level(Dimension dimension) {
  if (dimension < Dimension::kCell0 || is_pairs(dimension)) return std::nullopt;
  return static_cast<int>(dimension) - static_cast<int>(Dimension::kCell0);
}

Dimension pairs_of(Dimension cells) {
  return static_cast<Dimension>(static_cast<int>(Dimension::kPairs0) + *cell_level(cells));
}

bool is_pairs(Dimension dimension) {
  return dimension >= Dimension::kPairs0;
}

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
    case Dimension::kCity:
      return "city";
    case Dimension::kTopic:
      return "topic";
    case Dimension::kDomain:
      return "domain";
    case Dimension::kUrlCluster:
      return "url_cluster";
    case Dimension::kCell0:
    case Dimension::kCell30:
    case Dimension::kPairs0:
    case Dimension::kPairs30:
      break;
  }
  if (is_pairs(dimension)) {
    return kPairsNames[static_cast<std::size_t>(dimension) -
                       static_cast<std::size_t>(Dimension::kPairs0)];
  }
  return kCellNames[static_cast<std::size_t>(*cell_level(dimension))];
}

std::optional<Dimension> dimension_named(std::string_view name) {
  for (const Dimension dimension : kNamed) {
    if (name_of(dimension) == name) return dimension;
  }
  const auto* const pairs = std::find(kPairsNames.begin(), kPairsNames.end(), name);
  if (pairs != kPairsNames.end()) {
    return static_cast<Dimension>(static_cast<int>(Dimension::kPairs0) +
                                  static_cast<int>(pairs - kPairsNames.begin()));
  }
  const auto* const cell = std::find(kCellNames.begin(), kCellNames.end(), name);
  if (cell == kCellNames.end()) return std::nullopt;
  return static_cast<Dimension>(static_cast<int>(Dimension::kCell0) +
                                static_cast<int>(cell - kCellNames.begin()));
}

std::string dimension_names() {
  std::string names;
  for (const Dimension dimension : kNamed) names.append(name_of(dimension)).append(", ");
  return names + "cell0 to cell30 (S2 cells of that level)";
}

const std::vector<PostKeys::Key>& PostKeys::read(const PostView& post,
                                                 const std::vector<Dimension>& dimensions,
                                                 std::size_t key_bytes_max) {
  key_bytes_max_ = key_bytes_max;
  bytes_.clear();
  spans_.clear();
  left_out_.clear();
  for (const Dimension dimension : dimensions) {
    switch (dimension) {
      case Dimension::kHashtag:
        add_hashtags(post);
        break;
      case Dimension::kLang:
        add_text(dimension, post.lang);
        break;
      case Dimension::kCountry:
        add_text(dimension, post.country_code);
        break;
      case Dimension::kSentiment:
        add_text(dimension, post.sentiment_label);
        break;
      case Dimension::kCity:
        add_city(post);
        break;
      case Dimension::kTopic:
        add_text(dimension, post.topic);
        break;
      case Dimension::kDomain:
        add_domains(post);
        break;
      case Dimension::kUrlCluster:
        add_clusters(post);
        break;
      case Dimension::kCell0:
      case Dimension::kCell30:
      case Dimension::kPairs0:
      case Dimension::kPairs30:
        break;
    }
    if (is_pairs(dimension)) {
      add_pairs(post, dimension);
    } else if (cell_level(dimension)) {
      add_cell(post, dimension);
    }
  }
  keys_.clear();
  const std::string_view bytes = bytes_;
  for (const Span& span : spans_) {
    keys_.push_back({span.dimension, bytes.substr(span.begin, span.size),
                     bytes.substr(span.begin + span.size, span.spelling_size)});
  }
  return keys_;
}

const std::vector<std::string_view>& PostKeys::hashtags_of(const PostView& post) {
  if (post.has_entities) return post.hashtags;
  extracted_.clear();
  extract_hashtags(post.text, extracted_);
  return extracted_;
}

void PostKeys::add_hashtags(const PostView& post) {
  const auto& tags = hashtags_of(post);
  for (std::size_t i = 0; i < tags.size(); ++i) {
    if (is_full(Dimension::kHashtag)) return leave_out(Dimension::kHashtag, tags.size() - i);
    const std::string_view tag = tags[i];
    if (tag.size() > 4 * key_bytes_max_) {  // No folding makes that short enough.
      leave_out(Dimension::kHashtag, 1);
      continue;
    }
    const std::size_t begin = bytes_.size();
    folder_.append_folded(bytes_, tag);
    const std::size_t middle = bytes_.size();
    folder_.append_spelling(bytes_, tag);
    add(Dimension::kHashtag, begin, bytes_.size() - middle);
  }
}

void PostKeys::add_city(const PostView& post) {
  if (post.city.empty()) return;
  const std::size_t begin = bytes_.size();
  bytes_.append(post.city);
  for (const std::string_view larger : {post.admin1, post.country_code}) {
    if (!larger.empty()) bytes_.append(", ").append(larger);
  }
  add(Dimension::kCity, begin);
}

void PostKeys::add_domains(const PostView& post) {
  const auto& urls = post.expanded_urls;
  for (std::size_t i = 0; i < urls.size(); ++i) {
    if (is_full(Dimension::kDomain)) return leave_out(Dimension::kDomain, urls.size() - i);
    const std::string_view url = urls[i];
    const std::size_t begin = bytes_.size();
    if (append_registered_domain(bytes_, url)) add(Dimension::kDomain, begin);
  }
}

void PostKeys::add_clusters(const PostView& post) {
  const auto& clusters = post.url_clusters;
  for (std::size_t i = 0; i < clusters.size(); ++i) {
    if (is_full(Dimension::kUrlCluster)) {
      return leave_out(Dimension::kUrlCluster, clusters.size() - i);
    }
    const std::size_t begin = bytes_.size();
    bytes_.append(clusters[i].id).append(clusters[i].label);
    add(Dimension::kUrlCluster, begin, clusters[i].label.size());
  }
}

void PostKeys::add_pairs(const PostView& post, Dimension dimension) {
  const int level = static_cast<int>(dimension) - static_cast<int>(Dimension::kPairs0);
  const auto cell = cell_of(post, level);
  if (!cell) return;
  const std::string token = token_of(*cell);
  for (const std::string_view tag : hashtags_of(post)) {
    if (is_full(dimension)) return;
    if (tag.size() > 4 * key_bytes_max_) continue;
    const std::size_t begin = bytes_.size();
    bytes_.append(token).append(" ");
    folder_.append_folded(bytes_, tag);
    if (bytes_.size() == begin + token.size() + 1) {
      bytes_.resize(begin);
    } else {
      add(dimension, begin);
    }
  }
}

void PostKeys::add_cell(const PostView& post, Dimension dimension) {
  const auto cell = cell_of(post, *cell_level(dimension));
  if (cell) add_text(dimension, token_of(*cell));
}

void PostKeys::add_text(Dimension dimension, std::string_view text) {
  const std::size_t begin = bytes_.size();
  bytes_.append(text);
  add(dimension, begin);
}

/// The keys of a dimension lie together.
bool PostKeys::is_full(Dimension dimension) const {
  return spans_.size() >= kPostKeysMax &&
         spans_[spans_.size() - kPostKeysMax].dimension == dimension;
}

void PostKeys::leave_out(Dimension dimension, std::size_t count) {
  if (is_pairs(dimension)) return;  // Told with the hashtags.
  if (left_out_.empty() || left_out_.back().dimension != dimension) {
    left_out_.push_back({dimension, 0});
  }
  left_out_.back().count += static_cast<std::int64_t>(count);
}

void PostKeys::add(Dimension dimension, std::size_t begin, std::size_t spelling) {
  const std::string_view bytes = bytes_;
  const std::size_t size = bytes.size() - begin - spelling;
  const std::string_view text = bytes.substr(begin, size);
  const bool counted = std::any_of(spans_.begin(), spans_.end(), [&](const Span& span) {
    return span.dimension == dimension && bytes.substr(span.begin, span.size) == text;
  });
  if (text.size() > key_bytes_max_) leave_out(dimension, 1);
  if (text.empty() || text.size() > key_bytes_max_ || counted) {
    bytes_.resize(begin);
    return;
  }
  if (bytes.substr(begin + size) == text || spelling > key_bytes_max_) spelling = 0;
  spans_.push_back({dimension, begin, size, spelling});
}

}  // namespace rookery::hashtag_window
