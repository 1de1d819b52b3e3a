#include "services/ingest/x/gap_filler.hpp"

#include <algorithm>
#include <utility>

#include "common/records/json_writer.hpp"
#include "common/records/timestamp.hpp"
#include "services/ingest/v2_post.hpp"
#include "services/ingest/x/x_messages.hpp"

namespace rookery::ingest {
namespace {

using std::chrono::seconds;

/// The stream delivers 99 of 100 posts within 7 s (docs.x.com, filtered stream).
constexpr seconds kBefore{10};
constexpr seconds kBehind{5};
/// Of one page; what fails so often is left.
constexpr int kTriesMax = 5;

}  // namespace

SearchRange range_of(const StreamGap& gap, WallTime now) {
  const WallTime from = std::max(gap.started_at - kBefore, now - kSearchReach);
  return {.query = {},
          .since_id = std::to_string(snowflake_at(from)),
          .until_id = std::to_string(snowflake_at(std::max(gap.ended_at + kBehind, from)))};
}

std::string with_rule(std::string page, const StreamRule& rule) {
  const std::size_t brace = page.find_last_of('}');
  if (brace == std::string::npos || rule.tag.empty()) return page;
  std::string addition = R"(,"matching_rules":[{"tag":)";
  json::append_string(addition, rule.tag);
  addition += "}]";
  page.insert(brace, addition);
  return page;
}

GapFiller::GapFiller(Options options, Log& log)
    : options_(std::move(options)), client_(options_.http), log_(log) {}

void GapFiller::add(StreamGap gap, std::vector<StreamRule> rules, LiveOutput& out) {
  if (options_.posts_max == 0) return;
  const std::scoped_lock lock(mutex_);
  tasks_.push_back({.gap = std::move(gap), .rules = std::move(rules)});
  added_.notify_one();
  if (thread_.joinable()) return;
  thread_ = std::jthread([this, &out](const std::stop_token& stop) { run(stop, out); });
}

void GapFiller::close() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

void GapFiller::run(const std::stop_token& stop, LiveOutput& out) {
  while (true) {
    std::unique_lock lock(mutex_);
    if (!added_.wait(lock, stop, [this] { return !tasks_.empty(); })) return;
    Task task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    wait(options_.settle, stop, out);
    const Fill filled = fill(task, stop, out);
    if (stop.stop_requested()) return;
    task.gap.fill = filled.trouble.empty() ? "whole" : "partly";
    task.gap.filled_posts = filled.posts;
    task.gap.detail = filled.trouble;
    log_.info("a gap was filled by search", {{"from", to_rfc3339(task.gap.started_at)},
                                             {"to", to_rfc3339(task.gap.ended_at)},
                                             {"posts", filled.posts},
                                             {"fill", task.gap.fill},
                                             {"detail", filled.trouble}});
    if (!out.gap(std::move(task.gap))) return;
  }
}

GapFiller::Fill GapFiller::fill(const Task& task, const std::stop_token& stop, LiveOutput& out) {
  Fill fill;
  SearchRange range = range_of(task.gap, out.clock().wall_now());
  if (task.rules.empty()) fill.trouble = "the stream's rules are not known";
  for (const StreamRule& rule : task.rules) {
    if (stop.stop_requested()) break;
    range.query = rule.value;
    search(range, rule, fill, stop, out);
  }
  return fill;
}

void GapFiller::search(const SearchRange& range, const StreamRule& rule, Fill& fill,
                       const std::stop_token& stop, LiveOutput& out) {
  std::string next;
  do {
    if (fill.posts >= options_.posts_max) {
      fill.trouble = "more than x_fill_posts_max (" + std::to_string(options_.posts_max) + ")";
      return;
    }
    auto reply = ask(search_url(options_.url, range, next), fill, stop, out);
    if (!reply) return;
    const auto page = read_search_page(reply->body);
    if (!page) {
      fill.trouble = page.error().message;
      return;
    }
    next = page->next;
    if (page->posts == 0) continue;
    fill.posts += page->posts;
    if (!out.fill(with_rule(std::move(reply->body), rule))) return;
  } while (!next.empty() && !stop.stop_requested());
}

std::optional<HttpReply> GapFiller::ask(const std::string& url, Fill& fill,
                                        const std::stop_token& stop, LiveOutput& out) {
  Backoff backoff(Backoff::Schedule::kX);
  for (int tries = 0; tries < kTriesMax && !stop.stop_requested(); ++tries) {
    auto reply = client_.send({.url = url}, stop);
    if (reply && reply->status == 200) return std::move(*reply);
    ConnectionEnd end{.detail = reply ? "" : reply.error().message};
    if (reply) end = end_of(refusal_of(*reply), *reply);
    fill.trouble = end.detail;
    // The search may refuse what the stream takes; another try will not help.
    if (end.fatal) return {};
    wait(backoff.next(end.kind, end.reset_in), stop, out);
    if (tries + 1 < kTriesMax) fill.trouble.clear();
  }
  return {};
}

void GapFiller::wait(std::chrono::milliseconds time, const std::stop_token& stop,
                     LiveOutput& out) const {
  out.clock().sleep_for(std::chrono::milliseconds(static_cast<std::int64_t>(
                            static_cast<double>(time.count()) * options_.wait_scale)),
                        stop);
}

}  // namespace rookery::ingest
