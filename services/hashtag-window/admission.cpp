#include "services/hashtag-window/admission.hpp"

#include <algorithm>

#include "services/hashtag-window/sums.hpp"

namespace rookery::hashtag_window {

const std::vector<PostKeys::Key>& Admission::admit(Pane pane, std::int64_t offset,
                                                   const std::vector<PostKeys::Key>& keys,
                                                   const Limits& limits) {
  refusals_.clear();
  if (keys.empty()) return keys;
  const auto [at, begins] = open_.try_emplace(pane);
  Open& open = at->second;
  if (begins) open.begin = offset;
  if (!open.has_names) {
    if (has_room(open, keys, limits.places_max)) return keys;
    take_names(open, pane, limits);
  }
  bool all = true;  // And nothing is copied, as nearly always.
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const Answer answer = ask(open, keys[i], limits.places_max);
    if (all && answer != Answer::kCounted) {
      all = false;
      admitted_.assign(keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(i));
    }
    if (all) continue;
    if (answer != Answer::kCounted) {
      refuse(open.room_of(keys[i].dimension), answer == Answer::kRefused ? 1 : 0);
    }
    if (answer == Answer::kRefused) continue;
    admitted_.push_back(keys[i]);
    if (answer == Answer::kCountedAsItIs) admitted_.back().spelling = {};
  }
  return all ? keys : admitted_;
}

bool Admission::has_room(Open& open, const std::vector<PostKeys::Key>& keys,
                         std::size_t places_max) {
  bool fits = true;
  Room* room = nullptr;
  for (const PostKeys::Key& key : keys) {
    if (room == nullptr || room->dimension != key.dimension) room = &open.room_of(key.dimension);
    room->brought += places_of(key.text.size());
    if (!key.spelling.empty()) room->brought += places_of(key.text.size() + key.spelling.size());
    fits = fits && room->brought <= places_max;
  }
  return fits;
}

/// Those of all posts so far, none of which was refused a place.
void Admission::take_names(Open& open, Pane pane, const Limits& limits) {
  open.has_names = true;
  limits.index.each_of(pane, open.begin, [&](const std::vector<PostKeys::Key>& keys) {
    for (const PostKeys::Key& key : keys) ask(open, key, limits.places_max);
  });
}

Admission::Answer Admission::ask(Open& open, const PostKeys::Key& key, std::size_t places_max) {
  const std::uint64_t hash = name_hash(key.dimension, key.text, key.spelling);
  if (open.has(hash, key.dimension, key.text, key.spelling)) return Answer::kCounted;
  Room& room = open.room_of(key.dimension);
  if (key.spelling.empty()) {
    return open.add(hash, room, key.text, {}, places_max) ? Answer::kCounted : Answer::kRefused;
  }
  const std::uint64_t as_it_is = name_hash(key.dimension, key.text, {});
  if (!open.has(as_it_is, key.dimension, key.text, {}) &&
      !open.add(as_it_is, room, key.text, {}, places_max)) {
    return Answer::kRefused;
  }
  return open.add(hash, room, key.text, key.spelling, places_max) ? Answer::kCounted
                                                                  : Answer::kCountedAsItIs;
}

void Admission::refuse(Room& room, std::int64_t keys) {
  // The keys of a dimension lie together.
  if (refusals_.empty() || refusals_.back().dimension != room.dimension) {
    refusals_.push_back({.dimension = room.dimension, .first = !room.refused});
  }
  refusals_.back().keys += keys;
  room.refused = true;
}

void Admission::close_below(Pane pane) {
  while (!open_.empty() && open_.begin()->first < pane) open_.erase(open_.begin());
}

void Admission::forget() {
  open_.clear();
}

void Admission::free_places(Pane pane, const std::vector<PostKeys::Key>& keys) {
  const auto found = open_.find(pane);
  if (found == open_.end()) return;
  for (const PostKeys::Key& key : keys) {
    Room& room = found->second.room_of(key.dimension);
    room.places -= std::min(room.places, places_of(key.text.size()));
  }
}

std::size_t Admission::bytes() const {
  std::size_t bytes = 0;
  for (const auto& [pane, open] : open_) {
    bytes += open.index.bytes() + open.names.capacity() * sizeof(Name) + open.texts.capacity();
  }
  return bytes;
}

bool Admission::Open::has(std::uint64_t hash, Dimension dimension, std::string_view key,
                          std::string_view spelling) const {
  return index
      .find(hash,
            [&](std::uint32_t i) {
              const Name& name = names[i];
              const std::string_view text = std::string_view(texts).substr(name.begin);
              return name.dimension == dimension && name.key_size == key.size() &&
                     name.spelling_size == spelling.size() && text.substr(0, key.size()) == key &&
                     text.substr(key.size(), spelling.size()) == spelling;
            })
      .has_value();
}

Admission::Room& Admission::Open::room_of(Dimension dimension) {
  const auto found = std::find_if(rooms.begin(), rooms.end(),
                                  [&](const Room& room) { return room.dimension == dimension; });
  if (found != rooms.end()) return *found;
  return rooms.emplace_back(Room{.dimension = dimension});
}

/// Returns false where there is no room.
bool Admission::Open::add(std::uint64_t hash, Room& room, std::string_view key,
                          std::string_view spelling, std::size_t places_max) {
  const std::size_t places = places_of(key.size() + spelling.size());
  if (room.places + places > places_max) return false;
  room.places += places;
  index.insert(hash, static_cast<std::uint32_t>(names.size()));
  names.push_back({.begin = texts.size(),
                   .key_size = static_cast<std::uint16_t>(key.size()),
                   .spelling_size = static_cast<std::uint16_t>(spelling.size()),
                   .dimension = room.dimension});
  texts.append(key).append(spelling);
  return true;
}

}  // namespace rookery::hashtag_window
