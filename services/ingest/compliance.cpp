#include "services/ingest/compliance.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <span>

#include "common/records/json_writer.hpp"
#include "common/records/timestamp.hpp"
#include "services/ingest/json_fields.hpp"

namespace rookery::ingest {
namespace {

using simdjson::dom::object;

enum class About : std::uint8_t { kUser, kPost };

struct Notice {
  std::string_view name;
  std::string_view kind;
  About about;
};
// developer.x.com, "Streaming message types" (v1.1); docs.x.com, compliance streams (v2).
constexpr std::array<Notice, 12> kNotices = {{{"scrub_geo", "scrub_geo", About::kUser},
                                              {"status_withheld", "post_withheld", About::kPost},
                                              {"withheld", "post_withheld", About::kPost},
                                              {"user_withheld", "user_withheld", About::kUser},
                                              {"user_delete", "user_deleted", About::kUser},
                                              {"user_undelete", "user_restored", About::kUser},
                                              {"user_suspend", "user_suspended", About::kUser},
                                              {"user_unsuspend", "user_restored", About::kUser},
                                              {"user_protect", "user_protected", About::kUser},
                                              {"user_unprotect", "user_restored", About::kUser},
                                              {"undrop", "post_restored", About::kPost},
                                              {"post_withheld", "post_withheld", About::kPost}}};

struct Reason {
  std::string_view name;
  std::string_view kind;
};
// docs.x.com, "Batch compliance": the reasons of a job's lines.
constexpr std::array<Reason, 5> kReasons = {{{"deleted", "user_deleted"},
                                             {"suspended", "user_suspended"},
                                             {"protected", "user_protected"},
                                             {"deactivated", "user_protected"},
                                             {"scrub_geo", "scrub_geo"}}};
// docs.bsky.app, com.atproto.sync.subscribeRepos#account.
constexpr std::array<Reason, 4> kStatuses = {{{"deleted", "user_deleted"},
                                              {"takendown", "user_suspended"},
                                              {"suspended", "user_suspended"},
                                              {"deactivated", "user_protected"}}};

std::string_view kind_of(std::span<const Reason> reasons, std::string_view name) {
  for (const auto& reason : reasons) {
    if (reason.name == name) return reason.kind;
  }
  return {};
}

/// A name of a member, alone or within the object `holder`.
struct Place {
  std::string_view holder;
  std::string_view member;
};

Field at(object fields, const Place& place) {
  if (place.holder.empty()) return member(fields, place.member);
  object inner;
  const Field holder = member(fields, place.holder);
  if (!holder || holder->get_object().get(inner) != simdjson::SUCCESS) return {};
  return member(inner, place.member);
}

/// The first of `places` that is there.
Result<void> read_id_at(object fields, std::span<const Place> places, TextArena& arena,
                        std::string_view& id) {
  for (const Place& place : places) {
    const Field field = at(fields, place);
    if (!field) continue;
    return read_id(field, {place.holder, place.member}, arena, id);
  }
  return {};
}

constexpr std::array<Place, 5> kAuthor = {{{"user", "id"},
                                           {"tweet", "author_id"},
                                           {"post", "author_id"},
                                           {"", "user_id_str"},
                                           {"", "user_id"}}};
constexpr std::array<Place, 2> kOwnId = {{{"", "id_str"}, {"", "id"}}};
constexpr std::array<Place, 5> kPost = {
    {{"tweet", "id"}, {"post", "id"}, {"status", "id_str"}, {"status", "id"}, {"", "id"}}};
constexpr std::array<Place, 4> kUpTo = {{{"", "up_to_tweet_id"},
                                         {"", "up_to_post_id"},
                                         {"", "up_to_status_id_str"},
                                         {"", "up_to_status_id"}}};
constexpr std::array<Place, 3> kCountries = {{{"", "withheld_in_countries"},
                                              {"status", "withheld_in_countries"},
                                              {"user", "withheld_in_countries"}}};

Result<void> read_countries(object fields, std::vector<std::string_view>& countries) {
  for (const Place& place : kCountries) {
    const Field field = at(fields, place);
    if (!field) continue;
    const Path path{place.holder, place.member};
    auto list = as_array(*field, path);
    ROOKERY_RETURN_IF_ERROR(list);
    for (const auto entry : *list) {
      std::string_view code;
      ROOKERY_RETURN_IF_ERROR(read_text(entry, path, code));
      if (!code.empty()) countries.push_back(code);
    }
    return {};
  }
  return {};
}

/// event_at of v2, or timestamp_ms of v1.1, within the notice or beside it.
Result<void> read_event_time(object fields, object message, std::optional<WallTime>& time) {
  std::string_view text;
  ROOKERY_RETURN_IF_ERROR(read_text(member(fields, "event_at"), {"", "event_at"}, text));
  if (!text.empty()) {
    time = parse_rfc3339(text);
    if (!time) return out_of_range({"", "event_at"}, "RFC 3339", quoted(text));
    return {};
  }
  const Field inner = member(fields, "timestamp_ms");
  ROOKERY_RETURN_IF_ERROR(
      read_text(inner ? inner : member(message, "timestamp_ms"), {"", "timestamp_ms"}, text));
  std::int64_t millis = 0;
  const auto* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, millis);
  const WallTime at{std::chrono::milliseconds(millis)};
  // The demand holds without its time, too.
  if (read.ec == std::errc() && read.ptr == end && has_timestamp(at)) time = at;
  return {};
}

Result<void> read_notice(object fields, object message, const Notice& notice, TextArena& arena,
                         ComplianceDemand& demand) {
  demand.kind = notice.kind;
  ROOKERY_RETURN_IF_ERROR(read_id_at(fields, kAuthor, arena, demand.user_id));
  if (notice.about == About::kPost) {
    ROOKERY_RETURN_IF_ERROR(read_id_at(fields, kPost, arena, demand.post_id));
    if (demand.post_id.empty()) return missing({notice.name, "id"});
  } else if (demand.user_id.empty()) {
    // v1.1 names the user where v2 has an object of its own.
    ROOKERY_RETURN_IF_ERROR(read_id_at(fields, kOwnId, arena, demand.user_id));
    if (demand.user_id.empty()) return missing({notice.name, "user"});
  }
  ROOKERY_RETURN_IF_ERROR(read_id_at(fields, kUpTo, arena, demand.up_to_post_id));
  ROOKERY_RETURN_IF_ERROR(read_countries(fields, demand.countries));
  return read_event_time(fields, message, demand.event_at);
}

}  // namespace

