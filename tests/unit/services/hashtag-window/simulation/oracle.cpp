#include "tests/unit/services/hashtag-window/simulation/oracle.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <optional>

#include "common/records/post_reader.hpp"
#include "common/records/timestamp.hpp"
#include "services/hashtag-window/authors.hpp"
#include "services/hashtag-window/hashing.hpp"
#include "services/hashtag-window/records.hpp"
#include "tests/unit/services/hashtag-window/simulation/oracle_bounds.hpp"
#include "tests/unit/services/hashtag-window/simulation/text.hpp"

namespace rookery::simulation {
namespace {

using hashtag_window::AuthorSet;
using hashtag_window::kNoPane;
using hashtag_window::Pane;
using hashtag_window::Settings;
using hashtag_window::Window;

using Key = Item::Key;

/// Keys of a post in its order, with the spelling of each.
using Keys = std::vector<std::pair<Key, std::string>>;

struct Seen {
  Pane pane = 0;
  std::int64_t sentiment = 0;
  Keys keys;
};

struct Row {
  std::string key;
  std::int64_t count = 0;
  std::int64_t sentiment = 0;
  std::int64_t authors = 0;
  std::int64_t newest = 0;         // Authors in the newest block,
  std::vector<std::int64_t> past;  // and in those before it.
  std::vector<std::int64_t> yesterday{0, 0};
  std::int64_t score = 0;
  std::string state;
  std::map<std::string, std::int64_t> spellings;
  std::int64_t first = INT64_MAX;
  std::int64_t last = INT64_MIN;
};

using Authors = std::set<std::uint64_t>;

using Marks = std::map<std::int32_t, std::vector<std::pair<std::int64_t, Pane>>>;

std::int64_t floor_divide(std::int64_t a, std::int64_t b) {
  const std::int64_t q = a / b;
  return q * b > a ? q - 1 : q;
}

std::string thousandths(std::int64_t value) {
  char text[40];
  std::snprintf(text, sizeof text, "%s%ld.%03ld", value < 0 ? "-" : "", std::labs(value) / 1000,
                std::labs(value) % 1000);
  std::string result = text;
  result.erase(result.find_last_not_of('0') + 1);
  if (result.back() == '.') result.pop_back();
  return result;
}

void read_idle_marks(FakeBroker& broker, const std::string& topic, Marks& marks) {
  hashtag_window::RecordReader reader;
  AuthorSet authors;
  for (const Stored* stored : broker.committed_records({topic, Partition(0)})) {
    const auto record = reader.read_partial(*stored->value, authors, 64);
    const auto* frontiers = std::get_if<std::vector<hashtag_window::Frontier>>(&*record);
    if (frontiers == nullptr) continue;
    for (const auto& f : *frontiers) {
      if (f.idle) marks[f.partition.value()].emplace_back(f.offset.value(), f.pane);
    }
  }
}

Keys keys_of(const PostView& post, const Settings& settings) {
  Keys keys;
  for (const auto dimension : settings.dimensions) {
    const std::string name(hashtag_window::name_of(dimension));
    if (name == "lang" && !post.lang.empty()) keys.emplace_back(Key(name, post.lang), post.lang);
    if (name != "hashtag") continue;
    for (const std::string_view tag : post.hashtags) {
      std::string folded(tag);  // The scenario's tags are ASCII.
      for (char& c : folded) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      const Key key(name, folded);
      // The first in the post counts.
      if (std::none_of(keys.begin(), keys.end(), [&](const auto& k) { return k.first == key; })) {
        keys.emplace_back(key, tag);
      }
    }
  }
  return keys;
}

using Refused = std::set<std::pair<std::string, Pane>>;  // Dimension and pane.

/// The keys of one partition's panes that have a place; each and each of its spellings needs one,
/// and one more for every 32 bytes.
class Places {
 public:
  Places(std::size_t max, Refused& refused) : max_(max), refused_(refused) {}

