#include "services/geo-enrich/placer.hpp"

#include <array>
#include <cstring>

#include "services/geo-enrich/quality/likeness.hpp"

namespace rookery::geo_enrich {
namespace {

constexpr std::size_t kKept = 1024;
/// Longer ones are seldom written twice, and would take memory.
constexpr std::size_t kKeyBytesMax = 200;

/// Parts of a key. Not in any text: JSON strings are UTF-8.
constexpr char kPart = '\xFF';

}  // namespace

Placer::Placer(const Gazetteer& gazetteer, Mentions mentions, Privacy privacy)
    : gazetteer_(gazetteer),
      privacy_(privacy),
      from_text_(mentions == Mentions::kTaken),
      locator_(gazetteer, mentions),
      kept_(kKept) {}

const Placer::Placed& Placer::place(const PostView& post) {
  if (post.amendment == kScrubbed) {
    own_.finding = {};
    own_.finding.reason = "scrubbed";
    own_.geo.clear();
    return own_;
  }
  if (!make_key(post)) {
    find(post, own_);
    return own_;
  }
  Kept& kept = kept_[hash_of(key_) % kKept];
  if (kept.key != key_) {
    find(post, kept.placed);
    kept.key = key_;
  }
  return kept.placed;
}

/// All that Locator looks at; false: too much of it, or a point, which is another in each post.
bool Placer::make_key(const PostView& post) {
  if (post.lat || post.lon || from_text_) return false;
  if (!post.has_place && post.author_location.empty()) return false;
  key_.clear();
  for (const std::string_view part :
       {post.author_location, post.author_time_zone, post.lang, post.place_country_code,
        post.place_full_name, post.place_name}) {
    if (key_.size() + part.size() > kKeyBytesMax) return false;
    key_.append(part).push_back(kPart);
  }
  key_.push_back(post.has_place ? '1' : '0');
  if (!post.place_box) return true;
  std::array<char, sizeof(BoundingBoxView)> box{};
  std::memcpy(box.data(), &*post.place_box, box.size());
  key_.append(box.data(), box.size());
  return true;
}

void Placer::find(const PostView& post, Placed& placed) {
  placed.geo.clear();
  placed.finding = locator_.locate(post);
  auto& location = placed.finding.location;
  if (location && !coarsen(gazetteer_, privacy_, *location)) {
    location.reset();
    placed.finding.reason = "hidden";
  }
  if (location) append_geo(placed.geo, gazetteer_, *location);
}

}  // namespace rookery::geo_enrich
