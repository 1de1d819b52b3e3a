#include "services/ingest/ingest_processor.hpp"

namespace rookery::ingest {

Result<void> IngestProcessor::process(const InputRecord& record, Outputs& out) {
  if (!record.value) return dead_letter("not_an_object", "expected a line, got a null value");
  auto parsed = parser_.parse(*record.value, out);
  ROOKERY_RETURN_IF_ERROR(parsed);
  return {};
}

}  // namespace rookery::ingest
