#!/usr/bin/env python3
"""The trends that must come out of a log of processed_tweets or clustered_urls, computed in batch.

It shares no code with hashtag-window, and nothing of its way of working: no panes that are
kept, no increments, no stages; only the definitions. Python's standard library alone.

  oracle.py [options] < processed.jsonl > trends.jsonl

Each input line is a record of processed_tweets (for dimension url_cluster, which stands alone, of
clustered_urls), or a deletion: {"id":"...","deleted":true}.
Its partition is the murmur2 of its id, as the Java client chooses it, and its offset its
place among the lines of that partition. With --log the lines are whole log entries instead:

  {"partition":0,"offset":12,"key":"...","value":"..."}     value: text, or null for a deletion

All windows are closed, as at the end of a finite input. --idle FILE takes the idle marks of a
live run (the records of window_partials, or their frontiers with "idle": true, as JSON lines
{"partition":0,"offset":12,"pane":34}); without it there are none.
--late FILE writes the ids of the late posts, one a line.
"""
import argparse
import json
import math
import struct
import sys
from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache

from oracle_hotspots import decimal, hotspots_of, thousandths_of
from oracle_keys import EPOCH, keys_of, time_ms
from oracle_score import scores

UNITS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
MASK64 = (1 << 64) - 1


def span_ms(text):
    unit = text.lstrip("0123456789")
    return int(text[: len(text) - len(unit)]) * UNITS[unit]


