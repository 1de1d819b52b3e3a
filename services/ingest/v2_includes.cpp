#include "services/ingest/v2_includes.hpp"

#include <algorithm>

namespace rookery::ingest {

Result<void> V2Includes::fill(const Field& list, std::string_view name, Table& table) {
  if (!list) return {};
  auto entries = as_array(*list, {"includes", name});
  ROOKERY_RETURN_IF_ERROR(entries);
  for (const auto entry : *entries) {
    auto object = as_object(entry, {"includes", name});
    ROOKERY_RETURN_IF_ERROR(object);
    std::string_view id;
    ROOKERY_RETURN_IF_ERROR(read_text(member(*object, "id"), {name, "id"}, id));
    if (!id.empty()) table.emplace_back(id, entry);
  }
  return {};
}

void V2Includes::sort(Table& table) {
  std::sort(table.begin(), table.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
}

Field V2Includes::find(const Table& table, std::string_view id) {
  const auto at = std::lower_bound(table.begin(), table.end(), id,
                                   [](const auto& entry, auto key) { return entry.first < key; });
  if (at == table.end() || at->first != id) return {};
  return at->second;
}

Result<void> V2Includes::read_rules(const Field& matching_rules) {
  if (!matching_rules) return {};
  auto rules = as_array(*matching_rules, {"", "matching_rules"});
  ROOKERY_RETURN_IF_ERROR(rules);
  for (const auto rule : *rules) {
    auto object = as_object(rule, {"", "matching_rules"});
    ROOKERY_RETURN_IF_ERROR(object);
    std::string_view tag;
    ROOKERY_RETURN_IF_ERROR(read_text(member(*object, "tag"), {"matching_rules", "tag"}, tag));
    if (!tag.empty()) rule_tags_.push_back(tag);
  }
  return {};
}

Result<void> V2Includes::read(const Field& includes, const Field& matching_rules) {
  users_.clear();
  places_.clear();
  posts_.clear();
  rule_tags_.clear();
  ROOKERY_RETURN_IF_ERROR(read_rules(matching_rules));
  if (!includes) return {};
  auto object = as_object(*includes, {"", "includes"});
  ROOKERY_RETURN_IF_ERROR(object);
  ROOKERY_RETURN_IF_ERROR(fill(member(*object, "users"), "users", users_));
  ROOKERY_RETURN_IF_ERROR(fill(member(*object, "places"), "places", places_));
  ROOKERY_RETURN_IF_ERROR(fill(member(*object, "tweets"), "tweets", posts_));
  ROOKERY_RETURN_IF_ERROR(fill(member(*object, "posts"), "posts", posts_));
  sort(users_);
  sort(places_);
  sort(posts_);
  return {};
}

}  // namespace rookery::ingest
