#pragma once

#include <string>

#include "common/core/result.hpp"
#include "services/geo-enrich/compile/source.hpp"

namespace rookery::geo_enrich {

/// The bytes of gazetteer.bin; the same source gives the same bytes. Errors
/// (kFatal): source_malformed when a row names a country that is not in the table.
Result<std::string> compile(const Source& source);

/// Replaces `path` in one step, so that a service never maps half a file. Errors
/// (kFatal): output_failed.
Result<void> write_file(const std::string& path, const std::string& bytes);

}  // namespace rookery::geo_enrich
