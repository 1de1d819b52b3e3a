#include "services/ingest/post_parser.hpp"

#include <algorithm>
#include <string>

#include <simdjson.h>

#include "common/core/check.hpp"
#include "common/records/post_reader.hpp"
#include "services/ingest/compliance.hpp"
#include "services/ingest/csv_post.hpp"
#include "services/ingest/feed_posts.hpp"
#include "services/ingest/jetstream_post.hpp"
#include "services/ingest/json_fields.hpp"
#include "services/ingest/message_shape.hpp"
#include "services/ingest/parse_buffers.hpp"
#include "services/ingest/stream_messages.hpp"
#include "services/ingest/text_tags.hpp"
#include "services/ingest/v1_post.hpp"
#include "services/ingest/v2_includes.hpp"
#include "services/ingest/v2_post.hpp"
#include "services/ingest/ws/zstd_frames.hpp"

namespace rookery::ingest {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

constexpr std::size_t kDepthMax = 64;
constexpr std::string_view kTopic = "raw_tweets";
constexpr std::string_view kDemandTopic = "compliance_events";
constexpr std::string_view kBlanks = " \t\r\n";

Result<object> parse_object(simdjson::dom::parser& parser, std::string& padded,
                            std::string_view line) {
  padded.assign(line);
  padded.append(simdjson::SIMDJSON_PADDING, ' ');
  if (parser.max_depth() != kDepthMax || parser.capacity() < line.size()) {
    const std::size_t capacity = std::max<std::size_t>(line.size() * 2, 1U << 16U);
    if (parser.allocate(capacity, kDepthMax) != simdjson::SUCCESS) {
      return dead_letter("json_malformed", "too long to read");
    }
  }
  element root;
  if (const auto error = parser.parse(padded.data(), line.size(), false).get(root)) {
    return dead_letter("json_malformed", std::string(simdjson::error_message(error)));
  }
  object fields;
  if (root.get_object().get(fields) != simdjson::SUCCESS) {
    return dead_letter("not_an_object", root.is_array() ? "expected a JSON object, got an array"
                                                        : "expected a JSON object, got a value");
  }
  return fields;
}

/// The names of the first members, to tell people what came instead of a post.
Failure not_a_post(object message, std::string_view where) {
  std::string names;
  int count = 0;
  for (const auto [name, value] : message) {
    if (count++ == 5) break;
    if (!names.empty()) names.append(", ");
    names.append(name.substr(0, 32));
  }
  // A name may have been cut within a code point.
  while (!simdjson::validate_utf8(names)) names.pop_back();
  return dead_letter("not_a_post", std::string(where) + "expected a post, got an object with " +
                                       (names.empty() ? "no members" : names));
}

Failure in_list(Error error, std::string_view list, std::size_t index) {
  error.message.insert(0, std::string(list) + "[" + std::to_string(index) + "]: ");
  return Failure(std::move(error));
}

}  // namespace

struct PostParser::Buffers {
  explicit Buffers(const PostParser::Options& options)
      : origin{.source = options.source, .received_at = {}},
        referenced(options.referenced),
        custom(options.custom) {}

  OriginFields origin;
  Referenced referenced;
  simdjson::dom::parser parser;
  std::string padded;  ///< The line and the bytes behind it that simdjson may read.
  ParseBuffers fields;
  V2Includes includes;
  CsvPostReader csv;
  MastodonReader mastodon;
  const std::optional<CustomFields>* custom;
  PostReader reader;

  void write(Outputs& out, ParsedLine& parsed) {
    origin.revision = parsed.revision;
    append_raw_tweet(out.start(kTopic, std::nullopt, fields.post.id), fields.post, origin);
    ++parsed.posts;
  }

  /// Writes the deletion that a message is; false if it is none.
  Result<bool> write_deletion(const MessageShape& shape, Outputs& out, ParsedLine& parsed) {
    auto id = deleted_post(shape, fields.arena);
    ROOKERY_RETURN_IF_ERROR(id);
    if (!*id) return false;
    out.add_deletion(kTopic, std::nullopt, **id);
    ++parsed.deletions;
    return true;
  }

  void write_demand(Outputs& out, ParsedLine& parsed) const {
    append_compliance_event(out.start(kDemandTopic, std::nullopt, fields.demand.key()),
                            fields.demand, origin);
    ++parsed.demands;
  }

