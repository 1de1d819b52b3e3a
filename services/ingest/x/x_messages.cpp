#include "services/ingest/x/x_messages.hpp"

#include <algorithm>

#include <simdjson.h>

#include "services/ingest/json_fields.hpp"

namespace rookery::ingest {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;

std::string_view text_at(object fields, std::string_view name) {
  std::string_view text;
  const Field field = member(fields, name);
  if (!field || field->get_string().get(text) != simdjson::SUCCESS) return {};
  return text;
}

bool names_disconnect(object problem) {
  return !text_at(problem, "disconnect_type").empty() ||
         text_at(problem, "title") == "operational-disconnect" ||
         text_at(problem, "type").ends_with("/operational-disconnect");
}

bool is_disconnect(object message) {
  if (member(message, "data")) return false;
  if (member(message, "disconnect") || names_disconnect(message)) return true;
  simdjson::dom::array errors;
  const Field list = member(message, "errors");
  if (!list || list->get_array().get(errors) != simdjson::SUCCESS) return false;
  return std::any_of(errors.begin(), errors.end(), [](element entry) {
    object problem;
    return entry.get_object().get(problem) == simdjson::SUCCESS && names_disconnect(problem);
  });
}

/// Title and detail of a problem, or code and message of an older error.
struct Problem {
  std::string text;
  std::string issue;
};

void add_text(std::string& out, std::string_view text) {
  if (text.empty() || out.find(text) != std::string::npos) return;
  if (!out.empty()) out.append(": ");
  out.append(text);
}

void read_problem(object fields, Problem& problem) {
  for (const std::string_view name : {"title", "detail", "message"}) {
    add_text(problem.text, text_at(fields, name));
  }
  const auto issue = text_at(fields, "connection_issue");
  if (!issue.empty()) problem.issue = issue;
}

Problem problem_of(const std::string& body) {
  constexpr std::size_t kShown = 200;
  Problem problem;
  simdjson::dom::parser parser;
  object root;
  if (parser.parse(body).get_object().get(root) != simdjson::SUCCESS) {
    problem.text = body.substr(0, kShown);
    return problem;
  }
  read_problem(root, problem);
  simdjson::dom::array errors;
  const Field list = member(root, "errors");
  if (!list || list->get_array().get(errors) != simdjson::SUCCESS) return problem;
  for (const element entry : errors) {
    object fields;
    if (entry.get_object().get(fields) == simdjson::SUCCESS) read_problem(fields, problem);
  }
  return problem;
}

RefusalKind kind_of(int status, const Problem& problem) {
  const auto says = [&](std::string_view text) {
    return problem.text.find(text) != std::string::npos;
  };
  if (problem.issue == "TooManyConnections") return RefusalKind::kTooManyConnections;
  if (problem.issue == "RuleConfigurationIssue") return RefusalKind::kNoRules;
  if (problem.issue == "ProvisioningSubscription" || says("ProvisioningSubscription") ||
      says("being provisioned")) {
    return RefusalKind::kProvisioning;
  }
  constexpr int kTooManyRequests = 429;
  constexpr int kEnhanceYourCalm = 420;
  if (status == kTooManyRequests || status == kEnhanceYourCalm) return RefusalKind::kRateLimited;
  if (status == 401 || status == 403) return RefusalKind::kUnauthorized;
  if (status == 400 || status == 404 || status == 405 || status == 409) {
    return RefusalKind::kBadRequest;
  }
  return RefusalKind::kServerTrouble;
}

}  // namespace

LineMeaning meaning_of(std::string_view line) {
  if (line.find_first_not_of(" \t\r") == std::string_view::npos) return LineMeaning::kKeepAlive;
  // A post's text may hold the word too: only then is the line read as JSON.
  if (line.find("disconnect") == std::string_view::npos) return LineMeaning::kMessage;
  simdjson::dom::parser parser;
  object message;
  const simdjson::padded_string padded(line);
  if (parser.parse(padded).get_object().get(message) != simdjson::SUCCESS) {
    return LineMeaning::kMessage;
  }
  return is_disconnect(message) ? LineMeaning::kDisconnect : LineMeaning::kMessage;
}

Refusal refusal_of(const HttpReply& reply) {
  const Problem problem = problem_of(reply.body);
  return {.kind = kind_of(reply.status, problem),
          .detail = "HTTP " + std::to_string(reply.status) +
                    (problem.text.empty() ? "" : ": " + problem.text)};
}

ConnectionEnd end_of(const Refusal& refusal, const HttpReply& reply) {
  ConnectionEnd end{.kind = LossKind::kHttp, .detail = refusal.detail};
  const auto hopeless = [&](std::string_view code) {
    end.fatal = Error{Disposition::kMisconfigured, code, refusal.detail};
  };
  switch (refusal.kind) {
    case RefusalKind::kRateLimited:
      end.kind = LossKind::kRateLimited;
      end.reset_in = reply.rate_limit_reset_in;
      break;
    case RefusalKind::kUnauthorized:
      hopeless("token_refused");
      break;
    case RefusalKind::kBadRequest:
      hopeless("request_refused");
      break;
    case RefusalKind::kTooManyConnections:
    case RefusalKind::kNoRules:
    case RefusalKind::kProvisioning:
    case RefusalKind::kServerTrouble:
      break;
  }
  return end;
}

}  // namespace rookery::ingest
