#include "services/ingest/jetstream_post.hpp"

#include <algorithm>
#include <string>

#include "common/records/timestamp.hpp"
#include "services/ingest/json_fields.hpp"

namespace rookery::ingest {
namespace {

using simdjson::dom::object;

constexpr std::string_view kPostCollection = "app.bsky.feed.post";
constexpr std::string_view kV2Event = "network.bsky.jetstream.subscribeEvents#";

struct Members {
  Field did, time_us, time, kind, commit, account;
};
constexpr auto kSlots = slots<Members>({
    {"did", &Members::did},
    {"time_us", &Members::time_us},
    {"time", &Members::time},
    {"kind", &Members::kind},
    {"commit", &Members::commit},
    {"account", &Members::account},
});

struct CommitMembers {
  Field operation, collection, rkey, rev, record;
};
constexpr auto kCommitSlots = slots<CommitMembers>({
    {"operation", &CommitMembers::operation},
    {"collection", &CommitMembers::collection},
    {"rkey", &CommitMembers::rkey},
    {"rev", &CommitMembers::rev},
    {"record", &CommitMembers::record},
});

struct RecordMembers {
  Field text, createdAt, langs, facets, reply, embed, tags;
};
constexpr auto kRecordSlots = slots<RecordMembers>({
    {"text", &RecordMembers::text},
    {"createdAt", &RecordMembers::createdAt},
    {"langs", &RecordMembers::langs},
    {"facets", &RecordMembers::facets},
    {"reply", &RecordMembers::reply},
    {"embed", &RecordMembers::embed},
    {"tags", &RecordMembers::tags},
});

/// The event itself: v2 wraps it.
object event_of(object message) {
  object wrapped;
  const Field payload = member(message, "payload");
  return payload && payload->get_object().get(wrapped) == simdjson::SUCCESS ? wrapped : message;
}

std::string_view text_of(const Field& field) {
  std::string_view text;
  if (!field || field->get_string().get(text) != simdjson::SUCCESS) return {};
  return text;
}

/// The last part of a $type, behind "#".
std::string_view type_of(object value) {
  const std::string_view type = text_of(member(value, "$type"));
  return type.substr(type.find('#') + 1);
}

bool continues(char byte) {
  return (static_cast<unsigned char>(byte) & 0xc0U) == 0x80U;
}

/// UTF-8 bytes as code points; an index within a character goes to its beginning.
Span span_of(std::string_view text, std::uint64_t begin, std::uint64_t end) {
  if (begin >= end || end > text.size()) return {};
  const auto clamp = [&](std::uint64_t index) {
    while (index > 0 && index < text.size() && continues(text[index])) --index;
    return static_cast<std::size_t>(index);
  };
  const std::size_t from = clamp(begin);
  const std::size_t to = clamp(end);
  if (from >= to) return {};
  const std::uint32_t start = count_code_points(text.substr(0, from));
  return {.start = start, .end = start + count_code_points(text.substr(from, to - from))};
}

void add_feature(object feature, Span span, RawPost& post) {
  const std::string_view type = type_of(feature);
  if (type == "tag") {
    if (const auto tag = text_of(member(feature, "tag")); !tag.empty()) {
      post.hashtags.push_back({.span = span, .tag = tag});
    }
  } else if (type == "link") {
    if (const auto uri = text_of(member(feature, "uri")); !uri.empty()) {
      post.urls.push_back(
          {.span = span, .url = uri, .expanded_url = uri, .display_url = {}, .title = {}});
    }
  } else if (type == "mention") {
    post.mentions.push_back({.span = span, .username = {}, .id = text_of(member(feature, "did"))});
  }
}

/// Facets are not validated by the network: one that makes no sense has no span.
void read_facets(const Field& field, RawPost& post) {
  simdjson::dom::array facets;
  if (!field || field->get_array().get(facets) != simdjson::SUCCESS) return;
  for (const auto entry : facets) {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    const bool indexed = entry["index"]["byteStart"].get_uint64().get(begin) == simdjson::SUCCESS &&
                         entry["index"]["byteEnd"].get_uint64().get(end) == simdjson::SUCCESS;
    const Span span = indexed ? span_of(post.text, begin, end) : Span{};
    simdjson::dom::array features;
    if (entry["features"].get_array().get(features) != simdjson::SUCCESS) continue;
    for (const auto feature : features) {
      object fields;
      if (feature.get_object().get(fields) == simdjson::SUCCESS) add_feature(fields, span, post);
    }
  }
}

void read_hidden_tags(const Field& field, RawPost& post) {
  simdjson::dom::array tags;
  if (!field || field->get_array().get(tags) != simdjson::SUCCESS) return;
  for (const auto entry : tags) {
    if (const auto tag = text_of(Field(entry)); !tag.empty()) {
      post.hashtags.push_back({.span = {}, .tag = tag});
    }
  }
}

void read_references(const RecordMembers& m, RawPost& post) {
  std::string_view uri;
  if (m.reply) {
    if ((*m.reply)["parent"]["uri"].get_string().get(uri) == simdjson::SUCCESS) {
      post.references.push_back({.type = "replied_to", .id = uri});
    }
    if ((*m.reply)["root"]["uri"].get_string().get(uri) == simdjson::SUCCESS) {
      post.conversation_id = uri;
    }
  }
  if (!m.embed) return;
  // A quote with pictures wraps the quoted record once more.
  if ((*m.embed)["record"]["uri"].get_string().get(uri) == simdjson::SUCCESS ||
      (*m.embed)["record"]["record"]["uri"].get_string().get(uri) == simdjson::SUCCESS) {
    post.references.push_back({.type = "quoted", .id = uri});
  }
  object external;
  if ((*m.embed)["external"].get_object().get(external) != simdjson::SUCCESS) return;
  const std::string_view link = text_of(member(external, "uri"));
  if (link.empty()) return;
  const auto same = std::find_if(post.urls.begin(), post.urls.end(),
                                 [&](const UrlEntity& url) { return url.expanded_url == link; });
  if (same != post.urls.end()) {
    same->title = text_of(member(external, "title"));
    return;
  }
  post.urls.push_back({.span = {},
                       .url = link,
                       .expanded_url = link,
                       .display_url = {},
                       .title = text_of(member(external, "title"))});
}

Result<WallTime> seen_at(const Members& m) {
  using std::chrono::milliseconds;
  std::int64_t micros = 0;
  if (m.time_us && m.time_us->get_int64().get(micros) == simdjson::SUCCESS) {
    const WallTime time(std::chrono::floor<milliseconds>(std::chrono::microseconds(micros)));
    if (has_timestamp(time)) return time;
    return out_of_range({"", "time_us"}, "microseconds since 1970", std::to_string(micros));
  }
  const auto time = parse_rfc3339(text_of(m.time));
  if (time) return *time;
  return missing({"", "time_us"});
}

Result<void> read_record(object record, WallTime seen, ParseBuffers& buffers) {
  RawPost& post = buffers.post;
  RecordMembers m;
  collect(record, kRecordSlots, m);
  if (!m.text) return missing({"commit.record", "text"});
  ROOKERY_RETURN_IF_ERROR(read_text(m.text, {"commit.record", "text"}, post.text));
  const auto created = parse_rfc3339(text_of(m.createdAt));
  post.created_at = created ? std::min(*created, seen) : seen;
  simdjson::dom::array langs;
  if (m.langs && m.langs->get_array().get(langs) == simdjson::SUCCESS && langs.size() > 0) {
    const std::string_view lang = text_of(Field(langs.at(0).value_unsafe()));
    post.lang = language_of(lang.substr(0, lang.find('-')));
  }
  read_facets(m.facets, post);
  read_hidden_tags(m.tags, post);
  read_references(m, post);
  return {};
}

/// Reads what stands around the record: `holder` is the commit of v1, and the
/// event itself of v2.
Result<FeedMessage> read_commit(object holder, std::string_view did, WallTime seen,
                                ParseBuffers& buffers) {
  CommitMembers m;
  collect(holder, kCommitSlots, m);
  if (text_of(m.collection) != kPostCollection) return FeedMessage::kNotice;
  const std::string_view rkey = text_of(m.rkey);
  if (rkey.empty()) return missing({"commit", "rkey"});
  RawPost& post = buffers.post;
  std::string& id = buffers.arena.make();
  id.append("at://").append(did).append("/").append(kPostCollection).append("/").append(rkey);
  post.id = id;
  post.author.id = did;
  const std::string_view operation = text_of(m.operation);
  if (operation == "delete") return FeedMessage::kDeletion;
  if (operation != "create" && operation != "update") {
    return out_of_range({"commit", "operation"}, "create, update or delete", quoted(operation));
  }
  if (!m.record) return missing({"commit", "record"});
  auto record = as_object(*m.record, {"commit", "record"});
  ROOKERY_RETURN_IF_ERROR(record);
  ROOKERY_RETURN_IF_ERROR(read_record(*record, seen, buffers));
  if (operation == "create") return FeedMessage::kPost;
  buffers.revision = text_of(m.rev);
  return FeedMessage::kEdit;
}

}  // namespace

bool is_jetstream(const MessageShape& message) {
  if (message.did && message.kind) return true;
  const std::string_view type = text_of(message.type);
  return type == "message" || type == "error" || type == "info" || type.starts_with(kV2Event);
}

Result<FeedMessage> read_jetstream(object message, ParseBuffers& buffers) {
  buffers.post.clear();
  const object event = event_of(message);
  Members m;
  collect(event, kSlots, m);
  const std::string_view kind = m.kind ? text_of(m.kind) : type_of(event);
  if (kind != "commit" && kind != "account") return FeedMessage::kNotice;
  const std::string_view did = text_of(m.did);
  if (did.empty()) return missing({"", "did"});
  auto seen = seen_at(m);
  ROOKERY_RETURN_IF_ERROR(seen);
  if (kind == "account") {
    if (!m.account) return missing({"", "account"});
    auto account = as_object(*m.account, {"", "account"});
    ROOKERY_RETURN_IF_ERROR(account);
    ROOKERY_RETURN_IF_ERROR(read_account(*account, did, *seen, buffers.demand));
    return buffers.demand.kind.empty() ? FeedMessage::kNotice : FeedMessage::kDemand;
  }
  object holder = event;
  if (m.commit) {
    auto inner = as_object(*m.commit, {"", "commit"});
    ROOKERY_RETURN_IF_ERROR(inner);
    holder = *inner;
  }
  return read_commit(holder, did, *seen, buffers);
}

std::optional<std::int64_t> jetstream_cursor(object message) {
  const object event = event_of(message);
  std::int64_t cursor = 0;
  for (const std::string_view name : {"time_us", "seq"}) {
    if (event[name].get_int64().get(cursor) == simdjson::SUCCESS) return cursor;
  }
  return {};
}

}  // namespace rookery::ingest
