#include <algorithm>
#include <array>
#include <limits>
#include <span>
#include <string_view>

#include "common/records/base64.hpp"
#include "common/records/json_writer.hpp"
#include "services/hashtag-window/hashing.hpp"
#include "services/hashtag-window/records.hpp"

namespace rookery::hashtag_window {
namespace {

using json::ArrayWriter;
using json::ObjectWriter;

constexpr char kHex[] = "0123456789abcdef";

/// Of the bytes in SavedPanes: others are not taken for such.
constexpr std::uint64_t kPanesVersion = 2;

/// int64 is a string in the proto3 JSON mapping.
void write_int64(ObjectWriter& object, std::string_view name, std::int64_t number) {
  std::string& out = object.value(name);
  out.push_back('"');
  json::append_number(out, number);
  out.push_back('"');
}

/// 16 hexadecimal digits.
void write_hash(ObjectWriter& object, std::string_view name, std::uint64_t hash) {
  std::array<char, 16> digits;
  for (std::size_t i = 0; i < digits.size(); ++i) digits[i] = kHex[hash >> (60 - 4 * i) & 15U];
  object.string(name, {digits.data(), digits.size()});
}

void write_authors(ObjectWriter& object, const AuthorSet& authors) {
  if (authors.empty()) return;
  if (authors.is_sketch()) {
    std::string& out = object.value("sketch");
    out.push_back('"');
    for (const std::uint8_t rank : authors.registers()) {
      out.push_back(kHex[rank >> 4U]);
      out.push_back(kHex[rank & 15U]);
    }
    out.push_back('"');
    return;
  }
  std::array<std::uint64_t, AuthorSet::kRegisters> sorted;
  const auto hashes = authors.hashes();
  auto* const end = std::copy(hashes.begin(), hashes.end(), sorted.begin());
  std::sort(sorted.begin(), end);
  ArrayWriter array(object.value("authors"));
  std::for_each(sorted.begin(), end, [&](std::uint64_t hash) {
    std::array<char, 10> digits;
    const std::uint64_t shortened = AuthorSet::short_of(hash);
    for (std::size_t i = 0; i < digits.size(); ++i) {
      digits[i] = kHex[shortened >> (36 - 4 * i) & 15U];
    }
    array.string({digits.data(), digits.size()});
  });
}

std::int64_t saturated(std::int64_t number) {
  return std::min<std::int64_t>(number, std::numeric_limits<std::uint32_t>::max());
}

void write_hotspots(ObjectWriter& record, const std::vector<Hotspot>& hotspots) {
  ArrayWriter list(record.value("hotspots"));
  for (const Hotspot& hotspot : hotspots) {
    ObjectWriter item(list.next());
    item.thousandths("lat", hotspot.lat);
    item.thousandths("lon", hotspot.lon);
    item.thousandths("radius_km", hotspot.radius_km);
    item.number("count", saturated(hotspot.count));
    ArrayWriter cells(item.value("cells"));
    for (const std::string& cell : hotspot.cells) cells.string(cell);
    cells.close();
    if (!hotspot.hashtags.empty()) {
      ArrayWriter hashtags(item.value("hashtags"));
      for (const auto& [key, count] : hotspot.hashtags) {
        ObjectWriter hashtag(hashtags.next());
        hashtag.string("key", key);
        hashtag.number("count", saturated(count));
        hashtag.close();
      }
      hashtags.close();
    }
    if (hotspot.missing_max != 0) item.number("missing_max", saturated(hotspot.missing_max));
    item.close();
  }
  list.close();
}

void write_pairs(ObjectWriter& body, const Rank& rank) {
  if (rank.missing_max != 0) write_int64(body, "missing_max", rank.missing_max);
  ArrayWriter list(body.value("pairs"));
  for (const Rank::Pair& pair : rank.pairs) {
    ObjectWriter item(list.next());
    item.string("key", pair.key);
    write_int64(item, "count", pair.count);
    item.close();
  }
  list.close();
}

/// Without the blocks at the end in which there was nobody.
void write_block_list(ObjectWriter& item, std::string_view name,
                      std::span<const std::int64_t> authors) {
  while (!authors.empty() && authors.back() == 0) authors = authors.first(authors.size() - 1);
  if (authors.empty()) return;
  ArrayWriter list(item.value(name));
  for (const std::int64_t x : authors) json::append_number(list.next(), saturated(x));
  list.close();
}

void write_blocks(ObjectWriter& item, const RankEntry& entry) {
  if (entry.newest != 0) item.number("newest", saturated(entry.newest));
  write_block_list(item, "past", entry.past);
  write_block_list(item, "yesterday", entry.yesterday);
}

}  // namespace

std::int64_t floor_mean(std::int64_t sum, std::int64_t count) {
  return sum / count - (sum % count < 0 ? 1 : 0);
}

void append_partial(std::string& out, const Partial& partial, const AuthorSet& authors) {
  ObjectWriter record(out);
  ObjectWriter body = record.object("partial");
  body.string("dimension", partial.dimension);
  body.string("key", partial.key);
  if (!partial.spelling.empty()) body.string("spelling", partial.spelling);
  body.number("pane", partial.pane);
  body.number("from", partial.from);
  body.number("count", partial.count);
  body.number("sentiment", partial.sentiment);
  if (partial.times.any()) {
    body.number("first", std::int64_t{partial.times.first});
    body.number("last", std::int64_t{partial.times.last});
  }
  write_authors(body, authors);
  body.close();
  record.close();
}

void append_refused(std::string& out, const Refused& refused) {
  ObjectWriter record(out);
  ObjectWriter body = record.object("refused");
  body.string("dimension", refused.dimension);
  body.number("pane", refused.pane);
  body.close();
  record.close();
}

void append_frontiers(std::string& out, std::string_view topic,
                      const std::vector<Frontier>& frontiers) {
  ObjectWriter record(out);
  ObjectWriter body = record.object("frontiers");
  ArrayWriter list(body.value("frontiers"));
  for (const Frontier& frontier : frontiers) {
    ObjectWriter item(list.next());
    item.string("topic", topic);
    item.number("partition", std::int64_t{frontier.partition.value()});
    write_int64(item, "offset", frontier.offset.value());
    item.number("pane", frontier.pane);
    if (frontier.idle) item.boolean("idle", true);
    item.close();
  }
  list.close();
  body.close();
  record.close();
}

std::uint64_t SavedPanes::check() const {
  const auto seed = stable_hash(dimension, kPanesVersion << 32U ^ static_cast<std::uint64_t>(end));
  return stable_hash(panes, seed ^ static_cast<std::uint64_t>(end - begin));
}

void append_panes(std::string& out, const SavedPanes& saved) {
  ObjectWriter record(out);
  record.string("dimension", saved.dimension);
  record.number("begin", saved.begin);
  record.number("end", saved.end);
  write_hash(record, "block", saved.block);
  write_hash(record, "check", saved.check());
  std::string& panes = record.value("panes");
  panes.push_back('"');
  append_base64(panes, saved.panes);
  panes.push_back('"');
  record.close();
}

void append_rank(std::string& out, const Rank& rank) {
  ObjectWriter record(out);
  ObjectWriter body = record.object(rank.early ? "early" : "rank");
  body.number("partition", std::int64_t{rank.partition});
  body.number("end", rank.end);
  body.string("window", rank.window);
  body.string("dimension", rank.dimension);
  write_int64(body, "total", rank.total);
  write_int64(body, "sentiment", rank.sentiment);
  if (rank.approximate) body.boolean("approximate", true);
  if (!rank.pairs.empty()) {
    write_pairs(body, rank);
    body.close();
    record.close();
    return;
  }
  ArrayWriter list(body.value("top"));
  for (const RankEntry& entry : rank.top) {
    ObjectWriter item(list.next());
    item.string("key", entry.key);
    if (!entry.spelling.empty()) item.string("spelling", entry.spelling);
    write_int64(item, "count", entry.count);
    write_int64(item, "sentiment", entry.sentiment);
    write_int64(item, "authors", entry.authors);
    write_blocks(item, entry);
    if (entry.first_seen) {
      write_int64(item, "first_seen", entry.first_seen->time_since_epoch().count());
      write_int64(item, "last_seen", entry.last_seen.time_since_epoch().count());
    }
    item.close();
  }
  list.close();
  body.close();
  record.close();
}

void append_closed(std::string& out, const Closed& closed) {
  ObjectWriter record(out);
  ObjectWriter body = record.object(closed.early ? "previewed" : "closed");
  body.number("partition", std::int64_t{closed.partition});
  body.number("pane", closed.pane);
  body.close();
  record.close();
}

void append_trend(std::string& out, const Trend& trend) {
  ObjectWriter record(out);
  record.string("dimension", trend.dimension);
  record.string("window", trend.window);
  record.time("start", trend.start);
  record.time("end", trend.end);
  record.boolean("final", trend.final);
  record.number("total", saturated(trend.total));
  record.thousandths("sentiment", floor_mean(trend.sentiment, trend.total));
  if (trend.approximate) record.boolean("approximate", true);
  ArrayWriter list(record.value("top"));
  for (const TrendEntry& place : trend.top) {
    const RankEntry& entry = *place.entry;
    ObjectWriter item(list.next());
    item.string("key", entry.key);
    if (!entry.spelling.empty()) item.string("spelling", entry.spelling);
    item.number("count", saturated(entry.count));
    item.number("authors", saturated(entry.authors));
    item.thousandths("sentiment", floor_mean(entry.sentiment, entry.count));
    if (place.previous_rank != 0) item.number("previous_rank", place.previous_rank);
    item.thousandths("score", place.trend.score);
    if (place.trend.state != TrendState::kSteady) {
      item.string("state", name_of(place.trend.state));
    }
    if (entry.first_seen) {
      item.time("first_seen", *entry.first_seen);
      item.time("last_seen", entry.last_seen);
    }
    item.close();
  }
  list.close();
  if (!trend.hotspots.empty()) write_hotspots(record, trend.hotspots);
  record.close();
}

void append_late(std::string& out, const LateTweet& late) {
  ObjectWriter record(out);
  record.string("id", late.id);
  record.string("topic", late.record.topic);
  record.number("partition", std::int64_t{late.record.partition.value()});
  write_int64(record, "offset", late.record.offset.value());
  record.number("pane", late.pane);
  record.number("frontier", late.frontier);
  record.string("post", late.record.value.value_or(std::string_view()));
  record.close();
}

}  // namespace rookery::hashtag_window
