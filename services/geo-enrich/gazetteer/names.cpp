#include "services/geo-enrich/gazetteer/names.hpp"

#include <algorithm>

namespace rookery::geo_enrich {

std::span<const std::uint32_t> Names::find(std::uint64_t hash) const {
  const auto tag = static_cast<std::uint32_t>(hash >> 32);
  for (std::size_t at = first_slot(hash, slots_.size());; ++at) {
    if (at == slots_.size()) at = 0;
    const format::NameSlot& slot = slots_[at];
    if (slot.first == format::kNoName) return {};
    if (slot.tag != tag) continue;
    std::size_t end = slot.first;
    while (!NameRef(refs_[end]).has(NameRef::kLast)) ++end;
    return refs_.subspan(slot.first, end + 1 - slot.first);
  }
}

bool Names::well_formed(std::span<const std::size_t> counts) const {
  const bool free = std::any_of(slots_.begin(), slots_.end(), [](const format::NameSlot& slot) {
    return slot.first == format::kNoName;
  });
  return free && !refs_.empty() && NameRef(refs_.back()).has(NameRef::kLast) &&
         std::all_of(slots_.begin(), slots_.end(),
                     [&](const format::NameSlot& slot) {
                       return slot.first == format::kNoName || slot.first < refs_.size();
                     }) &&
         std::all_of(refs_.begin(), refs_.end(), [&](std::uint32_t bits) {
           const NameRef ref(bits);
           return ref.index() < counts[static_cast<std::size_t>(ref.kind())];
         });
}

}  // namespace rookery::geo_enrich
