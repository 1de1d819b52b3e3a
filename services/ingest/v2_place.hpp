#pragma once

#include "common/core/result.hpp"
#include "services/ingest/json_fields.hpp"
#include "services/ingest/v2_includes.hpp"

namespace rookery::ingest {

/// Reads `geo` of a v2 post: the point, and the place from `includes` or, in a
/// flattened post, from `geo` itself. A place that did not come along keeps its
/// id. Error codes: field_type, field_range.
Result<void> read_v2_geo(const Field& geo, const V2Includes& includes, RawPost& post);

}  // namespace rookery::ingest