void ComplianceDemand::clear() {
  kind = user_id = post_id = up_to_post_id = {};
  countries.clear();
  event_at.reset();
}

Result<bool> read_demand(object message, TextArena& arena, ComplianceDemand& demand) {
  demand.clear();
  for (const auto [name, value] : message) {
    for (const Notice& notice : kNotices) {
      if (notice.name != name) continue;
      auto fields = as_object(value, {"", notice.name});
      ROOKERY_RETURN_IF_ERROR(fields);
      ROOKERY_RETURN_IF_ERROR(read_notice(*fields, message, notice, arena, demand));
      return true;
    }
  }
  return false;
}

Result<void> read_account(object holder, std::string_view did, WallTime seen,
                          ComplianceDemand& demand) {
  demand.clear();
  std::optional<bool> active;
  ROOKERY_RETURN_IF_ERROR(read_flag(member(holder, "active"), {"account", "active"}, active));
  if (!active) return missing({"account", "active"});
  std::string_view status;
  ROOKERY_RETURN_IF_ERROR(read_text(member(holder, "status"), {"account", "status"}, status));
  // What is only throttled or out of step for a while demands nothing.
  demand.kind = *active ? "user_restored" : kind_of(kStatuses, status);
  demand.user_id = did;
  demand.event_at = seen;
  return {};
}

bool is_job_line(object message) {
  return member(message, "id") && member(message, "action") && member(message, "reason");
}

Result<JobLine> read_job_line(object line, ComplianceJob job, TextArena& arena,
                              ComplianceDemand& demand) {
  demand.clear();
  if (!is_job_line(line)) {
    return dead_letter("not_a_post", "expected a line of a compliance job: id, action, reason");
  }
  std::string_view reason;
  ROOKERY_RETURN_IF_ERROR(read_text(member(line, "reason"), {"", "reason"}, reason));
  demand.kind = kind_of(kReasons, reason);
  if (demand.kind.empty()) {
    return out_of_range({"", "reason"}, "deleted, deactivated, protected, suspended or scrub_geo",
                        quoted(reason));
  }
  const bool posts = job == ComplianceJob::kPosts;
  std::string_view& id = posts ? demand.post_id : demand.user_id;
  ROOKERY_RETURN_IF_ERROR(read_id(member(line, "id"), {"", "id"}, arena, id));
  ROOKERY_RETURN_IF_ERROR(read_id_at(line, kUpTo, arena, demand.up_to_post_id));
  return posts && demand.kind != "scrub_geo" ? JobLine::kDeletion : JobLine::kDemand;
}

void append_compliance_event(std::string& out, const ComplianceDemand& demand,
                             const OriginFields& origin) {
  json::ObjectWriter object(out);
  object.string("kind", demand.kind);
  if (!demand.user_id.empty()) object.string("user_id", demand.user_id);
  if (!demand.post_id.empty()) object.string("post_id", demand.post_id);
  if (!demand.up_to_post_id.empty()) object.string("up_to_post_id", demand.up_to_post_id);
  if (!demand.countries.empty()) {
    json::ArrayWriter list(object.value("countries"));
    for (const auto code : demand.countries) list.string(code);
  }
  if (demand.event_at) object.time("event_at", *demand.event_at);
  object.string("source", origin.source);
  if (origin.received_at) object.time("received_at", *origin.received_at);
}

}  // namespace rookery::ingest
