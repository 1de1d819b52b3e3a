#include "services/ingest/event_time.hpp"

#include <string>

#include <simdjson.h>

#include "common/records/timestamp.hpp"

namespace rookery::ingest {

struct EventTimeReader::Buffers {
  simdjson::dom::parser parser;
  std::string padded;
};

EventTimeReader::EventTimeReader() : buffers_(std::make_unique<Buffers>()) {}
EventTimeReader::~EventTimeReader() = default;

std::optional<WallTime> EventTimeReader::read(std::string_view line) {
  auto& [parser, padded] = *buffers_;
  padded.assign(line);
  padded.append(simdjson::SIMDJSON_PADDING, ' ');
  simdjson::dom::element root;
  if (parser.parse(padded.data(), line.size(), false).get(root) != simdjson::SUCCESS) return {};
  std::string_view text;
  const bool found = root["created_at"].get_string().get(text) == simdjson::SUCCESS ||
                     root["data"]["created_at"].get_string().get(text) == simdjson::SUCCESS ||
                     root["data"].at(0)["created_at"].get_string().get(text) == simdjson::SUCCESS;
  if (!found) return {};
  const auto time = parse_rfc3339(text);
  return time ? time : parse_twitter_v1(text);
}

}  // namespace rookery::ingest
