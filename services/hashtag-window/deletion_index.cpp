#include "services/hashtag-window/deletion_index.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "common/core/fault.hpp"
#include "services/hashtag-window/hashing.hpp"

namespace rookery::hashtag_window {
namespace {

/// Keys are packed as dimension (1 byte), length (2 bytes), length of the spelling (2 bytes),
/// text, spelling.
constexpr std::size_t kKeyHead = 5;

void pack_size(std::string& out, std::size_t size) {
  out.push_back(static_cast<char>(size & 0xffU));
  out.push_back(static_cast<char>(size >> 8U));
}

std::size_t unpack_size(std::string_view packed) {
  const auto low = static_cast<unsigned char>(packed[0]);
  const auto high = static_cast<unsigned char>(packed[1]);
  return low + (std::size_t{high} << 8U);
}

void pack(std::string& out, const std::vector<PostKeys::Key>& keys) {
  out.clear();
  for (const auto& key : keys) {
    out.push_back(static_cast<char>(key.dimension));
    pack_size(out, key.text.size());
    pack_size(out, key.spelling.size());
    out.append(key.text).append(key.spelling);
  }
}

void unpack(std::string_view packed, std::vector<PostKeys::Key>& keys) {
  keys.clear();
  while (!packed.empty()) {
    const std::size_t size = unpack_size(packed.substr(1));
    const std::size_t spelling = unpack_size(packed.substr(3));
    keys.push_back({static_cast<Dimension>(packed[0]), packed.substr(kKeyHead, size),
                    packed.substr(kKeyHead + size, spelling)});
    packed.remove_prefix(kKeyHead + size + spelling);
  }
}

constexpr std::int32_t kNoShortPane = std::numeric_limits<std::int32_t>::min();

std::uint32_t hash_of(std::string_view id) {
  return static_cast<std::uint32_t>(stable_hash(id));
}

}  // namespace

CountedPost DeletionIndex::Entry::post() const {
  return {.offset = offset,
          .frontier = frontier == kNoShortPane ? kNoPane : frontier,
          .pane = pane,
          .sentiment = sentiment};
}

void DeletionIndex::insert(std::string_view id, const CountedPost& post,
                           const std::vector<PostKeys::Key>& keys) {
  const std::uint32_t hash = hash_of(id);
  if (const auto earlier = find(hash, id)) kill(*earlier);
  pack(packed_, keys);
  make_room(id.size() + packed_.size());
  Entry& entry = at(next_);
  entry = {.offset = post.offset,
           .bytes_begin = bytes_end_,
           .frontier =
               post.frontier == kNoPane ? kNoShortPane : static_cast<std::int32_t>(post.frontier),
           .pane = static_cast<std::int32_t>(post.pane),
           .sentiment = post.sentiment,
           .hash = hash,
           .id_size = static_cast<std::uint32_t>(id.size()) & 0x7fffffffU,
           .live = 1,
           .keys_size = static_cast<std::uint32_t>(packed_.size())};
  append_bytes(id);
  append_bytes(packed_);
  by_id_.insert(hash, next_);
  ++next_;
}

std::optional<CountedPost> DeletionIndex::take(std::string_view id,
                                               std::vector<PostKeys::Key>& keys) {
  keys.clear();
  const auto number = find(hash_of(id), id);
  if (!number) return std::nullopt;
  const Entry& entry = at(*number);
  const CountedPost post = entry.post();
  copy_out(entry.bytes_begin + entry.id_size, entry.keys_size, taken_);
  unpack(taken_, keys);
  kill(*number);
  if (planted_mistake("restore_from_what_is_left")) {
    while (first_ != next_ && at(first_).live == 0) drop_front();
  }
  return post;
}

void DeletionIndex::each_of(
    Pane pane, std::int64_t offset,
    const std::function<void(const std::vector<PostKeys::Key>&)>& visit) const {
  std::string packed;
  std::vector<PostKeys::Key> keys;
  std::uint32_t begin = first_;
  for (std::uint32_t size = next_ - first_; size != 0;) {  // Offsets rise.
    const std::uint32_t half = size / 2;
    const bool before = at(begin + half).offset < offset;
    begin = before ? begin + half + 1 : begin;
    size = before ? size - half - 1 : half;
  }
  for (std::uint32_t number = begin; number != next_; ++number) {
    const Entry& entry = at(number);
    if (entry.pane != pane) continue;
    if (entry.live == 0 && planted_mistake("admission_without_deleted")) continue;
    copy_out(entry.bytes_begin + entry.id_size, entry.keys_size, packed);
    unpack(packed, keys);
    visit(keys);
  }
}

void DeletionIndex::evict_below(Pane pane) {
  while (first_ != next_ && at(first_).pane < pane) drop_front();
}

void DeletionIndex::evict_before(std::int64_t offset) {
  while (first_ != next_ && at(first_).offset < offset) drop_front();
}

std::optional<CountedPost> DeletionIndex::oldest() const {
  if (first_ == next_) return std::nullopt;
  return at(first_).post();
}

std::optional<std::uint32_t> DeletionIndex::find(std::uint32_t hash, std::string_view id) {
  return by_id_.find(hash, [&](std::uint32_t number) {
    const Entry& entry = at(number);
    if (entry.id_size != id.size()) return false;
    copy_out(entry.bytes_begin, entry.id_size, scratch_);
    return scratch_ == id;
  });
}

void DeletionIndex::copy_out(std::uint64_t begin, std::size_t size, std::string& out) const {
  out.resize(size);
  const std::size_t at = begin & (bytes_.size() - 1);
  const std::size_t head = std::min(size, bytes_.size() - at);
  if (head != 0) std::memcpy(out.data(), bytes_.data() + at, head);
  if (size > head) std::memcpy(out.data() + head, bytes_.data(), size - head);
}

void DeletionIndex::append_bytes(std::string_view bytes) {
  const std::size_t at = bytes_end_ & (bytes_.size() - 1);
  const std::size_t head = std::min(bytes.size(), bytes_.size() - at);
  if (head != 0) std::memcpy(bytes_.data() + at, bytes.data(), head);
  if (bytes.size() > head) {
    std::memcpy(bytes_.data(), bytes.data() + head, bytes.size() - head);
  }
  bytes_end_ += bytes.size();
}

void DeletionIndex::make_room(std::size_t bytes) {
  if (const std::uint32_t held = next_ - first_; held == ring_.size()) {
    std::vector<Entry> grown(ring_.empty() ? 64 : ring_.size() * 2);
    for (std::uint32_t i = first_; i != next_; ++i) grown[i & (grown.size() - 1)] = at(i);
    ring_.swap(grown);
  }
  const std::uint64_t bytes_first = first_ == next_ ? bytes_end_ : at(first_).bytes_begin;
  const std::size_t needed = bytes_end_ - bytes_first + bytes;
  if (needed <= bytes_.size()) return;
  std::string held;
  if (!bytes_.empty()) copy_out(bytes_first, bytes_end_ - bytes_first, held);
  bytes_.assign(std::bit_ceil(std::max<std::size_t>(needed * 2, 4096)), '\0');
  bytes_end_ = bytes_first;
  append_bytes(held);
}

void DeletionIndex::kill(std::uint32_t number) {
  Entry& entry = at(number);
  entry.live = 0;
  by_id_.erase(entry.hash, number);
}

void DeletionIndex::drop_front() {
  if (at(first_).live != 0) kill(first_);
  ++first_;
}

}  // namespace rookery::hashtag_window