  /// Writes the demand that `message` is, or counts the notice; false if it is neither.
  Result<bool> write_notice(object message, Outputs& out, ParsedLine& parsed) {
    auto demand = read_demand(message, fields.arena, fields.demand);
    ROOKERY_RETURN_IF_ERROR(demand);
    if (*demand) {
      write_demand(out, parsed);
      return true;
    }
    if (!is_notice(message)) return false;
    ++parsed.notices;
    return true;
  }

  /// Every edit of a post of X has an id of its own: the newest takes the place of
  /// those before it.
  Result<void> delete_earlier_versions(const MessageShape& post, Outputs& out, ParsedLine& parsed) {
    const std::pair<std::string_view, const Field*> histories[] = {
        {"edit_history_tweet_ids", &post.edit_history_tweet_ids},
        {"edit_history_post_ids", &post.edit_history_post_ids}};
    for (const auto& [name, history] : histories) {
      if (!*history) continue;
      auto ids = as_array(**history, {"", name});
      ROOKERY_RETURN_IF_ERROR(ids);
      for (const element entry : *ids) {
        std::string_view id;
        ROOKERY_RETURN_IF_ERROR(read_id(entry, {"", name}, fields.arena, id));
        if (id == fields.post.id) return {};
        out.add_deletion(kTopic, std::nullopt, id);
        ++parsed.deletions;
      }
    }
    return {};
  }

  Result<void> add_job_line(object line, ComplianceJob job, Outputs& out, ParsedLine& parsed) {
    auto kind = read_job_line(line, job, fields.arena, fields.demand);
    ROOKERY_RETURN_IF_ERROR(kind);
    if (*kind == JobLine::kDemand) {
      write_demand(out, parsed);
    } else {
      out.add_deletion(kTopic, std::nullopt, fields.demand.post_id);
      ++parsed.deletions;
    }
    return {};
  }

  Result<void> add_v1(object post, Outputs& out, ParsedLine& parsed) {
    ROOKERY_RETURN_IF_ERROR(read_v1_post(post, fields));
    write(out, parsed);
    if (referenced == Referenced::kNamed) return {};
    for (const std::string_view name : {"retweeted_status", "quoted_status"}) {
      object original;
      const Field field = member(post, name);
      if (!field || field->get_object().get(original) != simdjson::SUCCESS) continue;
      if (MessageShape(original).is_v1_post())
        ROOKERY_RETURN_IF_ERROR(add_v1(original, out, parsed));
    }
    return {};
  }

  Result<void> add_v2(object post, const MessageShape& shape, Outputs& out, ParsedLine& parsed) {
    ROOKERY_RETURN_IF_ERROR(read_v2_post(post, includes, fields));
    ROOKERY_RETURN_IF_ERROR(delete_earlier_versions(shape, out, parsed));
    write(out, parsed);
    return {};
  }

  /// The posts that stand beside those of the message.
  Result<void> add_included(Outputs& out, ParsedLine& parsed) {
    if (referenced == Referenced::kNamed) return {};
    for (const auto& [id, post] : includes.posts()) {
      auto fields_of_post = as_object(post, {"includes", "tweets"});
      ROOKERY_RETURN_IF_ERROR(fields_of_post);
      const MessageShape shape(*fields_of_post);
      if (shape.is_v2_post()) {
        ROOKERY_RETURN_IF_ERROR(add_v2(*fields_of_post, shape, out, parsed));
      }
    }
    return {};
  }

  Result<void> add_row(std::string_view line, const CsvColumns& columns, Outputs& out,
                       ParsedLine& parsed) {
    ROOKERY_RETURN_IF_ERROR(csv.read(line, columns, fields));
    if (fields.post.hashtags.empty()) find_hashtags(fields.post.text, fields.post.hashtags);
    write(out, parsed);
    return {};
  }

  void add_feed(FeedMessage kind, Outputs& out, ParsedLine& parsed);
  Result<bool> add_if_feed(object message, const MessageShape& shape, LineFormat format,
                           Outputs& out, ParsedLine& parsed);
  Result<void> add_statuses(array statuses, Outputs& out, ParsedLine& parsed);
  Result<void> add_data(element data, Outputs& out, ParsedLine& parsed);
  Result<void> add_data_object(object data, Outputs& out, ParsedLine& parsed);
  Result<void> add_message(object message, LineFormat format, std::string_view line, Outputs& out,
                           ParsedLine& parsed);
  Result<void> add_record(std::string_view line, Outputs& out, ParsedLine& parsed);
};

