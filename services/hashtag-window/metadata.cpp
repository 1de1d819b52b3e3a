#include "services/hashtag-window/metadata.hpp"

#include <array>
#include <charconv>
#include <limits>

#include "common/records/json_writer.hpp"
#include "services/hashtag-window/json_fields.hpp"

namespace rookery::hashtag_window {
namespace {

using json::ArrayWriter;
using json::ObjectWriter;

constexpr std::size_t kBytesMax = 4096;  // The broker's offset.metadata.max.bytes.

void write_pane(ObjectWriter& object, std::string_view name, Pane pane) {
  if (pane != kNoPane) object.number(name, pane);
}

/// Each pane less `base`; null where it is not known.
void write_panes(ObjectWriter& object, std::string_view name, const std::vector<Pane>& panes,
                 Pane base) {
  ArrayWriter array(object.value(name));
  for (const Pane pane : panes) {
    if (pane == kNoPane) {
      array.next().append("null");
    } else {
      json::append_number(array.next(), pane - base);
    }
  }
}

/// The base of write_panes(): the pane, or 0 where it is not known.
Pane base_of(Pane pane) {
  return pane == kNoPane ? 0 : pane;
}

/// The fields of each level of snapshots.
constexpr std::array<std::string_view, 2> kSaved = {"saved", "saved_fine"};
constexpr std::array<std::string_view, 2> kDigests = {"digests", "digests_fine"};

/// Eight digits each.
std::string hex_of(const std::vector<std::uint32_t>& numbers) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const std::uint32_t number : numbers) {
    for (unsigned shift = 32; shift > 0; shift -= 4) {
      text.push_back(kDigits[number >> (shift - 4) & 15U]);
    }
  }
  return text;
}

bool from_hex(std::string_view text, std::vector<std::uint32_t>& numbers) {
  for (; text.size() >= 8; text.remove_prefix(8)) {
    const char* const end = text.data() + 8;
    if (std::from_chars(text.data(), end, numbers.emplace_back(), 16).ptr != end) return false;
  }
  return text.empty();
}

std::string in_quotes(std::string_view text) {
  std::string result;
  return result.append("\"").append(text.substr(0, 1000)).append("\"");
}

Result<std::string> checked(std::string text) {
  if (text.size() <= kBytesMax) return text;
  return misconfigured("metadata_too_long",
                       "offset metadata: expected at most 4096 bytes, got " +
                           std::to_string(text.size()) +
                           "; use fewer partitions or shorter lists of windows");
}

Failure refused(const Settings& settings, const TopicPartition& at, std::string_view found) {
  return misconfigured(
      "window_state",
      at.topic + "[" + std::to_string(at.partition.value()) +
          "]: the committed offset was to carry the state of \"" + settings.fingerprint +
          "\", found " + std::string(found) +
          "; other numbers of partitions are for rookeryctl windows rescale; else go back to the "
          "former options, or stop all instances, delete the consumer groups " +
          std::string(settings.family->groups) + "-partial, -merge and -rank and the records of " +
          settings.partials_topic + ", " + std::string(settings.family->ranks) +
          " and trends, and count anew");
}

/// Checks what all metadata have in common, and gives the fields.
Result<FieldReader> open(const Settings& settings, const TopicPartition& at,
                         const CommittedOffset& committed, JsonParser& parser) {
  if (committed.metadata.empty()) return refused(settings, at, "an offset without metadata");
  const auto object = parser.object(committed.metadata);
  if (!object) return refused(settings, at, in_quotes(committed.metadata));
  FieldReader fields(*object);
  const std::string_view fingerprint = fields.text("settings");
  if (!fields.ok() || fingerprint != settings.fingerprint) {
    return refused(settings, at, in_quotes(fingerprint));
  }
  return fields;
}

Pane read_pane(FieldReader& fields, std::string_view name) {
  return fields.has(name) ? fields.int64(name) : kNoPane;
}

bool read_panes(FieldReader& fields, std::string_view name, Pane base, std::size_t size,
                std::vector<Pane>& panes) {
  for (const simdjson::dom::element item : fields.array(name)) {
    std::int64_t difference = 0;
    if (item.is_null()) {
      panes.push_back(kNoPane);
    } else if (item.get_int64().get(difference) == simdjson::SUCCESS) {
      panes.push_back(base + difference);
    } else {
      return false;
    }
  }
  return panes.size() == size;
}

Failure malformed(const Settings& settings, const TopicPartition& at,
                  const CommittedOffset& committed) {
  return refused(settings, at, "malformed metadata: " + committed.metadata.substr(0, 1000));
}

}  // namespace

