#include "services/rookery-train/gram_index.hpp"

namespace rookery::train {

void GramIndex::add(std::uint32_t key) {
  if (find(key) != kNone) return;
  if ((keys_.size() + 1) * 2 > slots_.size()) grow();
  std::size_t slot = key & mask_;
  while (slots_[slot].id != kNone) slot = (slot + 1) & mask_;
  slots_[slot] = {key, static_cast<std::uint32_t>(keys_.size())};
  keys_.push_back(key);
}

void GramIndex::grow() {
  slots_.assign(slots_.size() * 2, Slot{});
  mask_ = slots_.size() - 1;
  for (std::uint32_t id = 0; id < keys_.size(); ++id) {
    std::size_t slot = keys_[id] & mask_;
    while (slots_[slot].id != kNone) slot = (slot + 1) & mask_;
    slots_[slot] = {keys_[id], id};
  }
}

}  // namespace rookery::train