void PostParser::Buffers::add_feed(FeedMessage kind, Outputs& out, ParsedLine& parsed) {
  switch (kind) {
    case FeedMessage::kEdit:
      parsed.revision = fields.revision;
      [[fallthrough]];
    case FeedMessage::kPost:
      write(out, parsed);
      break;
    case FeedMessage::kDeletion:
      out.add_deletion(kTopic, std::nullopt, fields.post.id);
      ++parsed.deletions;
      break;
    case FeedMessage::kDemand:
      write_demand(out, parsed);
      break;
    case FeedMessage::kNotice:
      ++parsed.notices;
      break;
  }
}

/// Whether `format` is one of the feeds; then the message was read as one.
Result<bool> PostParser::Buffers::add_if_feed(object message, const MessageShape& shape,
                                              LineFormat format, Outputs& out, ParsedLine& parsed) {
  const bool jetstream = is_jetstream(shape);
  if (format == LineFormat::kMastodon) {
    auto kind = mastodon.read(message, fields);
    ROOKERY_RETURN_IF_ERROR(kind);
    add_feed(*kind, out, parsed);
  } else if (format == LineFormat::kNowPlaying) {
    ROOKERY_RETURN_IF_ERROR(
        read_now_playing(message, origin.received_at.value_or(WallTime{}), fields));
    add_feed(FeedMessage::kPost, out, parsed);
  } else if (format == LineFormat::kCustom) {
    ROOKERY_CHECK(custom != nullptr && custom->has_value(), "the feed was made first");
    ROOKERY_RETURN_IF_ERROR(
        read_custom(message, **custom, origin.received_at.value_or(WallTime{}), fields));
    add_feed(FeedMessage::kPost, out, parsed);
  } else if (format == LineFormat::kJetstream || (format == LineFormat::kAuto && jetstream)) {
    if (!jetstream) return not_a_post(message, "");
    auto kind = read_jetstream(message, fields);
    ROOKERY_RETURN_IF_ERROR(kind);
    add_feed(*kind, out, parsed);
  } else {
    return false;
  }
  return true;
}

Result<void> PostParser::Buffers::add_statuses(array statuses, Outputs& out, ParsedLine& parsed) {
  std::size_t index = 0;
  for (const element entry : statuses) {
    auto post = as_object(entry, {"", "statuses"});
    ROOKERY_RETURN_IF_ERROR(post);
    auto added = add_v1(*post, out, parsed);
    if (!added) return in_list(std::move(added).error(), "statuses", index);
    ++index;
  }
  return {};
}

Result<void> PostParser::Buffers::add_data_object(object data, Outputs& out, ParsedLine& parsed) {
  const MessageShape shape(data);
  if (shape.is_v2_post()) return add_v2(data, shape, out, parsed);
  auto deleted = write_deletion(shape, out, parsed);
  ROOKERY_RETURN_IF_ERROR(deleted);
  if (*deleted) return {};
  auto noticed = write_notice(data, out, parsed);
  ROOKERY_RETURN_IF_ERROR(noticed);
  return *noticed ? Result<void>{} : not_a_post(data, "data: ");
}

Result<void> PostParser::Buffers::add_data(element data, Outputs& out, ParsedLine& parsed) {
  array page;
  if (data.get_array().get(page) != simdjson::SUCCESS) {
    auto single = as_object(data, {"", "data"});
    ROOKERY_RETURN_IF_ERROR(single);
    return add_data_object(*single, out, parsed);
  }
  std::size_t index = 0;
  for (const element entry : page) {
    auto post = as_object(entry, {"", "data"});
    ROOKERY_RETURN_IF_ERROR(post);
    auto added = add_data_object(*post, out, parsed);
    if (!added) return in_list(std::move(added).error(), "data", index);
    ++index;
  }
  // An empty page of results.
  if (index == 0) ++parsed.notices;
  return {};
}

Result<void> PostParser::Buffers::add_record(std::string_view line, Outputs& out,
                                             ParsedLine& parsed) {
  auto post = reader.read(line);
  ROOKERY_RETURN_IF_ERROR(post);
  out.add(kTopic, std::nullopt, (*post)->id, line);
  ++parsed.posts;
  return {};
}