@dataclass
class Options:
    """The options of hashtag-window on which results depend, with its defaults."""

    windows: list = field(default_factory=lambda: ["5m/1m", "1h/10s", "24h/1m"])
    dimensions: list = field(default_factory=lambda: ["hashtag"])
    lateness_ms: int = 90_000
    deletion_horizon_ms: int = 600_000
    top_k: int = 50
    trend_history: int = 10
    authors_exact_max: int = 64
    key_bytes_max: int = 256
    pane_keys_max: int = 20_000
    open_keys_max: int = 20_000
    window_keys_max: int = 800_000
    partials: int = 4
    hotspot_hashtags: int = 5

    def __post_init__(self):
        named = [w.partition(":") for w in self.windows]
        self.windows = [name for name, _, _ in named]
        self.tops = {name: int(top or self.top_k) for name, _, top in named}
        spans = {w: tuple(map(span_ms, w.split("/"))) for w in self.windows}
        self.pane_ms = math.gcd(*(ms for span in spans.values() for ms in span))
        self.spans = {w: (n // self.pane_ms, s // self.pane_ms) for w, (n, s) in spans.items()}
        self.blocks = {w: max(n // (s * (self.trend_history + 2)), 1) * s
                       for w, (n, s) in self.spans.items()}
        reach = {w: max(n + 1, (self.trend_history + 2) * self.blocks[w]) for w, (n, _) in self.spans.items()}
        day, rest = divmod(UNITS["d"], self.pane_ms)
        has_day = not rest and any(n >= day for n, _ in self.spans.values())
        # Those that compare the same time of the day before.
        self.days = {w: day for w, block in self.blocks.items() if has_day and 48 * block <= day and all(
            block % s == 0 for v, (_, s) in self.spans.items() if reach[v] > day)}
        # All that is kept of closed panes, and the quarters of it that have a bound of their own.
        keep = max(*reach.values(), *(day + 2 * self.blocks[w] for w in self.days), 0)
        furthest = [w for w in self.windows if reach[w] == max(reach.values())][-1]
        self.quarter = -(-max(keep // 4, 1) // self.spans[furthest][1]) * self.spans[furthest][1]
        self.places = max(self.window_keys_max * self.quarter // keep, 1)
        self.lateness = -(-self.lateness_ms // self.pane_ms)
        self.horizon = -(-self.deletion_horizon_ms // self.pane_ms)


# ---- hashes and sketches, as the records' format defines them

def murmur2(data):
    """The partitioner of the Java client (Kafka's Utils.murmur2)."""
    mask, m = 0xFFFFFFFF, 0x5BD1E995
    h = 0x9747B28C ^ len(data)
    whole = len(data) & ~3
    for (k,) in struct.iter_unpack("<I", data[:whole]):
        k = k * m & mask
        k = (k ^ k >> 24) * m & mask
        h = h * m & mask ^ k
    rest = data[whole:]
    if rest:
        h = (h ^ int.from_bytes(rest, "little")) * m & mask
    h = (h ^ h >> 13) * m & mask
    return h ^ h >> 15


def murmur64a(data, seed=0):
    m = 0xC6A4A7935BD1E995
    h = seed ^ (len(data) * m & MASK64)
    whole = len(data) & ~7
    for (k,) in struct.iter_unpack("<Q", data[:whole]):
        k = k * m & MASK64
        k = (k ^ k >> 47) * m & MASK64
        h = (h ^ k) * m & MASK64
    if data[whole:]:
        h = (h ^ int.from_bytes(data[whole:], "little")) * m & MASK64
    h = (h ^ h >> 47) * m & MASK64
    return h ^ h >> 47


@cache
def code_of(x):
    """Rank and register of a hash."""
    return 57 - (x >> 8).bit_length() << 8 | x & 255


def distinct(hashes, exact_max):
    """Exact up to the bound, then HyperLogLog of 256 registers with linear counting."""
    if len(hashes) <= exact_max:
        return len(hashes)
    registers = [0] * 256
    # In rising order, so that the highest of a register stays.
    for code in sorted({*map(code_of, hashes)}):
        registers[code & 255] = code >> 8
    raw = 71_827 * 256 * 256 * (1 << 57) // (100_000 * sum(1 << (57 - r) for r in registers))
    zeros = registers.count(0)
    return round(256 * math.log(256 / zeros)) if raw * 2 <= 5 * 256 and zeros else raw


# ---- what is counted

@dataclass(frozen=True)
class Item:
    key: tuple
    pane: int
    since: int  # In windows that end after this pane.
    count: int
    sentiment: int
    author: int | None
    spelling: str
    ms: int


class Places:
    """Of one partition: a pane has so many places for the keys of a dimension, each of which takes
    one, as does each of its spellings, and one more for every 32 bytes. Who comes first has it; an
    idle mark clears them all."""

    def __init__(self, options, refused):
        self.max, self.refused = options.open_keys_max, refused
        self.clear()

    def clear(self):
        self.names, self.taken = set(), defaultdict(int)

    def take(self, pane, *name):
        if (pane, name) not in self.names:
            places = 1 + sum(len(part.encode()) for part in name) // 32
            if self.taken[pane] + places > self.max:
                return False
            self.taken[pane] += places
            self.names.add((pane, name))
        return True

    def keys(self, pane, keys):
        for key, spelling in keys:
            of = pane, key[0]
            known = self.take(of, key[1])
            spelled = known and (spelling == key[1] or self.take(of, key[1], spelling))
            if not spelled:
                self.refused[key[0]].add(pane)
            if known:
                yield key, spelling if spelled else key[1]


def read_partition(entries, marks, options, refused):
    """One pass in the order of the log: what is late, what has no place (as panes by dimension in
    `refused`), and what a deletion takes back."""
    items, late, seen, frontier, marks = [], [], {}, -math.inf, sorted(marks)
    places = Places(options, refused)
    for offset, key, value in entries:
        while marks and marks[0][0] <= offset:
            frontier = max(frontier, marks.pop(0)[1])
            places.clear()
        if value is None:
            pane, sentiment, keys = seen.pop(key, (-math.inf, 0, ()))
            if pane >= frontier - options.horizon:
                items += [Item(k, pane, max(pane, frontier), -1, -sentiment, None, spelling, 0)
                          for k, spelling in keys]
            continue
        post = json.loads(value)
        if post.get("amendment"):
            continue
        ms = time_ms(post["created_at"])
        pane = ms // options.pane_ms
        if pane < frontier:
            late.append(post["id"])
        else:
            sentiment = thousandths_of((post.get("sentiment") or {}).get("score") or 0)
            author = (post.get("author") or {}).get("id") or post["id"]
            keys = list(places.keys(pane, keys_of(post, options)))
            seen[post["id"]] = pane, sentiment, keys
            items += [Item(k, pane, pane, 1, sentiment, murmur64a(author.encode()), spelling, ms)
                      for k, spelling in keys]
        frontier = max(frontier, pane - options.lateness)
    return items, late


@dataclass
class Row:
    key: str
    count: int
    authors: int
    sentiment: int
    points: int
    state: str
    spelling: str
    first: int
    last: int


@dataclass
class Sum:
    """The posts of one key in one pane, and in whichever windows it is in."""

    count: int = 0
    sentiment: int = 0
    authors: set = field(default_factory=set)
    authors_of: dict = field(default_factory=lambda: defaultdict(set))  # By spelling.
    spellings: dict = field(default_factory=lambda: defaultdict(int))
    first: float = math.inf
    last: float = -math.inf

    def add(self, item):
        self.count += item.count
        self.sentiment += item.sentiment
        self.spellings[item.spelling] += item.count
        if item.author is not None:
            self.authors.add(item.author)
            self.authors_of[item.spelling].add(item.author)
            self.first, self.last = min(self.first, item.ms), max(self.last, item.ms)


def share_of(key, options):
    """The partition of window_partials."""
    return hash_of(*key) % options.partials


@cache
def hash_of(dimension, text):
    return murmur64a(text.encode(), murmur64a(dimension.encode()))


class Bounds:
    """What closed panes may keep of a dimension in one share of the keys: of each pane so many keys,
    and of the aligned quarter of all kept panes that it lies in so many names that are new there
    and so many bytes of names in panes. Three quarters of that are there at once, the rest comes pane by
    pane. The most frequent keys have the first choice."""

    def __init__(self, options):
        self.options, self.quarter = options, None

    def room(self, pane, all_of_it):
        quarter = self.options.quarter
        return all_of_it * (3 * quarter + pane % quarter + 1) // (4 * quarter)

    def bytes(self, authors):
        return 8 + (5 * len(authors) if len(authors) <= self.options.authors_exact_max else 256)

    def cut(self, pane, keys):
        """The keys of {key: Sum} that go, and the (key, spelling) that count for their key: there,
        they do so already."""
        if self.quarter != pane // self.options.quarter:
            self.quarter, self.names, self.places, self.spent = pane // self.options.quarter, set(), 0, 0
        places, spent = self.room(pane, self.options.places), self.room(pane, self.options.places * 512)
        kept, full, gone, unplaced = 0, False, [], []
        for key, total in sorted(keys.items(), key=lambda k: (-k[1].count, k[0].encode())):
            names, needed = [], 0

            def take(*name):
                nonlocal needed
                more = 0 if name in self.names else 1 + sum(len(part.encode()) for part in name) // 32
                if self.places + needed + more > places:
                    return False
                names.append(name)
                needed += more
                return True

            if full or kept == self.options.pane_keys_max or not take(key):
                gone.append(key)
                continue
            spelled = sorted((s for s in total.spellings if s != key),
                             key=lambda s: (-total.spellings[s], s.encode()))
            without = [s for s in spelled if not take(key, s)]
            authors = {s: total.authors_of[s] for s in total.spellings if s not in without}
            if without:
                authors[key] = set().union(authors.get(key, ()), *(total.authors_of[s] for s in without))
            takes = sum(map(self.bytes, authors.values()))
            if self.spent + takes > spent:
                full = True
                gone.append(key)
                continue
            for s in without:
                total.spellings[key] += total.spellings.pop(s)
            unplaced += [(key, s) for s in without]
            kept += 1
            self.spent += takes
            self.places += needed
            self.names.update(names)
        return gone, unplaced


class Counted:
    """What was counted in one dimension: posts by pane and key, and what deletions took back
    later. Keys of a pane beyond the bound are gone."""

    def __init__(self, dimension, items, refused, options):
        self.dimension, self.options, self.refused = dimension, options, sorted(refused)
        self.sums, self.later = defaultdict(dict), []
        for item in items:
            if item.since == item.pane:
                self.sums[item.pane].setdefault(item.key[1], Sum()).add(item)
            else:
                self.later.append(item)
        self.trimmed = defaultdict(set)  # Panes, by share.
        bounds = [Bounds(options) for _ in range(options.partials)]
        self.unplaced = set()  # Spellings that count for their key in a pane.
        gone = {(pane, key) for pane in sorted(self.sums) for key in self.trim(pane, bounds)}
        self.later = [replace(i, spelling=i.key[1]) if (i.pane, i.key[1], i.spelling) in self.unplaced else i
                      for i in self.later]
        # Of a key without a sum there is nothing to take from: it went, or took itself back.
        self.later = sorted((i for i in self.later if (i.pane, i.key[1]) not in gone),
                            key=lambda item: item.since)
        self.since = [item.since for item in self.later]
        self.panes = sorted(self.sums.keys() | {item.pane for item in self.later})
        self.remembered, self.scored = {}, {}

    def trim(self, pane, bounds):
        shares = defaultdict(dict)
        for key, total in self.sums[pane].items():
            shares[share_of((self.dimension, key), self.options)][key] = total
        for share, keys in shares.items():
            gone, unplaced = bounds[share].cut(pane, keys)
            if gone or unplaced:
                self.trimmed[share].add(pane)
            self.unplaced |= {(pane, *name) for name in unplaced}
            for key in gone:
                del self.sums[pane][key]
                yield key

    def once(self, name, begin, end, compute):
        """compute() for the panes in [begin, end) that have posts; a result is used again while
        they are the same, and the same deletions have taken effect."""
        at = bisect_left(self.panes, begin), bisect_left(self.panes, end), bisect_left(self.since, end)
        known = self.remembered.get(name)
        if known is None or known[0] != at:
            known = self.remembered[name] = at, compute(self.panes[at[0]:at[1]], self.later[:at[2]])
        return known[1]

    def window(self, begin, end, top_k):
        """(total, sentiment, {key: (posts, sentiment)}), the first keys, their (authors, spelling,
        first, last))"""
        return self.once((end - begin, top_k, "window"), begin, end,
                         lambda panes, later: self.count(panes, [i for i in later if i.pane >= begin], top_k))

    def count(self, panes, later, top_k):
        counts, sums = defaultdict(int), defaultdict(int)
        for pane in panes:
            for key, total in self.sums[pane].items():
                counts[key] += total.count
                sums[key] += total.sentiment
        for item in later:
            counts[item.key[1]] += item.count
            sums[item.key[1]] += item.sentiment
        keys = [key for key in counts if counts[key]]
        if self.dimension.endswith("+hashtag"):
            return counts, sums, keys, []
        first = sorted(keys, key=lambda k: (-counts[k], k.encode()))[:top_k]
        return counts, sums, keys, [(key, *self.describe(key, panes, later, counts[key])) for key in first]

    def describe(self, key, panes, later, count):
        there = [self.sums[pane][key] for pane in panes if key in self.sums[pane]]
        spellings = defaultdict(int)
        for total in there:
            for spelling, n in total.spellings.items():
                spellings[spelling] += n
        for item in later:
            if item.key[1] == key:
                spellings[item.spelling] += item.count
        authors = distinct(set().union(*(t.authors for t in there)), self.options.authors_exact_max)
        return (min(authors, count), min(spellings, key=lambda s: (-spellings[s], s.encode())),
                min(t.first for t in there), max(t.last for t in there))

    def authors(self, name, begin, end, keys):
        """How many distinct ones each of the keys has."""
        known = self.once(name, begin, end, lambda panes, _: (panes, {}))
        panes, numbers = known
        for key in keys - numbers.keys():
            there = [self.sums[pane][key].authors for pane in panes if key in self.sums[pane]]
            numbers[key] = distinct(set().union(*there), self.options.authors_exact_max)
        return numbers

    def trends(self, keys, end, window):
        """{key: (points, state)}: the newest block, aligned ones before it, and two of yesterday."""
        block = self.options.blocks[window]
        border = (end - block) // block * block
        spans = [(end - block, end)] + [(border - (i + 1) * block, border - i * block)
                                        for i in range(self.options.trend_history)]
        day = self.options.days.get(window)
        if day:
            first = (end - block - day) // block * block
            spans += [(first, first + block), (first + block, first + 2 * block)]
        # A block is remembered by its place among its neighbours.
        names = ["newest"] + [(i > self.options.trend_history, begin // block % (2 * len(spans)))
                              for i, (begin, _) in enumerate(spans[1:], 1)]
        blocks = [self.authors((block, name), *span, keys) for name, span in zip(names, spans)]
        numbers = {key: [numbers[key] for numbers in blocks] for key in keys}
        known = self.scored.get(window)
        if known is None or known[0] != numbers:
            known = self.scored[window] = numbers, scores(numbers, 2 if day else 0)
        return known[1]

    def is_approximate(self, keys, begin, end):
        if bisect_left(self.refused, begin) != bisect_left(self.refused, end):
            return True
        shares = {share_of((self.dimension, key), self.options) for key in keys} if self.trimmed else ()
        return any(begin <= pane < end for share in shares for pane in self.trimmed.get(share, ()))

    def rank(self, end, window):
        """(total, sentiment sum, approximate, [Row]), or of pairs (pairs, missing, approximate)"""
        length, _ = self.options.spans[window]
        counts, sums, keys, first = self.window(end - length, end, self.options.tops[window])
        if not keys:
            return None
        approximate = self.is_approximate(keys, end - length, end)
        if self.dimension.endswith("+hashtag"):
            pairs = self.once((length, window, "pairs"), end - length, end,
                              lambda *_: pairs_of(self.dimension, counts, keys, window, self.options))
            return *pairs, approximate
        trends = self.trends({key for key, *_ in first}, end, window)
        rows = [Row(key, counts[key], authors, sums[key], *trends[key], spelling, since, until)
                for key, authors, spelling, since, until in first]
        return sum(counts[k] for k in keys), sum(sums[k] for k in keys), approximate, rows


def pairs_of(dimension, counts, keys, window, options):
    """([(cell, hashtag, posts)], posts that a missing pair may have): of each share of the keys the
    most frequent."""
    shares, limit, pairs, missing = defaultdict(list), 10 * options.tops[window], [], 0
    for key in keys:
        shares[share_of((dimension, key), options)].append(key)
    for share in shares.values():
        listed = sorted(share, key=lambda k: (-counts[k], k.encode()))[:limit]
        if len(listed) == limit:
            missing = max(missing, counts[listed[-1]])
        pairs += [(*k.split(" ", 1), counts[k]) for k in listed]
    return pairs, missing


# ---- records

def rfc3339(ms):
    at = EPOCH + timedelta(milliseconds=ms)
    return at.strftime("%Y-%m-%dT%H:%M:%S") + (f".{ms % 1000:03}" if ms % 1000 else "") + "Z"


def quote(text):
    return json.dumps(text, ensure_ascii=False)


REMEMBERED_SPOTS = {}


def spots_of(dimension, window, rows, total, pairs, missing, options):
    """hotspots_of(), computed once as long as the ranking stays."""
    of = [(r.key, r.count) for r in rows], total, pairs, missing
    known = REMEMBERED_SPOTS.get((dimension, window))
    if known is None or known[0] != of:
        known = REMEMBERED_SPOTS[dimension, window] = of, hotspots_of(*(rows, *of[1:]), options.hotspot_hashtags)
    return known[1]


def line(window, end, dimension, rankings, previous, options):
    length, _ = options.spans[window]
    total, sentiment, approximate, rows = rankings[dimension]
    pairs, missing, fewer = rankings.get(dimension + "+hashtag", ([], 0, False))
    approximate = approximate or fewer
    mark = '"approximate":true,' if approximate else ""
    spots = ""
    if dimension.startswith("cell"):
        spots = spots_of(dimension, window, rows, total, pairs, missing, options)
    cap = (1 << 32) - 1
    entries = []
    for r in rows:
        spelling = f'"spelling":{quote(r.spelling)},' if r.spelling != r.key else ""
        place = f'"previous_rank":{previous[r.key]},' if r.key in previous else ""
        state = f'"state":"{r.state}",' if r.state else ""
        entries.append(
            f'{{"key":{quote(r.key)},{spelling}"count":{min(r.count, cap)},'
            f'"authors":{min(r.authors, cap)},"sentiment":{decimal(r.sentiment // r.count)},'
            f'{place}"score":{decimal(r.points)},{state}"first_seen":"{rfc3339(r.first)}",'
            f'"last_seen":"{rfc3339(r.last)}"}}')
    return (f'{{"dimension":"{dimension}","window":"{window}",'
            f'"start":"{rfc3339((end - length) * options.pane_ms)}",'
            f'"end":"{rfc3339(end * options.pane_ms)}","final":true,"total":{min(total, cap)},'
            f'"sentiment":{decimal(sentiment // total)},{mark}"top":[{",".join(entries)}]{spots}}}')


def expected(records, options, idle_marks=()):
    """The values of `trends` in order, and the ids of the late posts.

    records: (partition, offset, key, value) in order of the offset within a partition; value
    is text, or None for a deletion. Unreadable records must be left out.
    idle_marks: (partition, offset, pane), see window_partials.
    """
    logs, marks = defaultdict(list), defaultdict(list)
    for partition, offset, key, value in records:
        logs[partition].append((offset, key, value))
    for partition, offset, pane in idle_marks:
        marks[partition].append((offset, pane))
    by_dimension, late, panes, refused = defaultdict(list), [], set(), defaultdict(set)
    for partition in sorted(logs):
        items, ids = read_partition(logs[partition], marks[partition], options, refused)
        late += ids
        for item in items:
            by_dimension[item.key[0]].append(item)
            panes.add(item.pane)
    if not panes:
        return [], late
    counted = {d: Counted(d, items, refused[d], options) for d, items in by_dimension.items()}
    lines, places = [], {}
    longest = max(length for length, _ in options.spans.values())
    for end in range(min(panes), max(panes) + longest + 1):
        for window in sorted(options.spans):
            _, slide = options.spans[window]
            if end % slide:
                continue
            ranking = {d: c.rank(end, window) for d, c in counted.items()}
            ranking = {d: r for d, r in ranking.items() if r is not None}
            for dimension in sorted(d for d in ranking if not d.endswith("+hashtag")):
                previous = places.pop((window, dimension, end - slide), {})
                rows = ranking[dimension][3]
                places[window, dimension, end] = {r.key: i + 1 for i, r in enumerate(rows)}
                lines.append(line(window, end, dimension, ranking, previous, options))
    return lines, late


# ---- the command

def read_pipe(lines, partitions):
    """Records of --pipe: the partition is that of the id."""
    offsets = defaultdict(int)
    for text in lines:
        text = text.rstrip("\n")
        if not text:
            continue
        post = json.loads(text)
        partition = (murmur2(post["id"].encode()) & 0x7FFFFFFF) % partitions
        deleted = post.get("deleted") is True
        yield partition, offsets[partition], post["id"], None if deleted else text
        offsets[partition] += 1


def read_log(lines):
    for text in lines:
        entry = json.loads(text)
        yield entry["partition"], entry["offset"], entry["key"], entry["value"]


def read_idle(path):
    for text in open(path, encoding="utf-8"):
        record = json.loads(text)
        entries = (record.get("frontiers") or {}).get("frontiers", []) if "pane" not in record else [record]
        for mark in entries:
            if mark.get("idle", mark is record):
                yield mark["partition"], int(mark["offset"]), mark["pane"]


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    names = lambda text: text.split(",")
    parser.add_argument("--partitions", type=int, default=6)
    parser.add_argument("--log", action="store_true", help="the input is log entries")
    parser.add_argument("--idle", metavar="FILE")
    parser.add_argument("--late", metavar="FILE")
    parser.add_argument("--windows", type=names, default=Options().windows)
    parser.add_argument("--dimensions", type=names, default=Options().dimensions)
    for name in ("lateness_ms", "deletion_horizon_ms", "top_k", "trend_history",
                 "authors_exact_max", "key_bytes_max", "pane_keys_max", "partials",
                 "hotspot_hashtags", "open_keys_max", "window_keys_max"):
        parser.add_argument("--" + name.replace("_", "-"), type=int,
                            default=getattr(Options(), name))
    a = parser.parse_args()
    options = Options(a.windows, a.dimensions, a.lateness_ms, a.deletion_horizon_ms, a.top_k,
                      a.trend_history, a.authors_exact_max, a.key_bytes_max, a.pane_keys_max,
                      a.open_keys_max, a.window_keys_max, a.partials, a.hotspot_hashtags)
    sys.stdin.reconfigure(encoding="utf-8")
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    records = read_log(sys.stdin) if a.log else read_pipe(sys.stdin, a.partitions)
    lines, late = expected(records, options, read_idle(a.idle) if a.idle else ())
    for text in lines:
        print(text)
    if a.late:
        with open(a.late, "w", encoding="utf-8") as out:
            out.writelines(f"{i}\n" for i in late)


if __name__ == "__main__":
    main()
