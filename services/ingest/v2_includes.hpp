#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include <simdjson.h>

#include "common/core/result.hpp"
#include "services/ingest/json_fields.hpp"

namespace rookery::ingest {

/// The objects that stand beside the posts of one X API v2 message, found by id
/// in logarithmic time. Its views belong to the message's document.
class V2Includes {
 public:
  /// Reads `includes` and `matching_rules`; both spellings of posts (tweets,
  /// posts). Error code: field_type.
  Result<void> read(const Field& includes, const Field& matching_rules);

  [[nodiscard]] Field user(std::string_view id) const { return find(users_, id); }
  [[nodiscard]] Field place(std::string_view id) const { return find(places_, id); }
  [[nodiscard]] Field post(std::string_view id) const { return find(posts_, id); }

  /// All posts, by id.
  [[nodiscard]] const auto& posts() const { return posts_; }

  /// Tags of the stream rules that matched; rules without a tag are left out.
  [[nodiscard]] const std::vector<std::string_view>& rule_tags() const { return rule_tags_; }

 private:
  using Table = std::vector<std::pair<std::string_view, simdjson::dom::element>>;

  static Result<void> fill(const Field& list, std::string_view name, Table& table);
  static void sort(Table& table);
  [[nodiscard]] static Field find(const Table& table, std::string_view id);
  Result<void> read_rules(const Field& matching_rules);

  Table users_;
  Table places_;
  Table posts_;
  std::vector<std::string_view> rule_tags_;
};

}  // namespace rookery::ingest
