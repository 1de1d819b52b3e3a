#include "services/ingest/simulator_truth.hpp"

#include <cerrno>
#include <chrono>
#include <fstream>
#include <map>
#include <system_error>

#include "common/records/json_writer.hpp"
#include "common/records/timestamp.hpp"

namespace rookery::ingest {
namespace {

using json::ArrayWriter;
using json::ObjectWriter;

using Minute = std::chrono::sys_time<std::chrono::minutes>;

struct Tally {
  std::int64_t posts = 0, duplicates = 0, late = 0, malformed = 0, deletions = 0;
  std::map<std::string, std::map<Minute, std::int64_t>, std::less<>> hashtags;
};

void count_post(const Simulator& simulator, Tally& tally) {
  ++tally.posts;
  const auto minute = std::chrono::floor<std::chrono::minutes>(simulator.created_at());
  for (const TagEntity& tag : simulator.hashtags()) {
    auto at = tally.hashtags.find(tag.tag);
    if (at == tally.hashtags.end()) at = tally.hashtags.try_emplace(std::string(tag.tag)).first;
    ++at->second[minute];
  }
}

Tally count(Simulator& simulator) {
  Tally tally;
  const auto items = static_cast<std::uint64_t>(simulator.options().posts);
  for (std::uint64_t n = 0; n < items; ++n) {
    switch (simulator.item(n).kind) {
      case SimKind::kPost:
        count_post(simulator, tally);
        break;
      case SimKind::kDuplicate:
        ++tally.duplicates;
        break;
      case SimKind::kLate:
        ++tally.late;
        break;
      case SimKind::kMalformed:
        ++tally.malformed;
        break;
      case SimKind::kDeletion:
        ++tally.deletions;
        break;
    }
  }
  return tally;
}

void put_planted(ObjectWriter& truth, const Simulator& simulator, WallTime end) {
  const SimOptions& options = simulator.options();
  const auto intervals =
      static_cast<std::uint64_t>((end - options.start) / options.burst_interval) + 1;
  {
    ArrayWriter bursts(truth.value("bursts"));
    for (std::uint64_t i = 0; i < intervals; ++i) {
      const Planted planted = simulator.burst(i);
      if (planted.start > end) continue;
      ObjectWriter burst(bursts.next());
      burst.string("tag", planted.tag);
      burst.time("start", planted.start);
      burst.time("end", planted.end);
      burst.number("share", options.burst_share);
    }
  }
  ArrayWriter hotspots(truth.value("hotspots"));
  for (std::uint64_t i = 0; i < intervals; ++i) {
    const Planted planted = simulator.hotspot(i);
    if (planted.start > end) continue;
    ObjectWriter hotspot(hotspots.next());
    hotspot.number("lat", planted.centre.lat);
    hotspot.number("lon", planted.centre.lon);
    hotspot.number("radius_km", planted.radius_km);
    hotspot.time("start", planted.start);
    hotspot.time("end", planted.end);
    hotspot.number("share", options.hotspot_share);
  }
}

}  // namespace

std::string simulator_truth(const SimOptions& options) {
  Simulator simulator(options);
  const Tally tally = count(simulator);
  std::string text;
  ObjectWriter truth(text);
  truth.number("items", options.posts);
  truth.number("posts", tally.posts);
  truth.number("duplicates", tally.duplicates);
  truth.number("late", tally.late);
  truth.number("malformed", tally.malformed);
  truth.number("deletions", tally.deletions);
  put_planted(truth, simulator, simulator.time_of(static_cast<std::uint64_t>(options.posts - 1)));
  ObjectWriter hashtags = truth.object("hashtags");
  for (const auto& [tag, minutes] : tally.hashtags) {
    ObjectWriter counts = hashtags.object(tag);
    for (const auto& [minute, number] : minutes) counts.number(to_rfc3339(minute), number);
  }
  hashtags.close();
  truth.close();
  return text;
}

Result<void> write_simulator_truth(const SimOptions& options, const std::string& path) {
  if (options.posts <= 0) {
    return misconfigured("truth_endless", "sim_truth needs an end: set sim_posts above 0");
  }
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << simulator_truth(options) << '\n';
  file.close();
  if (file) return {};
  return misconfigured("truth_unwritable",
                       "sim_truth \"" + path + "\": " + std::generic_category().message(errno));
}

}  // namespace rookery::ingest