Result<void> PostParser::Buffers::add_message(object message, LineFormat format,
                                              std::string_view line, Outputs& out,
                                              ParsedLine& parsed) {
  const bool automatic = format == LineFormat::kAuto;
  if (format == LineFormat::kPostCompliance) {
    return add_job_line(message, ComplianceJob::kPosts, out, parsed);
  }
  if (format == LineFormat::kUserCompliance) {
    return add_job_line(message, ComplianceJob::kUsers, out, parsed);
  }
  const MessageShape shape(message);
  auto feed = add_if_feed(message, shape, format, out, parsed);
  ROOKERY_RETURN_IF_ERROR(feed);
  if (*feed) return {};
  if ((automatic || format == LineFormat::kV1) && shape.is_v1_post()) {
    return add_v1(message, out, parsed);
  }
  auto deleted = write_deletion(shape, out, parsed);
  ROOKERY_RETURN_IF_ERROR(deleted);
  if (*deleted) return {};
  if (automatic && shape.is_record()) return add_record(line, out, parsed);
  if (automatic || format == LineFormat::kV2) {
    if (shape.data || shape.is_v2_post()) {
      ROOKERY_RETURN_IF_ERROR(includes.read(shape.includes, shape.matching_rules));
      ROOKERY_RETURN_IF_ERROR(shape.data ? add_data(*shape.data, out, parsed)
                                         : add_v2(message, shape, out, parsed));
      return add_included(out, parsed);
    }
  }
  array list;
  if (format != LineFormat::kV2 && shape.statuses &&
      shape.statuses->get_array().get(list) == simdjson::SUCCESS) {
    return add_statuses(list, out, parsed);
  }
  if (automatic && is_job_line(message)) {
    return dead_letter("not_a_post",
                       "a line of a compliance job does not say of what: expected file_format "
                       "post-compliance or user-compliance");
  }
  auto noticed = write_notice(message, out, parsed);
  ROOKERY_RETURN_IF_ERROR(noticed);
  return *noticed ? Result<void>{} : not_a_post(message, "");
}

PostParser::PostParser(Options options)
    : options_(options), buffers_(std::make_unique<Buffers>(options_)) {}
PostParser::~PostParser() = default;
PostParser::PostParser(PostParser&&) noexcept = default;
PostParser& PostParser::operator=(PostParser&&) noexcept = default;

std::optional<LineFormat> line_format(std::string_view name) {
  if (name == "auto") return LineFormat::kAuto;
  if (name == "v1") return LineFormat::kV1;
  if (name == "v2") return LineFormat::kV2;
  if (name == "record") return LineFormat::kRecord;
  if (name == "jetstream") return LineFormat::kJetstream;
  if (name == "csv") return LineFormat::kCsv;
  if (name == "post-compliance") return LineFormat::kPostCompliance;
  if (name == "user-compliance") return LineFormat::kUserCompliance;
  return {};
}

Result<ParsedLine> PostParser::parse(std::string_view line, Outputs& out,
                                     std::optional<WallTime> received) {
  ParsedLine parsed;
  if (line.size() > options_.line_bytes_max) {
    return dead_letter("line_too_long", "expected at most " +
                                            std::to_string(options_.line_bytes_max) +
                                            " bytes, got more; the first " +
                                            std::to_string(line.size()) + " are kept here");
  }
  if (line.find_first_not_of(kBlanks) == std::string_view::npos) return parsed;
  buffers_->fields.arena.clear();
  buffers_->origin.received_at = received;
  if (options_.csv != nullptr && options_.csv->has_value()) {
    ROOKERY_RETURN_IF_ERROR(buffers_->add_row(line, **options_.csv, out, parsed));
    return parsed;
  }
  if (options_.format == LineFormat::kRecord) {
    auto added = buffers_->add_record(line, out, parsed);
    if (added) return parsed;
    // A deletion has neither text nor time; anything else keeps its error.
    if (added.error().code != "field_missing") return Failure(std::move(added).error());
    auto message = parse_object(buffers_->parser, buffers_->padded, line);
    ROOKERY_RETURN_IF_ERROR(message);
    auto deleted = buffers_->write_deletion(MessageShape(*message), out, parsed);
    ROOKERY_RETURN_IF_ERROR(deleted);
    if (!*deleted) return Failure(std::move(added).error());
    return parsed;
  }
  if (options_.format == LineFormat::kJetstream && is_zstd(line)) {
    return dead_letter("frame_malformed", "expected a whole zstd frame with at most " +
                                              std::to_string(options_.line_bytes_max) +
                                              " bytes in it; it is kept here as it came");
  }
  auto message = parse_object(buffers_->parser, buffers_->padded, line);
  ROOKERY_RETURN_IF_ERROR(message);
  ROOKERY_RETURN_IF_ERROR(buffers_->add_message(*message, options_.format, line, out, parsed));
  return parsed;
}

}  // namespace rookery::ingest
