#include "services/ingest/x/x_rules.hpp"

#include <algorithm>

#include <simdjson.h>

#include "common/records/json_writer.hpp"
#include "services/ingest/json_fields.hpp"
#include "services/ingest/post_text.hpp"

namespace rookery::ingest {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

/// A phrase needs quotes (docs.x.com, "Build a rule").
std::string term(const std::string& keyword) {
  if (keyword.find(' ') == std::string::npos || keyword.starts_with('"')) return keyword;
  return "\"" + keyword + "\"";
}

std::string joined(const std::vector<std::string>& terms) {
  std::string all;
  for (const auto& one : terms) all += (all.empty() ? "" : " OR ") + one;
  return terms.size() > 1 ? "(" + all + ")" : all;
}

Failure too_long(const std::string& value, std::size_t max) {
  return misconfigured("option_invalid", "x_rules: expected at most " + std::to_string(max) +
                                             " characters a rule, got " +
                                             std::to_string(count_code_points(value)) + ": " +
                                             value.substr(0, 80));
}

/// "TAG=RULE", where TAG is a plain word; a "=" further on belongs to the rule.
StreamRule raw_rule(const std::string& text) {
  const std::size_t equals = text.find('=');
  const bool tagged =
      equals != std::string::npos && equals > 0 &&
      std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(equals), [](char c) {
        return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_' ||
               c == '-';
      });
  if (!tagged) return {.id = {}, .value = text, .tag = std::string(kRulePrefix) + "rule"};
  return {.id = {},
          .value = text.substr(equals + 1),
          .tag = std::string(kRulePrefix) + text.substr(0, equals)};
}

bool is_ours(const StreamRule& rule) {
  return rule.tag.starts_with(kRulePrefix);
}

bool same_text(const std::vector<StreamRule>& rules, const StreamRule& rule) {
  return std::any_of(rules.begin(), rules.end(),
                     [&](const StreamRule& other) { return other.value == rule.value; });
}

bool same_rule(const std::vector<StreamRule>& rules, const StreamRule& rule) {
  return std::any_of(rules.begin(), rules.end(), [&](const StreamRule& other) {
    return other.value == rule.value && other.tag == rule.tag;
  });
}

Failure malformed(const std::string& body) {
  return retry_batch("rules_malformed",
                     "rules: expected a JSON object, got " + body.substr(0, 200));
}

std::string text_at(object fields, std::string_view name) {
  std::string_view text;
  const Field field = member(fields, name);
  if (!field || field->get_string().get(text) != simdjson::SUCCESS) return {};
  return std::string(text);
}

}  // namespace

Result<std::vector<StreamRule>> wanted_rules(const RuleWishes& wishes) {
  std::vector<StreamRule> rules;
  std::vector<std::string> langs;
  for (const auto& language : wishes.languages) langs.push_back("lang:" + language);
  const std::string suffix = langs.empty() ? "" : " " + joined(langs);
  std::vector<std::string> terms;
  const auto value_of = [&] { return joined(terms) + suffix; };
  const auto flush = [&] {
    if (terms.empty()) return;
    rules.push_back({.id = {}, .value = value_of(), .tag = std::string(kRulePrefix) + "keywords"});
    terms.clear();
  };
  std::vector<std::string> all;
  for (const auto& keyword : wishes.keywords) all.push_back(term(keyword));
  for (const auto& tag : wishes.hashtags) all.push_back(tag.starts_with('#') ? tag : "#" + tag);
  for (auto& one : all) {
    terms.push_back(std::move(one));
    if (count_code_points(value_of()) <= wishes.length_max) continue;
    std::string last = std::move(terms.back());
    terms.pop_back();
    flush();
    terms.push_back(std::move(last));
    if (count_code_points(value_of()) > wishes.length_max) {
      return too_long(value_of(), wishes.length_max);
    }
  }
  flush();
  for (const auto& text : wishes.rules) {
    StreamRule rule = raw_rule(text);
    if (rule.value.empty()) {
      return misconfigured("option_invalid",
                           "x_rules: expected RULE or TAG=RULE, got \"" + text + "\"");
    }
    if (count_code_points(rule.value) > wishes.length_max) {
      return too_long(rule.value, wishes.length_max);
    }
    if (!same_text(rules, rule)) rules.push_back(std::move(rule));
  }
  if (rules.size() > wishes.rules_max) {
    return misconfigured("option_invalid", "x_rules: expected at most " +
                                               std::to_string(wishes.rules_max) + " rules, got " +
                                               std::to_string(rules.size()));
  }
  return rules;
}

