// The sample that the demo plays holds what tests/fixtures/README.md says of it.
#include <set>

#include <catch2/catch.hpp>

#include "services/ingest/file_feed.hpp"
#include "services/ingest/ingest_processor.hpp"
#include "tests/unit/services/ingest/support.hpp"

namespace rookery::ingest {
namespace {

TEST_CASE("the sample is what its README says") {
  ManualClock clock;
  FileFeed feed({.paths = {"tests/fixtures/sample/sample.v2.jsonl"}, .limits = {}, .pace = {}},
                clock);
  IngestProcessor processor({});
  std::size_t records = 0;
  std::size_t deletions = 0;
  std::size_t refused = 0;
  std::set<std::string> ids;
  Outputs out;
  for (const auto& item : drain(feed)) {
    InputRecord line{};
    line.value = item;
    out.clear();
    if (!processor.process(line, out)) ++refused;
    for (std::size_t i = 0; i < out.size(); ++i) {
      const OutputRecord record = out.at(i);
      ++(record.value ? records : deletions);
      if (record.value) ids.emplace(record.key);
    }
  }
  CHECK(records == 295);
  CHECK(ids.size() == 293);
  CHECK(deletions == 2);
  CHECK(refused == 2);
}

}  // namespace
}  // namespace rookery::ingest
