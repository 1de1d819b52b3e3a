#include "services/hashtag-window/key_table.hpp"

#include <utility>

#include "services/hashtag-window/hashing.hpp"
#include "services/hashtag-window/places.hpp"

namespace rookery::hashtag_window {

namespace {

/// 32 bits of it are kept.
std::uint32_t hash_of(std::string_view text, std::uint64_t owner) {
  return static_cast<std::uint32_t>(stable_hash(text, owner));
}

}  // namespace

KeyTable::Name KeyTable::name_of(std::string_view key, std::string_view spelling) {
  const std::uint32_t number = number_of(key, kNone);
  return {number, spelling.empty() ? number : number_of(spelling, number)};
}

void KeyTable::prefetch(std::span<const std::string> keys) {
  hashes_.clear();
  for (const std::string& key : keys) {
    hashes_.push_back(hash_of(key, 0));
    index_.prefetch(hashes_.back());
  }
  for (const std::uint32_t hash : hashes_) {
    if (const auto number = index_.first(hash)) keys_.prefetch(*number);
  }
}

std::int64_t KeyTable::places_beyond(std::uint32_t number, std::int32_t span) const {
  const Key& key = keys_[number];
  if (key.span >= span) return 0;
  const std::size_t owner = key.owner == kNone ? 0 : keys_[key.owner].text.size();
  return static_cast<std::int64_t>(places_of(owner + key.text.size()));
}

void KeyTable::keep(Name name) {
  ++keys_[name.key].users;
  if (name.spelling != name.key) ++keys_[name.spelling].users;
}

void KeyTable::release(Name name) {
  if (name.spelling != name.key) release(name.spelling);
  release(name.key);
}

void KeyTable::release(std::uint32_t number) {
  Key& key = keys_[number];
  if (--key.users != 0) return;
  index_.erase(key.hash, number);
  free_.push_back(number);
  if (key.owner == kNone) {
    --live_keys_;
    return;
  }
  // Its key is released after it, so the list of spellings is still there.
  std::uint32_t* link = &keys_[key.owner].spellings;
  while (*link != number) link = &keys_[*link].spellings;
  *link = key.spellings;
}

std::uint32_t KeyTable::number_of(std::string_view text, std::uint32_t owner) {
  const std::uint32_t hash = hash_of(text, owner == kNone ? 0 : keys_[owner].hash);
  const auto known = index_.find(
      hash, [&](std::uint32_t i) { return keys_[i].owner == owner && keys_[i].text == text; });
  if (known) return *known;
  std::uint32_t number = 0;
  if (free_.empty()) {
    number = static_cast<std::uint32_t>(keys_.size());
    keys_.grow(number + std::size_t{1});
  } else {
    number = free_.back();
    free_.pop_back();
  }
  Key& key = keys_[number];
  key.text.assign(text);
  key.hash = hash;
  key.owner = owner;
  key.spellings = kNone;
  key.span = kNoSpan;
  if (owner == kNone) {
    ++live_keys_;
  } else {
    key.spellings = std::exchange(keys_[owner].spellings, number);
  }
  index_.insert(hash, number);
  return number;
}

}  // namespace rookery::hashtag_window