  Keys of(Pane pane, const Keys& keys) {
    Keys counted;
    for (const auto& [key, spelling] : keys) {
      Pool& pool = pools_[{pane, key.first}];
      const bool known = take(pool, key.second, "");
      const bool spelled = known && (spelling == key.second || take(pool, key.second, spelling));
      if (known) counted.emplace_back(key, spelled ? spelling : key.second);
      if (!spelled) refused_.emplace(key.first, pane);
    }
    return counted;
  }
  void begin_anew() { pools_.clear(); }

 private:
  struct Pool {
    std::set<std::pair<std::string, std::string>> names;
    std::size_t taken = 0;
  };

  bool take(Pool& pool, const std::string& key, const std::string& spelling) const {
    if (pool.names.contains({key, spelling})) return true;
    const std::size_t places = 1 + (key.size() + spelling.size()) / 32;
    if (pool.taken + places > max_) return false;
    pool.taken += places;
    pool.names.emplace(key, spelling);
    return true;
  }

  std::size_t max_;
  Refused& refused_;
  std::map<std::pair<Pane, std::string>, Pool> pools_;
};

/// Lateness and deletions of one partition: one pass in the order of the log.
void read_partition(FakeBroker& broker, const Settings& settings, std::int32_t p,
                    std::vector<std::pair<std::int64_t, Pane>> marks, Pane frontier,
                    std::vector<Item>& items, Refused& refused, Expected& expected) {
  PostReader reader;
  Places places(settings.open_keys_max, refused);
  std::map<std::string, Seen> seen;
  std::size_t next = 0;
  const auto& log = broker.log({"processed_tweets", Partition(p)});
  for (std::int64_t offset = 0; offset < static_cast<std::int64_t>(log.size()); ++offset) {
    for (; next < marks.size() && marks[next].first <= offset; ++next) {
      frontier = std::max(frontier, marks[next].second);
      places.begin_anew();
    }
    const Stored& stored = log[static_cast<std::size_t>(offset)];
    if (stored.marker || (stored.txn != nullptr && stored.txn->state != TxnState::kCommitted)) {
      continue;
    }
    if (!stored.value) {
      const auto found = seen.find(stored.key);
      if (found == seen.end()) continue;
      const Seen post = found->second;
      seen.erase(found);
      if (post.pane < frontier - settings.deletion_horizon) continue;
      for (const auto& [key, spelling] : post.keys) {
        items.push_back(
            {key, spelling, post.pane, std::max(post.pane, frontier), -1, -post.sentiment, {}});
      }
      continue;
    }
    const auto read = reader.read(*stored.value);
    if (!read || (*read)->created_at > stored.timestamp + settings.future_max) continue;
    const PostView& post = **read;
    const Pane pane =
        floor_divide(post.created_at.time_since_epoch().count(), settings.pane.count());
    if (pane < frontier) {
      expected.late.emplace(p, offset, std::string(post.id));
    } else {
      const Seen counted{pane, std::llround(post.sentiment_score * 1000),
                         places.of(pane, keys_of(post, settings))};
      for (const auto& [key, spelling] : counted.keys) {
        items.push_back({key, spelling, pane, pane, 1, counted.sentiment,
                         hashtag_window::stable_hash(post.author_id),
                         post.created_at.time_since_epoch().count()});
      }
      seen[std::string(post.id)] = counted;
    }
    frontier = std::max(frontier, pane - settings.lateness);
  }
  const auto visible = [](const Stored& stored) {
    return !stored.marker && (stored.txn == nullptr || stored.txn->state == TxnState::kCommitted);
  };
  for (const auto& [offset, pane] : marks) {
    if (std::any_of(log.begin() + offset, log.end(), visible)) ++expected.resumed;
  }
}

__extension__ using Wide = __int128;

/// A value and how many authors stand behind it.
using Weighted = std::pair<double, std::int64_t>;

/// Half of all weight lies at or below it.
double weighted_median(std::vector<Weighted> list) {
  std::sort(list.begin(), list.end());
  std::int64_t all = 0;
  for (const auto& [value, weight] : list) all += weight;
  std::int64_t below = 0;
  for (const auto& [value, weight] : list) {
    below += weight;
    if (2 * below >= all) return value;
  }
  return 1;
}

/// The rows' counts are small here: their quotients are told apart in a double, and a product
/// with one is a whole number of thousandths or far from it.
std::int64_t expected(const std::vector<Row>& rows, const Row& own,
                      const std::vector<std::int64_t> Row::*blocks, std::size_t block) {
  std::vector<Weighted> ratios = {{1.0, 20}};
  for (const Row& row : rows) {
    const std::int64_t then = (row.*blocks)[block];
    const std::int64_t weight = std::min(row.newest, then);
    if (&row == &own || weight == 0) continue;
    const double ratio = static_cast<double>(row.newest) / static_cast<double>(then);
    ratios.emplace_back(ratio, weight);
  }
  const double factor = std::clamp(weighted_median(ratios), 1.0 / 16, 16.0);
  return static_cast<std::int64_t>(
      std::floor(1000 * static_cast<double>((own.*blocks)[block]) * factor + 1e-6));
}

void score(Row& row, const std::vector<std::int64_t>& past, std::int64_t yesterday,
           std::int64_t others) {
  Wide sum = 0;
  Wide squares = 0;
  Wide weights = 0;
  Wide weight = 65'536;
  bool seen = false;
  for (const std::int64_t x : past) {  // The latest first.
    sum += weight * x;
    squares += weight * x * x;
    weights += weight;
    weight = weight * 4 / 5;
    seen = seen || x != 0;
  }
  auto mean = static_cast<std::int64_t>(sum / weights);
  const auto variance = static_cast<std::int64_t>(squares / weights - Wide{mean} * mean);
  std::int64_t deviation = 0;
  while ((deviation + 1) * (deviation + 1) <= 1000 * yesterday) ++deviation;
  mean = std::max(mean, std::min(yesterday - deviation, 1000 * row.newest));
  const std::int64_t square =
      std::max(variance, 1000 * mean) + 1'000'000 + 3 * mean * mean / (2 * (others + 20));
  std::int64_t root = 0;
  while ((root + 1) * (root + 1) <= square) ++root;
  const std::int64_t newest = 1000 * row.newest;
  row.score = floor_divide((newest - mean) * 1000, root);
  const bool grows = newest > past[0];
  if (!seen && yesterday == 0)
    row.state = newest > 0 ? "new" : "";
  else if (row.score >= 3000 && grows)
    row.state = "rising";
  else if (row.score >= 1000 && !grows && 2 * newest >= 3 * mean)
    row.state = "peak";
  else if (row.score <= -1000)
    row.state = "falling";
}

void score_all(std::vector<Row>& rows) {
  std::int64_t authors = 0;
  for (const Row& row : rows) authors += row.newest;
  for (Row& row : rows) {
    std::vector<std::int64_t> past;
    for (std::size_t i = 0; i < row.past.size(); ++i) {
      past.push_back(expected(rows, row, &Row::past, i));
    }
    const std::int64_t yesterday =
        std::max(expected(rows, row, &Row::yesterday, 0), expected(rows, row, &Row::yesterday, 1));
    score(row, past, yesterday, authors - row.newest);
  }
}

struct Ranking {
  std::vector<Row> rows;
  std::int64_t total = 0;
  std::int64_t sentiment = 0;
  bool approximate = false;
};

/// How far back the score looks for the same time of the day, where a block is so long; or 0.
Pane day_of(const Settings& settings, Pane block) {
  const Pane day = settings.day / settings.pane;
  const auto blocks = static_cast<Pane>(settings.trend_history) + 2;
  bool long_enough = false;
  bool whole = true;
  for (const auto& w : settings.windows) {
    const Pane own = std::max<Pane>(w.length / (blocks * w.slide), 1) * w.slide;
    long_enough = long_enough || w.length >= day;
    if (std::max(w.length + 1, blocks * own) > day) whole = whole && block % w.slide == 0;
  }
  return long_enough && whole && 48 * block <= day ? day : 0;
}

std::map<std::string, Ranking> rank(const std::vector<const Item*>& items,
                                    const std::set<Share>& trimmed, const Refused& refused,
                                    const Settings& settings, const Window& window, Pane end) {
  const auto history = static_cast<Pane>(settings.trend_history);
  const Pane length =
      std::max<Pane>(window.length / ((history + 2) * window.slide), 1) * window.slide;
  const auto estimate = [&](const Authors& authors) {
    AuthorSet set;
    for (const auto hash : authors) set.insert(hash, settings.authors_exact_max);
    return static_cast<std::int64_t>(set.estimate());
  };
  std::map<Key, Row> rows;
  std::map<Key, Authors> authors;
  std::map<Key, Authors> newest;
  std::map<Key, std::map<Pane, Authors>> blocks;
  for (const Item* item : items) {
    if (item->from >= end) continue;
    if (item->pane >= end - window.length) {
      Row& row = rows[item->key];
      row.count += item->count;
      row.sentiment += item->sentiment;
      row.spellings[item->spelling] += item->count;
      if (item->author) {
        authors[item->key].insert(*item->author);
        row.first = std::min(row.first, item->ms);
        row.last = std::max(row.last, item->ms);
      }
    }
    if (!item->author) continue;
    if (item->pane >= end - length) newest[item->key].insert(*item->author);
    blocks[item->key][floor_divide(item->pane, length)].insert(*item->author);
  }
  std::map<std::string, Ranking> rankings;
  for (auto& [key, row] : rows) {
    if (row.count == 0) continue;
    row.key = key.second;
    row.authors = std::min(estimate(authors[key]), row.count);
    row.newest = estimate(newest[key]);
    for (Pane i = 1; i <= history; ++i) {
      row.past.push_back(estimate(blocks[key][floor_divide(end - length, length) - i]));
    }
    if (const Pane day = day_of(settings, length)) {
      const Pane first = floor_divide(end - length - day, length);
      for (const Pane i : {0, 1}) {
        row.yesterday[static_cast<std::size_t>(i)] = estimate(blocks[key][first + i]);
      }
    }
    Ranking& ranking = rankings[key.first];
    ranking.total += row.count;
    ranking.sentiment += row.sentiment;
    ranking.rows.push_back(row);
    if (trimmed.contains(share_of(key, settings))) ranking.approximate = true;
  }
  for (auto& [dimension, ranking] : rankings) {
    const auto first = refused.lower_bound({dimension, end - window.length});
    if (first != refused.end() && first->first == dimension && first->second < end) {
      ranking.approximate = true;
    }
    auto& list = ranking.rows;
    std::sort(list.begin(), list.end(), [](const Row& a, const Row& b) {
      return std::tie(b.count, a.key) < std::tie(a.count, b.key);
    });
    list.resize(std::min(list.size(), window.top_k));
    score_all(list);
  }
  return rankings;
}

std::string spelling_of(const Row& row) {
  const auto best =
      std::max_element(row.spellings.begin(), row.spellings.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  return best->first == row.key ? "" : concat({R"(,"spelling":")", best->first, "\""});
}

std::string line(const Settings& settings, const Window& window, Pane end,
                 const std::string& dimension, const Ranking& ranking,
                 const std::map<std::string, std::size_t>& previous) {
  const auto time = [&](Pane pane) {
    return concat({"\"", to_rfc3339(WallTime(pane * settings.pane)), "\""});
  };
  const auto mean = [](std::int64_t sum, std::int64_t count) {
    return thousandths(floor_divide(sum, count));
  };
  std::string text = concat({R"({"dimension":")", dimension, R"(","window":")", window.name,
                             R"(","start":)", time(end - window.length), R"(,"end":)", time(end),
                             R"(,"final":true,"total":)", std::to_string(ranking.total),
                             R"(,"sentiment":)", mean(ranking.sentiment, ranking.total),
                             ranking.approximate ? R"(,"approximate":true)" : "", R"(,"top":[)"});
  for (const Row& row : ranking.rows) {
    if (&row != ranking.rows.data()) text += ',';
    text += concat({R"({"key":")", row.key, "\"", spelling_of(row), R"(,"count":)",
                    std::to_string(row.count), R"(,"authors":)", std::to_string(row.authors),
                    R"(,"sentiment":)", mean(row.sentiment, row.count)});
    if (const auto place = previous.find(row.key); place != previous.end()) {
      text += concat({R"(,"previous_rank":)", std::to_string(place->second)});
    }
    text += concat({R"(,"score":)", thousandths(row.score)});
    if (!row.state.empty()) text += concat({R"(,"state":")", row.state, "\""});
    const auto instant = [](std::int64_t ms) {
      return to_rfc3339(WallTime(std::chrono::milliseconds(ms)));
    };
    text += concat(
        {R"(,"first_seen":")", instant(row.first), R"(","last_seen":")", instant(row.last), "\"}"});
  }
  return text.append("]}");
}

}  // namespace

