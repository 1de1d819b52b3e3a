#pragma once

#include "services/ingest/compliance.hpp"
#include "services/ingest/post_text.hpp"
#include "services/ingest/raw_post.hpp"

namespace rookery::ingest {

/// What the readers of posts fill, used again for each post.
struct ParseBuffers {
  RawPost post;
  PostText text;
  TextArena arena;            ///< Cleared per line.
  std::string_view revision;  ///< Of an edited post; the source's own name for the version.
  ComplianceDemand demand;
};

}  // namespace rookery::ingest
