#include "services/ingest/x/stream_feed.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include "services/ingest/live/line_splitter.hpp"
#include "services/ingest/x/x_fields.hpp"
#include "services/ingest/x/x_messages.hpp"

namespace rookery::ingest {
namespace {

ConnectionEnd end_of(const Error& error) {
  ConnectionEnd end{.detail = error.message};
  if (error.disposition != Disposition::kRetryBatch) end.fatal = error;
  return end;
}

/// The first rules, for people.
std::string shown(const std::vector<StreamRule>& rules) {
  constexpr std::size_t kShown = 300;
  std::string text;
  for (const StreamRule& rule : rules) {
    if (text.size() >= kShown) return text + "...";
    text += rule.tag + "=" + rule.value + "; ";
  }
  return text;
}

}  // namespace

/// Hears one stream: cuts it into lines, watches for silence, and hands on.
class XStream::Listener final : public HttpListener {
 public:
  using OnGap = std::function<void(const StreamGap&)>;

  Listener(LiveOutput& out, const Options& options, std::chrono::milliseconds covered, OnGap on_gap)
      : out_(out),
        options_(options),
        covered_(covered),
        on_gap_(std::move(on_gap)),
        lines_(options.line_bytes_max) {
    heard_ = out_.clock().monotonic_now();
  }

  bool opened() override {
    heard_ = out_.clock().monotonic_now();
    if (!out_.connected(covered_)) return false;
    if (out_.missing()) on_gap_(*out_.missing());
    return true;
  }

  bool bytes(std::string_view chunk) override {
    bool go_on = true;
    lines_.feed(chunk, [&](std::string_view line) { go_on = go_on && take(line); });
    // A full queue made us wait: that silence was ours.
    heard_ = out_.clock().monotonic_now();
    return go_on;
  }

  bool idle() override {
    if (out_.stopped()) return false;
    if (out_.clock().monotonic_now() - heard_ < options_.idle_timeout) return true;
    end_.reason = GapReason::kStalled;
    end_.detail = "nothing came for " + std::to_string(options_.idle_timeout.count()) + " ms";
    return false;
  }

  /// A line that was cut short is a dead letter, not nothing.
  ConnectionEnd finish(std::string detail) {
    lines_.finish([&](std::string_view line) { take(line); });
    if (end_.detail.empty()) end_.detail = std::move(detail);
    return end_;
  }

 private:
  bool take(std::string_view line) {
    switch (meaning_of(line)) {
      case LineMeaning::kKeepAlive:
        out_.alive();
        return true;
      case LineMeaning::kMessage:
        return out_.message(std::string(line));
      case LineMeaning::kDisconnect:
        end_.reason = GapReason::kDisconnected;
        end_.detail = std::string(line.substr(0, 300));
        return false;
    }
    return true;
  }