Expected expected_of(FakeBroker& broker, const Settings& settings, const Generations& generations) {
  Expected expected;
  std::vector<Item> items;
  Refused refused;
  Marks marks;
  for (const std::string& topic : generations.partials) read_idle_marks(broker, topic, marks);
  for (std::int32_t p = 0; p < settings.source_partitions; ++p) {
    const auto begun = generations.begun.find(p);
    read_partition(broker, settings, p, marks[p],
                   begun == generations.begun.end() ? kNoPane : begun->second, items, refused,
                   expected);
  }
  if (items.empty()) return expected;
  std::map<Pane, std::vector<Item*>> by_pane;
  for (Item& item : items) by_pane[item.pane].push_back(&item);
  std::map<Pane, std::set<Share>> trimmed;
  Bounds bounds(settings);
  for (auto& [pane, list] : by_pane) trimmed[pane] = bounds.trim(list, pane);
  std::vector<Window> windows = settings.windows;
  std::sort(windows.begin(), windows.end(),
            [](const Window& a, const Window& b) { return a.name < b.name; });
  std::map<std::tuple<Pane, std::string, std::string>, std::map<std::string, std::size_t>> places;
  const Pane last = by_pane.rbegin()->first + settings.length_max;
  for (Pane end = by_pane.begin()->first; end <= last; ++end) {
    for (const Window& window : windows) {
      if (end % window.slide != 0) continue;
      std::vector<const Item*> near;
      const Pane history = std::max(
          static_cast<Pane>(settings.trend_history + 2) * std::max(window.slide, window.length),
          2 * (settings.day / settings.pane));
      for (auto at = by_pane.lower_bound(end - window.length - history);
           at != by_pane.end() && at->first < end; ++at) {
        near.insert(near.end(), at->second.begin(), at->second.end());
      }
      std::set<Share> approximate;
      for (auto at = trimmed.lower_bound(end - window.length);
           at != trimmed.end() && at->first < end; ++at) {
        approximate.insert(at->second.begin(), at->second.end());
      }
      for (const auto& [dimension, ranking] :
           rank(near, approximate, refused, settings, window, end)) {
        auto& mine = places[{end, window.name, dimension}];
        for (const Row& row : ranking.rows) mine.emplace(row.key, mine.size() + 1);
        expected.trends.push_back(line(settings, window, end, dimension, ranking,
                                       places[{end - window.slide, window.name, dimension}]));
      }
    }
  }
  return expected;
}

}  // namespace rookery::simulation