Result<std::string> write_metadata(const Settings& settings, const PartialMetadata& metadata) {
  std::string text;
  ObjectWriter object(text);
  object.string("settings", settings.fingerprint);
  write_pane(object, "frontier", metadata.frontier);
  write_pane(object, "newest", metadata.newest);
  if (metadata.idle) object.boolean("idle", true);
  object.number("replay_from", metadata.replay_from);
  write_pane(object, "replay_frontier", metadata.replay_frontier);
  if (!metadata.marks.empty()) {
    ArrayWriter marks(object.value("marks"));
    for (const IdleMark& mark : metadata.marks) {
      json::append_number(marks.next(), mark.offset - metadata.replay_from);
      json::append_number(marks.next(), mark.frontier - metadata.frontier);
    }
  }
  object.close();
  return checked(std::move(text));
}

Result<std::string> write_metadata(const Settings& settings, const MergeMetadata& metadata) {
  std::string text;
  ObjectWriter object(text);
  object.string("settings", settings.fingerprint);
  write_pane(object, "closed", metadata.closed);
  write_panes(object, "frontiers", metadata.frontiers, base_of(metadata.closed));
  object.number("replay_from", metadata.replay_from);
  for (std::size_t i = 0; i < metadata.saved.size(); ++i) {
    const auto& [until, digests] = metadata.saved[i];
    if (i == 0) object.number("resume_from", metadata.resume_from);
    write_pane(object, kSaved.at(i), until);
    object.string(kDigests.at(i), hex_of(digests));
  }
  object.close();
  return checked(std::move(text));
}

Result<std::string> write_metadata(const Settings& settings, const RankMetadata& metadata) {
  std::string text;
  ObjectWriter object(text);
  object.string("settings", settings.fingerprint);
  write_pane(object, "done", metadata.done);
  write_panes(object, "reported", metadata.reported, base_of(metadata.done));
  if (settings.partials_topic != settings.family->partials) {
    object.string("partials", settings.partials_topic);
  }
  object.number("replay_from", metadata.replay_from);
  object.close();
  return checked(std::move(text));
}

Result<PartialMetadata> read_partial_metadata(const Settings& settings, const TopicPartition& at,
                                              const CommittedOffset& committed) {
  JsonParser parser;
  auto fields = open(settings, at, committed, parser);
  ROOKERY_RETURN_IF_ERROR(fields);
  PartialMetadata metadata;
  metadata.frontier = read_pane(*fields, "frontier");
  metadata.newest = read_pane(*fields, "newest");
  metadata.idle = fields->truth("idle");
  metadata.replay_from = fields->integer("replay_from", 0, committed.offset.value());
  metadata.replay_frontier = read_pane(*fields, "replay_frontier");
  std::vector<std::int64_t> numbers;
  if (fields->has("marks")) {
    for (const simdjson::dom::element item : fields->array("marks")) {
      std::int64_t number = 0;
      if (item.get_int64().get(number) != simdjson::SUCCESS) {
        return malformed(settings, at, committed);
      }
      numbers.push_back(number);
    }
  }
  for (std::size_t i = 0; i + 1 < numbers.size(); i += 2) {
    metadata.marks.push_back(
        {metadata.replay_from + numbers[i], metadata.frontier + numbers[i + 1]});
  }
  if (!fields->ok() || numbers.size() % 2 != 0) return malformed(settings, at, committed);
  return metadata;
}

Result<MergeMetadata> read_merge_metadata(const Settings& settings, const TopicPartition& at,
                                          const CommittedOffset& committed) {
  JsonParser parser;
  auto fields = open(settings, at, committed, parser);
  ROOKERY_RETURN_IF_ERROR(fields);
  MergeMetadata metadata;
  metadata.closed = read_pane(*fields, "closed");
  metadata.replay_from = fields->integer("replay_from", 0, committed.offset.value());
  const auto size = static_cast<std::size_t>(settings.source_partitions);
  bool whole = read_panes(*fields, "frontiers", base_of(metadata.closed), size, metadata.frontiers);
  if (fields->has("resume_from")) {
    metadata.resume_from = fields->integer("resume_from", 0, committed.offset.value());
    for (std::size_t i = 0; i < kSaved.size() && fields->has(kDigests[i]); ++i) {
      SavedBlocks& saved = metadata.saved.emplace_back();
      saved.until = read_pane(*fields, kSaved[i]);
      whole = from_hex(fields->text(kDigests[i]), saved.digests) && whole;
    }
  }
  if (!whole || !fields->ok()) {
    return malformed(settings, at, committed);
  }
  return metadata;
}

Result<RankMetadata> read_rank_metadata(const Settings& settings, const TopicPartition& at,
                                        const CommittedOffset& committed) {
  JsonParser parser;
  auto fields = open(settings, at, committed, parser);
  ROOKERY_RETURN_IF_ERROR(fields);
  RankMetadata metadata;
  metadata.done = read_pane(*fields, "done");
  metadata.replay_from = fields->integer("replay_from", 0, committed.offset.value());
  const auto size = static_cast<std::size_t>(settings.partial_partitions);
  if (!read_panes(*fields, "reported", base_of(metadata.done), size, metadata.reported) ||
      !fields->ok()) {
    return malformed(settings, at, committed);
  }
  return metadata;
}

}  // namespace rookery::hashtag_window
