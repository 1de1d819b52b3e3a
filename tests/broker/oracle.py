#!/usr/bin/env python3
"""The trends that must come out of a log of processed_tweets, computed in batch.

It shares no code with hashtag-window, and nothing of its way of working: no panes that are
kept, no increments, no stages; only the definitions. Python's standard library alone.

  oracle.py [options] < processed.jsonl > trends.jsonl

Each input line is a record of processed_tweets, or a deletion: {"id":"...","deleted":true}.
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
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta

from oracle_hotspots import decimal, hotspots_of, thousandths_of
from oracle_keys import EPOCH, keys_of, time_ms

UNITS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
MASK64 = (1 << 64) - 1


def span_ms(text):
    unit = text.lstrip("0123456789")
    return int(text[: len(text) - len(unit)]) * UNITS[unit]


@dataclass
class Options:
    """The options of hashtag-window on which results depend, with its defaults."""

    windows: list = field(default_factory=lambda: ["5m/1m", "1h/10s"])
    dimensions: list = field(default_factory=lambda: ["hashtag"])
    lateness_ms: int = 90_000
    deletion_horizon_ms: int = 600_000
    top_k: int = 50
    trend_history: int = 10
    authors_exact_max: int = 64
    key_bytes_max: int = 256
    pane_keys_max: int = 20_000
    partials: int = 4
    hotspot_hashtags: int = 5

    def __post_init__(self):
        spans = {w: tuple(map(span_ms, w.split("/"))) for w in self.windows}
        self.pane_ms = math.gcd(*(ms for span in spans.values() for ms in span))
        self.spans = {w: (n // self.pane_ms, s // self.pane_ms) for w, (n, s) in spans.items()}
        self.blocks = {w: max(n // (s * (self.trend_history + 2)), 1) * s
                       for w, (n, s) in self.spans.items()}
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


def distinct(hashes, exact_max):
    """Exact up to the bound, then HyperLogLog of 256 registers with linear counting."""
    if len(hashes) <= exact_max:
        return len(hashes)
    registers = [0] * 256
    for x in hashes:
        registers[x & 255] = max(registers[x & 255], 57 - (x >> 8).bit_length())
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


def read_partition(entries, marks, options):
    """One pass in the order of the log: what is late, and what a deletion takes back."""
    items, late, seen, frontier, marks = [], [], {}, -math.inf, sorted(marks)
    for offset, key, value in entries:
        while marks and marks[0][0] <= offset:
            frontier = max(frontier, marks.pop(0)[1])
        if value is None:
            pane, sentiment, keys = seen.pop(key, (-math.inf, 0, ()))
            if pane >= frontier - options.horizon:
                items += [Item(k, pane, max(pane, frontier), -1, -sentiment, None, spelling, 0)
                          for k, spelling in keys]
            continue
        post = json.loads(value)
        ms = time_ms(post["created_at"])
        pane = ms // options.pane_ms
        if pane < frontier:
            late.append(post["id"])
        else:
            sentiment = thousandths_of((post.get("sentiment") or {}).get("score") or 0)
            author = (post.get("author") or {}).get("id") or post["id"]
            keys = keys_of(post, options)
            seen[post["id"]] = pane, sentiment, keys
            items += [Item(k, pane, pane, 1, sentiment, murmur64a(author.encode()), spelling, ms)
                      for k, spelling in keys]
        frontier = max(frontier, pane - options.lateness)
    return items, late


def score(newest, past):
    """(thousandths, state): see score.hpp of hashtag-window."""
    weights = [65_536]
    while len(weights) < len(past):
        weights.append(weights[-1] * 4 // 5)
    mean = 1000 * sum(w * x for w, x in zip(weights, past)) // sum(weights)
    square = 10 ** 6 * sum(w * x * x for w, x in zip(weights, past)) // sum(weights)
    spread = math.isqrt(max(square - mean * mean, 1000 * mean) + 1_000_000)
    points = (1000 * newest - mean) * 1000 // spread
    if not any(past):
        return points, "new" if newest else ""
    if points >= 3000 and newest > past[0]:
        return points, "rising"
    if points >= 1000 and newest <= past[0] and 2000 * newest >= 3 * mean:
        return points, "peak"
    return points, "falling" if points <= -1000 else ""


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


def share_of(key, options):
    """The partition of window_partials."""
    dimension, text = key
    return murmur64a(text.encode(), murmur64a(dimension.encode())) % options.partials


def trim(by_pane, options):
    """Takes out of each pane the keys beyond the bound; {(dimension, share): panes with such}."""
    trimmed = defaultdict(set)
    for pane, items in by_pane.items():
        counts = defaultdict(lambda: defaultdict(int))
        for item in items:
            if item.since == pane:
                counts[item.key[0], share_of(item.key, options)][item.key] += item.count
        gone = set()
        for at, keys in counts.items():
            order = sorted(keys, key=lambda k: (-keys[k], k[1].encode()))[options.pane_keys_max:]
            gone.update(order)
            if order:
                trimmed[at].add(pane)
        if gone:
            items[:] = [item for item in items if item.key not in gone]
    return trimmed


def is_approximate(trimmed, keys, end, length, options):
    return any(end - length <= pane < end
               for at in {(k[0], share_of(k, options)) for k in keys} for pane in trimmed.get(at, ()))


def rank(by_pane, trimmed, end, window, options):
    """{dimension: (total, sentiment sum, approximate, [Row])}"""
    length, _ = options.spans[window]
    counts, sums, posts = defaultdict(int), defaultdict(int), defaultdict(list)
    spellings = defaultdict(lambda: defaultdict(int))
    for pane in range(end - length, end):
        for item in by_pane.get(pane, ()):
            if item.since < end:
                counts[item.key] += item.count
                sums[item.key] += item.sentiment
                spellings[item.key][item.spelling] += item.count
                if item.author is not None:
                    posts[item.key].append(item)
    result = {}
    for dimension in {key[0] for key in counts}:
        keys = [key for key in counts if key[0] == dimension and counts[key]]
        if not keys:
            continue
        approximate = bool(trimmed) and is_approximate(trimmed, keys, end, length, options)
        if dimension.endswith("+hashtag"):
            result[dimension] = *pairs_of(counts, keys, options), approximate
            continue
        first = sorted(keys, key=lambda k: (-counts[k], k[1].encode()))[: options.top_k]
        trends = trends_of(set(first), by_pane, end, window, options)
        rows = []
        for k in first:
            authors = distinct({p.author for p in posts[k]}, options.authors_exact_max)
            spelling = min(spellings[k], key=lambda s: (-spellings[k][s], s.encode()))
            times = [p.ms for p in posts[k]]
            rows.append(Row(k[1], counts[k], min(authors, counts[k]), sums[k], *trends[k], spelling,
                            min(times), max(times)))
        result[dimension] = sum(counts[k] for k in keys), sum(sums[k] for k in keys), approximate, rows
    return result


def pairs_of(counts, keys, options):
    """([(cell, hashtag, posts)], posts that a missing pair may have): of each share of the keys the
    most frequent."""
    shares, limit, pairs, missing = defaultdict(list), 10 * options.top_k, [], 0
    for key in keys:
        shares[share_of(key, options)].append(key)
    for share in shares.values():
        listed = sorted(share, key=lambda k: (-counts[k], k[1].encode()))[:limit]
        if len(listed) == limit:
            missing = max(missing, counts[listed[-1]])
        pairs += [(*k[1].split(" ", 1), counts[k]) for k in listed]
    return pairs, missing


def trends_of(keys, by_pane, end, window, options):
    """{key: (points, state)}: the newest block, and aligned ones before it."""
    block = options.blocks[window]
    border = (end - block) // block * block
    spans = [(end - block, end)] + [(border - (i + 1) * block, border - i * block)
                                    for i in range(options.trend_history)]
    numbers = {key: [] for key in keys}
    for begin, stop in spans:
        authors = defaultdict(set)
        for pane in range(begin, stop):
            for item in by_pane.get(pane, ()):
                if item.key in keys and item.author is not None:
                    authors[item.key].add(item.author)
        for key in keys:
            numbers[key].append(distinct(authors[key], options.authors_exact_max))
    return {key: score(newest, past) for key, (newest, *past) in numbers.items()}


# ---- records

def rfc3339(ms):
    at = EPOCH + timedelta(milliseconds=ms)
    return at.strftime("%Y-%m-%dT%H:%M:%S") + (f".{ms % 1000:03}" if ms % 1000 else "") + "Z"


def quote(text):
    return json.dumps(text, ensure_ascii=False)


def line(window, end, dimension, rankings, previous, options):
    length, _ = options.spans[window]
    total, sentiment, approximate, rows = rankings[dimension]
    pairs, missing, fewer = rankings.get(dimension + "+hashtag", ([], 0, False))
    approximate = approximate or fewer
    mark = '"approximate":true,' if approximate else ""
    spots = ""
    if dimension.startswith("cell"):
        spots = hotspots_of(rows, total, pairs, missing, options.hotspot_hashtags)
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
    by_pane, late = defaultdict(list), []
    for partition in sorted(logs):
        items, ids = read_partition(logs[partition], marks[partition], options)
        late += ids
        for item in items:
            by_pane[item.pane].append(item)
    if not by_pane:
        return [], late
    trimmed = trim(by_pane, options)
    lines, places = [], {}
    longest = max(length for length, _ in options.spans.values())
    for end in range(min(by_pane), max(by_pane) + longest + 1):
        for window in sorted(options.spans):
            _, slide = options.spans[window]
            if end % slide:
                continue
            ranking = rank(by_pane, trimmed, end, window, options)
            for dimension in sorted(d for d in ranking if not d.endswith("+hashtag")):
                previous = places.get((end - slide, window, dimension), {})
                rows = ranking[dimension][3]
                places[end, window, dimension] = {r.key: i + 1 for i, r in enumerate(rows)}
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
                 "hotspot_hashtags"):
        parser.add_argument("--" + name.replace("_", "-"), type=int,
                            default=getattr(Options(), name))
    a = parser.parse_args()
    options = Options(a.windows, a.dimensions, a.lateness_ms, a.deletion_horizon_ms, a.top_k,
                      a.trend_history, a.authors_exact_max, a.key_bytes_max, a.pane_keys_max, a.partials,
                      a.hotspot_hashtags)
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