RulePlan plan_rules(const std::vector<StreamRule>& there, const std::vector<StreamRule>& wanted,
                    std::size_t rules_max) {
  RulePlan plan;
  for (const auto& rule : there) {
    if (!is_ours(rule) || same_rule(wanted, rule)) continue;
    (same_text(wanted, rule) ? plan.delete_first : plan.delete_after).push_back(rule);
  }
  for (const auto& rule : wanted) {
    if (!same_text(there, rule) || same_text(plan.delete_first, rule)) plan.add.push_back(rule);
  }
  if (there.size() - plan.delete_first.size() + plan.add.size() > rules_max) {
    auto& first = plan.delete_first;
    first.insert(first.end(), plan.delete_after.begin(), plan.delete_after.end());
    plan.delete_after.clear();
  }
  return plan;
}

std::string add_body(const std::vector<StreamRule>& rules) {
  std::string body;
  json::ObjectWriter object(body);
  {
    json::ArrayWriter list(object.value("add"));
    for (const auto& rule : rules) {
      json::ObjectWriter entry(list.next());
      entry.string("value", rule.value);
      entry.string("tag", rule.tag);
    }
  }
  object.close();
  return body;
}

std::string delete_body(const std::vector<StreamRule>& rules) {
  std::string body;
  json::ObjectWriter object(body);
  {
    json::ObjectWriter inner = object.object("delete");
    json::ArrayWriter ids(inner.value("ids"));
    for (const auto& rule : rules) ids.string(rule.id);
  }
  object.close();
  return body;
}

Result<std::vector<StreamRule>> read_rules(const std::string& body) {
  simdjson::dom::parser parser;
  object root;
  if (parser.parse(body).get_object().get(root) != simdjson::SUCCESS) return malformed(body);
  std::vector<StreamRule> rules;
  array list;
  const Field data = member(root, "data");
  // Without rules there is no data.
  if (!data || data->get_array().get(list) != simdjson::SUCCESS) return rules;
  for (const element entry : list) {
    object fields;
    if (entry.get_object().get(fields) != simdjson::SUCCESS) return malformed(body);
    std::string id = text_at(fields, "id");
    // Ids came as numbers in 2021; digits are kept, never a double.
    std::uint64_t number = 0;
    if (id.empty() && fields["id"].get_uint64().get(number) == simdjson::SUCCESS) {
      id = std::to_string(number);
    }
    rules.push_back(
        {.id = std::move(id), .value = text_at(fields, "value"), .tag = text_at(fields, "tag")});
  }
  return rules;
}

Result<void> read_added(const std::string& body) {
  simdjson::dom::parser parser;
  object root;
  if (parser.parse(body).get_object().get(root) != simdjson::SUCCESS) return malformed(body);
  array errors;
  const Field list = member(root, "errors");
  if (!list || list->get_array().get(errors) != simdjson::SUCCESS) return {};
  std::string refused;
  for (const element entry : errors) {
    object fields;
    if (entry.get_object().get(fields) != simdjson::SUCCESS) continue;
    if (text_at(fields, "title") == "DuplicateRule" ||
        text_at(fields, "type").ends_with("/duplicate-rules")) {
      continue;
    }
    if (!refused.empty()) refused += "; ";
    refused += text_at(fields, "title") + " \"" + text_at(fields, "value") + "\"";
    array details;
    const Field more = member(fields, "details");
    if (!more || more->get_array().get(details) != simdjson::SUCCESS) continue;
    for (const element detail : details) {
      std::string_view text;
      if (detail.get_string().get(text) == simdjson::SUCCESS) refused += " " + std::string(text);
    }
  }
  if (refused.empty()) return {};
  return misconfigured("rule_refused", "x_rules: the server refuses " + refused);
}

}  // namespace rookery::ingest
