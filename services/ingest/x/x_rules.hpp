#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/result.hpp"

namespace rookery::ingest {

/// A rule of the filtered stream. Those of ingest have tags that begin with
/// kRulePrefix; others are left alone.
struct StreamRule {
  std::string id;  ///< Empty: not on the server yet.
  std::string value;
  std::string tag;

  friend bool operator==(const StreamRule&, const StreamRule&) = default;
};

inline constexpr std::string_view kRulePrefix = "rookery:";

/// What the options say about the rules.
struct RuleWishes {
  std::vector<std::string> keywords = {};
  std::vector<std::string> hashtags = {};
  std::vector<std::string> languages = {};
  std::vector<std::string> rules = {};  ///< "RULE" or "TAG=RULE".
  std::size_t rules_max = 1000;
  std::size_t length_max = 1024;  ///< Of a rule's text, in code points.
};

/// Makes rules of the wishes: keywords and hashtags are joined by OR, in as many
/// rules as their length needs, each with the languages; then the raw rules.
/// Error code: option_invalid (kMisconfigured): a rule too long, or too many.
[[nodiscard]] Result<std::vector<StreamRule>> wanted_rules(const RuleWishes& wishes);

/// How the rules there become the rules wanted.
struct RulePlan {
  /// Ours with another tag than wanted, whose text could not be added beside.
  std::vector<StreamRule> delete_first;
  std::vector<StreamRule> add;
  std::vector<StreamRule> delete_after;

  [[nodiscard]] bool empty() const {
    return delete_first.empty() && add.empty() && delete_after.empty();
  }
};

/// Rules are the same when text and tag are. What is ours and no longer wanted
/// goes after the new ones were added, so that nothing is missed meanwhile;
/// before, where the texts are the same or the limit leaves no room. A wanted
/// text that stands there under a foreign tag is not added: the server would
/// refuse it as a duplicate.
[[nodiscard]] RulePlan plan_rules(const std::vector<StreamRule>& there,
                                  const std::vector<StreamRule>& wanted, std::size_t rules_max);

/// The body of the POST that adds, or deletes, rules.
[[nodiscard]] std::string add_body(const std::vector<StreamRule>& rules);
[[nodiscard]] std::string delete_body(const std::vector<StreamRule>& rules);

/// Reads the answer of GET .../rules. Error code: rules_malformed (kRetryBatch).
[[nodiscard]] Result<std::vector<StreamRule>> read_rules(const std::string& body);

/// Reads the answer to an addition, which may succeed in part: rules that were
/// refused as duplicates are there, which is what was wanted. Error codes:
/// rule_refused (kMisconfigured), naming the rules; rules_malformed (kRetryBatch).
[[nodiscard]] Result<void> read_added(const std::string& body);

}  // namespace rookery::ingest
