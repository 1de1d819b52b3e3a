#include "services/ingest/feed_posts.hpp"

#include <array>
#include <charconv>
#include <string>

#include "common/records/timestamp.hpp"
#include "services/ingest/json_fields.hpp"
#include "services/ingest/text_tags.hpp"

namespace rookery::ingest {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

std::string_view text_at(object fields, std::string_view name) {
  std::string_view text;
  const Field field = member(fields, name);
  if (!field || field->get_string().get(text) != simdjson::SUCCESS) return {};
  return text;
}

void append_code_point(std::string& out, std::uint32_t code) {
  if (code == 0 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) code = 0xfffd;
  const auto push = [&](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code < 0x80) {
    push(code);
  } else if (code < 0x800) {
    push(0xc0U | (code >> 6U));
    push(0x80U | (code & 0x3fU));
  } else if (code < 0x10000) {
    push(0xe0U | (code >> 12U));
    push(0x80U | ((code >> 6U) & 0x3fU));
    push(0x80U | (code & 0x3fU));
  } else {
    push(0xf0U | (code >> 18U));
    push(0x80U | ((code >> 12U) & 0x3fU));
    push(0x80U | ((code >> 6U) & 0x3fU));
    push(0x80U | (code & 0x3fU));
  }
}

/// Decodes the reference that `html` begins with; returns its size, 0 for none.
std::size_t append_reference(std::string& out, std::string_view html) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kNamed = {
      {{"&amp;", "&"},
       {"&lt;", "<"},
       {"&gt;", ">"},
       {"&quot;", "\""},
       {"&apos;", "'"},
       {"&nbsp;", "\xc2\xa0"}}};
  for (const auto& [name, text] : kNamed) {
    if (!html.starts_with(name)) continue;
    out.append(text);
    return name.size();
  }
  if (!html.starts_with("&#") || html.size() < 4) return 0;
  const bool hex = (html[2] | 0x20) == 'x';
  const std::size_t begin = hex ? 3 : 2;
  std::uint32_t code = 0;
  const auto* const end = html.data() + html.size();
  const auto read = std::from_chars(html.data() + begin, end, code, hex ? 16 : 10);
  if (read.ec != std::errc() || read.ptr == end || *read.ptr != ';') return 0;
  append_code_point(out, code);
  return static_cast<std::size_t>(read.ptr - html.data()) + 1;
}

void append_break(std::string& out) {
  if (!out.empty()) out.push_back('\n');
}

std::optional<WallTime> time_of(std::string_view text) {
  if (const auto time = parse_rfc3339(text)) return time;
  return parse_rfc3339(std::string(text) + "Z");
}

void read_account(object status, ParseBuffers& buffers) {
  object account;
  const Field field = member(status, "account");
  if (!field || field->get_object().get(account) != simdjson::SUCCESS) return;
  AuthorFields& author = buffers.post.author;
  author.id = text_at(account, "id");
  author.username = text_at(account, "acct");
  author.name = text_at(account, "display_name");
  std::uint64_t followers = 0;
  if (account["followers_count"].get_uint64().get(followers) == simdjson::SUCCESS &&
      followers <= UINT32_MAX) {
    author.followers_count = static_cast<std::uint32_t>(followers);
  }
}

/// Tags and mentions stand beside the text, without places in it.
void read_lists(object status, RawPost& post) {
  array list;
  find_hashtags(post.text, post.hashtags);
  const Field tags = member(status, "tags");
  if (post.hashtags.empty() && tags && tags->get_array().get(list) == simdjson::SUCCESS) {
    for (const element entry : list) {
      std::string_view name;
      if (entry["name"].get_string().get(name) == simdjson::SUCCESS && !name.empty()) {
        post.hashtags.push_back({.span = {}, .tag = name});
      }
    }
  }
  const Field mentions = member(status, "mentions");
  if (!mentions || mentions->get_array().get(list) != simdjson::SUCCESS) return;
  for (const element entry : list) {
    object fields;
    if (entry.get_object().get(fields) != simdjson::SUCCESS) continue;
    post.mentions.push_back(
        {.span = {}, .username = text_at(fields, "acct"), .id = text_at(fields, "id")});
  }
}

}  // namespace

