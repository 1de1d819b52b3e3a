#include "services/ingest/message_shape.hpp"

namespace rookery::ingest {
namespace {

using Shape = MessageShape;
constexpr auto kSlots = slots<Shape>({
    {"id", &Shape::id},
    {"id_str", &Shape::id_str},
    {"text", &Shape::text},
    {"full_text", &Shape::full_text},
    {"user", &Shape::user},
    {"note_tweet", &Shape::note_tweet},
    {"note_post", &Shape::note_post},
    {"created_at", &Shape::created_at},
    {"author_id", &Shape::author_id},
    {"origin", &Shape::origin},
    {"coordinates", &Shape::coordinates},
    {"place", &Shape::place},
    {"did", &Shape::did},
    {"kind", &Shape::kind},
    {"$type", &Shape::type},
    {"data", &Shape::data},
    {"includes", &Shape::includes},
    {"matching_rules", &Shape::matching_rules},
    {"statuses", &Shape::statuses},
    {"delete", &Shape::deletion},
    {"drop", &Shape::drop},
    {"deleted", &Shape::deleted},
    {"edit_history_tweet_ids", &Shape::edit_history_tweet_ids},
    {"edit_history_post_ids", &Shape::edit_history_post_ids},
});

}  // namespace

MessageShape::MessageShape(simdjson::dom::object message) {
  collect_first(message, kSlots, *this);
}

bool MessageShape::is_record() const {
  if (!id || !created_at) return false;
  if (origin) return true;
  return !author_id && (coordinates || place);
}

}  // namespace rookery::ingest
