#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "common/records/post_reader.hpp"
#include "services/geo-enrich/gazetteer/gazetteer.hpp"
#include "services/geo-enrich/location.hpp"
#include "services/geo-enrich/locator.hpp"
#include "services/geo-enrich/privacy.hpp"

namespace rookery::geo_enrich {

/// RawTweet.amendment: nobody may tell where the post was.
inline constexpr std::string_view kScrubbed = "scrub_geo";

/// Where a post belongs, as exactly as may be told, ready to be written. People write the same
/// few thousand places into their profiles, and posts come from the same boxes, so what was
/// found for what a post tells of its place is kept: the answer for the same words, which is
/// the same whether it was kept or not. At most some 700 KiB. One thread uses it; borrows the
/// gazetteer.
class Placer {
 public:
  struct Placed {
    Finding finding;
    std::string geo;  ///< The object `geo` of the record; empty where there is no location.
  };

  Placer(const Gazetteer& gazetteer, Mentions mentions, Privacy privacy);

  /// Holds until the next call.
  [[nodiscard]] const Placed& place(const PostView& post);

 private:
  struct Kept {
    std::string key;  ///< Empty: nothing is kept here.
    Placed placed;
  };

  [[nodiscard]] bool make_key(const PostView& post);
  void find(const PostView& post, Placed& placed);

  const Gazetteer& gazetteer_;
  Privacy privacy_;
  bool from_text_;  ///< The text counts too, which is another in each post.
  Locator locator_;
  std::string key_;
  Placed own_;  ///< Of a post whose answer is not kept.
  std::vector<Kept> kept_;
};

}  // namespace rookery::geo_enrich
