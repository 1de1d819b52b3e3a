#include "services/ingest/stream_messages.hpp"

#include <algorithm>
#include <array>

#include "services/ingest/json_fields.hpp"

namespace rookery::ingest {
namespace {

using simdjson::dom::object;
using namespace std::string_view_literals;

// developer.x.com, "Streaming message types" (v1.1); docs.x.com, compliance
// streams and error objects (v2).
constexpr std::array kNotices = {
    "delete"sv,          "limit"sv,          "warning"sv,
    "disconnect"sv,      "scrub_geo"sv,      "withheld"sv,
    "status_withheld"sv, "user_withheld"sv,  "drop"sv,
    "undrop"sv,          "tweet_edit"sv,     "user_protect"sv,
    "user_unprotect"sv,  "user_delete"sv,    "user_undelete"sv,
    "user_suspend"sv,    "user_unsuspend"sv, "user_profile_modification"sv,
    "friends"sv,         "friends_str"sv,    "event"sv,
    "control"sv,         "for_user"sv,       "direct_message"sv};

/// `holder` holds the status; v1.1 and v2 name it differently.
Result<std::optional<std::string_view>> deleted_in(object holder, TextArena& arena) {
  Field status = member(holder, "status");
  if (!status) status = member(holder, "tweet");
  if (!status) status = member(holder, "post");
  if (!status) return std::optional<std::string_view>{};
  auto post = as_object(*status, {"delete", "status"});
  ROOKERY_RETURN_IF_ERROR(post);
  const Field text = member(*post, "id_str");
  std::string_view id;
  ROOKERY_RETURN_IF_ERROR(
      read_id(text ? text : member(*post, "id"), {"delete.status", "id_str"}, arena, id));
  if (id.empty()) return missing({"delete.status", "id_str"});
  return std::optional(id);
}

}  // namespace

Result<std::optional<std::string_view>> deleted_post(const MessageShape& message,
                                                     TextArena& arena) {
  if (const Field& deletion = message.deletion ? message.deletion : message.drop) {
    object holder;
    if (deletion->get_object().get(holder) != simdjson::SUCCESS) {
      return wrong_type({"", message.deletion ? "delete" : "drop"}, "an object", *deletion);
    }
    return deleted_in(holder, arena);
  }
  bool gone = false;
  if (!message.deleted || message.deleted->get_bool().get(gone) != simdjson::SUCCESS || !gone) {
    return std::optional<std::string_view>{};
  }
  std::string_view id;
  ROOKERY_RETURN_IF_ERROR(read_id(message.id, {"", "id"}, arena, id));
  if (id.empty()) return missing({"", "id"});
  return std::optional(id);
}

bool is_notice(object message) {
  bool has_title = false;
  bool has_detail = false;
  bool has_errors = false;
  bool has_meta = false;
  for (const auto [name, value] : message) {
    if (std::find(kNotices.begin(), kNotices.end(), name) != kNotices.end()) {
      return value.is_object() || value.is_array() || value.is_string();
    }
    has_title = has_title || name == "title";
    has_detail = has_detail || name == "detail" || name == "type";
    has_errors = has_errors || (name == "errors" && value.is_array());
    has_meta = has_meta || (name == "meta" && value.is_object());
  }
  // A problem, a list of problems, or a page of results without one.
  return has_errors || has_meta || (has_title && has_detail);
}

}  // namespace rookery::ingest
