#pragma once

#include <string_view>

namespace rookery::ingest {

/// What ingest asks the X API v2 for: the fields that the parser reads
/// (docs.x.com, "Fields" and "Expansions").
inline constexpr std::string_view kXFields =
    "tweet.fields=author_id,conversation_id,created_at,entities,geo,lang,note_tweet,"
    "possibly_sensitive,public_metrics,referenced_tweets,withheld"
    "&expansions=author_id,geo.place_id,referenced_tweets.id"
    "&user.fields=id,location,name,public_metrics,username,verified"
    "&place.fields=country,country_code,full_name,geo,id,name,place_type";

}  // namespace rookery::ingest