void append_html_text(std::string& out, std::string_view html) {
  bool paragraph = false;
  while (!html.empty()) {
    if (html.front() == '<') {
      const std::size_t end = html.find('>');
      const std::string_view tag = html.substr(1, std::min(end, html.size()) - 1);
      if (tag.starts_with("br")) out.push_back('\n');
      if (tag == "p" || tag.starts_with("p ")) {
        if (paragraph) append_break(out);
        paragraph = true;
      }
      html.remove_prefix(end == std::string_view::npos ? html.size() : end + 1);
      continue;
    }
    if (html.front() == '&') {
      if (const std::size_t size = append_reference(out, html); size > 0) {
        html.remove_prefix(size);
        continue;
      }
    }
    const std::size_t end = std::min(html.find_first_of("<&", 1), html.size());
    out.append(html.substr(0, end));
    html.remove_prefix(end);
  }
}

Result<FeedMessage> MastodonReader::read(object frame, ParseBuffers& buffers) {
  buffers.post.clear();
  const std::string_view event = text_at(frame, "event");
  const std::string_view payload = text_at(frame, "payload");
  if (event == "delete") {
    buffers.post.id = payload;
    if (payload.empty()) return missing({"", "payload"});
    return FeedMessage::kDeletion;
  }
  const bool edited = event == "status.update";
  if (event != "update" && !edited) return FeedMessage::kNotice;
  return read_status(payload, edited, buffers);
}

Result<FeedMessage> MastodonReader::read_status(std::string_view payload, bool edited,
                                                ParseBuffers& buffers) {
  status_ = simdjson::padded_string(payload);
  object status;
  if (const auto error = parser_.parse(status_).get_object().get(status)) {
    return dead_letter("json_malformed", "payload: " + std::string(simdjson::error_message(error)));
  }
  RawPost& post = buffers.post;
  post.id = text_at(status, "id");
  if (post.id.empty()) return missing({"payload", "id"});
  const std::string_view created = text_at(status, "created_at");
  if (created.empty()) return missing({"payload", "created_at"});
  const auto time = parse_rfc3339(created);
  if (!time) return out_of_range({"payload", "created_at"}, "RFC 3339", quoted(created));
  post.created_at = *time;
  object shown = status;
  const Field boosted = member(status, "reblog");
  if (boosted && boosted->get_object().get(shown) == simdjson::SUCCESS) {
    post.references.push_back({.type = "retweeted", .id = text_at(shown, "id")});
  }
  if (!member(shown, "content")) return missing({"payload", "content"});
  std::string& text = buffers.arena.make();
  append_html_text(text, text_at(shown, "content"));
  post.text = text;
  post.lang = language_of(text_at(shown, "language"));
  read_account(status, buffers);
  read_lists(shown, post);
  if (const auto reply = text_at(status, "in_reply_to_id"); !reply.empty()) {
    post.references.push_back({.type = "replied_to", .id = reply});
  }
  if (!edited) return FeedMessage::kPost;
  buffers.revision = text_at(status, "edited_at");
  return FeedMessage::kEdit;
}

Result<void> read_now_playing(object message, WallTime received, ParseBuffers& buffers) {
  RawPost& post = buffers.post;
  post.clear();
  post.song.track = text_at(message, "track_name");
  if (post.song.track.empty()) return missing({"", "track_name"});
  post.song.artist = text_at(message, "artist_name");
  if (post.song.artist.empty()) return missing({"", "artist_name"});
  post.song.album = text_at(message, "album_name");
  // The feed writes every column as a string.
  const std::string_view popularity = text_at(message, "popularity");
  std::uint32_t points = 0;
  const auto* const end = popularity.data() + popularity.size();
  if (!popularity.empty() && std::from_chars(popularity.data(), end, points).ptr == end) {
    post.song.popularity = points;
  }
  const std::string_view stamp = text_at(message, "timestamp");
  post.created_at = received;
  if (!stamp.empty()) {
    const auto time = time_of(stamp);
    if (!time) return out_of_range({"", "timestamp"}, "a time", quoted(stamp));
    post.created_at = *time;
  }
  ROOKERY_RETURN_IF_ERROR(
      read_id(member(message, "user_id"), {"", "user_id"}, buffers.arena, post.author.id));
  std::string& id = buffers.arena.make();
  id.append("song-").append(post.author.id).append("-");
  id.append(stamp.empty() ? to_rfc3339(received) : std::string(stamp));
  post.id = id;
  std::string& text = buffers.arena.make();
  text.append("Now playing: ").append(post.song.track).append(" by ").append(post.song.artist);
  text.append(" #NowPlaying #Music");
  post.text = text;
  find_hashtags(post.text, post.hashtags);
  return {};
}

}  // namespace rookery::ingest
