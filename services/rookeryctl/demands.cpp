#include "services/rookeryctl/demands.hpp"

#include <algorithm>
#include <utility>

#include <simdjson.h>

#include "common/records/json_writer.hpp"
#include "common/records/timestamp.hpp"

namespace rookery::rookeryctl {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;

std::string text_at(object fields, std::string_view name) {
  std::string_view text;
  if (fields[name].get_string().get(text) != simdjson::SUCCESS) return {};
  return std::string(text);
}

std::vector<std::string> texts_at(object fields, std::string_view name) {
  std::vector<std::string> texts;
  simdjson::dom::array list;
  if (fields[name].get_array().get(list) != simdjson::SUCCESS) return texts;
  for (const element entry : list) {
    std::string_view text;
    if (entry.get_string().get(text) == simdjson::SUCCESS) texts.emplace_back(text);
  }
  return texts;
}

bool deletes(std::string_view kind) {
  return kind == "user_deleted" || kind == "user_suspended" || kind == "user_protected";
}

bool withholds(std::string_view kind) {
  return kind == "post_withheld" || kind == "user_withheld";
}

}  // namespace

bool is_up_to(std::string_view id, std::string_view up_to) {
  const auto digits = [](std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
  };
  if (digits(id) && digits(up_to) && id.size() != up_to.size()) return id.size() < up_to.size();
  return id <= up_to;
}

bool Demands::take(std::string_view event) {
  simdjson::dom::parser parser;
  object fields;
  if (parser.parse(simdjson::padded_string(event)).get_object().get(fields) != simdjson::SUCCESS) {
    return false;
  }
  const std::string kind = text_at(fields, "kind");
  const std::string user = text_at(fields, "user_id");
  const std::string post = text_at(fields, "post_id");
  // What is said of a post is not said of its author.
  const bool of_post = !post.empty();
  if (!of_post && user.empty()) return false;
  Subject& subject = of_post ? posts_[post] : users_[user];
  const Until until{parse_rfc3339(text_at(fields, "event_at"))};
  if (deletes(kind)) {
    subject.deleted = until;
  } else if (kind == "scrub_geo") {
    subject.scrubbed = Scrub{.until = until, .up_to = text_at(fields, "up_to_post_id")};
  } else if (withholds(kind)) {
    subject.countries = texts_at(fields, "countries");
  } else if (kind == "user_restored" || kind == "post_restored") {
    subject.deleted.reset();
  } else {
    return false;
  }
  return true;
}

void Demands::apply(const Subject& subject, const PostView& post, Verdict& verdict) {
  if (subject.deleted && subject.deleted->covers(post.created_at)) {
    verdict.action = Verdict::Action::kDelete;
    return;
  }
  if (verdict.action == Verdict::Action::kDelete) return;
  if (subject.scrubbed) {
    const Scrub& scrub = *subject.scrubbed;
    const bool meant =
        scrub.up_to.empty() ? scrub.until.covers(post.created_at) : is_up_to(post.id, scrub.up_to);
    verdict.scrub_geo = verdict.scrub_geo || meant;
  }
  if (subject.countries) verdict.countries = subject.countries;
  if (verdict.scrub_geo || verdict.countries) verdict.action = Verdict::Action::kAmend;
}

Verdict Demands::verdict(const PostView& post) const {
  Verdict verdict;
  if (const auto user = users_.find(post.author_id);
      !post.author_id.empty() && user != users_.end()) {
    apply(user->second, post, verdict);
  }
  if (const auto found = posts_.find(post.id); found != posts_.end()) {
    apply(found->second, post, verdict);
  }
  return verdict;
}

std::optional<std::string> amended(std::string_view record, const Verdict& verdict) {
  simdjson::dom::parser parser;
  object fields;
  if (parser.parse(simdjson::padded_string(record)).get_object().get(fields) != simdjson::SUCCESS) {
    return {};
  }
  bool changed =
      verdict.countries && *verdict.countries != texts_at(fields, "withheld_in_countries");
  std::string before = text_at(fields, "amendment");
  std::string out;
  json::ObjectWriter object(out);
  for (const auto [name, value] : fields) {
    const bool place = name == "coordinates" || name == "place";
    if (verdict.scrub_geo && place) {
      changed = true;
      continue;
    }
    if (name == "amendment" || (verdict.countries && name == "withheld_in_countries")) continue;
    object.value(name) += simdjson::minify(value);
  }
  // A post without a place of its own may have got one from its author's profile.
  if (verdict.scrub_geo && before != "scrub_geo") changed = true;
  if (!changed) return {};
  if (verdict.countries && !verdict.countries->empty()) {
    json::ArrayWriter list(object.value("withheld_in_countries"));
    for (const auto& code : *verdict.countries) list.string(code);
  }
  // Once scrubbed, always scrubbed.
  const bool scrubbed = verdict.scrub_geo || before == "scrub_geo";
  object.string("amendment", scrubbed ? "scrub_geo" : "withheld");
  object.close();
  return out;
}

}  // namespace rookery::rookeryctl