  LiveOutput& out_;
  const Options& options_;
  std::chrono::milliseconds covered_;
  OnGap on_gap_;
  LineSplitter lines_;
  MonotonicTime heard_;
  ConnectionEnd end_;
};

XStream::XStream(Options options, Log& log)
    : options_(std::move(options)),
      client_(options_.http),
      log_(log),
      filler_({.url = options_.url,
               .http = options_.http,
               .posts_max = options_.fill_posts_max,
               .wait_scale = options_.wait_scale},
              log) {}

void XStream::on_gap(const StreamGap& gap, LiveOutput& out) {
  filler_.add(gap, options_.rules, out);
}

std::string_view XStream::source() const {
  return options_.endpoint == Endpoint::kFiltered ? "x-stream" : "x-sample";
}

std::string XStream::rules_url() const {
  return options_.url + "/2/tweets/search/stream/rules";
}

std::string XStream::stream_url(std::chrono::minutes backfill) const {
  std::string url = options_.url;
  url += options_.endpoint == Endpoint::kFiltered ? "/2/tweets/search/stream"
                                                  : "/2/tweets/sample/stream";
  url += "?";
  url += kXFields;
  if (backfill.count() > 0) url += "&backfill_minutes=" + std::to_string(backfill.count());
  return url;
}

std::optional<ConnectionEnd> XStream::change_rules(const std::string& body, std::string_view query,
                                                   const std::stop_token& stop) {
  const auto reply =
      client_.send({.method = "POST", .url = rules_url() + std::string(query), .body = body}, stop);
  if (!reply) return end_of(reply.error());
  constexpr int kBadRequest = 400;
  const bool answered = reply->status == 200 || reply->status == 201;
  if (!answered && reply->status != kBadRequest) {
    return ingest::end_of(refusal_of(*reply), *reply);
  }
  // A refused rule comes with 200, 201 or 400, and is named only in the body.
  if (auto added = read_added(reply->body); !added) return end_of(added.error());
  if (!answered) return ingest::end_of(refusal_of(*reply), *reply);
  return {};
}

std::optional<ConnectionEnd> XStream::synchronise(const std::stop_token& stop) {
  const auto reply = client_.send({.url = rules_url()}, stop);
  if (!reply) return end_of(reply.error());
  if (reply->status != 200) return ingest::end_of(refusal_of(*reply), *reply);
  const auto there = read_rules(reply->body);
  if (!there) return end_of(there.error());
  const RulePlan plan = plan_rules(*there, options_.rules, options_.rules_max);
  if (!plan.add.empty()) {
    // Nothing is deleted for a rule that the server will not have. A text that
    // still stands there is a duplicate for the dry run, which is no refusal.
    if (auto end = change_rules(add_body(plan.add), "?dry_run=true", stop)) return end;
  }
  const auto remove = [&](const std::vector<StreamRule>& rules) -> std::optional<ConnectionEnd> {
    if (rules.empty()) return {};
    return change_rules(delete_body(rules), "", stop);
  };
  if (auto end = remove(plan.delete_first)) return end;
  if (!plan.add.empty()) {
    if (auto end = change_rules(add_body(plan.add), "", stop)) return end;
  }
  if (auto end = remove(plan.delete_after)) return end;
  log_.info("the rules of the stream are those of the options",
            {{"wanted", options_.rules.size()},
             {"added", plan.add.size()},
             {"deleted", plan.delete_first.size() + plan.delete_after.size()},
             {"there", there->size()},
             {"added_rules", shown(plan.add)},
             {"deleted_rules", shown(plan.delete_first) + shown(plan.delete_after)}});
  rules_done_ = true;
  return {};
}

/// Says which connections hold the place; closing them is for people, because
/// they may be another program's.
void XStream::look_at_connections(const std::stop_token& stop) {
  const auto reply = client_.send({.url = options_.url + "/2/connections?status=active"}, stop);
  log_.warn("too many connections: another client, or one of ours that the server still holds",
            {{"connections", reply ? reply->body.substr(0, 500) : reply.error().message}});
}

ConnectionEnd XStream::run(LiveOutput& out) {
  const bool rules = options_.endpoint == Endpoint::kFiltered &&
                     options_.rules_mode == RulesMode::kSync && !rules_done_;
  if (rules) {
    if (auto end = synchronise(out.stop())) return std::move(*end);
  }
  std::chrono::minutes backfill{0};
  if (const auto silence = out.silence()) {
    // One more, because what was posted in the minute of the loss counts whole.
    backfill = std::min(options_.backfill_max, std::chrono::ceil<std::chrono::minutes>(*silence) +
                                                   std::chrono::minutes(1));
  }
  Listener listener(out, options_, backfill, [&](const StreamGap& gap) { on_gap(gap, out); });
  const auto reply = client_.stream({.url = stream_url(backfill)}, listener);
  if (!reply) return listener.finish(reply.error().message);
  if (reply->status == 200) return listener.finish("the server closed the stream");
  const Refusal refusal = refusal_of(*reply);
  if (refusal.kind == RefusalKind::kTooManyConnections) look_at_connections(out.stop());
  if (refusal.kind == RefusalKind::kNoRules) rules_done_ = false;
  return ingest::end_of(refusal, *reply);
}

}  // namespace rookery::ingest
